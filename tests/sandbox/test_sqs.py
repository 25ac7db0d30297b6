"""SQS as the tools rely on it, beyond what moto does."""

import json
import threading
import time

from tests import support
from tests.sandbox.helpers import refused
from tests.support import Sandbox


def _send(sandbox: Sandbox, queue: str, **entry: object) -> dict[str, object]:
    return dict(sandbox.client("sqs").send_message(QueueUrl=sandbox.queue_url(queue), **entry))


def _receive(sandbox: Sandbox, queue: str, **options: object) -> list[dict[str, object]]:
    options = {"MaxNumberOfMessages": 10, "AttributeNames": ["All"], **options}
    url = sandbox.queue_url(queue)
    return list(sandbox.client("sqs").receive_message(QueueUrl=url, **options).get("Messages", []))


def test_a_message_above_the_queues_limit_is_refused(sandbox: Sandbox) -> None:
    queue = sandbox.create_queue(MaximumMessageSize="262144")
    with refused() as refusal:
        _send(sandbox, queue, MessageBody="x" * 262_145)
    assert refusal.code == "InvalidParameterValue"
    assert refusal.message == (
        "One or more parameters are invalid. Reason: Message must be shorter than 262144 bytes."
    )
    assert _send(sandbox, queue, MessageBody="x" * 262_144)["MessageId"]


def test_the_limit_counts_bytes_and_attributes(sandbox: Sandbox) -> None:
    queue = sandbox.create_queue(MaximumMessageSize="1024")
    attribute = {"n": {"DataType": "String", "StringValue": "v" * 10}}  # 1 + 6 + 10 bytes
    with refused():
        _send(sandbox, queue, MessageBody="\u00e9" * 504, MessageAttributes=attribute)
    _send(sandbox, queue, MessageBody="\u00e9" * 503, MessageAttributes=attribute)


def test_a_large_entry_fails_by_itself(sandbox: Sandbox) -> None:
    queue = sandbox.create_queue(MaximumMessageSize="1024")
    bodies = ["a", "x" * 1025, "b"]
    reply = sandbox.client("sqs").send_message_batch(
        QueueUrl=sandbox.queue_url(queue),
        Entries=[{"Id": str(n), "MessageBody": body} for n, body in enumerate(bodies)],
    )
    assert [entry["Id"] for entry in reply["Successful"]] == ["0", "2"]
    (failed,) = reply["Failed"]
    assert (failed["Id"], failed["Code"]) == ("1", "InvalidParameterValue")
    assert failed["SenderFault"] is True
    assert sandbox.bodies(queue) == ["a", "b"]


def test_a_batch_above_the_limit_is_refused_whole(sandbox: Sandbox) -> None:
    queue = sandbox.create_queue(MaximumMessageSize="262144")
    entries = [{"Id": str(n), "MessageBody": "x" * 100_000} for n in range(3)]
    url = sandbox.queue_url(queue)
    with refused() as refusal:
        sandbox.client("sqs").send_message_batch(QueueUrl=url, Entries=entries)
    assert refusal.code == "AWS.SimpleQueueService.BatchRequestTooLong"
    assert "262144 bytes. You have sent 300000 bytes" in refusal.message
    assert sandbox.bodies(queue) == []


def test_a_queue_with_a_larger_limit_takes_larger_batches(sandbox: Sandbox, queue: str) -> None:
    entries = [{"Id": str(n), "MessageBody": "x" * 100_000} for n in range(3)]
    url = sandbox.queue_url(queue)
    reply = sandbox.client("sqs").send_message_batch(QueueUrl=url, Entries=entries)
    assert len(reply["Successful"]) == 3


def test_characters_that_sqs_does_not_take_are_refused(sandbox: Sandbox, queue: str) -> None:
    with refused() as refusal:
        _send(sandbox, queue, MessageBody="a\x01b")
    assert refusal.code == "InvalidMessageContents"


