"""s3undelete when something is wrong: with the bucket, the permissions, the network, the user."""

import csv
import json
import re
import signal
import time

import pytest

from tests import support
from tests.tools.s3undelete_proxy import proxy

DENIED = {"service": "s3", "kind": "deny"}


@pytest.fixture
def undelete(run_tool, versioned_bucket):
    """Runs s3undelete on the test's bucket."""

    def run(*flags, path="", **options):
        place = ("-s3path", f"s3://{versioned_bucket}/{path}")
        return run_tool("s3undelete", *place, *flags, **options)

    return run


@pytest.fixture
def deleted(sandbox, versioned_bucket):
    """Puts and deletes objects; gives their keys."""

    def make(*keys, **more):
        sandbox.bulk_objects(versioned_bucket, keys, **more)
        sandbox.bulk_deletes(versioned_bucket, keys)
        return list(keys)

    return make


def entries(sandbox, bucket, is_marker):
    found = sandbox.versions(bucket)
    return [(one["key"], one["version_id"]) for one in found if one["is_marker"] is is_marker]


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def wait_until(condition, seconds=40):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.03)


def assert_one_line(result, code, *texts):
    assert result.code == code, result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""
    for text in texts:
        assert text in result.stderr


# ---- the bucket and who asks -----------------------------------------------------------------


def test_missing_bucket_is_one_line(run_tool, sandbox):
    result = run_tool("s3undelete", "-bucket", "no-such-bucket-anywhere", "-yes")
    assert_one_line(result, 1, "bucket no-such-bucket-anywhere does not exist. Check the path.")


@pytest.mark.parametrize(
    ("operation", "permission"),
    [
        ("GetBucketVersioning", "s3:GetBucketVersioning"),
        ("ListObjectVersions", "s3:ListBucketVersions"),
    ],
)
@pytest.mark.parametrize("mode", ["-yes", "-dry-run"])
def test_missing_permission_is_one_line_that_names_it(
    undelete, sandbox, tmp_path, operation, permission, mode
):
    sandbox.faults({**DENIED, "operation": operation})
    assert_one_line(undelete(mode), 1, operation, "access denied", permission)
    assert list(tmp_path.glob("*.csv")) == []


def test_denied_removal_counts_every_marker_and_shows_the_first_few(
    undelete, sandbox, deleted, versioned_bucket, tmp_path
):
    keys = deleted(*(f"k{number:02}" for number in range(23)))
    sandbox.faults({**DENIED, "operation": "DeleteObjects"})
    result = undelete("-yes", "-output", "json", "-out", "log.csv")
    assert result.code == 3
    assert json.loads(result.stdout)["failed"] == 23
    assert result.stderr.count("cannot remove marker") == 10
    assert "23 markers were not removed: AccessDenied 23" in result.stderr
    assert "s3:DeleteObjectVersion is needed" in result.stderr
    assert [row["result"] for row in rows(tmp_path / "log.csv")] == ["refused"] * 23
    assert [key for key, _ in entries(sandbox, versioned_bucket, True)] == keys


def test_bucket_is_found_in_its_own_region(run_tool, sandbox):
    bucket = sandbox.create_bucket(versioned=True, region="eu-west-1")
    sandbox.bulk_objects(bucket, ["k"])
    sandbox.bulk_deletes(bucket, ["k"])
    result = run_tool("s3undelete", "-bucket", bucket, "-prefix", "k", "-yes", "-region",
                      "us-west-2")  # fmt: skip
    assert result.code == 0, result.stderr
    assert "region eu-west-1" in result.stderr
    assert entries(sandbox, bucket, True) == []


def test_unreachable_endpoint_is_one_line(undelete, sandbox):
    result = undelete("-dry-run", "-endpoint-url", "http://127.0.0.1:9", timeout=120)
    assert_one_line(result, 1, "AWS cannot be reached", "-endpoint-url")


def test_expired_session_in_the_middle_keeps_what_was_done(
    undelete, sandbox, deleted, versioned_bucket, tmp_path
):
    deleted(*(f"k{number:04}" for number in range(3000)))
    sandbox.faults({"service": "s3", "operation": "DeleteObjects", "kind": "expired", "skip": 1})
    result = undelete("-yes", "-concurrency", "1", "-out", "log.csv", "-output", "json")
    assert result.code == 1
    assert "the AWS session has expired. Log in again and rerun." in result.stderr
    assert json.loads(result.stdout)["markers_removed"] == 1000
    assert "2,000 markers not tried" in result.stderr
    ends = [row["result"] for row in rows(tmp_path / "log.csv")]
    assert (ends.count("removed"), ends.count("planned")) == (1000, 2000)
    sandbox.faults()
    assert undelete("-yes").code == 0
    assert entries(sandbox, versioned_bucket, True) == []


