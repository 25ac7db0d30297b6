"""How a JSON value or a text becomes a field's value: the exact, literal-preserving way.

Values are read from their literal text, so that a number fed to a `string` field keeps its spelling
and `json` fields keep everything. None stands for "no value". The rules are those of the schema
language; strict values (of some built-in types) are not coerced at all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Raw

from common.logs.coerce_text import FromText, decimal, refuse, text_reader
from common.logs.model import INTEGERS, Value
from common.logs.refused import Refused

FromJson = Callable[[bytes], Any]
Make = Callable[[Value], Callable[..., Any]]

_TOO_DEEP = "is nested too deeply"
_TRAILING = "trailing data after the JSON value"
_LONE_SURROGATE = re.compile(
    rb"(?<!\\)((?:\\\\)*)(?:\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2})"
)
_has_space = re.compile(rb"[ \t\r\n]").search
_KINDS = {
    0x22: "text",
    0x7B: "an object",
    0x5B: "a list",
    0x74: "a boolean",
    0x66: "a boolean",
    0x6E: "null",
}
_text_of = msgspec.json.Decoder(str).decode
_members_of = msgspec.json.Decoder(dict[str, Raw]).decode
_elements_of = msgspec.json.Decoder(list[Raw]).decode
_literal_of = msgspec.json.Decoder(Raw).decode
_members_in_order = json.JSONDecoder(object_pairs_hook=list, parse_int=str, parse_float=str).decode


def kind_of(literal: bytes) -> str:
    """What a JSON literal is, in words."""
    return _KINDS.get(literal[0], "a number")


def compact(literal: bytes) -> bytes:
    """The literal without insignificant white space. Raises Refused."""
    if not _has_space(literal):
        return literal
    try:
        return msgspec.json.format(literal, indent=-1)
    except RecursionError:
        raise Refused(_TOO_DEEP) from None


def without_lone_surrogates(line: bytes) -> bytes:
    """Escapes of half a surrogate pair, which no text can hold, replaced by U+FFFD."""
    return _LONE_SURROGATE.sub(rb"\1\\ufffd", line)


def members(line: bytes) -> Mapping[str, Raw]:
    """The members of a JSON object as literals, the last of equal names. Raises Refused."""
    try:
        return _members_of(line)
    except msgspec.ValidationError:
        if line.strip() == b"null":
            return {}
        kind = kind_of(line.lstrip())
        raise Refused(_TRAILING if kind == "null" else f"is {kind}, an object is needed") from None
    except RecursionError:
        raise Refused(_TOO_DEEP) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        cleaned = without_lone_surrogates(line)
        if cleaned != line:
            return members(cleaned)
        raise Refused(_syntax(error)) from None


def _syntax(error: Exception) -> str:
    text = str(error)
    if "trailing characters" in text:
        return _TRAILING
    return "is no JSON: " + text.removeprefix("JSON is malformed: ")


# ---- values from literals -----------------------------------------------------------------------


def json_reader(value: Value, nested: Make, is_strict: bool) -> FromJson:
    """Reads JSON literals (never null) as `value`; `nested` makes the reader of an object's or
    array's value, from its literal. The reader raises Refused."""
    kind = value.type
    if value.native.kind.startswith("map<"):
        return _map_reader(value.native.kind)
    if kind not in ("object", "array", "json"):
        return _strict_scalar(value) if is_strict else _scalar(value)
    inside: FromJson = Raw if kind == "json" else nested(value)
    if not value.is_embedded_json:
        return inside
    of_text = _embedded(inside)
    return lambda literal: of_text(_text_of(literal)) if literal[:1] == b'"' else inside(literal)


def _scalar(value: Value) -> FromJson:
    kind = value.type
    of_text = text_reader(value)

    def read(literal: bytes) -> Any:
        first = literal[0]
        if first == 0x22:
            return of_text(_text_of(literal))
        if first in b"tf":
            if kind == "boolean":
                return first == 0x74
            if kind == "string":
                return literal.decode()
            raise Refused("is a boolean")
        if first in b"{[":
            raise Refused(f"is {kind_of(literal)}")
        return of_number(literal.decode())

    of_number = _of_number(value)
    return read


def _of_number(value: Value) -> FromText:
    kind = value.type
    if kind in ("string", "timestamp"):
        return lambda text: Number(text) if kind == "timestamp" else text
    if kind == "boolean":
        return lambda text: text == "1" if text in ("0", "1") else refuse("is a number")
    if kind == "float":
        # The fast way knows no negative zero without a fraction.
        return lambda text: 0.0 if text == "-0" else decimal(text)
    return text_reader(value)


