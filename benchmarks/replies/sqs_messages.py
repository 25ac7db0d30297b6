"""Messages as a dead-letter queue holds them, and the checksums that SQS gives for a message."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import orjson

from benchmarks import synthetic

_SENT_MILLISECONDS = 1_612_515_600_000


def arn(name: str) -> str:
    """The ARN of a queue."""
    return f"arn:aws:sqs:{synthetic.REGION}:{synthetic.ACCOUNT}:{name}"


def content(index: int) -> tuple[bytes, dict[str, dict[str, str]]]:
    """Body and attributes of a stocked message: a notification as the rules engine gets it."""
    folder = "logs/aws_cloudtrail/year=2021/month=02/day=05/hour=09"
    key = f"{folder}/20210205T090000Z-{synthetic.uuid(0.5, index)}.json.gz"
    body = (
        '{"Records":[{"eventVersion":"2.0","eventSource":"aws:s3","awsRegion":"","eventTime":'
        '"0001-01-01T00:00:00Z","eventName":"ObjectCreated:Put","userIdentity":{"principalId":""},'
        '"requestParameters":{"sourceIPAddress":""},"responseElements":null,"s3":{"s3SchemaVersion"'
        ':"","configurationId":"","bucket":{"name":"panther-bootstrap-processeddata","ownerIdentity"'
        f':{{"principalId":""}},"arn":""}},"object":{{"key":"{key}","size":'
        f"{synthetic.size_of(index)}"
        ',"urlDecodedKey":"","versionId":"","eTag":"","sequencer":""}}}]}'
    )
    attributes = {
        "type": {"DataType": "String", "StringValue": "LogData"},
        "id": {"DataType": "String", "StringValue": "AWS.CloudTrail"},
    }
    if index % 3 == 0:
        attributes["attempt"] = {"DataType": "Number", "StringValue": str(index % 7)}
    if index % 10 == 0:
        payload = base64.b64encode(index.to_bytes(8, "big")).decode()
        attributes["trace"] = {"DataType": "Binary", "BinaryValue": payload}
    return body.encode(), attributes


def receipt(index: int) -> str:
    """The receipt handle of a message, as long as a real one."""
    return "AQEB" + "x" * 320 + synthetic.uuid(0, index)


def stocked(queue: str, index: int) -> bytes:
    """A message as ReceiveMessage gives it, with all its attributes, in JSON."""
    body, attributes = content(index)
    system = {
        "SenderId": "AIDAIENQZJOLO23YVJ4VO",
        "SentTimestamp": str(_SENT_MILLISECONDS + index),
        "ApproximateReceiveCount": "5",
        "ApproximateFirstReceiveTimestamp": str(_SENT_MILLISECONDS + index + 1000),
        "DeadLetterQueueSourceArn": arn(queue.removesuffix("-dlq")),
    }
    return orjson.dumps(
        {
            "MessageId": synthetic.uuid(0.25, index),
            "ReceiptHandle": receipt(index),
            "MD5OfBody": hashlib.md5(body).hexdigest(),
            "Body": body.decode(),
            "Attributes": system,
            "MD5OfMessageAttributes": md5_of_attributes(attributes),
            "MessageAttributes": attributes,
        }
    )


def md5_of_attributes(attributes: dict[str, dict[str, str]]) -> str:
    """The checksum of message attributes, by the SQS Developer Guide, "Calculating the MD5 message
    digest for message attributes"."""
    digest = hashlib.md5()
    for name in sorted(attributes):
        value = attributes[name]
        _add(digest, name.encode())
        _add(digest, value["DataType"].encode())
        if value["DataType"].startswith("Binary"):
            digest.update(b"\x02")
            _add(digest, base64.b64decode(value["BinaryValue"]))
        else:
            digest.update(b"\x01")
            _add(digest, value["StringValue"].encode())
    return digest.hexdigest()


def _add(digest: Any, data: bytes) -> None:
    digest.update(len(data).to_bytes(4, "big"))
    digest.update(data)


def digest_of(body: bytes, attributes: dict[str, dict[str, str]]) -> bytes:
    """A checksum of everything that a user put into a message."""
    if not attributes:
        return hashlib.md5(body).digest()
    return hashlib.md5(body + orjson.dumps(attributes, option=orjson.OPT_SORT_KEYS)).digest()
