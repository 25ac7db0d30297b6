"""requeue as a user runs it: what arrives, what stays, what is said."""

import json
import os
import re
import stat
import threading
import time

import pytest

from tests import support
from tests.tools.requeue_queues import dead_letter_pair, report


@pytest.fixture
def pair(sandbox):
    """A queue and its dead-letter queue, by redrive policy: (source, destination)."""
    return dead_letter_pair(sandbox)


@pytest.fixture
def move(run_tool, pair):
    """Runs requeue from the pair's dead-letter queue to its queue."""

    def run(*flags, **options):
        return run_tool("requeue", "-to.q", pair[1], *flags, **options)

    return run


def contents(sandbox, queue):
    """What a consumer sees of a queue's messages, in no order."""
    return sorted(
        json.dumps([one["body"], one["attributes"], one["trace_header"]], sort_keys=True)
        for one in sandbox.messages(queue)
    )


def mixed(number):
    return {
        "body": f'{{"n":{number},"text":"\u00e9\\"{number}"}}',
        "attributes": {
            "type": {"DataType": "String", "StringValue": "LogData"},
            "count": {"DataType": "Number.int", "StringValue": str(number)},
            "data": support.binary(bytes([number, 0, 255])),
            "custom": {"DataType": "String.json", "StringValue": "{}"},
        },
        "trace_header": f"Root=1-{number}",
    }


# ---- what arrives ----------------------------------------------------------------------------


def test_messages_arrive_with_body_all_attributes_and_trace_header(move, sandbox, pair):
    source, destination = pair
    sandbox.bulk_messages(source, *map(mixed, range(30)))
    before = contents(sandbox, source)
    result = move()
    assert result.code == 0
    assert contents(sandbox, destination) == before
    assert sandbox.messages(source) == []
    pattern = (
        rf"requeue: Moved 30 messages from {source} to {destination} in [\d.]+s "
        r"\(failed 0, returned 0, too large 0, maybe duplicated 0, left ~0\)"
    )
    assert re.search(pattern, result.stderr)
    assert result.stdout == ""


def test_plan_is_logged_before_the_work_and_nothing_is_asked(move, sandbox, pair):
    source, destination = pair
    sandbox.bulk_messages(source, "a", "b")
    lines = move().stderr.splitlines()
    assert lines[0].startswith(f"requeue: setting -from.q to default: {source}")
    assert lines[1].startswith(f"requeue: moving about 2 messages from {source} to {destination}")
    assert "Moved 2 messages" in lines[2]


def test_json_output_has_the_fields_of_the_summary(move, sandbox, pair):
    source, destination = pair
    sandbox.bulk_messages(source, "a", "b")
    fields = report(move("-output", "json"))
    assert fields.pop("seconds") > 0
    assert fields == {
        "from": source, "to": destination, "region": "us-east-1", "copy": False, "moved": 2,
        "failed": 0, "returned": 0, "too_large": 0, "maybe_duplicate": 0, "unmatched": 0,
        "left": 0, "in_flight": 0, "maybe_duplicate_ids": [],
    }  # fmt: skip


def test_empty_queue_is_done_at_once(move, sandbox, pair):
    result = move()
    assert result.code == 0 and "Moved 0 messages" in result.stderr
    assert sandbox.calls()["sqs.ReceiveMessage"] == 3


def test_few_messages_need_few_requests(move, sandbox, pair):
    sandbox.bulk_messages(pair[0], *map(str, range(10)))
    assert move().code == 0
    calls = sandbox.calls()
    assert calls["sqs.ReceiveMessage"] <= 8
    assert calls["sqs.SendMessageBatch"] == calls["sqs.DeleteMessageBatch"] == 1


def test_many_messages_move_in_full_batches(move, sandbox, pair):
    source, destination = pair
    sandbox.bulk_messages(source, *map(str, range(1009)))
    assert move().code == 0
    assert sorted(map(int, sandbox.bodies(destination))) == list(range(1009))
    assert sandbox.calls()["sqs.SendMessageBatch"] <= 130


def test_ten_messages_of_100_kb_go_in_several_requests(move, sandbox, pair):
    source, destination = pair
    sandbox.client("sqs").set_queue_attributes(
        QueueUrl=sandbox.queue_url(destination), Attributes={"MaximumMessageSize": "262144"}
    )
    sandbox.bulk_messages(source, *(str(number) * 100_000 for number in range(10)))
    assert move().code == 0
    assert sorted(body[0] for body in sandbox.bodies(destination)) == list("0123456789")
    assert sandbox.calls()["sqs.SendMessageBatch"] == 5


@pytest.mark.parametrize("form", ["url", "arn"])
def test_queues_may_be_named_by_url_or_arn(run_tool, sandbox, pair, form):
    sandbox.bulk_messages(pair[0], "a")
    names = [
        sandbox.queue_url(name) if form == "url" else f"arn:aws:sqs:us-east-1:123456789012:{name}"
        for name in pair
    ]
    assert run_tool("requeue", "-from.q", names[0], "-to.q", names[1]).code == 0
    assert sandbox.bodies(pair[1]) == ["a"]


