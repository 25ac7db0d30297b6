"""Names and types of a log type's columns in Glue, Athena and the data lake."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

from common.logs import found
from common.logs.indicators import FEEDS
from common.logs.model import Schema, Value, walk

Column = tuple[str, str, str]
"""Name, Glue type, comment."""

_WORDS = {
    "@": "at_sign",
    ",": "comma",
    "`": "backtick",
    "'": "apostrophe",
    "$": "dollar_sign",
    "*": "asterisk",
    "&": "ampersand",
    "!": "exclamation",
    "%": "percent",
    "+": "plus",
    "/": "slash",
    "\\": "backslash",
    "#": "hash",
    "~": "tilde",
    "=": "eq",
}
_KEPT = re.compile("[A-Za-z0-9_-]*").fullmatch
_NOT_KEPT = re.compile("[^A-Za-z0-9_-]")

_TYPES = {
    "string": "string",
    "smallint": "smallint",
    "int": "int",
    "bigint": "bigint",
    "float": "double",
    "boolean": "boolean",
    "timestamp": "timestamp",
    "json": "string",
}
_NATIVE_TYPES = {
    "int8": "tinyint",
    "uint8": "smallint",
    "uint16": "int",
    "uint32": "bigint",
    "uint64": "bigint",
    "float32": "float",
    "map<string,string>": "map<string,string>",
    "map<string,json>": "map<string,string>",
}

_LONGEST_COMMENT = 255

_EVENT_COLUMNS: tuple[Column, ...] = (
    ("p_log_type", "string", "Log type of the event"),
    ("p_row_id", "string", "Unique id of the event"),
    ("p_event_time", "timestamp", "When the event happened (UTC), or else when it was parsed"),
    ("p_parse_time", "timestamp", "When the event was parsed (UTC)"),
    ("p_source_id", "string", "Id of the source that the event came from"),
    ("p_source_label", "string", "Label of the source that the event came from"),
)
_LISTS = {
    found.IP: "IP addresses found in the event",
    found.DOMAIN: "Domain names found in the event",
    found.MD5: "MD5 hashes found in the event",
    found.SHA1: "SHA-1 hashes found in the event",
    found.SHA256: "SHA-256 hashes found in the event",
    found.TRACE_ID: "Trace ids found in the event",
    found.ACCOUNT_ID: "AWS account ids found in the event",
    found.INSTANCE_ID: "EC2 instance ids found in the event",
    found.ARN: "AWS resource names (ARNs) found in the event",
    found.TAG: "AWS tags found in the event, as key:value",
    found.EMAIL: "Email addresses found in the event",
    found.USERNAME: "User names found in the event",
}


@lru_cache(maxsize=1 << 14)
def column_name(name: str) -> str:
    """The name of a field as Glue and Athena take it: ASCII letters (case kept), digits, `_`, `-`.

    Some symbols become words (`a@b` is `a_at_sign_b`), letters beyond ASCII are transliterated,
    all else is `_`. Different fields can come out with the same name.
    """
    if _KEPT(name):
        return name
    last = len(name) - 1
    return "".join(
        _spoken(word, place == 0, place == last) if (word := _WORDS.get(char)) else _plain(char)
        for place, char in enumerate(name)
    )


def _spoken(word: str, is_first: bool, is_last: bool) -> str:
    return ("" if is_first else "_") + word + ("" if is_last else "_")


def _plain(char: str) -> str:
    if _KEPT(char):
        return char
    if not char.isalpha():
        return "_"
    from anyascii import anyascii

    # Some letters are transliterated with an apostrophe, a point or a space (a soft sign is "'"),
    # which no column name can have.
    return _NOT_KEPT.sub("_", anyascii(char)) or "_"


def glue_type(value: Value) -> str:
    """The Glue type of a value: `array<...>`, `struct<name:type,...>`, `map<string,string>` or a
    plain type. Raises ValueError for a `ref` that was not replaced by its definition."""
    if value.native.kind:
        return _NATIVE_TYPES[value.native.kind]
    if value.type == "object":
        members = (f"{column_name(one.name)}:{glue_type(one.value)}" for one in value.fields)
        return f"struct<{','.join(members)}>"
    if value.type == "array" and value.element is not None:
        return f"array<{glue_type(value.element)}>"
    if value.type not in _TYPES:
        raise ValueError(f"a value of type {value.type} has no Glue type")
    return _TYPES[value.type]


def columns(schema: Schema, also: Collection[str] = ()) -> list[Column]:
    """Name, Glue type and comment (at most 255 characters, on one line) of every column of a
    log type's table, without the partition columns.

    The schema's own fields in their order, then p_log_type, p_row_id, p_event_time, p_parse_time,
    p_source_id and p_source_label, then the p_any lists that indicators of the schema can feed, at
    any depth, and those in `also`: what a built-in type's code collects, a schema does not tell.
    """
    fed = {name for _, value in walk(schema.fields) for name in _fed_by(value)} | {*also}
    return [
        *(
            (column_name(f.name), glue_type(f.value), _comment(f.description))
            for f in schema.fields
        ),
        *_EVENT_COLUMNS,
        *((name, "array<string>", _LISTS[name]) for name in found.ORDER if name in fed),
    ]


def _fed_by(value: Value) -> list[str]:
    # Indicators of other types are ignored when events are scanned, so they have no column.
    indicators = value.indicators if value.type == "string" else ()
    return [name for indicator in indicators for name in FEEDS[indicator]]


def _comment(description: str) -> str:
    line = " ".join(description.split())  # Glue refuses line breaks in a comment
    return line if len(line) <= _LONGEST_COMMENT else line[: _LONGEST_COMMENT - 3] + "..."
