"""SQS requests that moto answers differently: waiting for messages, where they died, batches."""

from __future__ import annotations

import json
import time
from typing import Any

from moto.sqs.models import Message, Queue, sqs_backends

from scripts.sandbox import wording
from scripts.sandbox.aws.identity import account_of
from scripts.sandbox.calls import Call, Reply

POLL_SECONDS = 0.1
_SOURCE = "DeadLetterQueueSourceArn"


def queue_of(call: Call) -> Queue | None:
    """The queue that a request names, None when it does not exist."""
    return sqs_backends[account_of(call.access_key)][call.region].queues.get(call.resource)


def receive_message(sandbox: Any, call: Call) -> Reply:
    """ReceiveMessage: others go on while it waits, and the reply says where a message died."""
    queue = queue_of(call)
    if queue is None or not call.speaks_json:
        return sandbox.forward(call)
    wait = call.params.get("WaitTimeSeconds", queue.receive_message_wait_time_seconds)
    deadline = time.monotonic() + int(wait)
    at_once = call
    if 0 <= int(wait) <= 20:
        at_once = call.replaced(json.dumps({**call.params, "WaitTimeSeconds": 0}).encode())
    while True:
        reply = sandbox.forward(at_once)
        left = deadline - time.monotonic()
        if reply.status != 200 or left <= 0 or b'"Messages"' in reply.body:
            return _with_sources(call, queue, reply)
        sandbox.lock.wait(min(left, POLL_SECONDS))


def _with_sources(call: Call, queue: Queue, reply: Reply) -> Reply:
    asked = call.params.get("MessageSystemAttributeNames", []) + call.params.get(
        "AttributeNames", []
    )
    if reply.status != 200 or not {"All", _SOURCE} & set(asked):
        return reply
    body = reply.json()
    for entry in body.get("Messages", []):
        message: Message | None = queue._messages.by_handle.get(entry["ReceiptHandle"])
        source = getattr(message, "dead_letter_source", None)
        if source:
            entry.setdefault("Attributes", {})[_SOURCE] = source
    return Reply(200, json.dumps(body).encode(), reply.headers)


def delete_message_batch(sandbox: Any, call: Call) -> Reply:
    """DeleteMessageBatch: moto takes any number of entries."""
    entries = call.params.get("Entries") or []
    if call.speaks_json and len(entries) > 10:
        return wording.error(
            call,
            400,
            "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
            f"Maximum number of entries per request are 10. You have sent {len(entries)}.",
        )
    return sandbox.forward(call)
