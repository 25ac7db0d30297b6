"""s3undelete as a user runs it: what comes back, what stays, what is never touched."""

import csv
import json
import signal
import time

import pytest

T1, T2, T3 = "2021-02-05T01:00:00Z", "2021-02-05T02:00:00Z", "2021-02-05T03:00:00Z"


@pytest.fixture
def undelete(run_tool, versioned_bucket):
    """Runs s3undelete -yes on the test's bucket."""

    def run(*flags, path="", **options):
        place = ("-s3path", f"s3://{versioned_bucket}/{path}")
        return run_tool("s3undelete", *place, "-yes", "-output", "json", *flags, **options)

    return run


def visible(sandbox, bucket):
    pages = sandbox.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return sorted(item["Key"] for page in pages for item in page.get("Contents", ()))


def data_versions(sandbox, bucket):
    found = sandbox.versions(bucket)
    return sorted((one["key"], one["version_id"]) for one in found if not one["is_marker"])


def markers(sandbox, bucket):
    return [one["key"] for one in sandbox.versions(bucket) if one["is_marker"]]


def report(result):
    return json.loads(result.stdout.splitlines()[-1])


# ---- what comes back -------------------------------------------------------------------------


def test_deleted_objects_come_back_and_live_ones_are_untouched(undelete, sandbox, versioned_bucket):
    sandbox.bulk_objects(versioned_bucket, ["a", "b", "live"], body="content")
    sandbox.bulk_deletes(versioned_bucket, ["a", "b"])
    before = data_versions(sandbox, versioned_bucket)
    result = undelete()
    assert result.code == 0, result.stderr
    assert visible(sandbox, versioned_bucket) == ["a", "b", "live"]
    assert data_versions(sandbox, versioned_bucket) == before
    body = sandbox.client("s3").get_object(Bucket=versioned_bucket, Key="a")["Body"].read()
    assert body == b"content"
    found = report(result)
    assert (found["keys_restored"], found["markers_removed"], found["failed"]) == (2, 2, 0)
    assert found["bytes_restored"] == 2 * len("content")


def test_newest_data_version_becomes_visible(undelete, sandbox, versioned_bucket):
    sandbox.bulk_objects(versioned_bucket, ["k"], body="old", last_modified=T1)
    sandbox.bulk_objects(versioned_bucket, ["k"], body="new", last_modified=T2)
    sandbox.bulk_deletes(versioned_bucket, ["k"], last_modified=T3)
    assert undelete().code == 0
    got = sandbox.client("s3").get_object(Bucket=versioned_bucket, Key="k")["Body"].read()
    assert got == b"new"


def test_run_of_markers_is_removed_together(undelete, sandbox, versioned_bucket):
    sandbox.bulk_objects(versioned_bucket, ["k"])
    for _ in range(3):
        sandbox.bulk_deletes(versioned_bucket, ["k"])
    result = undelete()
    assert report(result)["markers_removed"] == 3
    assert markers(sandbox, versioned_bucket) == []


def test_run_with_one_marker_outside_the_window_is_left_alone(undelete, sandbox, versioned_bucket):
    sandbox.bulk_objects(versioned_bucket, ["k", "in"], last_modified="2021-02-05T00:30:00Z")
    for made in (T1, T2, T3):
        sandbox.bulk_deletes(versioned_bucket, ["k"], last_modified=made)
    sandbox.bulk_deletes(versioned_bucket, ["in"], last_modified=T2)
    result = undelete("-start", T2, "-end", "2021-02-05T04:00:00Z")
    assert visible(sandbox, versioned_bucket) == ["in"]
    assert markers(sandbox, versioned_bucket) == ["k"] * 3
    assert report(result)["still_deleted"] == 1


def test_window_is_closed_at_start_and_open_at_end(undelete, sandbox, versioned_bucket):
    for key, made in (("a", T1), ("b", T2), ("c", T3)):
        sandbox.bulk_objects(versioned_bucket, [key], last_modified="2021-02-05T00:30:00Z")
        sandbox.bulk_deletes(versioned_bucket, [key], last_modified=made)
    assert undelete("-start", T2, "-end", T3).code == 0
    assert visible(sandbox, versioned_bucket) == ["b"]


