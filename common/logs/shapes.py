"""The classes that a schema's lines are decoded into, and those that are written: one structure
for each object.

msgspec decodes straight into them, refusing whatever is not plainly of the right type: those lines
are read again the slow way (`coerce`), so that the types here can be the strict and fast ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Raw

from common.logs.coerce_text import bounds
from common.logs.model import INTEGERS, Field, Schema, Value, attribute

# What the decoder takes for a key: nothing that JSON escapes.
_is_plain = re.compile(r'[^"\\\x00-\x1f]*').fullmatch
_PLAIN: Mapping[str, Any] = {"string": str, "float": float, "boolean": bool}
# Of numbers that are coerced to text only those with one spelling.
_COERCED: Mapping[str, Any] = {
    "string": str | bool | Annotated[int, Meta(ge=1)],
    "float": float | str,
    "boolean": bool | str,
}
_WHOLE_TIMES = ("unix_ms", "unix_us", "unix_ns", "cloudflare")


@dataclass(frozen=True)
class Member:
    """A field with the attribute that holds it, and the shape of the objects in it, if any."""

    field: Field
    attribute: str
    shape: Shape | None


@dataclass(frozen=True)
class Shape:
    """An object of a schema: the class of its events and its members in schema order. `extra` are
    attributes for keys of no member (None), and for other spellings of a member's key (with the
    member's attribute). Where it `coerces`, texts can be booleans and positive integers, and
    floats and booleans can be texts."""

    path: str
    make: Callable[..., Any]
    members: tuple[Member, ...]
    extra: tuple[tuple[str, str | None], ...]
    coerces: bool

    def input_name(self, member: Member) -> str:
        """The key of a member in a line."""
        return member.field.value.native.input_name or member.field.name


def is_plain(name: str) -> bool:
    """Whether the decoder can look for a key. Objects with other keys can only be read the slow
    way."""
    return _is_plain(name) is not None


def shape_of(
    fields: Sequence[Field],
    schema: Schema,
    learned: Mapping[str, Sequence[str]] | None = None,
    path: str = "",
    coerces: bool = False,
) -> Shape:
    """The shape of an object of a schema with these fields. Where keys match in any case, a key
    that is neither a field's exact name nor `learned` (names by the path of the object) is refused.
    """
    members: list[Member] = []
    columns: list[tuple[str, Any, Any]] = []
    names: dict[str, str] = {}
    taken: set[str] = set()

    def claim(name: str, base: str) -> str:
        chosen = base
        while chosen in taken:
            chosen += "_"
        taken.add(chosen)
        names[chosen] = name if is_plain(name) else f"\N{REPLACEMENT CHARACTER}{chosen}"
        return chosen

    for field in fields:
        inner = f"{path}.{field.name}" if path else field.name
        shape = _inner_shape(field.value, schema, learned, inner, coerces)
        base = attribute(field.name)
        chosen = claim(field.value.native.input_name or field.name, base)
        members.append(Member(field, chosen, shape))
        columns.append((chosen, _annotation(field.value, shape, schema, coerces), None))
    spelled = {names[one.attribute].lower(): (one, columns[i]) for i, one in enumerate(members)}
    extra: list[tuple[str, str | None]] = []
    for name in (learned or {}).get(path, ()):
        chosen = claim(name, "extra_")
        member, column = spelled.get(name.lower(), (None, (None, Raw)))
        extra.append((chosen, member.attribute if member else None))
        columns.append((chosen, column[1], None))
    make = msgspec.defstruct(
        "Event",
        columns,
        rename=names,
        kw_only=True,
        omit_defaults=True,
        gc=False,
        forbid_unknown_fields=schema.is_any_case,
    )
    return Shape(path, make, tuple(members), tuple(extra), coerces)


def _inner_shape(
    value: Value,
    schema: Schema,
    learned: Mapping[str, Sequence[str]] | None,
    path: str,
    coerces: bool,
) -> Shape | None:
    while value.element is not None:
        value = value.element
    if value.type != "object" or value.native.kind:
        return None
    return shape_of(value.fields, schema, learned, path, coerces)


def has_plain_texts(value: Value, schema: Schema) -> bool:
    """Whether a value is a list of texts that are not coerced, with "" for null: those of every
    built-in type that is no plain schema."""
    return (
        schema.parser == "native" and value.element is not None and value.element.type == "string"
    )


def _annotation(value: Value, shape: Shape | None, schema: Schema, coerces: bool) -> Any:
    kind = value.type
    if value.native.kind.startswith("map<"):
        inner = Raw if value.native.kind.endswith("json>") else str | None
        return dict[str, inner] | None  # type: ignore[valid-type]
    if kind == "json":
        return Raw
    if kind == "array":
        assert value.element is not None
        if has_plain_texts(value, schema):
            return list[str] | None
        elements: Any = list[_annotation(value.element, shape, schema, coerces)]  # type: ignore[misc]
        return elements | str | None if value.is_embedded_json else elements | None
    if kind == "object":
        assert shape is not None
        made: Any = shape.make
        return made | str | None if value.is_embedded_json else made | None
    if kind in INTEGERS:
        return _integer(value, schema.is_strict)
    if kind == "timestamp":
        # Numbers with a fraction too where they may be: a built-in type may read its times its way.
        is_whole = value.time_format in _WHOLE_TIMES
        return int | str | None if is_whole else int | float | str | None
    if kind == "boolean" and value.native.takes_text:
        return bool | str | None
    return (_COERCED if coerces else _PLAIN)[kind] | None


def _integer(value: Value, is_strict: bool) -> Any:
    lowest, highest = bounds(value)
    # The decoder knows no higher bound: what lies beyond is read the slow way.
    whole: Any = Annotated[int, Meta(ge=lowest, le=min(highest, (1 << 63) - 1))]
    return whole | None if is_strict and not value.native.takes_text else whole | str | None


# ---- writing ----------------------------------------------------------------------------------


def renamer(shape: Shape, output_name: Callable[[str], str]) -> Callable[[Any], Any] | None:
    """Makes of an event the same with the names that are written; None when they are those of the
    line."""
    inner = {one.attribute: renamer(one.shape, output_name) for one in shape.members if one.shape}
    names = {one.attribute: output_name(one.field.name) for one in shape.members}
    is_same = all(names[one.attribute] == shape.input_name(one) for one in shape.members)
    is_encodable = all(map(is_plain, names.values()))
    if is_same and is_encodable and not any(inner.values()):
        return None
    make = _struct(names) if is_encodable else _object(names.values())
    places = [
        (index, inner[one.attribute])
        for index, one in enumerate(shape.members)
        if inner.get(one.attribute)
    ]
    values = _getter(tuple(names))

    def convert(event: Any) -> Any:
        given = list(values(event))
        for index, deeper in places:
            given[index] = _each(given[index], deeper)
        return make(*given)

    return convert


def _getter(attributes: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
    if len(attributes) > 1:
        return attrgetter(*attributes)
    only = attrgetter(*attributes)
    return lambda event: (only(event),)


def _struct(names: Mapping[str, str]) -> Callable[..., Any]:
    columns = [(attribute, Any, None) for attribute in names]
    return msgspec.defstruct("Out", columns, rename=names, omit_defaults=True, gc=False)


def _object(names: Iterable[str]) -> Callable[..., Any]:
    """For names that a structure cannot have."""
    in_order = tuple(names)
    return lambda *given: {
        name: value for name, value in zip(in_order, given, strict=True) if value is not None
    }


def _each(value: Any, convert: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, list):
        return [_each(element, convert) for element in value]
    return convert(value)
