"""The messages that s3sns publishes: S3 events of processed data, as SNS takes them (pure).

The form fields and replies: Amazon SNS API Reference, PublishBatch and Publish.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote_plus, unquote_to_bytes

from common import notify, s3xml
from common.batch import UNANSWERED, Refusal
from common.s3xml import Object

# The most that one request may carry: the bytes of its messages and of their attributes.
BATCH_BYTES = 262_144

Attributes = tuple[tuple[str, str], ...]

_KEY = "KEY-GOES-HERE"
_SIZE = "SIZE-GOES-HERE"
_MEMBER = "PublishBatchRequestEntries.member."
_UNSAFE = re.compile(r"[^A-Za-z0-9_.~-]")
_ANSWER = re.compile(rb"<member>(.*?)</member>", re.DOTALL)
_ID = re.compile(rb"<Id>(\d+)</Id>")
_FIELD = re.compile(r"<(Code|Message|SenderFault)>([^<]*)</\1>")


class Entry(NamedTuple):
    """One message: its text, form-encoded, and its attributes, all of type String."""

    message: str
    attributes: Attributes


def body(bucket: str, found: Object) -> str:
    """The message for one object."""
    return notify.processed_event(bucket, found.key, found.size)


def renderer(bucket: str) -> Callable[[Object], str]:
    """A function that gives the form-encoded message for an object of `bucket`, from a template."""
    template = quote_plus(notify.processed_event(bucket, _KEY, _SIZE))
    before, _, rest = template.partition(_KEY)
    between, _, after = rest.partition(_SIZE)

    def message(found: Object) -> str:
        folder, slash, name = found.key.rpartition("/")
        key = _encoded_folder(folder + slash) + _encoded(name)
        return f"{before}{key}{between}{found.size}{after}"

    return message


@lru_cache(maxsize=1024)
def _encoded_folder(folder: str) -> str:
    # Neighbours in a listing share their folder: encoding it once saves most of the work.
    return _encoded(folder)


def _encoded(text: str) -> str:
    return quote_plus(notify.json_text(text)[1:-1]) if _UNSAFE.search(text) else text


# ---- requests --------------------------------------------------------------------------------


def batch_fields(entries: Sequence[Entry]) -> str:
    """The entries as form fields of PublishBatch, each behind a `&`; their Ids are 0, 1, 2..."""
    return "".join(
        [
            f"&{_MEMBER}{number}.Id={number - 1}&{_MEMBER}{number}.Message={message}"
            f"{_attribute_fields(f'{_MEMBER}{number}.', attributes)}"
            for number, (message, attributes) in enumerate(entries, 1)
        ]
    )


def single_fields(entry: Entry) -> str:
    """One entry as form fields of Publish, each behind a `&`."""
    return f"&Message={entry.message}{_attribute_fields('', entry.attributes)}"


@lru_cache(maxsize=4096)
def _attribute_fields(prefix: str, attributes: Attributes) -> str:
    return "".join(
        [
            f"&{prefix}MessageAttributes.entry.{number}.Name={quote_plus(name)}"
            f"&{prefix}MessageAttributes.entry.{number}.Value.DataType=String"
            f"&{prefix}MessageAttributes.entry.{number}.Value.StringValue={quote_plus(value)}"
            for number, (name, value) in enumerate(attributes, 1)
        ]
    )


def entry_bytes(entry: Entry) -> int:
    """What an entry counts towards BATCH_BYTES; its Id is counted too, to be on the safe side."""
    attributes = sum(
        len(name) + len("String") + len(value.encode()) for name, value in entry.attributes
    )
    return len(unquote_to_bytes(entry.message.replace("+", " "))) + attributes + 1


def parts(sizes: Sequence[int], most: int = BATCH_BYTES) -> list[slice]:
    """Slices of a list, in order, whose sizes add up to at most `most`; what is larger than that
    stands alone."""
    found: list[slice] = []
    start = total = 0
    for place, size in enumerate(sizes):
        if place > start and total + size > most:
            found.append(slice(start, place))
            start, total = place, 0
        total += size
    return [*found, slice(start, len(sizes))] if sizes else []


# ---- replies ---------------------------------------------------------------------------------


def answers(reply: bytes, count: int) -> list[Refusal | None]:
    """PublishBatch's answer for each of `count` entries: None when its message got an id."""
    found: list[Refusal | None] = [UNANSWERED] * count
    for member in _ANSWER.findall(reply):
        entry_id = _ID.search(member)
        if entry_id is None or int(entry_id[1]) >= count:
            continue
        if b"<MessageId>" in member:
            found[int(entry_id[1])] = None
        elif b"<Code>" in member:
            found[int(entry_id[1])] = _refusal(member.decode())
    return found


def _refusal(member: str) -> Refusal:
    from common.awserrors import THROTTLED

    fields = {name: s3xml.text(value.strip()) for name, value in _FIELD.findall(member)}
    code = fields["Code"]
    # SNS blames the sender for some of its throttling.
    is_final = fields.get("SenderFault") == "true" and code not in THROTTLED
    return Refusal(code, fields.get("Message", ""), is_final)
