"""s3sns when SNS, S3 or the user interfere: nothing is lost, and what is told is true."""

import json
import re
import signal
import time

import pytest

from tests import support
from tests.tools.s3sns_place import publish, topic

__all__ = ["publish", "topic"]  # fixtures

BATCH = {"service": "sns", "operation": "PublishBatch"}


@pytest.fixture
def keys(sandbox, bucket):
    """The keys of ten objects of four bytes."""
    names = [f"logs/t/k{number}" for number in range(10)]
    sandbox.bulk_objects(bucket, names, size=4)
    return names


def wait_for(condition, seconds=40):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the run never got that far"
        time.sleep(0.05)


# ---- entries ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["fail_entries", "omit_entries"])
def test_entries_that_are_not_confirmed_are_published_again_and_only_they(
    publish, sandbox, topic, keys, kind
):
    sandbox.faults({**BATCH, "kind": kind, "entries": [3, 7], "times": 1})
    assert publish("-attributes=false").code == 0
    assert sorted(topic.keys) == keys
    assert sandbox.calls()["sns.PublishBatch"] == 2


def test_senders_fault_is_final_and_goes_to_the_failed_file(
    publish, run_tool, sandbox, topic, keys, tmp_path
):
    sandbox.faults({**BATCH, "kind": "fail_entries", "entries": [3], "sender_fault": True,
                    "code": "InvalidParameter"})  # fmt: skip
    failed = tmp_path / "failed.jsonl"
    result = publish("-failed-file", str(failed), "-output", "json")
    assert result.code == 3
    assert (result.records[0]["sent"], result.records[0]["failed"]) == (9, 1)
    assert result.records[0]["by_type"] == {"LogData": 9}
    assert result.records[0]["bytes"] == 36
    assert sandbox.calls()["sns.PublishBatch"] == 1
    assert json.loads(failed.read_text())["code"] == "InvalidParameter"
    assert f"send them with -from-file {failed}" in result.stderr
    sandbox.faults()
    assert run_tool("s3sns", "-topic", topic.name, "-from-file", str(failed)).code == 0
    assert sorted(topic.keys) == keys


def test_throttled_entry_is_published_again_although_sns_blames_the_sender(
    publish, sandbox, topic, keys
):
    sandbox.faults({**BATCH, "kind": "fail_entries", "entries": [0], "sender_fault": True,
                    "code": "KMSThrottling", "times": 2})  # fmt: skip
    assert publish().code == 0
    assert sorted(topic.keys) == keys


def test_attributes_stay_with_their_objects_when_some_are_published_again(
    publish, sandbox, bucket, topic
):
    rules = [f"rules/t/rule_id=R{number}/f" for number in range(10)]
    sandbox.bulk_objects(bucket, [*rules, "rules/t/none/f"])
    sandbox.faults({**BATCH, "kind": "fail_entries", "entries": [0, 4, 8], "times": 2})
    assert publish("-attributes").code == 3
    assert {key: told["id"] for key, told in topic.attributes.items()} == {
        key: key.split("=")[1][:2] for key in rules
    }
    assert len(topic.keys) == 10


# ---- requests --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "throttle"},
        {"kind": "throttle", "status": 429, "code": "Throttled"},
        {"kind": "error"},
        {"kind": "drop"},
    ],
    ids=["throttle", "429", "error", "drop"],
)
def test_passing_failures_of_requests_lose_nothing(publish, sandbox, bucket, topic, fault):
    keys = [f"k{number:03}" for number in range(211)]
    sandbox.bulk_objects(bucket, keys)
    sandbox.faults({**BATCH, **fault, "every": 4})
    assert publish().code == 0
    assert sorted(topic.keys) == keys


def test_lost_replies_are_reported_as_possible_duplicates(publish, sandbox, topic, keys):
    sandbox.faults({**BATCH, "kind": "drop", "when": "after", "times": 1})
    result = publish()
    assert result.code == 0
    assert "10 files may have been sent twice" in result.stderr
    assert sorted(set(topic.keys)) == keys


@pytest.mark.parametrize("code", ["InvalidAction", "UnknownOperationException"])
def test_endpoint_without_batches_gets_single_messages(publish, sandbox, topic, keys, code):
    sandbox.faults(
        {**BATCH, "kind": "code", "status": 400, "code": code},
        {"service": "sns", "operation": "Publish", "kind": "throttle", "every": 4},
    )
    result = publish("-debug")
    assert result.code == 0
    assert sorted(topic.keys) == keys
    assert sandbox.calls()["sns.PublishBatch"] == 1
    assert "does not know PublishBatch" in result.stderr


def test_single_messages_carry_attributes_too(publish, sandbox, bucket, topic):
    key = "rules/t/rule_id=A B/f"
    sandbox.bulk_objects(bucket, [key])
    sandbox.faults({**BATCH, "kind": "code", "status": 400, "code": "InvalidAction"})
    assert publish("-attributes").code == 0
    assert topic.attributes == {key: {"type": "RuleMatches", "id": "A B"}}


def test_lost_permission_stops_the_run_and_says_what_was_published(publish, sandbox, bucket, topic):
    sandbox.bulk_objects(bucket, [f"k{number:03}" for number in range(100)])
    sandbox.faults({**BATCH, "kind": "deny", "skip": 2})
    result = publish("-concurrency", "1", "-output", "json")
    assert result.code == 1
    assert result.records[0]["sent"] == len(topic.keys) == 20
    assert "lacks SNS:Publish" in result.stderr
    assert "Traceback" not in result.stderr


