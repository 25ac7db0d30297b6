"""DynamoDB: the size limit of BatchWriteItem."""

from __future__ import annotations

from typing import Any

from scripts.sandbox import wording
from scripts.sandbox.calls import Call, Reply

LIMIT = 25


def batch_write_item(sandbox: Any, call: Call) -> Reply:
    """BatchWriteItem: at most 25 requests over all tables."""
    if sum(len(requests) for requests in call.params.get("RequestItems", {}).values()) > LIMIT:
        text = "Too many items requested for the BatchWriteItem call"
        return wording.error(call, 400, "ValidationException", text)
    return sandbox.forward(call)
