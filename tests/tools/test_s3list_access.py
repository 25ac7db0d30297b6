"""s3list and what it may not read: roles, denials, stale keys, throttling, a lost network."""

import json

import pytest
from botocore.exceptions import ClientError

from common.s3 import Bucket
from tests.tools.s3list_files import (
    keys,
    outcome,
    read_csv,
    role_name,
    source,
    sources_file,
)
from tools.s3list import places
from tools.s3list.access import PlaceLister, Roles

LIST = {"service": "s3", "operation": "ListObjectsV2"}
ASSUME = {"service": "sts", "operation": "AssumeRole"}


@pytest.fixture
def listed(run_tool, tmp_path):
    def run(*items, flags=(), **options):
        result = run_tool(
            "s3list", "-sources-file", sources_file(tmp_path, *items), "-out", "out.csv",
            "-output", "json", *flags, **options,
        )  # fmt: skip
        out = tmp_path / "out.csv"
        return result, read_csv(out) if out.exists() else None

    return run


@pytest.fixture
def two(sandbox):
    """Sources A and B with a bucket and an object each."""
    items = []
    for letter in "ab":
        name = sandbox.create_bucket()
        sandbox.bulk_objects(name, [f"{letter}/1"], size=5)
        items.append(source(name, f"{letter}/"))
    return items


def test_each_source_is_read_with_its_own_role(sandbox, two, listed):
    first, second = two
    sandbox.faults(
        # Whoever is not the source's own role is refused.
        LIST | {"resource": first["s3Bucket"], "kind": "deny", "role": role_name(second)},
        LIST | {"resource": second["s3Bucket"], "kind": "deny", "role": role_name(first)},
        LIST | {"kind": "deny", "role": "user/"},
    )
    result, rows = listed(first, second)
    assert result.code == 0 and sorted(keys(rows)) == ["a/1", "b/1"]
    assert sandbox.calls()["sts.AssumeRole"] == 2


def test_own_credentials_are_used_on_request(sandbox, two, listed):
    result, rows = listed(*two, flags=("-assume-role=false",))
    assert result.code == 0 and len(rows) == 2
    assert "sts.AssumeRole" not in sandbox.calls()


def test_denied_role_is_reported_and_the_others_complete(sandbox, two, listed, tmp_path):
    denied, fine = two
    sandbox.faults(ASSUME | {"resource": role_name(denied), "kind": "deny"})
    result, rows = listed(denied, fine)
    assert result.code == 3 and keys(rows) == ["b/1"]
    said = outcome(result, denied)
    assert (said["status"], said["code"], said["objects"]) == ("failed", "AccessDenied", 0)
    assert "sts:AssumeRole" in said["message"] and denied["logProcessingRole"] in said["message"]
    assert outcome(result, fine)["status"] == "ok" and outcome(result, fine)["code"] == ""
    assert f"cannot read s3://{denied['s3Bucket']}/a/: AssumeRole: access denied" in result.stderr
    assert "1 source could not be read" in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv", "sources.json"]


def test_denied_listing_is_reported_in_text_too(sandbox, two, run_tool, tmp_path):
    denied, fine = two
    sandbox.faults(LIST | {"resource": denied["s3Bucket"], "kind": "deny"})
    result = run_tool("s3list", "-sources-file", sources_file(tmp_path, denied, fine),
                      "-out", "-", "-format", "jsonl")  # fmt: skip
    assert result.code == 3
    assert [row["key"] for row in result.records] == ["b/1"]
    assert "failed: AccessDenied" in result.stderr and "s3:ListBucket" in result.stderr


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"s3Bucket": "no-such-bucket-anywhere"}, "NoSuchBucket"),
        ({"s3Bucket": "Not A Bucket!"}, "ParamValidationError"),
        ({"logProcessingRole": "short"}, "ParamValidationError"),
    ],
)
def test_settings_that_cannot_work_fail_their_source_alone(two, listed, change, code):
    broken, fine = two
    result, rows = listed(broken | change, fine)
    assert result.code == 3 and keys(rows) == ["b/1"]
    assert outcome(result, broken)["code"] == code
    assert "Traceback" not in result.stderr


def test_roles_of_one_bucket_are_tried_in_order_until_one_may_list(sandbox, bucket, listed):
    first = source(bucket, "x/", createdAtTime="2020-01-01T00:00:00Z")
    second = source(bucket, "x/y/", createdAtTime="2020-02-01T00:00:00Z")
    third = source(bucket, "z/", createdAtTime="2020-03-01T00:00:00Z")
    sandbox.bulk_objects(bucket, ["x/1", "x/y/2", "z/3"])
    sandbox.faults(
        ASSUME | {"resource": role_name(first), "kind": "deny"},
        LIST | {"role": role_name(second), "kind": "deny"},
    )
    result, rows = listed(first, second, third)
    assert result.code == 0 and keys(rows) == ["x/1", "x/y/2", "z/3"]
    assert {row["status"] for row in result.records} == {"ok"}


def test_all_roles_of_a_bucket_denied_fails_all_its_sources(sandbox, bucket, listed):
    items = [source(bucket, "x/"), source(bucket, "x/y/")]
    sandbox.bulk_objects(bucket, ["x/1"])
    sandbox.faults(LIST | {"resource": bucket, "kind": "deny"})
    result, rows = listed(*items)
    assert result.code == 3 and rows == []
    assert [row["status"] for row in result.records] == ["failed", "failed"]