def test_key_that_may_not_be_used_is_explained(publish, sandbox, topic, keys):
    sandbox.faults({**BATCH, "kind": "code", "status": 400, "code": "KMSAccessDenied",
                    "message": "not authorized to use the key"})  # fmt: skip
    result = publish()
    assert result.code == 1
    assert "kms:GenerateDataKey" in result.stderr


def test_expired_session_is_one_line(publish, sandbox, topic, keys):
    sandbox.faults({**BATCH, "kind": "expired"})
    result = publish()
    assert result.code == 1
    assert "PublishBatch: the AWS session has expired. Log in again" in result.stderr
    assert topic.keys == []


def test_session_that_ends_while_objects_are_read_stops_the_run(publish, sandbox, bucket, topic):
    sandbox.bulk_objects(bucket, [f"logs/custom_nobody/{number}" for number in range(5)])
    sandbox.faults({"service": "s3", "operation": "GetObject", "kind": "expired"})
    result = publish("-attributes", "-output", "json")
    assert result.code == 1
    assert result.records[0]["failed"] == 0
    assert "the AWS session has expired" in result.stderr


def test_listing_that_fails_midway_keeps_what_was_published(publish, sandbox, bucket, topic):
    sandbox.bulk_objects(bucket, [f"k{number:04}" for number in range(1200)])
    sandbox.faults({"service": "s3", "operation": "ListObjectsV2", "kind": "deny", "skip": 1})
    result = publish("-list-concurrency", "1", "-output", "json")
    assert result.code == 1
    assert result.records[0]["sent"] == len(topic.keys) == 1000


# ---- signals and resuming --------------------------------------------------------------------


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_run_reports_exactly_what_was_published(
    start_tool, sandbox, bucket, topic, signum, code
):
    sandbox.bulk_objects(bucket, [f"logs/t/k{number:04}" for number in range(3000)])
    sandbox.faults({**BATCH, "kind": "latency", "milliseconds": 50})
    process = start_tool("s3sns", "-s3path", f"s3://{bucket}/", "-topic", topic.name, "-output",
                         "json", "-concurrency", "4")  # fmt: skip
    wait_for(lambda: sandbox.calls()["sns.PublishBatch"] >= 5)
    process.send_signal(signum)
    result = support.finish(process)
    assert result.code == code
    report = result.records[0]
    assert 0 < report["sent"] < 3000
    assert report["sent"] == len(topic.keys) == report["by_type"]["LogData"]
    assert f"sent {report['sent']} files" in result.stderr


def test_killed_run_is_continued_and_loses_nothing(
    start_tool, publish, sandbox, bucket, topic, tmp_path
):
    keys = [f"logs/t{number % 5}/k{number:04}" for number in range(3001)]
    sandbox.bulk_objects(bucket, keys)
    progress = tmp_path / "progress.json"
    flags = ("-checkpoint", str(progress), "-output", "json")
    sandbox.faults({**BATCH, "kind": "latency", "milliseconds": 30})
    process = start_tool("s3sns", "-s3path", f"s3://{bucket}/", "-topic", topic.name, *flags,
                         "-concurrency", "8", "-list-concurrency", "2")  # fmt: skip
    settled = re.compile(r'"sent": [1-9]')
    wait_for(lambda: progress.exists() and settled.search(progress.read_text()))
    process.kill()
    process.wait()
    before = len(topic.keys)
    assert 0 < before < len(keys)
    sandbox.faults()
    result = publish(*flags)
    assert result.code == 0
    published = topic.keys
    assert set(published) == set(keys)
    assert len(published) < len(keys) + before, "the second run began again"
    assert result.records[0]["sent"] == result.records[0]["by_type"]["LogData"] == len(keys)
    again = publish(*flags)
    assert again.code == 0
    assert "everything was sent before" in again.stderr
    assert len(topic.keys) == len(published)


def test_restart_begins_again_in_spite_of_the_checkpoint(publish, topic, keys, tmp_path):
    progress = str(tmp_path / "progress.json")
    publish("-checkpoint", progress)
    assert publish("-checkpoint", progress, "-restart").code == 0
    assert sorted(topic.keys) == sorted(keys * 2)


def test_limit_holds_for_all_runs_of_a_checkpoint(publish, topic, keys, tmp_path):
    flags = ("-checkpoint", str(tmp_path / "progress.json"), "-limit", "4")
    assert publish(*flags).code == publish(*flags).code == 0
    assert sorted(topic.keys) == keys[:4]


@pytest.mark.parametrize(
    "flags",
    [
        ["-attributes"],
        ["-partition-start", "2021-02-05"],
        ["-partition-end", "2021-02-05"],
        ["-account", "123456789012"],
        ["-region", "us-east-1"],
        ["-limit", "3"],
    ],
    ids=lambda flags: flags[0],
)
def test_checkpoint_of_other_arguments_is_refused(publish, topic, keys, tmp_path, flags):
    progress = str(tmp_path / "progress.json")
    publish("-checkpoint", progress)
    result = publish("-checkpoint", progress, *flags)
    assert result.code == 2
    assert f"belongs to a run with other arguments: {flags[0]}" in result.stderr
    assert "-restart" in result.stderr