@pytest.mark.parametrize(("flags", "left"), [([], 1), (["-all-markers"], 0)])
def test_buried_markers_are_kept_unless_asked_for(undelete, sandbox, versioned_bucket, flags, left):
    sandbox.bulk_objects(versioned_bucket, ["k"], last_modified=T1)
    sandbox.bulk_deletes(versioned_bucket, ["k"], last_modified=T2)
    sandbox.bulk_objects(versioned_bucket, ["k"], last_modified=T3)
    before = data_versions(sandbox, versioned_bucket)
    assert undelete(*flags).code == 0
    assert len(markers(sandbox, versioned_bucket)) == left
    assert data_versions(sandbox, versioned_bucket) == before


@pytest.mark.parametrize(("flags", "left"), [([], 1), (["-include-orphans"], 0)])
def test_orphans_are_skipped_unless_asked_for(undelete, sandbox, versioned_bucket, flags, left):
    sandbox.bulk_deletes(versioned_bucket, ["never-there"])
    result = undelete(*flags)
    assert result.code == 0
    assert len(markers(sandbox, versioned_bucket)) == left
    assert report(result)["orphans_skipped"] == left
    assert report(result)["keys_restored"] == 0


def test_null_markers_of_a_suspended_bucket_are_removed(undelete, sandbox, versioned_bucket):
    s3 = sandbox.client("s3")
    sandbox.bulk_objects(versioned_bucket, ["k", "live"])
    s3.put_bucket_versioning(
        Bucket=versioned_bucket, VersioningConfiguration={"Status": "Suspended"}
    )
    sandbox.bulk_deletes(versioned_bucket, ["k"])
    s3.put_object(Bucket=versioned_bucket, Key="live", Body=b"null version")
    found = {one["version_id"] for one in sandbox.versions(versioned_bucket) if one["is_marker"]}
    assert found == {"null"}
    before = data_versions(sandbox, versioned_bucket)
    assert undelete().code == 0
    assert visible(sandbox, versioned_bucket) == ["k", "live"]
    assert data_versions(sandbox, versioned_bucket) == before


@pytest.mark.parametrize("prefix", ["a#b/", "a b+%/", "\u00e9<&>/"])
def test_odd_keys_come_back(undelete, sandbox, versioned_bucket, prefix):
    sandbox.bulk_objects(versioned_bucket, [prefix + "k", "other"])
    sandbox.bulk_deletes(versioned_bucket, [prefix + "k", "other"])
    assert undelete(path=prefix).code == 0
    assert visible(sandbox, versioned_bucket) == [prefix + "k"]


def test_pages_that_break_inside_a_key_are_joined(undelete, sandbox, versioned_bucket):
    # 1,500 entries of one key: more than a page of 1,000.
    sandbox.bulk_objects(versioned_bucket, ["a", "k", "z"], last_modified=T1)
    for _ in range(3):
        sandbox.bulk_deletes(versioned_bucket, ["k"] * 500, last_modified=T2)
    result = undelete()
    assert report(result)["markers_removed"] == 1500
    assert visible(sandbox, versioned_bucket) == ["a", "k", "z"]


def test_thousands_of_markers_go_in_batches_of_a_thousand(undelete, sandbox, versioned_bucket):
    keys = [f"logs/{number:05}" for number in range(2500)]
    sandbox.bulk_objects(versioned_bucket, keys)
    sandbox.bulk_deletes(versioned_bucket, keys)
    before = data_versions(sandbox, versioned_bucket)
    result = undelete()
    assert report(result)["keys_restored"] == 2500
    assert sandbox.calls()["s3.DeleteObjects"] == 3
    assert data_versions(sandbox, versioned_bucket) == before
    again = undelete()
    assert report(again)["markers_removed"] == 0
    assert sandbox.calls()["s3.DeleteObjects"] == 3


def test_keys_file_and_globs_choose_keys(undelete, sandbox, versioned_bucket, tmp_path):
    keys = ["a/1", "a/2", "b/1", "b,2"]
    sandbox.bulk_objects(versioned_bucket, keys)
    sandbox.bulk_deletes(versioned_bucket, keys)
    chosen = tmp_path / "keys.txt"
    chosen.write_text("a/1\nb,2\nmissing\n")
    assert undelete("-keys-file", str(chosen)).code == 0
    assert visible(sandbox, versioned_bucket) == ["a/1", "b,2"]
    assert undelete("-include", "a/*", "-exclude", "*1").code == 0
    assert visible(sandbox, versioned_bucket) == ["a/1", "a/2", "b,2"]