def test_the_trace_header_survives_a_batch(sandbox: Sandbox, queue: str) -> None:
    trace = {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-2"}}
    sandbox.client("sqs").send_message_batch(
        QueueUrl=sandbox.queue_url(queue),
        Entries=[{"Id": "0", "MessageBody": "a", "MessageSystemAttributes": trace}],
    )
    (message,) = _receive(sandbox, queue)
    assert message["Attributes"]["AWSTraceHeader"] == "Root=1-2"  # type: ignore[index]


def test_more_than_ten_deletes_are_refused(sandbox: Sandbox, queue: str) -> None:
    entries = [{"Id": str(n), "ReceiptHandle": str(n)} for n in range(11)]
    with refused() as refusal:
        sandbox.client("sqs").delete_message_batch(
            QueueUrl=sandbox.queue_url(queue), Entries=entries
        )
    assert refusal.code.endswith("TooManyEntriesInBatchRequest")


def test_an_outdated_receipt_handle_deletes_nothing(sandbox: Sandbox, queue: str) -> None:
    sandbox.bulk_messages(queue, "a")
    (first,) = _receive(sandbox, queue, VisibilityTimeout=0)
    (second,) = _receive(sandbox, queue)
    sqs, url = sandbox.client("sqs"), sandbox.queue_url(queue)
    sqs.delete_message(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"])
    assert sandbox.bodies(queue) == ["a"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=second["ReceiptHandle"])
    assert sandbox.bodies(queue) == []


def test_visibility_of_a_message_not_in_flight_cannot_change(sandbox: Sandbox, queue: str) -> None:
    sandbox.bulk_messages(queue, "a")
    (message,) = _receive(sandbox, queue, VisibilityTimeout=0)
    with refused() as refusal:
        sandbox.client("sqs").change_message_visibility(
            QueueUrl=sandbox.queue_url(queue),
            ReceiptHandle=message["ReceiptHandle"],
            VisibilityTimeout=10,
        )
    assert "is not available for visibility timeout change" in refusal.message


def test_a_released_message_is_visible_at_once(sandbox: Sandbox, queue: str) -> None:
    sandbox.bulk_messages(queue, "a")
    (message,) = _receive(sandbox, queue, VisibilityTimeout=600)
    assert _receive(sandbox, queue) == []
    entry = {"Id": "0", "ReceiptHandle": message["ReceiptHandle"], "VisibilityTimeout": 0}
    sandbox.client("sqs").change_message_visibility_batch(
        QueueUrl=sandbox.queue_url(queue), Entries=[entry]
    )
    (again,) = _receive(sandbox, queue)
    assert again["Attributes"]["ApproximateReceiveCount"] == "2"  # type: ignore[index]


def test_a_dead_message_names_the_queue_it_died_in(sandbox: Sandbox) -> None:
    dead_letter = sandbox.create_queue()
    arn = f"arn:aws:sqs:us-east-1:123456789012:{dead_letter}"
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1})
    queue = sandbox.create_queue(RedrivePolicy=redrive)
    sandbox.bulk_messages(queue, "a")
    (alive,) = _receive(sandbox, queue, VisibilityTimeout=0)
    assert "DeadLetterQueueSourceArn" not in alive["Attributes"]  # type: ignore[operator]
    assert _receive(sandbox, queue) == []
    (dead,) = _receive(sandbox, dead_letter)
    source = dead["Attributes"]["DeadLetterQueueSourceArn"]  # type: ignore[index]
    assert source == f"arn:aws:sqs:us-east-1:123456789012:{queue}"
    assert dead["Attributes"]["SentTimestamp"] == alive["Attributes"]["SentTimestamp"]  # type: ignore[index]


