"""Messages on their way between two queues: which may move, and as what they are sent (pure)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from common.sqs import BATCH_BYTES, BATCH_ENTRIES

Message = Mapping[str, Any]

# Why a message stays in the source.
UNMATCHED = "unmatched"
RETURNED = "returned"
TOO_LARGE = "too_large"
FAILED = "failed"

# Ten entries of this size fit into every batch, so that their JSON, which is never shorter than
# what SQS counts, is exact enough; counting takes longer than all the rest.
_SMALL_BYTES = BATCH_BYTES // BATCH_ENTRIES
# StringListValues and BinaryListValues: "not implemented, reserved for future use".
_RESERVED_FIELDS = b'ListValues"'
_VALUE_FIELDS = ("DataType", "StringValue", "BinaryValue")


@dataclass(frozen=True)
class Rules:
    """What decides about a message: the kinds of both queues, the most bytes that the destination
    takes, the pattern that bodies must contain, and the moment (milliseconds since the epoch) from
    which on a message is one that came back. `run_id` makes deduplication ids new in each run."""

    from_fifo: bool
    to_fifo: bool
    most_bytes: int
    returned_ms: int
    run_id: str
    match: re.Pattern[str] | None = None
    keep_dedup_id: bool = False


class Parcel(NamedTuple):
    """A message ready to be sent: its id in the source, its SQS entry (a JSON fragment), what it
    counts at most against SQS's limits, and the FIFO group whose order it keeps ("" in a standard
    queue)."""

    id: str
    message: Message
    entry: str = ""
    size_bytes: int = 0
    group: str = ""


def sort(
    received: Sequence[Message], rules: Rules
) -> tuple[list[Parcel], list[tuple[Message, str]]]:
    """The messages that may move, ready to be sent, and the others with the reason."""
    parcels, staying = [], []
    for message in received:
        if rules.match and not rules.match.search(message["Body"]):
            staying.append((message, UNMATCHED))
        elif int(message["Attributes"].get("SentTimestamp", 0)) >= rules.returned_ms:
            staying.append((message, RETURNED))
        else:
            made = parcel(message, rules)
            if made.size_bytes > rules.most_bytes:
                staying.append((message, TOO_LARGE))
            else:
                parcels.append(made)
    return parcels, staying


def parcel(message: Message, rules: Rules) -> Parcel:
    """A received message as SQS takes it again: body, user attributes and trace header unchanged.

    The trace header does not count against SQS's limits.
    """
    fields: dict[str, Any] = {"MessageBody": message["Body"]}
    attributes = message.get("MessageAttributes")
    if attributes:
        fields["MessageAttributes"] = attributes
    system = message["Attributes"]
    trace = system.get("AWSTraceHeader")
    if trace:
        header = {"DataType": "String", "StringValue": trace}
        fields["MessageSystemAttributes"] = {"AWSTraceHeader": header}
    group = ""
    if rules.to_fifo:
        group = system.get("MessageGroupId", "") if rules.from_fifo else message["MessageId"]
        fields["MessageGroupId"] = group
        fields["MessageDeduplicationId"] = deduplication_id(message, rules)
    elif "MessageGroupId" in system and not rules.from_fifo:
        # Standard queues take a group id too: there it means fair sharing, not order.
        fields["MessageGroupId"] = system["MessageGroupId"]
    entry = orjson.dumps(fields)[1:-1]
    if _RESERVED_FIELDS in entry:
        fields["MessageAttributes"] = {
            name: {field: value[field] for field in _VALUE_FIELDS if field in value}
            for name, value in (attributes or {}).items()
        }
        entry = orjson.dumps(fields)[1:-1]
    size = len(entry)
    if size > _SMALL_BYTES or size > rules.most_bytes:
        size = _bytes_of(message["Body"]) + attribute_bytes(attributes or {})
    return Parcel(message["MessageId"], message, entry.decode(), size, group)


def deduplication_id(message: Message, rules: Rules) -> str:
    """A deduplication id that SQS has not seen, the same however often this run sends the message.

    With the original id SQS would accept and drop a copy within five minutes of the original, and
    deleting the source would lose the message.
    """
    system = message["Attributes"]
    original = system.get("MessageDeduplicationId", "")
    if rules.keep_dedup_id and original:
        return str(original)
    place = system.get("SequenceNumber") or message["MessageId"]
    return hashlib.sha256(f"{original}/{place}/{rules.run_id}".encode()).hexdigest()


def attribute_bytes(attributes: Mapping[str, Mapping[str, str]]) -> int:
    """What user attributes count against SQS's limits: names, types and values ("Amazon SQS message
    quotas")."""
    size = 0
    for name, value in attributes.items():
        size += _bytes_of(name) + _bytes_of(value["DataType"])
        binary = value.get("BinaryValue")
        if binary is None:
            size += _bytes_of(value.get("StringValue", ""))
        else:
            size += len(binary) * 3 // 4 - binary[-2:].count("=")
    return size


def waves(parcels: Sequence[Parcel], in_order: bool) -> list[list[Parcel]]:
    """Parcels that may travel in the same request. A request can be accepted in part, so that a
    FIFO destination gets a group's next message only after the one before was accepted."""
    if not in_order:
        return [list(parcels)]
    found: list[list[Parcel]] = []
    seen: dict[str, int] = {}
    for one in parcels:
        number = seen.get(one.group, 0)
        seen[one.group] = number + 1
        if number == len(found):
            found.append([])
        found[number].append(one)
    return found


def packs(parcels: Sequence[Parcel], most_bytes: int) -> Iterator[list[Parcel]]:
    """Requests of at most 10 messages and `most_bytes`, in order."""
    pack: list[Parcel] = []
    size = 0
    for one in parcels:
        if pack and (len(pack) == BATCH_ENTRIES or size + one.size_bytes > most_bytes):
            yield pack
            pack, size = [], 0
        pack.append(one)
        size += one.size_bytes
    if pack:
        yield pack


def dump_line(message: Message, source: str, destination: str) -> bytes:
    """A message as a JSON line: SQS's field names, without the receipt handle, which is a key."""
    fields = {name: value for name, value in message.items() if name != "ReceiptHandle"}
    return orjson.dumps({"From": source, "To": destination, **fields}) + b"\n"


def doubt_line(message_id: str) -> bytes:
    """A JSON line that marks a message of an earlier line as one that may be there twice."""
    return orjson.dumps({"MessageId": message_id, "MaybeDuplicate": True}) + b"\n"


def _bytes_of(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())
