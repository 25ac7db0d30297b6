"""Where objects go: files below a folder, or a bucket whose readers are told by SNS."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from common import backoff
from common.errors import ToolError, UsageError
from common.s3 import bucket_region
from tools.logprocessor import objects
from tools.logprocessor.batching import MIB
from tools.logprocessor.objects import LakeObject

if TYPE_CHECKING:
    from common.aws import Aws
    from common.stop import Stop

Write = Callable[[LakeObject], None]
"""Writes an object and announces it. May be called from any thread."""

LOCAL = "local"
NOTIFICATIONS = "notifications.jsonl"
PART_BYTES = 5 * MIB
TRIES = 13

Result = TypeVar("Result")


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
        with lock, (folder / NOTIFICATIONS).open("ab") as file:
            file.write(line)

    return write


def write_whole(path: Path, data: bytes) -> None:
    """Write a file that is there completely or not at all. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.tmp")
    try:
        draft.write_bytes(data)
        os.replace(draft, path)  # noqa: PTH105
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise


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
        _upload(s3, bucket, made, stop)
        if sns is not None:
            _announce(sns, topic, bucket, made)

    return write


def patiently(call: Callable[[], Result], stop: Stop, tries: int = TRIES) -> Result:
    """The result of `call`, tried again as `backoff.retrying` does and also after a refusal: a role
    that was just made is not known everywhere. Raises the last error."""
    from botocore.exceptions import BotoCoreError, ClientError

    from common import awserrors

    waits = backoff.pauses(tries)
    while True:
        try:
            return call()
        except (ClientError, BotoCoreError) as error:
            wait = next(waits, None)
            is_passing = awserrors.is_transient(error) or awserrors.is_denied(error)
            if wait is None or not is_passing or stop.wait(wait):
                raise


def _upload(s3: Any, bucket: str, made: LakeObject, stop: Stop) -> None:
    place = {"Bucket": bucket, "Key": made.key}
    if len(made.data) <= PART_BYTES:
        patiently(lambda: s3.put_object(**place, Body=made.data), stop)
        return
    upload = patiently(lambda: s3.create_multipart_upload(**place), stop)
    place["UploadId"] = upload["UploadId"]
    try:
        parts = _upload_parts(s3, place, made.data, stop)
        whole = {"Parts": parts}
        patiently(lambda: s3.complete_multipart_upload(**place, MultipartUpload=whole), stop)
    except BaseException:
        # Parts that belong to nothing cost money until somebody finds them.
        with suppress(Exception):
            s3.abort_multipart_upload(**place)
        raise


def _upload_parts(s3: Any, place: dict[str, str], data: bytes, stop: Stop) -> Sequence[Any]:
    view = memoryview(data)
    starts = range(0, len(data), PART_BYTES)

    def upload(number: int) -> dict[str, Any]:
        start = starts[number - 1]
        body = bytes(view[start : start + PART_BYTES])
        reply = patiently(lambda: s3.upload_part(**place, PartNumber=number, Body=body), stop)
        return {"PartNumber": number, "ETag": reply["ETag"]}

    with ThreadPoolExecutor(len(data) // PART_BYTES + 1) as threads:
        return list(threads.map(upload, range(1, len(starts) + 1)))


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
