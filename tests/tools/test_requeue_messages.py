"""What requeue makes of messages and queues, without any queue."""

import base64
import json
import re

import pytest

from common import sqs
from tools.requeue import messages, queues
from tools.requeue.messages import RETURNED, TOO_LARGE, UNMATCHED, Parcel, Rules

NOW = 1_612_515_600_000


def rules(**changes):
    standard = {
        "from_fifo": False, "to_fifo": False, "most_bytes": 262_144,
        "returned_ms": NOW, "run_id": "run-1",
    }  # fmt: skip
    return Rules(**(standard | changes))


def message(body="hello", sent=NOW - 1, number=1, attributes=None, **system):
    found = {
        "MessageId": f"id-{number}",
        "ReceiptHandle": f"handle-{number}",
        "Body": body,
        "MD5OfBody": "",
        "Attributes": {"SentTimestamp": str(sent), **system},
    }
    if attributes:
        found["MessageAttributes"] = attributes
    return found


def entry(found, **changes):
    return json.loads("{" + messages.parcel(found, rules(**changes)).entry + "}")


def text(value):
    return {"DataType": "String", "StringValue": value}


def data(value):
    return {"DataType": "Binary", "BinaryValue": base64.b64encode(value).decode()}


# ---- entries ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body", ["x", 'a "quoted" \\ one\n\t', "\u00e9\u4e2d\U0001f600", "</body>"]
)
def test_body_arrives_unchanged(body):
    assert entry(message(body)) == {"MessageBody": body}


def test_all_attributes_are_copied_with_their_types():
    given = {
        "a": text("1"), "n": {"DataType": "Number.int", "StringValue": "7"}, "b": data(b"\0\xff"),
        "c": {"DataType": "String.custom", "StringValue": "z"},
    }  # fmt: skip
    assert entry(message(attributes=given))["MessageAttributes"] == given


def test_reserved_list_values_are_left_out():
    given = {"a": {**text("1"), "StringListValues": [], "BinaryListValues": []}, "b": text("2")}
    expected = {"a": text("1"), "b": text("2")}
    assert entry(message(attributes=given))["MessageAttributes"] == expected


def test_a_body_that_speaks_of_list_values_is_unchanged():
    body = '{"StringListValues":[]}'
    assert entry(message(body, attributes={"a": text("1")})) == {
        "MessageBody": body, "MessageAttributes": {"a": text("1")},
    }  # fmt: skip


def test_trace_header_is_copied_as_a_system_attribute():
    found = entry(message(AWSTraceHeader="Root=1-2-3"))
    assert found["MessageSystemAttributes"] == {"AWSTraceHeader": text("Root=1-2-3")}


def test_standard_queues_keep_the_group_that_means_fair_sharing():
    assert entry(message(MessageGroupId="tenant"))["MessageGroupId"] == "tenant"


def test_fifo_to_standard_sends_neither_group_nor_deduplication_id():
    found = message(MessageGroupId="g", MessageDeduplicationId="d", SequenceNumber="1")
    assert set(entry(found, from_fifo=True)) == {"MessageBody"}


def test_standard_to_fifo_makes_every_message_its_own_group():
    found = entry(message(number=7), to_fifo=True)
    assert found["MessageGroupId"] == "id-7"
    assert re.fullmatch("[0-9a-f]{64}", found["MessageDeduplicationId"])


def test_fifo_keeps_the_group_and_makes_a_deduplication_id_that_is_new_in_each_run():
    found = message(MessageGroupId="g", MessageDeduplicationId="d", SequenceNumber="1")
    fifo = {"from_fifo": True, "to_fifo": True}
    first, again = entry(found, **fifo), entry(found, **fifo)
    other_run = entry(found, **fifo, run_id="run-2")
    assert first == again and first["MessageGroupId"] == "g"
    ids = {one["MessageDeduplicationId"] for one in (first, other_run)} | {"d"}
    assert len(ids) == 3


def test_messages_with_the_same_original_id_get_different_ones():
    made = {
        entry(
            message(MessageGroupId="g", MessageDeduplicationId="d", SequenceNumber=str(number)),
            from_fifo=True, to_fifo=True,
        )["MessageDeduplicationId"]
        for number in range(5)
    }  # fmt: skip
    assert len(made) == 5


def test_keep_dedup_id_sends_the_original_one():
    found = message(MessageGroupId="g", MessageDeduplicationId="d", SequenceNumber="1")
    kept = entry(found, from_fifo=True, to_fifo=True, keep_dedup_id=True)
    assert kept["MessageDeduplicationId"] == "d"


# ---- what may move ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "changes", "reason"),
    [
        (message(sent=NOW), {}, RETURNED),
        (message(sent=NOW + 5), {}, RETURNED),
        (message("x" * 1025), {"most_bytes": 1024}, TOO_LARGE),
        (message("\u00e9" * 600), {"most_bytes": 1024}, TOO_LARGE),
        (message("x" * 1000, attributes={"name": text("v" * 15)}), {"most_bytes": 1024}, TOO_LARGE),
        (message("x" * 1000, attributes={"n": data(b"v" * 20)}), {"most_bytes": 1024}, TOO_LARGE),
        (message("beta"), {"match": re.compile("^alpha")}, UNMATCHED),
        (message("beta", sent=NOW), {"match": re.compile("alpha")}, UNMATCHED),
    ],
)
def test_messages_that_stay(found, changes, reason):
    assert messages.sort([found], rules(**changes)) == ([], [(found, reason)])