# ---- the default source ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("queue", "dead"),
    [
        ("panther-datacatalog-updater-queue", "panther-datacatalog-updater-dlq"),
        ("panther-datacatalog-compactor-queue.fifo", "panther-datacatalog-compactor-dlq.fifo"),
        ("panther-datacatalog-compactor-reaper-queue", "panther-datacatalog-compactor-reaper-dlq"),
        ("panther-alerts-queue", "panther-alerts-queue-dlq"),
    ],
)
def test_redrive_policy_names_the_source_of_panthers_queues(run_tool, queue, dead):
    result = run_tool("requeue", "-to.q", queue, "-dry-run", "-output", "json")
    assert result.code == 0
    assert report(result)["from"]["name"] == dead
    assert f"setting -from.q to default: {dead}" in result.stderr


def test_without_redrive_policy_the_source_is_named_by_the_rule(run_tool, sandbox, queue):
    sandbox.client("sqs").create_queue(QueueName=f"{queue}-dlq")
    sandbox.bulk_messages(f"{queue}-dlq", "a")
    assert run_tool("requeue", "-to.q", queue).code == 0
    assert sandbox.bodies(queue) == ["a"]


def test_progress_is_shown_on_a_terminal(run_in_terminal, sandbox, pair):
    sandbox.bulk_messages(pair[0], *map(str, range(100)))
    sandbox.faults({"service": "sqs", "operation": "SendMessageBatch", "kind": "latency",
                    "milliseconds": 300})  # fmt: skip
    shown = run_in_terminal("requeue", "-to.q", pair[1], "-yes", "-concurrency", "1").stdout
    assert re.search(r"moved \d+ of 100 messages, ", shown)
    sandbox.bulk_messages(pair[0], *map(str, range(30)))
    silent = run_in_terminal("requeue", "-to.q", pair[1], "-yes", "-no-progress").stdout
    assert " of 30 messages, " not in silent


# ---- what stays ------------------------------------------------------------------------------


def test_message_above_the_destinations_limit_stays_visible(move, sandbox, pair):
    source, destination = pair
    sandbox.client("sqs").set_queue_attributes(
        QueueUrl=sandbox.queue_url(destination), Attributes={"MaximumMessageSize": "262144"}
    )
    sandbox.bulk_messages(source, "a", "x" * 300_000, "b")
    result = move("-output", "json")
    assert result.code == 3
    assert (report(result)["moved"], report(result)["too_large"], report(result)["left"]) == (
        2,
        1,
        1,
    )
    [left] = sandbox.messages(source)
    assert len(left["body"]) == 300_000 and not left["in_flight"]


def test_message_sent_after_the_start_is_not_moved_and_ends_the_run(move, sandbox, pair):
    source, destination = pair
    sandbox.bulk_messages(source, "old", {"body": "back", "sent": "2999-01-01T00:00:00Z"})
    result = move("-output", "json")
    assert result.code == 3
    assert (report(result)["moved"], report(result)["returned"]) == (1, 1)
    assert sandbox.bodies(destination) == ["old"]
    [left] = sandbox.messages(source)
    assert left["body"] == "back" and not left["in_flight"]


def test_messages_that_fail_again_at_once_do_not_keep_the_run_going(start_tool, sandbox, pair):
    source, destination = pair
    sqs = sandbox.client("sqs")
    arn = f"arn:aws:sqs:us-east-1:123456789012:{source}"
    url = sandbox.queue_url(destination)
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": "1"})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": policy})
    sandbox.bulk_messages(source, *map(str, range(20)))
    process = start_tool("requeue", "-to.q", destination, "-output", "json")
    ended = threading.Event()

    def fail_everything():
        while not ended.is_set():
            sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
            time.sleep(0.01)

    consumer = threading.Thread(target=fail_everything)
    consumer.start()
    try:
        result = support.finish(process, timeout=60)
    finally:
        ended.set()
        consumer.join()
    assert result.code == 3
    assert report(result)["returned"] > 0
    bodies = sandbox.bodies(source) + sandbox.bodies(destination)
    assert sorted(map(int, bodies)) == list(range(20))


def test_match_moves_what_matches_and_releases_the_rest(move, sandbox, pair):
    source, destination = pair
    sandbox.bulk_messages(source, *(f"{'ab'[number % 2]}-{number}" for number in range(101)))
    result = move("-match", "^a-", "-output", "json")
    assert result.code == 0
    assert (report(result)["moved"], report(result)["unmatched"]) == (51, 50)
    assert all(body.startswith("a-") for body in sandbox.bodies(destination))
    left = sandbox.messages(source)
    assert len(left) == 50 and not any(one["in_flight"] for one in left)
    assert {one["receive_count"] for one in left} == {1}, "messages that stay are received once"


def test_match_behind_many_others_is_found(move, sandbox, pair):
    source, destination = pair
    sandbox.bulk_messages(source, *(["no"] * 600), "yes")
    assert move("-match", "yes").code == 0
    assert sandbox.bodies(destination) == ["yes"]


