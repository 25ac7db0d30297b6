"""Messages of SQS queues: moto's queues with the limits, memory and order that SQS has.

moto's own store forgets FIFO deduplication when a message is deleted, drops system attributes of
batches, measures characters instead of bytes, deletes by outdated receipt handles, and searches
all messages for each of them. `install` puts this module's functions in the place of its methods.
"""

from __future__ import annotations

import base64
import copy
import hashlib
import itertools
import os
import time
from collections.abc import Iterator
from typing import Any

from moto.sqs import models
from moto.sqs.exceptions import InvalidParameterValue, ReceiptHandleIsInvalid, SQSException
from moto.sqs.models import Message, Queue, SQSBackend

from scripts.sandbox.aws.sqs_limits import check_batch, check_batch_size, check_message, size

DEDUPLICATION_SECONDS = 300
LONGEST_INVISIBLE_SECONDS = 43_200
_sequence = itertools.count(18_800_000_000_000_000_000, 256)


class Shelf:
    """The messages of one queue in order of arrival, found by receipt handle at once."""

    def __init__(self) -> None:
        self._messages: dict[int, Message] = {}
        self.by_handle: dict[str, Message] = {}

    def __iter__(self) -> Iterator[Message]:
        return iter(list(self._messages.values()))

    def __len__(self) -> int:
        return len(self._messages)

    def append(self, message: Message) -> None:
        self._messages[id(message)] = message

    def remove(self, message: Message) -> None:
        self._messages.pop(id(message), None)
        for handle in message.all_receipt_handles:
            self.by_handle.pop(handle, None)


def install() -> None:
    """Replaces moto's message methods; idempotent."""
    if hasattr(Queue, "sandbox_init"):
        return
    Queue.sandbox_init = Queue.__init__
    Queue.__init__ = _init_queue
    Queue.delete_message = delete
    SQSBackend.send_message = send
    SQSBackend.send_message_batch = send_batch
    SQSBackend.receive_message = receive
    SQSBackend.change_message_visibility = change_visibility
    SQSBackend.change_message_visibility_batch = change_visibility_batch
    SQSBackend.purge_queue = purge
    # A size that a queue may have is no longer a limit of the whole service.
    models.MAXIMUM_MESSAGE_LENGTH = 1_048_576


def _init_queue(queue: Queue, *args: Any, **kwargs: Any) -> None:
    Queue.sandbox_init(queue, *args, **kwargs)
    queue._messages = Shelf()
    queue.remembered = {}


def send(
    backend: SQSBackend,
    queue_name: str,
    message_body: str,
    message_attributes: dict[str, Any] | None = None,
    delay_seconds: int | None = None,
    deduplication_id: str | None = None,
    group_id: str | None = None,
    system_attributes: dict[str, Any] | None = None,
    validate_group_id: bool = True,
) -> Message:
    """Adds a message and returns it; a FIFO duplicate returns the message that came first."""
    queue = backend.get_queue(queue_name)
    check_message(
        queue,
        message_body,
        message_attributes,
        int(delay_seconds or 0),
        deduplication_id,
        group_id,
    )
    message = Message(str(models.random.uuid4()), message_body, system_attributes)
    message.message_attributes = message_attributes or {}
    message.group_id = group_id
    message.mark_sent(int(queue.delay_seconds if delay_seconds is None else delay_seconds))
    if not queue.fifo_queue:
        queue._messages.append(message)
        return message
    message.deduplication_id = deduplication_id or hashlib.sha256(message_body.encode()).hexdigest()
    return put_fifo(queue, message)


def put_fifo(queue: Queue, message: Message) -> Message:
    """Adds to a FIFO queue unless its deduplication id was seen within five minutes."""
    now = time.monotonic()
    scope = message.group_id if queue.deduplication_scope == "messageGroup" else None
    seen = queue.remembered.get((scope, message.deduplication_id))
    if seen and now - seen[0] < DEDUPLICATION_SECONDS:
        first: Message = seen[1]
        return first
    message.sequence_number = str(next(_sequence))
    queue.remembered[(scope, message.deduplication_id)] = (now, message)
    queue._messages.append(message)
    return message


def send_batch(
    backend: SQSBackend, queue_name: str, entries: dict[str, dict[str, Any]]
) -> tuple[list[Message], list[dict[str, Any]]]:
    """Adds up to ten messages; the ones that cannot be added are reported one by one."""
    queue = backend.get_queue(queue_name)
    check_batch([entry["Id"] for entry in entries.values()])
    sizes = (size(e["MessageBody"], e.get("MessageAttributes")) for e in entries.values())
    check_batch_size(queue, sizes)
    sent, failed = [], []
    for entry in entries.values():
        try:
            message = send(
                backend,
                queue_name,
                entry["MessageBody"],
                message_attributes=entry.get("MessageAttributes"),
                delay_seconds=entry.get("DelaySeconds"),
                deduplication_id=entry.get("MessageDeduplicationId"),
                group_id=entry.get("MessageGroupId"),
                system_attributes=entry.get("MessageSystemAttributes"),
            )
        except SQSException as error:
            failed.append(_failed(entry["Id"], error))
        else:
            answer = copy.copy(message)
            answer.user_id = entry["Id"]
            sent.append(answer)
    return sent, failed


