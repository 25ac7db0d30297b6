"""SNS limits: 262,144 bytes for a message or a whole batch, attributes included."""

from __future__ import annotations

import base64
import re
from typing import Any

from scripts.sandbox import wording
from scripts.sandbox.calls import Call, Reply

LIMIT_BYTES = 262_144
_COUNTED = re.compile(
    r"(?:^|\.)(?:Message|(?:MessageAttributes\.entry|entry)\.\d+\."
    r"(?:Name|Value\.DataType|Value\.StringValue|Value\.BinaryValue))$"
)


def publish(sandbox: Any, call: Call) -> Reply:
    """Publish."""
    if size(call) > LIMIT_BYTES:
        return wording.error(call, 400, "InvalidParameter", "Invalid parameter: Message too long")
    return sandbox.forward(call)


def publish_batch(sandbox: Any, call: Call) -> Reply:
    """PublishBatch: the limit holds for the sum of its entries."""
    if size(call) > LIMIT_BYTES:
        text = "The length of all the batch messages put together is more than the limit."
        return wording.error(call, 400, "BatchRequestTooLong", text)
    return sandbox.forward(call)


def size(call: Call) -> int:
    """Bytes of messages and of their attributes' names, types and values."""
    total = 0
    for name, value in call.form.items():
        if not _COUNTED.search(name):
            continue
        binary = name.endswith("BinaryValue")
        total += len(base64.b64decode(value)) if binary else len(value.encode())
    return total