def test_fifo_replies_and_messages_carry_growing_sequence_numbers(sandbox: Sandbox) -> None:
    queue = sandbox.create_queue(fifo=True)
    sent = [
        _send(sandbox, queue, MessageBody=str(n), MessageGroupId="g", MessageDeduplicationId=str(n))
        for n in range(3)
    ]
    numbers = [str(reply["SequenceNumber"]) for reply in sent]
    assert numbers == sorted(set(numbers))
    assert all(len(number) == 20 for number in numbers)
    received = _receive(sandbox, queue)
    assert [m["Attributes"]["SequenceNumber"] for m in received] == numbers  # type: ignore[index]


def test_fifo_forgets_nothing_when_a_message_is_deleted(sandbox: Sandbox) -> None:
    queue = sandbox.create_queue(fifo=True)
    entry = {"MessageBody": "a", "MessageGroupId": "g", "MessageDeduplicationId": "d"}
    first = _send(sandbox, queue, **entry)
    (message,) = _receive(sandbox, queue)
    sandbox.client("sqs").delete_message(
        QueueUrl=sandbox.queue_url(queue), ReceiptHandle=message["ReceiptHandle"]
    )
    again = _send(sandbox, queue, **entry)
    assert again["MessageId"] == first["MessageId"]
    assert sandbox.bodies(queue) == []


def test_fifo_holds_back_a_group_in_flight(sandbox: Sandbox) -> None:
    queue = sandbox.create_queue(fifo=True)
    for body, group in (("a1", "a"), ("a2", "a"), ("b1", "b")):
        sandbox.bulk_messages(queue, {"body": body, "group_id": group, "deduplication_id": body})
    (first,) = _receive(sandbox, queue, MaxNumberOfMessages=1)
    assert first["Body"] == "a1"
    assert [message["Body"] for message in _receive(sandbox, queue)] == ["b1"]


def test_a_waiting_receive_gets_what_is_sent_meanwhile(sandbox: Sandbox, queue: str) -> None:
    url = sandbox.queue_url(queue)
    timer = threading.Timer(0.3, lambda: sandbox.bulk_messages(queue, "late"))
    timer.start()
    began = time.monotonic()
    reply = sandbox.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=20)
    timer.join()
    assert [message["Body"] for message in reply["Messages"]] == ["late"]
    assert time.monotonic() - began < 20


def test_the_control_interface_shows_messages_without_touching_them(
    sandbox: Sandbox, queue: str
) -> None:
    attributes = {
        "text": {"DataType": "String.x", "StringValue": "v"},
        "raw": support.binary(b"\x00\xff"),
    }
    sandbox.bulk_messages(queue, {"body": "a", "attributes": attributes, "trace_header": "T"}, "b")
    (received,) = _receive(
        sandbox, queue, MaxNumberOfMessages=1, MessageAttributeNames=["All"], VisibilityTimeout=600
    )
    assert received["MessageAttributes"]["raw"]["BinaryValue"] == b"\x00\xff"  # type: ignore[index]
    first, second = sandbox.messages(queue)
    assert (first["body"], first["in_flight"], first["receive_count"]) == ("a", True, 1)
    assert first["attributes"] == attributes
    assert first["trace_header"] == "T"
    assert (second["body"], second["in_flight"], second["receive_count"]) == ("b", False, 0)
    assert sandbox.messages(sandbox.queue_url(queue)) == [first, second]


def test_the_legacy_query_protocol_is_named_and_answered(sandbox: Sandbox, queue: str) -> None:
    import urllib.parse
    import urllib.request

    form = {"Action": "SendMessage", "Version": "2012-11-05", "MessageBody": "old"}
    request = urllib.request.Request(
        sandbox.queue_url(queue),
        urllib.parse.urlencode(form).encode(),
        {
            "Authorization": "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20210205/us-east-1"
            "/sqs/aws4_request, SignedHeaders=host, Signature=0"
        },
    )
    with urllib.request.urlopen(request, timeout=30) as reply:
        assert b"<SendMessageResult>" in reply.read()
    assert sandbox.bodies(queue) == ["old"]
    assert sandbox.calls()["sqs.SendMessage"] == 1