def test_mfa_delete_is_warned_about_before_anything_happens(undelete, sandbox, deleted):
    deleted("k")

    def answer(_method, target, forward):
        found = forward()
        if "versioning" not in target:
            return found
        return found.replace(b"<Status>", b"<MfaDelete>Enabled</MfaDelete><Status>")

    with proxy(sandbox.url, answer) as url:
        result = undelete("-dry-run", "-endpoint-url", url)
    assert result.code == 0
    assert re.search(r"^s3undelete: warning: bucket \S+ has MFA Delete enabled", result.stderr)


def test_service_that_lists_versions_and_markers_apart_is_understood(
    undelete, sandbox, versioned_bucket
):
    for hour, change in enumerate(["put", "delete", "put", "delete", "delete"]):
        act = sandbox.bulk_objects if change == "put" else sandbox.bulk_deletes
        act(versioned_bucket, ["k"], last_modified=f"2021-02-05T0{hour}:00:00Z")
    data = entries(sandbox, versioned_bucket, False)
    oldest_marker = entries(sandbox, versioned_bucket, True)[-1]

    def answer(_method, target, forward):
        found = forward()
        if "versions" not in target:
            return found
        parts = re.findall(rb"<Version>.*?</Version>|<DeleteMarker>.*?</DeleteMarker>", found)
        apart = b"".join(sorted(parts, key=lambda part: part.startswith(b"<DeleteMarker>")))
        return found.replace(b"".join(parts), apart)

    with proxy(sandbox.url, answer) as url:
        result = undelete("-yes", "-endpoint-url", url)
    assert result.code == 0, result.stderr
    assert entries(sandbox, versioned_bucket, True) == [oldest_marker]
    assert entries(sandbox, versioned_bucket, False) == data


def test_data_written_in_place_of_a_null_marker_is_never_removed(
    undelete, sandbox, deleted, versioned_bucket, tmp_path
):
    s3 = sandbox.client("s3")
    sandbox.bulk_objects(versioned_bucket, ["k", "other"])
    s3.put_bucket_versioning(
        Bucket=versioned_bucket, VersioningConfiguration={"Status": "Suspended"}
    )
    sandbox.bulk_deletes(versioned_bucket, ["k", "other"])
    listings = []

    def answer(_method, target, forward):
        # The first listing plans; somebody writes before the marker is looked at again.
        if "versions" in target:
            listings.append(target)
            if len(listings) == 2:
                s3.put_object(Bucket=versioned_bucket, Key="k", Body=b"new")
        return forward()

    with proxy(sandbox.url, answer) as url:
        result = undelete("-yes", "-endpoint-url", url, "-out", "log.csv", "-concurrency", "1")
    assert result.code == 3
    assert "Replaced: data was written in the marker's place" in result.stderr
    assert ("k", "null") in entries(sandbox, versioned_bucket, False)
    assert s3.get_object(Bucket=versioned_bucket, Key="k")["Body"].read() == b"new"
    ends = {row["key"]: row["result"] for row in rows(tmp_path / "log.csv")}
    assert ends == {"k": "refused", "other": "removed"}


# ---- keys ------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", ["\x01", "\x7f\x85", "\U0001f600", "\ufffe"])
def test_keys_that_xml_can_hardly_carry_come_back(
    undelete, sandbox, deleted, versioned_bucket, mark
):
    deleted(f"a{mark}b", "plain")
    result = undelete("-yes")
    assert result.code == 0, result.stderr
    assert entries(sandbox, versioned_bucket, True) == []
    assert "\x01" not in result.stderr


def test_key_with_line_ends_is_one_row_of_the_record(
    undelete, sandbox, deleted, versioned_bucket, tmp_path
):
    deleted('a,"\n\r\nb', "z")
    assert undelete("-yes", "-out", "log.csv").code == 0
    assert [row["key"] for row in rows(tmp_path / "log.csv")] == ['a,"\n\r\nb', "z"]
    assert entries(sandbox, versioned_bucket, True) == []