def test_limit_never_divides_a_key(undelete, sandbox, versioned_bucket):
    sandbox.bulk_objects(versioned_bucket, ["a", "b", "c"])
    sandbox.bulk_deletes(versioned_bucket, ["a", "b", "b", "c"])
    assert report(undelete("-limit", "2"))["markers_removed"] == 1
    assert visible(sandbox, versioned_bucket) == ["a"]


# ---- plan, consent, record -------------------------------------------------------------------


def test_dry_run_changes_nothing_and_needs_no_consent(
    run_tool, sandbox, versioned_bucket, tmp_path
):
    sandbox.bulk_objects(versioned_bucket, ["a b"], size=7)
    sandbox.bulk_deletes(versioned_bucket, ["a b"])
    place = ("-s3path", f"s3://{versioned_bucket}/", "-dry-run", "-output", "json")
    result = run_tool("s3undelete", *place)
    assert result.code == 0
    [row] = result.records
    assert (row["action"], row["key"]) == ("would-remove", "a b")
    assert "1 marker on 1 key, 7 bytes become visible" in result.stderr
    assert visible(sandbox, versioned_bucket) == []
    assert list(tmp_path.glob("*.csv")) == []
    assert sandbox.calls()["s3.DeleteObjects"] == 0


def test_without_a_terminal_it_needs_yes(run_tool, sandbox, versioned_bucket):
    sandbox.bulk_objects(versioned_bucket, ["a"])
    sandbox.bulk_deletes(versioned_bucket, ["a"])
    result = run_tool("s3undelete", "-s3path", f"s3://{versioned_bucket}/")
    assert result.code == 2
    assert "Add -yes" in result.stderr
    assert visible(sandbox, versioned_bucket) == []


@pytest.mark.parametrize(("answer", "code", "left"), [("y", 0, 0), ("n", 1, 1), ("\x04", 1, 1)])
def test_on_a_terminal_it_shows_the_plan_and_asks(
    run_in_terminal, sandbox, versioned_bucket, answer, code, left
):
    sandbox.bulk_objects(versioned_bucket, ["some/key"])
    sandbox.bulk_deletes(versioned_bucket, ["some/key"])
    place = ("-s3path", f"s3://{versioned_bucket}/")
    result = run_in_terminal("s3undelete", *place, answers=[("Remove 1 delete marker?", answer)])
    assert result.code == code
    for shown in (versioned_bucket, "123456789012", "us-east-1", "some/key"):
        assert shown in result.stdout
    assert len(markers(sandbox, versioned_bucket)) == left


def test_record_names_every_marker_and_its_end(undelete, sandbox, versioned_bucket, tmp_path):
    sandbox.bulk_objects(versioned_bucket, ["a,b", "c"], size=3)
    deleted = sandbox.bulk_deletes(versioned_bucket, ["a,b", "c"])
    out = tmp_path / "record.csv"
    assert undelete("-out", str(out)).code == 0
    assert out.stat().st_mode & 0o777 == 0o600
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["key"], row["version_id"]) for row in rows] == list(
        zip(["a,b", "c"], deleted, strict=True)
    )
    assert {row["result"].strip() for row in rows} == {"removed"}
    assert {row["restored_size"] for row in rows} == {"3"}


def test_record_that_exists_is_not_overwritten(undelete, sandbox, versioned_bucket, tmp_path):
    sandbox.bulk_objects(versioned_bucket, ["a"])
    sandbox.bulk_deletes(versioned_bucket, ["a"])
    out = tmp_path / "record.csv"
    out.write_text("precious")
    result = undelete("-out", str(out))
    assert result.code == 2
    assert out.read_text() == "precious"
    assert visible(sandbox, versioned_bucket) == []


# ---- trouble ---------------------------------------------------------------------------------


