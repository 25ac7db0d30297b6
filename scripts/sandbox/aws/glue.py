"""Glue's pages, segments and limits, which moto does not have."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from typing import Any

from scripts.sandbox import wording
from scripts.sandbox.calls import Call, Reply

_BATCHES = {
    "BatchCreatePartition": ("PartitionInputList", 100),
    "BatchUpdatePartition": ("Entries", 100),
    "BatchDeletePartition": ("PartitionsToDelete", 25),
    "BatchGetPartition": ("PartitionsToGet", 1000),
    "BatchDeleteTable": ("TablesToDelete", 100),
}


def get_tables(sandbox: Any, call: Call) -> Reply:
    """GetTables: up to 100 a page."""
    reply = sandbox.forward(call)
    if reply.status != 200:
        return reply
    return _page(call, reply, "TableList", reply.json()["TableList"], 100)


def get_partitions(sandbox: Any, call: Call) -> Reply:
    """GetPartitions: up to 1,000 a page, one segment, with or without columns."""
    reply = sandbox.forward(call)
    if reply.status != 200:
        return reply
    found = reply.json()["Partitions"]
    if segment := call.params.get("Segment"):
        total, number = segment["TotalSegments"], segment["SegmentNumber"]
        if not (1 <= total <= 10 and 0 <= number < total):
            text = "Segment: TotalSegments must be 1 to 10 and SegmentNumber below it"
            return wording.error(call, 400, "InvalidInputException", text)
        found = [one for one in found if segment_of(one["Values"], total) == number]
    if call.params.get("ExcludeColumnSchema"):
        for one in found:
            one.get("StorageDescriptor", {}).pop("Columns", None)
    return _page(call, reply, "Partitions", found, 1000)


def segment_of(values: list[str], total: int) -> int:
    """Which of `total` segments a partition belongs to."""
    return zlib.crc32("/".join(values).encode()) % total


def limited_batch(sandbox: Any, call: Call) -> Reply:
    """A batch operation: more entries than the service takes are refused as a whole."""
    name, limit = _BATCHES[call.operation]
    if len(call.params.get(name) or []) > limit:
        place = name[0].lower() + name[1:]
        text = (
            f"1 validation error detected: Value at '{place}' failed to satisfy constraint: "
            f"Member must have length less than or equal to {limit}"
        )
        return wording.error(call, 400, "ValidationException", text)
    if call.operation == "BatchUpdatePartition":
        return _batch_update(sandbox, call)
    return sandbox.forward(call)


def update_partition(sandbox: Any, call: Call) -> Reply:
    """UpdatePartition: the values are the partition's identity and cannot be changed."""
    if _changes_values(call.params):
        return wording.error(call, 400, "InvalidInputException", _FIXED)
    return sandbox.forward(call)


_FIXED = "The values of a partition cannot be changed by an update"


def _batch_update(sandbox: Any, call: Call) -> Reply:
    entries = call.params["Entries"]
    kept = [entry for entry in entries if not _changes_values(entry)]
    errors = [
        {
            "PartitionValueList": entry["PartitionValueList"],
            "ErrorDetail": {"ErrorCode": "InvalidInputException", "ErrorMessage": _FIXED},
        }
        for entry in entries
        if _changes_values(entry)
    ]
    if not errors:
        return sandbox.forward(call)
    reply = sandbox.forward(call.replaced(json.dumps({**call.params, "Entries": kept}).encode()))
    if reply.status != 200:
        return reply
    body = reply.json() if reply.body else {}
    body["Errors"] = (body.get("Errors") or []) + errors
    return Reply(200, json.dumps(body).encode(), reply.headers)


def _changes_values(update: dict[str, Any]) -> bool:
    new = update["PartitionInput"].get("Values")
    return new is not None and new != update["PartitionValueList"]


def _page(call: Call, reply: Reply, name: str, found: list[Any], limit: int) -> Reply:
    size = call.params.get("MaxResults") or limit
    if not 1 <= size <= limit:
        text = f"MaxResults must be between 1 and {limit}"
        return wording.error(call, 400, "InvalidInputException", text)
    try:
        start = int(base64.b64decode(call.params.get("NextToken") or b"MA==", validate=True))
    except (binascii.Error, ValueError):
        return wording.error(call, 400, "InvalidInputException", "Invalid NextToken")
    body = {**reply.json(), name: found[start : start + size]}
    body.pop("NextToken", None)
    if start + size < len(found):
        body["NextToken"] = base64.b64encode(str(start + size).encode()).decode()
    return Reply(200, json.dumps(body).encode(), reply.headers)