def test_run_ends_when_reservations_run_out_before_everything_was_seen(move, sandbox, pair):
    source, _ = pair
    sandbox.bulk_messages(source, *(["no"] * 30))
    latency = {"service": "sqs", "operation": "ReceiveMessage", "resource": source}
    sandbox.faults({**latency, "kind": "latency", "milliseconds": 400})
    result = move("-match", "yes", "-visibility-timeout", "1", "-concurrency", "1",
                  "-output", "json")  # fmt: skip
    assert result.code == 0
    assert report(result)["moved"] == 0 and report(result)["unmatched"] == 30
    assert len(sandbox.messages(source)) == 30


@pytest.mark.parametrize("limit", [1, 7, 10, 25])
def test_limit_moves_exactly_that_many(move, sandbox, pair, limit):
    source, destination = pair
    sandbox.bulk_messages(source, *map(str, range(100)))
    result = move("-limit", str(limit), "-output", "json")
    assert result.code == 0
    assert report(result)["moved"] == limit == len(sandbox.messages(destination))
    assert report(result)["left"] == 100 - limit
    assert not any(one["in_flight"] for one in sandbox.messages(source))


def test_limit_counts_what_was_moved_not_what_was_tried(move, sandbox, pair):
    source, destination = pair
    sandbox.bulk_messages(source, *map(str, range(50)))
    sandbox.faults({"service": "sqs", "operation": "SendMessageBatch", "kind": "fail_entries",
                    "percent": 40, "sender_fault": True, "code": "Refused"})  # fmt: skip
    result = move("-limit", "13", "-output", "json")
    assert result.code == 3
    assert report(result)["moved"] == 13 == len(sandbox.messages(destination))


# ---- copy and dump ---------------------------------------------------------------------------


def test_copy_leaves_every_message_in_the_source_and_copies_it_once(move, sandbox, pair):
    source, destination = pair
    sandbox.bulk_messages(source, *map(str, range(55)))
    result = move("-copy", "-output", "json")
    assert result.code == 0
    assert report(result)["copy"] is True and report(result)["moved"] == 55
    assert "Copied 55 messages" in result.stderr
    expected = sorted(map(str, range(55)))
    assert sorted(sandbox.bodies(destination)) == sorted(sandbox.bodies(source)) == expected


def test_copy_stops_before_copied_messages_reappear(move, sandbox, pair):
    source, destination = pair
    sandbox.bulk_messages(source, *map(str, range(100)))
    sandbox.faults({"service": "sqs", "operation": "SendMessageBatch", "kind": "latency",
                    "milliseconds": 500})  # fmt: skip
    result = move("-copy", "-visibility-timeout", "4", "-concurrency", "1", "-output", "json")
    copied = sandbox.bodies(destination)
    assert len(copied) == len(set(copied)) == report(result)["moved"]
    if len(copied) < 100:
        assert result.code == 3 and "raise -visibility-timeout" in result.stderr


def test_dump_holds_every_message_and_is_private(move, sandbox, pair, tmp_path):
    source, destination = pair
    ids = sandbox.bulk_messages(source, *map(mixed, range(12)))
    dump = tmp_path / "moved.jsonl"
    assert move("-dump", str(dump)).code == 0
    rows = [json.loads(line) for line in dump.read_text("utf-8").splitlines()]
    assert {row["MessageId"] for row in rows} == set(ids)
    assert {(row["From"], row["To"]) for row in rows} == {(source, destination)}
    row = next(row for row in rows if row["MessageId"] == ids[3])
    assert (row["Body"], row["MessageAttributes"]) == (mixed(3)["body"], mixed(3)["attributes"])
    assert row["Attributes"]["AWSTraceHeader"] == "Root=1-3"
    assert "ReceiptHandle" not in row
    assert stat.S_IMODE(dump.stat().st_mode) == 0o600


def test_dump_is_appended_to_and_half_a_line_is_ended(move, sandbox, pair, tmp_path):
    sandbox.bulk_messages(pair[0], "a")
    dump = tmp_path / "moved.jsonl"
    dump.write_text('{"half')
    assert move("-dump", str(dump)).code == 0
    half, whole = dump.read_text().splitlines()
    assert half == '{"half' and json.loads(whole)["Body"] == "a"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")  # noqa: PTH110
def test_full_disk_stops_before_anything_is_sent(move, sandbox, pair):
    source, destination = pair
    sandbox.bulk_messages(source, *map(str, range(30)))
    result = move("-dump", "/dev/full")
    assert result.code == 1
    assert "/dev/full: No space left on device. Free space" in result.stderr
    assert "Moved 0 messages" in result.stderr and "Traceback" not in result.stderr
    assert sandbox.messages(destination) == []
    left = sandbox.messages(source)
    assert len(left) == 30 and not any(one["in_flight"] for one in left)


def test_dump_that_cannot_be_written_is_told_before_the_work(move, sandbox, pair, tmp_path):
    sandbox.bulk_messages(pair[0], "a")
    result = move("-dump", str(tmp_path / "none" / "moved.jsonl"))
    assert result.code == 1 and "No such file or directory" in result.stderr
    assert sandbox.calls()["sqs.ReceiveMessage"] == 0