class Number(str):
    """The literal of a JSON number where text may stand too."""


def _strict_scalar(value: Value) -> FromJson:
    kind = value.type
    of_number = _of_number(value)
    takes_text = value.native.takes_text

    def read(literal: bytes) -> Any:
        first = literal[0]
        if kind in ("string", "timestamp") and first == 0x22:
            return _text_of(literal) or (None if kind == "timestamp" else "")
        if kind == "boolean" and first in b"tf":
            return first == 0x74
        if kind == "boolean" and takes_text and first == 0x22:
            return _text_of(literal)
        if kind == "timestamp" or kind in INTEGERS or kind == "float":
            if first in b"-0123456789":
                return of_number(literal.decode())
            if takes_text and first == 0x22 and (text := _text_of(literal)):
                return of_number(text)
        raise Refused(f"is {kind_of(literal)}, {_NEEDED[kind]} is needed")

    return read


_NEEDED = dict.fromkeys(INTEGERS, "an integer") | {
    "string": "text",
    "timestamp": "a time",
    "boolean": "true or false",
    "float": "a number",
}


def _map_reader(kind: str) -> FromJson:
    def read(literal: bytes) -> dict[str, Any]:
        if literal[:1] != b"{":
            raise Refused(f"is {kind_of(literal)}, an object is needed")
        found = members(literal)
        if kind == "map<string,json>":
            return {name: Raw(compact(bytes(item))) for name, item in found.items()}
        return {name: _text_or_empty(bytes(item), name) for name, item in found.items()}

    return read


def _text_or_empty(literal: bytes, name: str) -> str:
    if literal == b"null":
        return ""
    if literal[:1] != b'"':
        raise Refused(f"is {kind_of(literal)}, text is needed", name)
    return _text_of(literal)


def _embedded(read: FromJson) -> FromText:
    """Reads the JSON in a text: "" and null are no value. Raises Refused."""

    def read_text(text: str) -> Any:
        if not text:
            return None
        literal = _literal_in(text.encode())
        return None if literal == b"null" else read(literal)

    return read_text


def _literal_in(text: bytes) -> bytes:
    try:
        return bytes(_literal_of(text))
    except RecursionError:
        raise Refused(_TOO_DEEP) from None
    except msgspec.DecodeError:
        cleaned = without_lone_surrogates(text)
        if cleaned != text:
            return _literal_in(cleaned)
        raise Refused("the text holds no JSON") from None


def array_reader(read: FromJson, null: Any = None) -> FromJson:
    """Reads a list whose elements `read` reads; null elements become `null`. Raises Refused."""

    def read_all(literal: bytes) -> list[Any]:
        found: list[Any] = []
        for place, element in enumerate(_elements(literal)):
            item = bytes(element)
            try:
                found.append(null if item == b"null" else read(item))
            except Refused as error:
                raise error.under(f"[{place}]") from None
        return found

    return read_all


def _elements(literal: bytes) -> Sequence[Raw]:
    try:
        return _elements_of(literal)
    except RecursionError:
        raise Refused(_TOO_DEEP) from None
    except msgspec.DecodeError:
        raise Refused(f"is {kind_of(literal)}, a list is needed") from None


def object_reader(
    make: Callable[[], Any], fields: Mapping[str, tuple[str, FromJson]], is_any_case: bool
) -> FromJson:
    """Reads an object into what `make` gives, by attribute; `fields` has attribute and reader by
    the name in the line (in lower case when names match in any case). Raises Refused."""

    def read(literal: bytes) -> Any:
        event = make()
        found = members(literal)
        for name, item in (_last_spelled(literal, found) if is_any_case else found).items():
            place = fields.get(name.lower() if is_any_case else name)
            if place is None:
                continue
            bare = bytes(item)
            if bare == b"null":
                continue
            try:
                setattr(event, place[0], place[1](bare))
            except Refused as error:
                raise error.under(name) from None
        return event

    return read


def _last_spelled(literal: bytes, found: Mapping[str, Raw]) -> Mapping[str, Raw]:
    """Of members with the same name but for its case the last one that is not null."""
    if len({name.lower() for name in found}) == len(found):
        return found
    try:
        names = [name for name, _ in _members_in_order(literal.decode())]
    except RecursionError:
        raise Refused(_TOO_DEEP) from None
    known = [name for name in names if name in found and bytes(found[name]) != b"null"]
    return {name: found[name] for name in {name.lower(): name for name in known}.values()}