def test_role_made_anew_is_assumed_again_once(sandbox, bucket, listed):
    sandbox.bulk_objects(bucket, [f"k{number:04}" for number in range(2_500)])
    stale = {"kind": "code", "status": 403, "code": "InvalidAccessKeyId",
             "message": "The AWS Access Key Id you provided does not exist."}  # fmt: skip
    sandbox.faults(LIST | stale | {"resource": bucket, "skip": 1, "times": 1})
    result, rows = listed(source(bucket, ""), flags=("-concurrency", "1"))
    assert result.code == 0 and len(rows) == 2_500
    assert sandbox.calls()["sts.AssumeRole"] == 2
    sandbox.reset_calls()
    sandbox.faults(LIST | stale | {"resource": bucket})
    result, rows = listed(source(bucket, ""), flags=("-concurrency", "1"))
    assert result.code == 3 and result.records[0]["code"] == "InvalidAccessKeyId"
    assert sandbox.calls()["sts.AssumeRole"] == 2


def test_permission_lost_in_the_middle_keeps_what_was_listed(sandbox, bucket, listed):
    sandbox.bulk_objects(bucket, [f"k{number:04}" for number in range(2_500)])
    sandbox.faults(LIST | {"resource": bucket, "kind": "deny", "skip": 1})
    result, rows = listed(source(bucket, ""), flags=("-concurrency", "1"))
    assert result.code == 3 and len(rows) == 1_000
    [said] = result.records
    assert (said["status"], said["objects"]) == ("failed", 1_000)


class PrefixOnly:
    """A bucket whose policy allows s3:ListBucket for one prefix, without delimiter."""

    region = "us-east-1"

    def __init__(self, allowed, error):
        self._allowed, self._error = allowed, error

    def fetch_objects(self, prefix, after="", token="", delimiter="", max_keys=1000):
        if prefix != self._allowed or delimiter:
            raise self._error
        return (
            f"<ListBucketResult><Contents><Key>{prefix}1</Key>"
            "<LastModified>2021-02-05T09:00:00.000Z</LastModified><ETag>e</ETag><Size>1</Size>"
            "</Contents><NextContinuationToken>more</NextContinuationToken></ListBucketResult>"
        ).encode()

    objects = Bucket.objects


def test_denied_look_for_folders_is_no_failure_of_the_source():
    response = {"Error": {"Code": "AccessDenied"}, "ResponseMetadata": {"HTTPStatusCode": 403}}
    bucket = PrefixOnly("p/", ClientError(response, "ListObjectsV2"))
    place = places.Place("b", "p/", (places.Owner("p/"),), ("",))
    told = []
    lister = PlaceLister(place, Roles(None), lambda *_: bucket, lambda *said: told.append(said))
    objects, following = lister.fetch(("", ""))()
    assert [found.key for found in objects] == ["p/1"] and following == ("p/1", "more")
    assert lister.folders("p/", "p/1") == () and lister.first("p/1") == "p/1"
    assert lister.error is None and not told


@pytest.mark.parametrize("kind", ["throttle", "error", "drop"])
def test_passing_trouble_is_waited_out(sandbox, bucket, listed, kind):
    expected = [f"k{number:04}" for number in range(1_500)]
    sandbox.bulk_objects(bucket, expected)
    sandbox.faults(LIST | {"resource": bucket, "kind": kind, "every": 2})
    result, rows = listed(source(bucket, ""))
    assert result.code == 0 and keys(rows) == expected
    assert sandbox.fault_counts()[0]["fired"] > 0


def test_expired_login_stops_everything_and_keeps_what_was_listed(
    sandbox, bucket, listed, tmp_path
):
    sandbox.bulk_objects(bucket, [f"k{number:04}" for number in range(2_500)])
    sandbox.faults(LIST | {"resource": bucket, "kind": "expired", "skip": 1})
    item = source(bucket, "")
    flags = ("-concurrency", "1", "-assume-role=false")
    result, rows = listed(item, flags=flags)
    assert result.code == 1 and rows is None and result.stdout == ""
    assert "1,000 objects listed so far are kept in out.csv.parts" in result.stderr
    assert "the AWS session has expired. Log in again" in result.stderr
    sandbox.faults()
    sandbox.reset_calls()
    result, rows = listed(item, flags=flags)
    assert result.code == 0 and len(rows) == 2_500
    assert sandbox.calls()["s3.ListObjectsV2"] == 2
    assert result.records[0]["objects"] == 2_500


def test_expired_login_while_assuming_a_role_is_no_fault_of_the_source(sandbox, two, listed):
    sandbox.faults(ASSUME | {"kind": "expired"})
    result, rows = listed(*two)
    assert result.code == 1 and rows is None and "session has expired" in result.stderr


def test_unreachable_service_stops_everything(listed, bucket):
    env = {"AWS_ENDPOINT_URL_STS": "http://127.0.0.1:9"}
    result, rows = listed(source(bucket, ""), env=env, timeout=100)
    assert result.code == 1 and rows is None and "AWS cannot be reached" in result.stderr


def test_refused_source_api_is_told(sandbox, run_tool, tmp_path):
    sandbox.faults({"service": "lambda", "operation": "Invoke", "kind": "deny"})
    result = run_tool("s3list", "-out", "o.csv")
    assert result.code == 1 and "lambda:InvokeFunction" in result.stderr
    assert not list(tmp_path.iterdir())


def test_no_credentials_ever_reach_files_or_messages(sandbox, two, listed, tmp_path):
    sandbox.faults(LIST | {"resource": two[0]["s3Bucket"], "kind": "deny"})
    result, _ = listed(*two, flags=("-debug",))
    everything = result.stdout + result.stderr + (tmp_path / "out.csv").read_text()
    assert sandbox.aws_env["AWS_SECRET_ACCESS_KEY"] not in everything
    assert "aws_session_token" not in everything.lower()
    assert json.loads(result.stdout.splitlines()[0])["label"]
