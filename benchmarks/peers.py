"""What the tools are measured against: the plain boto3 loops that anyone would write.

`python -m benchmarks.peers queue|publish|list|requeue [flags]`; threads where threads help, with
the tool's own concurrency. Each fails loudly when a batch entry is refused.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
from botocore.config import Config

BATCH = 10


def objects(s3: Any, s3path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Bucket and listed entry of every object below a path."""
    bucket, _, prefix = s3path.removeprefix("s3://").partition("/")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for entry in page.get("Contents", []):
            yield bucket, entry


def notification(bucket: str, key: str, size: int) -> str:
    """The S3 event that the object's arrival would have caused."""
    record = {
        "eventVersion": "2.0",
        "eventSource": "aws:s3",
        "awsRegion": "",
        "eventTime": "0001-01-01T00:00:00Z",
        "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": ""},
        "requestParameters": {"sourceIPAddress": ""},
        "responseElements": None,
        "s3": {
            "s3SchemaVersion": "",
            "configurationId": "",
            "bucket": {"name": bucket, "ownerIdentity": {"principalId": ""}, "arn": ""},
            "object": {
                "key": key,
                "size": size,
                "urlDecodedKey": "",
                "versionId": "",
                "eTag": "",
                "sequencer": "",
            },
        },
    }
    return json.dumps({"Records": [record]})


def envelope(account: str, message: str) -> str:
    """An SNS notification around a message, as it stands in a queue."""
    return json.dumps(
        {
            "Signature": "",
            "MessageId": "",
            "Type": "Notification",
            "TopicArn": f"arn:aws:sns:us-east-1:{account}:panther-fake-s3queue-topic",
            "MessageAttributes": None,
            "SignatureVersion": "",
            "Timestamp": "0001-01-01T00:00:00Z",
            "SigningCertUrl": "",
            "Message": message,
            "UnsubscribeUrl": "",
            "Subject": "",
        }
    )


def in_batches(
    concurrency: int, texts: Iterator[str], send: Callable[[list[str]], dict[str, Any]]
) -> None:
    """Send all texts, ten at a time, on a pool of threads."""
    # Without a bound a fast listing would pile up all its batches in memory.
    free = threading.Semaphore(concurrency * 2)

    def send_and_check(batch: list[str]) -> None:
        try:
            if failed := send(batch).get("Failed"):
                raise SystemExit(f"entries were refused: {failed}")
        finally:
            free.release()

    with ThreadPoolExecutor(concurrency) as pool:
        futures = []
        batch: list[str] = []
        for text in texts:
            batch.append(text)
            if len(batch) == BATCH:
                free.acquire()
                futures.append(pool.submit(send_and_check, batch))
                batch = []
        if batch:
            free.acquire()
            futures.append(pool.submit(send_and_check, batch))
        for future in futures:
            future.result()


def queue(given: argparse.Namespace) -> None:
    """List objects and send one notification each to a queue."""
    sqs = client("sqs", given)
    url = sqs.get_queue_url(QueueName=given.queue)["QueueUrl"]
    account = client("sts", given).get_caller_identity()["Account"]
    texts = (
        envelope(account, notification(bucket, entry["Key"], entry["Size"]))
        for bucket, entry in objects(client("s3", given), given.s3path)
    )

    def send(batch: list[str]) -> dict[str, Any]:
        entries = [{"Id": str(n), "MessageBody": text} for n, text in enumerate(batch)]
        return dict(sqs.send_message_batch(QueueUrl=url, Entries=entries))

    in_batches(given.concurrency, texts, send)


def publish(given: argparse.Namespace) -> None:
    """List objects and publish one notification each to a topic."""
    sns = client("sns", given)
    account = client("sts", given).get_caller_identity()["Account"]
    arn = f"arn:aws:sns:{sns.meta.region_name}:{account}:{given.topic}"
    texts = (
        notification(bucket, entry["Key"], entry["Size"])
        for bucket, entry in objects(client("s3", given), given.s3path)
    )

    def send(batch: list[str]) -> dict[str, Any]:
        entries = [{"Id": str(n), "Message": text} for n, text in enumerate(batch)]
        return dict(sns.publish_batch(TopicArn=arn, PublishBatchRequestEntries=entries))

    in_batches(given.concurrency, texts, send)


def list_to_csv(given: argparse.Namespace) -> None:
    """List objects into a CSV on stdout."""
    rows = csv.writer(sys.stdout)
    rows.writerow(["bucket", "key", "size", "last_modified", "etag", "storage_class"])
    for bucket, entry in objects(client("s3", given), given.s3path):
        rows.writerow(
            [
                bucket,
                entry["Key"],
                entry["Size"],
                entry["LastModified"].isoformat(),
                entry["ETag"].strip('"'),
                entry["StorageClass"],
            ]
        )


def requeue(given: argparse.Namespace) -> None:
    """Move all messages between queues; only what was accepted is deleted."""
    sqs = client("sqs", given)
    source = sqs.get_queue_url(QueueName=given.from_queue)["QueueUrl"]
    target = sqs.get_queue_url(QueueName=given.to_queue)["QueueUrl"]

    def move() -> None:
        while messages := sqs.receive_message(
            QueueUrl=source,
            MaxNumberOfMessages=BATCH,
            WaitTimeSeconds=given.wait_seconds,
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
        ).get("Messages"):
            move_batch(sqs, source, target, messages)

    with ThreadPoolExecutor(given.concurrency) as pool:
        for future in [pool.submit(move) for _ in range(given.concurrency)]:
            future.result()


def move_batch(sqs: Any, source: str, target: str, messages: list[dict[str, Any]]) -> None:
    """Send messages on and delete those that were accepted."""
    reply = sqs.send_message_batch(
        QueueUrl=target,
        Entries=[
            {
                "Id": str(n),
                "MessageBody": message["Body"],
                "MessageAttributes": message.get("MessageAttributes", {}),
            }
            for n, message in enumerate(messages)
        ],
    )
    accepted = [int(entry["Id"]) for entry in reply["Successful"]]
    if not accepted:
        return
    deleted = sqs.delete_message_batch(
        QueueUrl=source,
        Entries=[{"Id": str(n), "ReceiptHandle": messages[n]["ReceiptHandle"]} for n in accepted],
    )
    if deleted.get("Failed"):
        raise SystemExit(f"messages were not deleted: {deleted['Failed']}")


def client(service: str, given: argparse.Namespace) -> Any:
    """A client whose pool has a connection for each thread; without it boto3 reconnects."""
    return boto3.client(service, config=Config(max_pool_connections=given.concurrency))


def main(argv: list[str] | None = None) -> int:
    """Run one loop."""
    loops = {"queue": queue, "publish": publish, "list": list_to_csv, "requeue": requeue}
    parser = argparse.ArgumentParser(prog="benchmarks.peers", description=__doc__)
    parser.add_argument("loop", choices=loops)
    parser.add_argument("-s3path")
    parser.add_argument("-queue")
    parser.add_argument("-topic")
    parser.add_argument("-from", dest="from_queue")
    parser.add_argument("-to", dest="to_queue")
    parser.add_argument("-concurrency", type=int, default=1)
    parser.add_argument("-wait-seconds", type=int, default=0, help="long poll")
    given = parser.parse_args(argv)
    loops[given.loop](given)
    return 0


if __name__ == "__main__":
    sys.exit(main())
