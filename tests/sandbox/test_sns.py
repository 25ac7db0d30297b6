"""SNS limits and Panther's subscriptions."""

import json

import pytest

from scripts.sandbox import seed_names
from tests.sandbox.helpers import refused
from tests.support import Sandbox


@pytest.fixture
def topic_arn(sandbox: Sandbox, queue: str) -> str:
    """A topic with one raw subscriber, the queue of the test."""
    sns = sandbox.client("sns")
    arn = str(sns.create_topic(Name=f"topic-{queue}")["TopicArn"])
    sns.subscribe(
        TopicArn=arn,
        Protocol="sqs",
        Endpoint=f"arn:aws:sqs:us-east-1:123456789012:{queue}",
        Attributes={"RawMessageDelivery": "true"},
    )
    return arn


def _entries(count: int, size: int) -> list[dict[str, str]]:
    return [{"Id": str(number), "Message": "x" * size} for number in range(count)]


def test_a_message_above_the_limit_is_refused(sandbox: Sandbox, topic_arn: str, queue: str) -> None:
    attributes = {"type": {"DataType": "String", "StringValue": "v" * 10}}  # 4 + 6 + 10 bytes
    sns = sandbox.client("sns")
    with refused() as refusal:
        sns.publish(TopicArn=topic_arn, Message="x" * 262_125, MessageAttributes=attributes)
    assert (refusal.code, refusal.message) == (
        "InvalidParameter",
        "Invalid parameter: Message too long",
    )
    sns.publish(TopicArn=topic_arn, Message="x" * 262_124, MessageAttributes=attributes)
    assert len(sandbox.messages(queue)) == 1


def test_the_limit_holds_for_a_whole_batch(sandbox: Sandbox, topic_arn: str, queue: str) -> None:
    sns = sandbox.client("sns")
    with refused() as refusal:
        sns.publish_batch(TopicArn=topic_arn, PublishBatchRequestEntries=_entries(3, 90_000))
    assert refusal.code == "BatchRequestTooLong"
    assert sandbox.messages(queue) == []
    reply = sns.publish_batch(TopicArn=topic_arn, PublishBatchRequestEntries=_entries(3, 80_000))
    assert len(reply["Successful"]) == 3


def test_more_than_ten_entries_are_refused(sandbox: Sandbox, topic_arn: str) -> None:
    with refused() as refusal:
        sandbox.client("sns").publish_batch(
            TopicArn=topic_arn, PublishBatchRequestEntries=_entries(11, 1)
        )
    assert refusal.code == "TooManyEntriesInBatchRequest"


def test_failed_entries_are_in_no_queue_and_in_the_reply(
    sandbox: Sandbox, topic_arn: str, queue: str
) -> None:
    sandbox.faults(
        {
            "service": "sns",
            "operation": "PublishBatch",
            "kind": "fail_entries",
            "entries": [0, 2],
            "code": "InternalError",
            "times": 1,
        }
    )
    entries = [{"Id": f"id{number}", "Message": str(number)} for number in range(4)]
    sns = sandbox.client("sns")
    reply = sns.publish_batch(TopicArn=topic_arn, PublishBatchRequestEntries=entries)
    assert sorted(entry["Id"] for entry in reply["Successful"]) == ["id1", "id3"]
    assert [(e["Id"], e["Code"], e["SenderFault"]) for e in reply["Failed"]] == [
        ("id0", "InternalError", False),
        ("id2", "InternalError", False),
    ]
    assert sandbox.bodies(queue) == ["1", "3"]


def test_a_batch_that_fails_whole_says_so_entry_by_entry(
    sandbox: Sandbox, topic_arn: str, queue: str
) -> None:
    sandbox.faults({"service": "sns", "kind": "fail_entries", "sender_fault": True})
    reply = sandbox.client("sns").publish_batch(
        TopicArn=topic_arn, PublishBatchRequestEntries=_entries(2, 1)
    )
    assert reply["Successful"] == []
    assert [entry["SenderFault"] for entry in reply["Failed"]] == [True, True]
    assert sandbox.bodies(queue) == []


def test_panthers_queues_get_what_their_filters_let_through(sandbox: Sandbox) -> None:
    sandbox.reset()
    arn = f"arn:aws:sns:us-east-1:123456789012:{seed_names.PROCESSED_TOPIC}"
    cases = {
        "cloudtrail": ("LogData", "AWS.CloudTrail"),
        "flow": ("LogData", "AWS.VPCFlow"),
        "match": ("RuleMatches", "Some.Rule"),
        "plain": None,
    }
    for message, attributes in cases.items():
        values = dict(zip(("type", "id"), attributes or (), strict=False))
        sandbox.client("sns").publish(
            TopicArn=arn,
            Message=message,
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value} for name, value in values.items()
            },
        )
    assert sandbox.bodies("panther-datacatalog-updater-queue") == ["cloudtrail", "flow", "match"]
    assert sandbox.bodies("panther-rules-engine-queue") == ["cloudtrail", "flow"]
    (event,) = sandbox.messages("panther-aws-events-queue")
    assert event["body"] == "cloudtrail"
    assert event["attributes"]["id"] == {"DataType": "String", "StringValue": "AWS.CloudTrail"}


def test_the_input_topic_delivers_envelopes(sandbox: Sandbox) -> None:
    sandbox.reset()
    arn = f"arn:aws:sns:us-east-1:123456789012:{seed_names.INPUT_TOPIC}"
    sandbox.client("sns").publish(TopicArn=arn, Message="inner")
    (body,) = sandbox.bodies(seed_names.INPUT_QUEUE)
    envelope = json.loads(body)
    assert (envelope["Type"], envelope["Message"]) == ("Notification", "inner")