def test_long_keys_file_is_looked_for_in_the_listing(
    undelete, sandbox, deleted, versioned_bucket, tmp_path
):
    wanted = deleted(*(f"in/{number:05}" for number in range(0, 300, 3)))
    deleted(*(f"in/{number:05}" for number in range(1, 300, 3)), "in/99999", "a", "z")
    names = [*wanted, *(f"in/missing{number}" for number in range(10_100)), "elsewhere/k"]
    (tmp_path / "keys.txt").write_text("\n".join(names))
    result = undelete("-yes", "-keys-file", "keys.txt", "-output", "json", path="in/")
    assert result.code == 0, result.stderr
    assert json.loads(result.stdout)["keys_restored"] == len(wanted)
    assert "1 key of keys.txt not below the path left out" in result.stderr
    assert "10,100 keys of keys.txt never existed in the bucket" in result.stderr
    assert sandbox.calls()["s3.ListObjectVersions"] < 10


def test_few_keys_are_looked_up_without_listing_the_rest(
    undelete, sandbox, deleted, versioned_bucket, tmp_path
):
    deleted(*(f"k{number:04}" for number in range(3000)), "k", "k0007/sub")
    (tmp_path / "keys.txt").write_text("k\nk0007\nk0007\n")
    sandbox.reset_calls()
    result = undelete("-yes", "-keys-file", "keys.txt", "-output", "json")
    assert json.loads(result.stdout)["markers_removed"] == 2
    assert sandbox.calls()["s3.ListObjectVersions"] == 2
    live = {key for key, _ in entries(sandbox, versioned_bucket, False)}
    still = {key for key, _ in entries(sandbox, versioned_bucket, True)}
    assert live - still == {"k", "k0007"}


def test_keys_file_reads_stdin_and_records_of_earlier_runs(
    undelete, sandbox, deleted, versioned_bucket
):
    deleted("a", "b", "c")
    header = "bucket,key,version_id,last_modified,restored_version_id,restored_size,result\n"
    given = header + f"{versioned_bucket},b,x,2021-02-05T09:00:00.000Z,,,removed\n"
    result = undelete("-yes", "-keys-file", "-", stdin=given)
    assert result.code == 0, result.stderr
    assert [key for key, _ in entries(sandbox, versioned_bucket, True)] == ["a", "c"]


def test_empty_keys_file_does_not_mean_every_key(
    undelete, sandbox, deleted, versioned_bucket, tmp_path
):
    deleted("a")
    (tmp_path / "keys.txt").write_text("")
    assert undelete("-yes", "-keys-file", "keys.txt").code == 0
    assert len(entries(sandbox, versioned_bucket, True)) == 1


def test_limit_below_the_first_keys_markers_is_told(undelete, sandbox, deleted, versioned_bucket):
    deleted("k")
    sandbox.bulk_deletes(versioned_bucket, ["k"])
    result = undelete("-yes", "-limit", "1")
    assert result.code == 0
    assert "the first key to restore has more markers than -limit 1" in result.stderr
    assert len(entries(sandbox, versioned_bucket, True)) == 2


# ---- the record ------------------------------------------------------------------------------


def test_record_is_named_by_the_time_and_owned_by_the_user_alone(undelete, deleted, tmp_path):
    deleted("k")
    result = undelete("-yes")
    [path] = tmp_path.glob("*.csv")
    assert re.fullmatch(r"s3undelete-\d{8}T\d{6}Z\.csv", path.name)
    assert path.stat().st_mode & 0o777 == 0o600
    assert f"record: {path.name}; deleting its keys again undoes this" in result.stderr


def test_nothing_to_restore_leaves_no_record(undelete, tmp_path, sandbox, versioned_bucket):
    sandbox.bulk_objects(versioned_bucket, ["live"])
    result = undelete("-yes", "-output", "json")
    assert result.code == 0
    assert json.loads(result.stdout)["record"] is None
    assert list(tmp_path.glob("*.csv")) == []


def test_declined_plan_leaves_no_record(run_in_terminal, deleted, versioned_bucket, tmp_path):
    deleted("k")
    place = ("-bucket", versioned_bucket, "-out", "log.csv")
    result = run_in_terminal("s3undelete", *place, answers=[("Remove 1 delete marker?", "n")])
    assert result.code == 1
    assert "nothing was done: not confirmed" in result.stdout
    assert not (tmp_path / "log.csv").exists()


