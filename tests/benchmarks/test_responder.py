"""The responder as a whole: its replies have the shape of moto's, its connections keep order."""

import json
import socket
import subprocess
import sys
import time
from typing import Any

from benchmarks import synthetic
from benchmarks.replies import sqs_messages
from tests.benchmarks.asking import client, control, send_batch

KEYS = synthetic.Keys(synthetic.Bucket(10, 5))
BUCKET = "bench-10-5"


def shape(value: Any) -> Any:
    """Names and types of a reply, without what differs between any two replies."""
    if isinstance(value, dict):
        return {key: shape(one) for key, one in value.items() if key != "ResponseMetadata"}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def test_panthers_sources_are_the_prepared_bucket(url: str) -> None:
    control(url, f"prepare?bucket={BUCKET}")
    reply = client("lambda", url).invoke(
        FunctionName="panther-source-api", Payload=b'{"listIntegrations":{}}'
    )

    (source,) = json.load(reply["Payload"])
    assert "FunctionError" not in reply
    assert (source["s3Bucket"], source["integrationType"]) == (BUCKET, "aws-s3")


def test_replies_have_the_shape_of_motos(url: str, moto_url: str) -> None:
    control(url, "fill?queue=shape&messages=2")
    client("sqs", url).receive_message(QueueUrl=f"{url}/1/shape")

    assert shapes(client_of(url), BUCKET) == shapes(seeded(moto_url), BUCKET)


def client_of(url: str) -> dict[str, Any]:
    return {service: client(service, url) for service in ("s3", "sqs", "sns", "sts")}


def seeded(moto_url: str) -> dict[str, Any]:
    """moto with the least that gives every part of every reply."""
    clients = client_of(moto_url)
    s3 = clients["s3"]
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    for key in KEYS[:4]:
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"x", ChecksumAlgorithm="CRC32")
    s3.delete_object(Bucket=BUCKET, Key=KEYS[3])
    queue_url = clients["sqs"].create_queue(QueueName="shape")["QueueUrl"]
    clients["sqs"].create_queue(QueueName="shape-out")
    body, attributes = sqs_messages.content(1)
    clients["sqs"].send_message(
        QueueUrl=queue_url, MessageBody=body.decode(), MessageAttributes=attributes
    )
    clients["sns"].create_topic(Name="shape")
    return clients


def shapes(clients: dict[str, Any], bucket: str) -> dict[str, Any]:
    """The shape of each reply that the measured tools read."""
    s3, sqs, sns, sts = (clients[name] for name in ("s3", "sqs", "sns", "sts"))
    page = s3.list_objects_v2(Bucket=bucket, Prefix="logs/", MaxKeys=1)
    for entry in page["Contents"]:
        # Written for objects uploaded with a checksum only.
        entry.pop("ChecksumAlgorithm", None)
        entry.pop("ChecksumType", None)
    versions = s3.list_object_versions(Bucket=bucket, Prefix="logs/", MaxKeys=5)
    deleted = versions["DeleteMarkers"][0]
    source = sqs.get_queue_url(QueueName="shape")["QueueUrl"]
    target = sqs.get_queue_url(QueueName="shape-out")["QueueUrl"]
    messages = sqs.receive_message(
        QueueUrl=source, MessageAttributeNames=["All"], AttributeNames=["SentTimestamp"]
    )
    assert "SentTimestamp" in messages["Messages"][0].pop("Attributes")
    receipts = [{"Id": "0", "ReceiptHandle": messages["Messages"][0]["ReceiptHandle"]}]
    names = ["QueueArn", "ApproximateNumberOfMessages", "MaximumMessageSize"]
    arn = f"arn:aws:sns:us-east-1:{synthetic.ACCOUNT}:shape"
    return {
        "objects": shape(page),
        "folders": shape(s3.list_objects_v2(Bucket=bucket, Delimiter="/")),
        "markers": shape({key: deleted[key] for key in ("Key", "VersionId", "IsLatest")}),
        "location": shape(s3.get_bucket_location(Bucket=bucket)),
        "versioning": shape(s3.get_bucket_versioning(Bucket=bucket)),
        "sent": shape(send_batch(sqs, target, ["x"])),
        "message": shape(messages["Messages"][0]),
        "queue": shape(sqs.get_queue_attributes(QueueUrl=source, AttributeNames=names)),
        "deleted": shape(sqs.delete_message_batch(QueueUrl=source, Entries=receipts)),
        "published": shape(
            sns.publish_batch(
                TopicArn=arn, PublishBatchRequestEntries=[{"Id": "0", "Message": "x"}]
            )
        ),
        "caller": shape(sts.get_caller_identity()),
    }


def raw_exchange(url: str, data: bytes, replies: int) -> bytes:
    host, _, port = url.removeprefix("http://").partition(":")
    received = b""
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(data)
        while received.count(b"HTTP/1.1 200 OK") < replies or not received.endswith(b"}"):
            received += connection.recv(65536)
    return received


def test_pipelined_requests_are_answered_in_order_whatever_each_has_to_wait(url: str) -> None:
    def request(target: str, operation: str, body: str) -> bytes:
        return (
            f"POST {target} HTTP/1.1\r\nHost: x\r\nX-Amz-Target: AmazonSQS.{operation}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()

    poll = request("/", "ReceiveMessage", '{"QueueUrl":"http://x/1/empty","WaitTimeSeconds":1}')
    name = request("/", "GetQueueUrl", '{"QueueName":"named"}')

    received = raw_exchange(url, poll + name, 2)

    assert received.index(b"\r\n\r\n{}") < received.index(b"named")


def test_latency_delays_every_reply_and_can_be_switched_off(url: str) -> None:
    control(url, "set?latency-ms=100")
    began = time.monotonic()
    client("sts", url).get_caller_identity()
    waited = time.monotonic() - began

    assert waited >= 0.1


def test_the_responder_ends_with_the_process_that_started_it() -> None:
    command = [sys.executable, "-m", "benchmarks.responder", "-stop-with-stdin"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None and process.stdin is not None
        assert process.stdout.readline().startswith("http://127.0.0.1:")

        process.stdin.close()

        assert process.wait(timeout=60) == 0
