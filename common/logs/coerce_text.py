"""How a text becomes a field's value: CSV columns, captured groups, and JSON strings."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Raw

from common.logs.model import INTEGERS, Value
from common.logs.refused import Refused

FromText = Callable[[str], Any]

TRUE = frozenset(("1", "t", "T", "TRUE", "true", "True"))
FALSE = frozenset(("0", "f", "F", "FALSE", "false", "False"))
RANGES = {name: (-(1 << bits - 1), (1 << bits - 1) - 1) for name, bits in INTEGERS.items()} | {
    "uint8": (0, 0xFF),
    "int8": (-0x80, 0x7F),
    "uint16": (0, 0xFFFF),
    "uint32": (0, 0xFFFF_FFFF),
    "uint64": (0, 0xFFFF_FFFF_FFFF_FFFF),
}
# Long enough for every range; int() takes quadratic time.
_MOST_DIGITS = 20
_INTEGER = re.compile(r"([+-]?)0*([0-9]+)", re.ASCII)
_FLOAT = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", re.ASCII)


def integer(text: str, lowest: int, highest: int) -> int:
    """A decimal integer in range. Raises Refused."""
    found = _INTEGER.fullmatch(text)
    if found is None:
        raise Refused("is no integer")
    sign, digits = found.groups()
    if len(digits) <= _MOST_DIGITS and lowest <= (number := int(sign + digits)) <= highest:
        return number
    raise Refused(f"is not between {lowest} and {highest}")


def decimal(text: str) -> float:
    """A finite decimal number. Raises Refused."""
    if not _FLOAT.fullmatch(text):
        raise Refused("is no number")
    number = float(text)
    if number - number != 0:
        raise Refused("is out of a double's range")
    return number


def truth(text: str) -> bool:
    """The twelve spellings of true and false. Raises Refused."""
    if text in TRUE:
        return True
    if text in FALSE:
        return False
    raise Refused("is neither true nor false")


def text_reader(value: Value) -> FromText:
    """Reads texts as `value`, which has no JSON in its text; "" is no value for everything but text
    and `json`. The reader raises Refused."""
    kind = value.type
    if kind == "string":
        return str
    if kind in INTEGERS:
        lowest, highest = bounds(value)
        return lambda text: integer(text, lowest, highest) if text else None
    if kind == "float":
        return lambda text: decimal(text) if text else None
    if kind == "boolean":
        return lambda text: truth(text) if text else None
    if kind == "timestamp":
        return lambda text: text or None
    if kind == "json":
        return lambda text: Raw(msgspec.json.encode(text))
    need = "an object" if kind == "object" else "a list"
    return lambda text: refuse(f"is text, {need} is needed")


def refuse(reason: str) -> Any:
    """Raises Refused, where only an expression can stand."""
    raise Refused(reason)


def bounds(value: Value) -> tuple[int, int]:
    """The lowest and the highest integer of an integer value."""
    return RANGES.get(value.native.kind) or RANGES[value.type]
