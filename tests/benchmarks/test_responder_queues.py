"""The responder's queues and topics: what the real SDK accepts, and what is counted."""

import time
from typing import Any

from benchmarks import synthetic
from tests.benchmarks.asking import client, control, send_batch


def test_checksums_of_sent_messages_satisfy_the_sdk_and_equal_motos(
    url: str, moto_url: str
) -> None:
    # The SDK itself refuses a wrong MD5OfMessageBody.
    replies = []
    for where in (url, moto_url):
        sqs = client("sqs", where)
        if where == moto_url:
            sqs.create_queue(QueueName="queue")
        queue_url = sqs.get_queue_url(QueueName="queue")["QueueUrl"]
        replies.append(send_batch(sqs, queue_url, ["plain", 'quoted "\u00e9\\" text']))
    ours, theirs = replies

    for field in ("Id", "MD5OfMessageBody", "MD5OfMessageAttributes"):
        assert [one[field] for one in ours["Successful"]] == [
            one[field] for one in theirs["Successful"]
        ]


def test_arrivals_are_told_apart_from_repetitions(url: str) -> None:
    sqs = client("sqs", url)
    queue_url = sqs.get_queue_url(QueueName="queue")["QueueUrl"]
    texts = [f"object {synthetic.uuid(0, number)}" for number in range(3)]

    send_batch(sqs, queue_url, texts)
    send_batch(sqs, queue_url, texts[:1])

    figures = control(url, "stats")["queues"]["queue"]
    assert (figures["arrivals"], figures["distinct"], figures["distinct_indexes"]) == (4, 3, 3)
    assert figures["highest_index"] == 2


def drain(sqs: Any, queue_url: str, **arguments: Any) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = []
    while batch := sqs.receive_message(
        QueueUrl=queue_url, MaxNumberOfMessages=10, AttributeNames=["All"],
        MessageAttributeNames=["All"], **arguments,
    ).get("Messages"):  # fmt: skip
        messages += batch
    return messages


def test_a_stocked_queue_hands_out_every_message_once_until_it_is_given_back(url: str) -> None:
    control(url, "fill?queue=bench-dlq&messages=23")
    sqs = client("sqs", url)
    queue_url = sqs.get_queue_url(QueueName="bench-dlq")["QueueUrl"]

    messages = drain(sqs, queue_url)
    back = messages[:3]
    sqs.change_message_visibility_batch(
        QueueUrl=queue_url,
        Entries=[
            {"Id": str(n), "ReceiptHandle": one["ReceiptHandle"], "VisibilityTimeout": 0}
            for n, one in enumerate(back)
        ],
    )
    again = drain(sqs, queue_url)

    assert len({one["MessageId"] for one in messages}) == len(messages) == 23
    assert [one["MessageId"] for one in again] == [one["MessageId"] for one in back]


def test_moving_all_messages_unchanged_gives_equal_digests(url: str) -> None:
    control(url, "fill?queue=bench-dlq&messages=20")
    sqs = client("sqs", url)
    source = sqs.get_queue_url(QueueName="bench-dlq")["QueueUrl"]
    target = sqs.get_queue_url(QueueName="bench")["QueueUrl"]
    messages = drain(sqs, source)
    for start in (0, 10):
        part = messages[start : start + 10]
        sqs.send_message_batch(
            QueueUrl=target,
            Entries=[
                {
                    "Id": str(n),
                    "MessageBody": one["Body"],
                    "MessageAttributes": one["MessageAttributes"],
                }
                for n, one in enumerate(part)
            ],
        )
        sqs.delete_message_batch(
            QueueUrl=source,
            Entries=[
                {"Id": str(n), "ReceiptHandle": one["ReceiptHandle"]} for n, one in enumerate(part)
            ],
        )

    queues = control(url, "stats")["queues"]
    assert queues["bench-dlq"]["deleted"] == 20
    assert queues["bench"]["arrived_digest"] == queues["bench-dlq"]["stock_digest"]


def test_a_moved_message_that_lost_an_attribute_gives_another_digest(url: str) -> None:
    control(url, "fill?queue=bench-dlq&messages=1")
    sqs = client("sqs", url)
    source = sqs.get_queue_url(QueueName="bench-dlq")["QueueUrl"]
    (message,) = drain(sqs, source)
    kept = dict(list(message["MessageAttributes"].items())[1:])

    sqs.send_message_batch(
        QueueUrl=sqs.get_queue_url(QueueName="bench")["QueueUrl"],
        Entries=[{"Id": "0", "MessageBody": message["Body"], "MessageAttributes": kept}],
    )

    queues = control(url, "stats")["queues"]
    assert queues["bench"]["arrived_digest"] != queues["bench-dlq"]["stock_digest"]


def test_published_batches_are_confirmed_and_counted(url: str) -> None:
    sns = client("sns", url)
    arn = f"arn:aws:sns:us-east-1:{synthetic.ACCOUNT}:topic"

    for start in (0, 10):
        reply = sns.publish_batch(
            TopicArn=arn,
            PublishBatchRequestEntries=[
                {"Id": str(n), "Message": f"a&b=c {synthetic.uuid(0, start + n)}"}
                for n in range(10)
            ],
        )
        assert [one["Id"] for one in reply["Successful"]] == [str(n) for n in range(10)]
        assert reply["Failed"] == []
    sns.publish(TopicArn=arn, Message=f"a&b=c {synthetic.uuid(0, 20)}")

    figures = control(url, "stats")["topics"]["topic"]
    assert (figures["arrivals"], figures["distinct_indexes"]) == (21, 21)


def test_a_long_poll_of_an_empty_queue_waits_unless_it_is_switched_off(url: str) -> None:
    sqs = client("sqs", url)
    queue_url = sqs.get_queue_url(QueueName="empty")["QueueUrl"]

    began = time.monotonic()
    reply = sqs.receive_message(QueueUrl=queue_url, WaitTimeSeconds=1)

    assert time.monotonic() - began >= 1
    assert "Messages" not in reply
