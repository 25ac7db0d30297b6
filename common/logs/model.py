"""A log schema as plain data: what a log type's events look like and how its lines are read."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

INTEGERS = {"smallint": 16, "int": 32, "bigint": 64}
TYPES = ("string", *INTEGERS, "float", "boolean", "timestamp", "object", "array", "json", "ref")


@dataclass(frozen=True)
class Native:
    """What only a built-in type can say of a value: its machine type is narrower or wider than the
    schema language has words for.

    `kind` is "", "uint8", "int8", "uint16", "uint32", "uint64", "float32", "map<string,string>" or
    "map<string,json>"; `constraints` has the keys oneOf, equals, notOneOf, len, min, max, numeric,
    alphanum, uuid. `input_name` is the key in the line where it is another than the field's name.
    """

    kind: str = ""
    input_name: str = ""
    omits_zero: bool = False
    takes_text: bool = False
    constraints: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Value:
    """The type of a field or of an array's elements, with what that type needs."""

    type: str
    fields: tuple[Field, ...] = ()
    element: Value | None = None
    time_format: str = ""
    is_event_time: bool = False
    is_embedded_json: bool = False
    indicators: tuple[str, ...] = ()
    validate: Mapping[str, Any] = field(default_factory=dict)
    native: Native = Native()


@dataclass(frozen=True)
class Field:
    """A named value of an object."""

    name: str
    value: Value
    required: bool = False
    description: str = ""


@dataclass(frozen=True)
class Schema:
    """A log type. `parser` is "json", "csv", "fastmatch", "regex" or "native", `config` what that
    parser was told; `file` is where the schema was read from, "" for a built-in type.

    The last five are said of built-in types only: values are not coerced (`is_strict`), object keys
    match in any case, only lines with one of some values in a field belong to the type
    (`discriminator`: field name and values), the wire format of a native parser, and the top-level
    fields that give the event's time, best first, where `isEventTime` in schema order does not.
    """

    name: str
    fields: tuple[Field, ...]
    description: str = ""
    reference_url: str = "-"
    parser: str = "json"
    config: Mapping[str, Any] = field(default_factory=dict)
    file: str = ""
    is_strict: bool = False
    is_any_case: bool = False
    discriminator: tuple[str, Sequence[Any]] | None = None
    wire: str = ""
    event_time: tuple[str, ...] = ()


def attribute(name: str) -> str:
    """The Python attribute under which hooks find a field: `id.orig_h` is `id_orig_h`, `@type` is
    `_type`, `from` is `from_`."""
    plain = re.sub(r"\W", "_", name, flags=re.ASCII)
    if plain[0].isdigit() or plain.startswith("__"):
        plain = "_" + plain.lstrip("_")
    return plain + "_" if keyword.iskeyword(plain) else plain


def walk(fields: Sequence[Field], path: str = "") -> Iterator[tuple[str, Value]]:
    """Every value of a schema with its dotted path, parents first; elements are called `[]`."""
    for one in fields:
        yield from _walk(one.value, f"{path}.{one.name}" if path else one.name)


def _walk(value: Value, path: str) -> Iterator[tuple[str, Value]]:
    yield path, value
    yield from walk(value.fields, path)
    if value.element is not None:
        yield from _walk(value.element, f"{path}.[]")