@pytest.mark.parametrize(
    ("found", "changes"),
    [
        (message(sent=NOW - 1), {}),
        (message("x" * 1024), {"most_bytes": 1024}),
        (message('"' * 1024), {"most_bytes": 1024}),
        (message("x" * 1000, attributes={"name": text("v" * 14)}), {"most_bytes": 1024}),
        (message("x" * 1000, attributes={"n": data(b"v" * 17)}), {"most_bytes": 1024}),
        (message("say alpha"), {"match": re.compile("alpha")}),
    ],
)
def test_messages_that_may_move(found, changes):
    parcels, staying = messages.sort([found], rules(**changes))
    assert [one.id for one in parcels] == ["id-1"] and staying == []


@pytest.mark.parametrize("length", [0, 1, 2, 3, 4, 100])
def test_binary_values_count_decoded(length):
    assert messages.attribute_bytes({"n": data(b"v" * length)}) == 1 + len("Binary") + length


# ---- requests --------------------------------------------------------------------------------


def parcels(*sizes, groups=""):
    return [
        Parcel(f"id-{place}", {}, "", size, groups[place : place + 1])
        for place, size in enumerate(sizes)
    ]


def ids(rows):
    return [[int(one.id[3:]) for one in row] for row in rows]


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ((), []),
        ((1,) * 11, [list(range(10)), [10]]),
        ((100_000,) * 5, [[0, 1], [2, 3], [4]]),
        ((262_144, 1, 262_143, 1), [[0], [1, 2], [3]]),
        ((300_000, 1), [[0], [1]]),
    ],
)
def test_packs_hold_ten_messages_and_the_bytes_of_a_batch(sizes, expected):
    assert ids(messages.packs(parcels(*sizes), 262_144)) == expected


def test_a_fifo_group_has_one_message_in_a_request():
    found = messages.waves(parcels(1, 1, 1, 1, 1, 1, groups="abaacb"), in_order=True)
    assert ids(found) == [[0, 1, 4], [2, 5], [3]]


def test_order_does_not_matter_to_a_standard_queue():
    assert ids(messages.waves(parcels(1, 1, 1, groups="aaa"), in_order=False)) == [[0, 1, 2]]


def test_dump_line_has_everything_but_the_receipt_handle():
    found = message("b", attributes={"z": data(b"1")}, AWSTraceHeader="t")
    line = messages.dump_line(found, "here", "there")
    assert line.endswith(b"}\n") and line.count(b"\n") == 1
    fields = json.loads(line)
    assert fields.pop("From") == "here" and fields.pop("To") == "there"
    assert fields == {name: value for name, value in found.items() if name != "ReceiptHandle"}


# ---- queues ----------------------------------------------------------------------------------


def queue(name, **attributes):
    arn = f"arn:aws:sqs:eu-west-1:111122223333:{name}"
    return sqs.Queue(name, f"https://q/{name}", "eu-west-1", {"QueueArn": arn, **attributes})


def redrive(name):
    target = f"arn:aws:sqs:eu-west-1:111122223333:{name}"
    return json.dumps({"deadLetterTargetArn": target, "maxReceiveCount": 4})


@pytest.mark.parametrize(
    ("name", "expected"),
    [("alerts", "alerts-dlq"), ("a.b.fifo", "a-dlq.fifo"), ("x.fifo", "x-dlq.fifo")],
)
def test_without_a_redrive_policy_the_go_rule_names_the_source(name, expected):
    source, note = queues.default_source(queue(name))
    assert source == f"arn:aws:sqs:eu-west-1:111122223333:{expected}"
    assert note == f"setting -from.q to default: {expected}"


@pytest.mark.parametrize(
    ("name", "dead"),
    [
        ("panther-datacatalog-updater-queue", "panther-datacatalog-updater-dlq"),
        ("panther-datacatalog-compactor-queue.fifo", "panther-datacatalog-compactor-dlq.fifo"),
        ("panther-datacatalog-compactor-reaper-queue", "panther-datacatalog-compactor-reaper-dlq"),
    ],
)
def test_redrive_policy_wins_over_the_rule_and_is_told(name, dead):
    source, note = queues.default_source(queue(name, RedrivePolicy=redrive(dead)))
    assert source.endswith(f":{dead}")
    assert note.startswith(f"setting -from.q to default: {dead} (") and "against the usual" in note


@pytest.mark.parametrize(
    ("source", "destination", "said"),
    [
        (queue("a", RedrivePolicy=redrive("b")), queue("b"), "b is the dead-letter queue of a"),
        (queue("a", RedrivePolicy=redrive("c")), queue("b"), "dead-letter queue of its own"),
        (queue("a"), queue("b", DelaySeconds="5"), "delays every message by 5 s"),
    ],
)
def test_unusual_moves_are_pointed_out(source, destination, said):
    [caution] = queues.cautions(source, destination, keep_dedup_id=False)
    assert said in caution


def test_usual_move_needs_no_caution():
    assert queues.cautions(queue("a-dlq"), queue("a", RedrivePolicy=redrive("a-dlq")), False) == []


def test_keep_dedup_id_is_cautioned_only_for_fifo():
    assert queues.cautions(queue("a"), queue("b"), True) == []
    assert "five minutes" in queues.cautions(queue("a.fifo"), queue("b.fifo"), True)[0]


def test_plan_tells_counts_queues_account_and_limits():
    source = queue(
        "dlq", ApproximateNumberOfMessages="1009", ApproximateNumberOfMessagesNotVisible="3"
    )
    text = queues.plan(source, queue("q"), 7, "alpha", 10, False)
    assert text == (
        "moving at most 7 of about 1,009 messages matching 'alpha' from dlq to q (eu-west-1, "
        "account 111122223333, 10 movers); 3 more are in flight and 0 delayed; q holds about 0"
    )