def receive(
    backend: SQSBackend,
    queue_name: str,
    count: int,
    wait_seconds_timeout: int,
    visibility_timeout: int,
    message_attribute_names: list[str] | None = None,
) -> list[Message]:
    """Hands out up to `count` visible messages; copies, as they are at this moment.

    It never waits: long polling is the request layer's (`sqs.receive_message`).
    """
    queue = backend.get_queue(queue_name)
    now = time.time() * 1000
    blocked = _blocked_groups(queue, now) if queue.fifo_queue else set()
    found: list[Message] = []
    for message in queue._messages:
        if len(found) == count:
            break
        if message.visible_at > now or message.delayed_until > now:
            continue
        if message.sent_timestamp + queue.message_retention_period * 1000 <= now:
            queue._messages.remove(message)
            continue
        if message.group_id in blocked and queue.fifo_queue:
            continue
        if _is_dead(queue, message):
            _bury(queue, message)
            continue
        _take(queue, message, now, int(visibility_timeout))
        found.append(_copy(message, message_attribute_names or []))
    return found


def _take(queue: Queue, message: Message, now: float, visibility_timeout: int) -> None:
    message.approximate_first_receive_timestamp = (
        message.approximate_first_receive_timestamp or int(now)
    )
    message.approximate_receive_count += 1
    message.received_at = now
    message.visible_at = now + visibility_timeout * 1000 if visibility_timeout else 0.0
    if message.receipt_handle:
        message._old_receipt_handles.append(message.receipt_handle)
    message.receipt_handle = base64.b64encode(os.urandom(96)).decode()
    queue._messages.by_handle[message.receipt_handle] = message


def _blocked_groups(queue: Queue, now: float) -> set[str | None]:
    return {message.group_id for message in queue._messages if message.visible_at > now}


def _is_dead(queue: Queue, message: Message) -> bool:
    if queue.dead_letter_queue is None or not queue.redrive_policy:
        return False
    return bool(message.approximate_receive_count >= queue.redrive_policy["maxReceiveCount"])


def _bury(queue: Queue, message: Message) -> None:
    queue._messages.remove(message)
    message.dead_letter_source = queue.queue_arn
    message.receipt_handle, message._old_receipt_handles = None, []
    target = queue.dead_letter_queue
    if target.fifo_queue:
        # SQS keeps the time of sending in standard queues and renews it in FIFO queues.
        message.mark_sent()
        put_fifo(target, message)
    else:
        target._messages.append(message)


def _copy(message: Message, attribute_names: list[str]) -> Message:
    answer = copy.copy(message)
    models._filter_message_attributes(answer, attribute_names)
    return answer


def delete(queue: Queue, receipt_handle: str) -> None:
    """Removes a message by its newest receipt handle. An older one changes nothing and is no
    error, as in a standard queue."""
    if receipt_handle in queue.deleted_messages:
        return
    message = queue._messages.by_handle.get(receipt_handle)
    if message is None:
        raise ReceiptHandleIsInvalid()
    if message.receipt_handle == receipt_handle:
        queue.deleted_messages.update(message.all_receipt_handles)
        queue._messages.remove(message)


def change_visibility(
    backend: SQSBackend, queue_name: str, receipt_handle: str, visibility_timeout: int
) -> None:
    """Sets when a message in flight becomes visible again."""
    message = backend.get_queue(queue_name)._messages.by_handle.get(receipt_handle)
    if message is None:
        raise ReceiptHandleIsInvalid()
    now = time.time() * 1000
    if message.visible_at <= now or message.receipt_handle != receipt_handle:
        raise InvalidParameterValue(
            f"Value {receipt_handle} for parameter ReceiptHandle is invalid. Reason: Message does "
            "not exist or is not available for visibility timeout change."
        )
    if now + visibility_timeout * 1000 - message.received_at > LONGEST_INVISIBLE_SECONDS * 1000:
        raise InvalidParameterValue(
            f"Value {visibility_timeout} for parameter VisibilityTimeout is invalid. Reason: Total "
            f"VisibilityTimeout for the message is beyond the limit [{LONGEST_INVISIBLE_SECONDS} "
            "seconds]"
        )
    message.visible_at = now + int(visibility_timeout) * 1000 if visibility_timeout else 0.0


def change_visibility_batch(
    backend: SQSBackend, queue_name: str, entries: list[dict[str, Any]]
) -> tuple[list[str], list[dict[str, Any]]]:
    """The same for up to ten messages, reported one by one."""
    check_batch([entry["Id"] for entry in entries])
    done, failed = [], []
    for entry in entries:
        try:
            seconds = int(entry.get("VisibilityTimeout") or 0)
            change_visibility(backend, queue_name, entry["ReceiptHandle"], seconds)
            done.append(entry["Id"])
        except SQSException as error:
            failed.append(_failed(entry["Id"], error))
    return done, failed


def purge(backend: SQSBackend, queue_name: str) -> None:
    """Removes every message at once."""
    backend.get_queue(queue_name)._messages = Shelf()


def _failed(entry_id: str, error: SQSException) -> dict[str, Any]:
    code = error.code.removeprefix("AWS.SimpleQueueService.")
    return {"Id": entry_id, "SenderFault": True, "Code": code, "Message": error.message}