def test_refused_entries_are_reported_with_exit_code_3(undelete, sandbox, versioned_bucket):
    keys = [f"k{number}" for number in range(10)]
    sandbox.bulk_objects(versioned_bucket, keys)
    sandbox.bulk_deletes(versioned_bucket, keys)
    sandbox.faults({"service": "s3", "operation": "DeleteObjects", "kind": "fail_entries",
                    "entries": [2, 5], "code": "AccessDenied", "message": "no"})  # fmt: skip
    result = undelete()
    assert result.code == 3
    assert (report(result)["markers_removed"], report(result)["failed"]) == (8, 2)
    assert "AccessDenied" in result.stderr
    sandbox.faults()
    assert report(undelete())["markers_removed"] == 2


@pytest.mark.parametrize("kind", ["fail_entries", "omit_entries"])
def test_passing_refusals_and_missing_answers_are_tried_again(
    undelete, sandbox, versioned_bucket, kind
):
    keys = [f"k{number}" for number in range(10)]
    sandbox.bulk_objects(versioned_bucket, keys)
    sandbox.bulk_deletes(versioned_bucket, keys)
    sandbox.faults({"service": "s3", "operation": "DeleteObjects", "kind": kind,
                    "entries": [0, 9], "times": 1, "code": "SlowDown"})  # fmt: skip
    assert undelete().code == 0
    assert visible(sandbox, versioned_bucket) == keys


@pytest.mark.parametrize("kind", ["throttle", "error", "drop"])
def test_passing_failures_of_requests_are_survived(undelete, sandbox, versioned_bucket, kind):
    keys = [f"k{number:04}" for number in range(1200)]
    sandbox.bulk_objects(versioned_bucket, keys)
    sandbox.bulk_deletes(versioned_bucket, keys)
    sandbox.faults(
        {"service": "s3", "operation": "DeleteObjects", "kind": kind, "times": 2},
        {"service": "s3", "operation": "ListObjectVersions", "kind": kind, "times": 2},
    )
    assert undelete().code == 0
    assert visible(sandbox, versioned_bucket) == keys


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGKILL])
def test_stopped_run_is_finished_by_the_next_one(
    start_tool, undelete, sandbox, versioned_bucket, signum, tmp_path
):
    keys = [f"k{number:05}" for number in range(6000)]
    sandbox.bulk_objects(versioned_bucket, keys)
    sandbox.bulk_deletes(versioned_bucket, keys)
    before = data_versions(sandbox, versioned_bucket)
    sandbox.faults({"service": "s3", "operation": "DeleteObjects", "kind": "latency",
                    "milliseconds": 700})  # fmt: skip
    record = tmp_path / "record.csv"
    process = start_tool("s3undelete", "-s3path", f"s3://{versioned_bucket}/", "-yes",
                         "-concurrency", "1", "-out", str(record), "-output", "json")  # fmt: skip
    deadline = time.monotonic() + 40
    while sandbox.calls()["s3.DeleteObjects"] < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signum)
    stdout, _ = process.communicate(timeout=40)
    sandbox.faults()
    left = len(markers(sandbox, versioned_bucket))
    assert 0 < left < 6000
    if signum == signal.SIGINT:
        assert process.returncode == 130
        assert json.loads(stdout.splitlines()[-1])["markers_removed"] == 6000 - left
    with record.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 6000, "the plan was complete before the first removal"
    # A request that was on its way when the tool was killed may still have its effect.
    assert 0 < report(undelete())["markers_removed"] <= left
    assert visible(sandbox, versioned_bucket) == keys
    assert data_versions(sandbox, versioned_bucket) == before


def test_bucket_without_versions_is_told(run_tool, bucket):
    result = run_tool("s3undelete", "-s3path", f"s3://{bucket}/", "-yes")
    assert result.code == 1
    assert f"bucket {bucket} is not versioned" in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["-concurrency", "0"], "-concurrency must be at least 1"),
        (["-limit", "-1"], "-limit is negative"),
        (["-start", "2021-02-06", "-end", "2021-02-05"], "-start is not before -end"),
        (["-bucket", "b"], "exclude each other"),
        (["-prefix", "p"], "-prefix needs -bucket"),
        (["-out", "-"], "name a file"),
        (["-keys-file", "/no/such"], "-keys-file /no/such cannot be opened"),
    ],
)
def test_wrong_command_line_is_one_line_and_exit_code_2(run_tool, flags, message):
    result = run_tool("s3undelete", "-s3path", "s3://b/p", "-yes", *flags)
    assert result.code == 2
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1
