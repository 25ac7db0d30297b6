"""Where objects go: files below a folder, or a bucket whose readers are told by SNS."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common.backoff import retrying
from common.errors import ToolError, UsageError
from common.files import write_whole
from common.s3 import bucket_region
from common.upload import upload
from tools.logprocessor import objects
from tools.logprocessor.objects import LakeObject

if TYPE_CHECKING:
    from common.aws import Aws
    from common.stop import Stop

Write = Callable[[LakeObject], None]
"""Writes an object and announces it. May be called from any thread."""

LOCAL = "local"
NOTIFICATIONS = "notifications.jsonl"
TRIES = 13


class Unannounced(ToolError):
    """An object was written, but its notification could not be sent."""


# ---- files -----------------------------------------------------------------


def local(folder: Path) -> Write:
    """Files below `folder` under the keys of the objects. What a bucket's notification would say
    is appended to notifications.jsonl there."""
    lock = threading.Lock()

    def write(made: LakeObject) -> None:
        write_whole(folder / made.key, made.data)
        line = notification(made)
        try:
            with lock, (folder / NOTIFICATIONS).open("ab") as file:
                file.write(line)
        except OSError as error:
            raise Unannounced(
                f"{folder / made.key} is written but not in {NOTIFICATIONS}: {error.strerror}"
            ) from error

    return write


def notification(made: LakeObject) -> bytes:
    """A line of notifications.jsonl."""
    row = {
        "topic": LOCAL,
        "message": objects.message(LOCAL, made),
        "attributes": objects.attributes(made.log_type),
    }
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


# ---- a bucket --------------------------------------------------------------


def topic_region(arn: str) -> str:
    """The region of a topic. Raises UsageError for what is no ARN of one."""
    parts = arn.split(":")
    if len(parts) != 6 or parts[0] != "arn" or parts[2] != "sns" or not all(parts):
        raise UsageError(
            f"-topic {arn!r} is no topic ARN", "Write arn:aws:sns:REGION:ACCOUNT:NAME."
        )
    return parts[3]


def in_bucket(aws: Aws, bucket: str, topic: str, stop: Stop) -> Write:
    """Objects in S3, each announced on `topic` (an ARN, "" for none) when it is there.

    Raises ToolError when the bucket does not exist. Writing raises the SDK's errors after repeated
    tries, and Unannounced.
    """
    once = {"mode": "standard", "total_max_attempts": 1}
    s3 = aws.client("s3", region=bucket_region(aws, bucket), retries=once)
    sns = aws.client("sns", region=topic_region(topic)) if topic else None

    def write(made: LakeObject) -> None:
        _put(s3, bucket, made, stop)
        if sns is not None:
            _announce(sns, topic, bucket, made)

    return write


def _put(s3: Any, bucket: str, made: LakeObject, stop: Stop) -> None:
    """Upload an object, patiently: a role that was just made is not known everywhere."""
    from common.awserrors import is_denied

    upload(s3, bucket, made.key, made.data, lambda call: retrying(call, stop, TRIES, is_denied))


def _announce(sns: Any, topic: str, bucket: str, made: LakeObject) -> None:
    from botocore.exceptions import BotoCoreError, ClientError

    from common import awserrors

    told = {
        name: {"DataType": "String", "StringValue": value}
        for name, value in objects.attributes(made.log_type).items()
    }
    text = objects.message(bucket, made)
    try:
        sns.publish(TopicArn=topic, Message=text, MessageAttributes=told)
    except (BotoCoreError, ClientError) as error:
        raise Unannounced(
            f"s3://{bucket}/{made.key} is written but not announced: {awserrors.translate(error)}",
            "Publish it with s3sns.",
        ) from error
