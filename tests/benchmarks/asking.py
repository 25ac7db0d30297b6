"""How the tests ask the responder: real SDK clients and its control requests."""

import json
import urllib.request
from typing import Any

import boto3
from botocore.config import Config


def client(service: str, url: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="AKIAEXAMPLE000000000",
        aws_secret_access_key="secret",
        config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
    )


def control(url: str, command: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{url}/_bench/{command}") as reply:
        return dict(json.load(reply))


def send_batch(sqs: Any, queue_url: str, texts: list[str]) -> dict[str, Any]:
    entries = [
        {
            "Id": str(number),
            "MessageBody": text,
            "MessageAttributes": {
                "type": {"DataType": "String", "StringValue": "LogData"},
                "count": {"DataType": "Number.int", "StringValue": "7"},
                "raw": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
            },
        }
        for number, text in enumerate(texts)
    ]
    return dict(sqs.send_message_batch(QueueUrl=queue_url, Entries=entries))
