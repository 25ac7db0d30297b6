"""What SQS refuses: sizes in bytes, characters, FIFO fields, batches that are too large."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from moto.sqs.exceptions import (
    BatchEntryIdsNotDistinct,
    InvalidBatchEntryId,
    InvalidParameterValue,
    MissingParameter,
    SQSException,
    TooManyEntriesInBatchRequest,
)
from moto.sqs.models import MAXIMUM_MESSAGE_DELAY, Queue

BATCH_BYTES = 262_144
_ENTRY_ID = re.compile(r"^[\w-]{1,80}$")
# SQS takes the characters of XML 1.0 and no others.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def size(body: str, attributes: dict[str, Any] | None) -> int:
    """What SQS counts against its limits: bytes of the body and of the user attributes."""
    total = len(body.encode())
    for name, value in (attributes or {}).items():
        total += len(name.encode()) + len(value.get("DataType", ""))
        text, binary = value.get("StringValue"), value.get("BinaryValue")
        total += len(text.encode()) if text is not None else len(binary or b"")
    return total


def check_message(
    queue: Queue,
    message_body: str,
    attributes: dict[str, Any] | None,
    delay_seconds: int,
    deduplication_id: str | None,
    group_id: str | None,
) -> None:
    """Raises the error with which SQS refuses a message."""
    if not message_body:
        raise MissingParameter("MessageBody")
    if _FORBIDDEN.search(message_body):
        text = "Invalid characters found in the message body."
        raise SQSException("InvalidMessageContents", text)
    limit = queue.maximum_message_size
    if size(message_body, attributes) > limit:
        text = f"One or more parameters are invalid. Reason: Message must be shorter than {limit} bytes."  # noqa: E501
        raise InvalidParameterValue(text)
    if not 0 <= delay_seconds <= MAXIMUM_MESSAGE_DELAY:
        text = (
            f"Value {delay_seconds} for parameter DelaySeconds is invalid. "
            "Reason: DelaySeconds must be >= 0 and <= 900."
        )
        raise InvalidParameterValue(text)
    if not queue.fifo_queue:
        return
    if not group_id:
        raise MissingParameter("MessageGroupId")
    if not deduplication_id and not queue.content_based_deduplication:
        text = (
            "The queue should either have ContentBasedDeduplication enabled or "
            "MessageDeduplicationId provided explicitly"
        )
        raise InvalidParameterValue(text)
    if delay_seconds:
        text = (
            f"Value {delay_seconds} for parameter DelaySeconds is invalid. Reason: "
            "The request include parameter that is not valid for this queue type."
        )
        raise InvalidParameterValue(text)


def check_batch(ids: list[str]) -> None:
    """Raises the error with which SQS refuses the entries of a batch, whatever they hold."""
    if len(ids) > 10:
        raise TooManyEntriesInBatchRequest(len(ids))
    if not all(_ENTRY_ID.match(entry_id) for entry_id in ids):
        raise InvalidBatchEntryId()
    if repeated := next(_repeated(ids), None):
        raise BatchEntryIdsNotDistinct(repeated)


def check_batch_size(queue: Queue, sizes: Iterable[int]) -> None:
    """Raises BatchRequestTooLong. A queue that takes larger messages takes larger batches."""
    total, limit = sum(sizes), max(BATCH_BYTES, queue.maximum_message_size)
    if total > limit:
        text = f"Batch requests cannot be longer than {limit} bytes. You have sent {total} bytes."
        raise SQSException("AWS.SimpleQueueService.BatchRequestTooLong", text)


def _repeated(ids: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for entry_id in ids:
        if entry_id in seen:
            yield entry_id
        seen.add(entry_id)