def test_second_run_continues_the_record_of_the_first(undelete, deleted, tmp_path):
    deleted("a")
    assert undelete("-yes", "-out", "log.csv").code == 0
    before = (tmp_path / "log.csv").read_text()
    deleted("b,c")
    # What a crash in the middle of a row leaves behind: nothing had been removed then.
    with (tmp_path / "log.csv").open("a") as file:
        file.write('bucket,"half a ro')
    assert undelete("-yes", "-out", "log.csv").code == 0
    assert (tmp_path / "log.csv").read_text().startswith(before)
    found = [(row["key"], row["result"]) for row in rows(tmp_path / "log.csv")]
    assert found == [("a", "removed"), ("b,c", "removed")]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no/such/folder/log.csv", "-out no/such/folder/log.csv cannot be written"),
        (".", "-out . is no file"),
    ],
)
def test_record_that_cannot_be_written_is_exit_code_2(undelete, deleted, name, message):
    deleted("k")
    assert_one_line(undelete("-yes", "-out", name), 2, message)


def test_undo_from_the_record_hides_the_objects_again(
    undelete, sandbox, deleted, versioned_bucket, tmp_path
):
    deleted("a", "b")
    sandbox.bulk_objects(versioned_bucket, ["live"])
    data = entries(sandbox, versioned_bucket, False)
    undelete("-yes", "-out", "log.csv")
    for row in rows(tmp_path / "log.csv"):
        assert row["result"] == "removed"
        sandbox.client("s3").delete_object(Bucket=row["bucket"], Key=row["key"])
    assert [key for key, _ in entries(sandbox, versioned_bucket, True)] == ["a", "b"]
    assert entries(sandbox, versioned_bucket, False) == data


# ---- being stopped ---------------------------------------------------------------------------


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stop_while_listing_leaves_nothing_behind(
    start_tool, sandbox, deleted, versioned_bucket, tmp_path, signum, code
):
    deleted(*(f"k{number:04}" for number in range(3000)))
    sandbox.faults({"service": "s3", "operation": "ListObjectVersions", "kind": "latency",
                    "milliseconds": 500})  # fmt: skip
    process = start_tool("s3undelete", "-bucket", versioned_bucket, "-yes")
    wait_until(lambda: sandbox.calls()["s3.ListObjectVersions"])
    process.send_signal(signum)
    result = support.finish(process)
    assert result.code == code
    assert "Traceback" not in result.stderr
    assert list(tmp_path.glob("*.csv")) == []
    assert sandbox.calls()["s3.DeleteObjects"] == 0


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stop_while_removing_ends_the_batches_and_records_the_truth(
    start_tool, undelete, sandbox, deleted, versioned_bucket, tmp_path, signum, code
):
    deleted(*(f"k{number:04}" for number in range(6000)))
    sandbox.faults({"service": "s3", "operation": "DeleteObjects", "kind": "latency",
                    "milliseconds": 600})  # fmt: skip
    process = start_tool("s3undelete", "-bucket", versioned_bucket, "-yes", "-out", "log.csv",
                         "-concurrency", "2", "-output", "json")  # fmt: skip
    wait_until(lambda: sandbox.calls()["s3.DeleteObjects"])
    process.send_signal(signum)
    result = support.finish(process)
    assert result.code == code
    left = {(row["key"], row["version_id"]) for row in rows(tmp_path / "log.csv")
            if row["result"] == "planned"}  # fmt: skip
    assert left == set(entries(sandbox, versioned_bucket, True))
    assert json.loads(result.stdout)["markers_removed"] == 6000 - len(left)
    assert "run the same command again to go on with what is left" in result.stderr
    sandbox.faults()
    again = undelete("-yes", "-out", "log.csv", "-output", "json")
    assert json.loads(again.stdout)["markers_removed"] == len(left)
    assert entries(sandbox, versioned_bucket, True) == []


def test_marks_left_by_a_kill_never_claim_what_was_not_removed(
    start_tool, undelete, sandbox, deleted, versioned_bucket, tmp_path
):
    keys = deleted(*(f"k{number:04}" for number in range(6000)))
    sandbox.faults({"service": "s3", "operation": "DeleteObjects", "kind": "latency",
                    "milliseconds": 400})  # fmt: skip
    process = start_tool("s3undelete", "-bucket", versioned_bucket, "-yes", "-out", "log.csv",
                         "-concurrency", "1")  # fmt: skip
    log = tmp_path / "log.csv"
    wait_until(lambda: log.exists() and b",removed\n" in log.read_bytes())
    process.kill()
    process.wait()
    found = rows(log)
    assert len(found) == 6000
    removed = {row["version_id"] for row in found if row["result"] == "removed"}
    assert 0 < len(removed) < 6000
    assert not removed & {version for _, version in entries(sandbox, versioned_bucket, True)}
    sandbox.faults()
    assert undelete("-yes", "-out", "log.csv").code == 0
    assert entries(sandbox, versioned_bucket, True) == []
    assert [key for key, _ in entries(sandbox, versioned_bucket, False)] == keys
