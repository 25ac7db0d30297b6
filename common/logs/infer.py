"""Schema inference: the fields that a log type needs to read some sample lines.

A value has a shape, the shapes of two values merge to one that reads both, and the fields are those
of all lines merged one after the other. `note` comes to the same result in a fraction of the time:
it keeps the distinct shapes of the objects at each place, and merges only those.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

import msgspec

from common.logs.coerce import without_lone_surrogates
from common.logs.looks import LOOKS
from common.logs.model import Field, Value
from common.logs.rows import splitter

DEEPEST = 100
_TOO_DEEP = f"nested deeper than {DEEPEST} objects and arrays"
_MOST_SHAPES = 1000
_LEAST, _MOST = -(1 << 63), (1 << 63) - 1
_SIMPLE = {type(None): None, bool: "boolean", float: "float"}
_INDICATORS = frozenset(("ip", "url", "aws_arn"))

Shape: TypeAlias = "str | Object | Array"
"""Of a scalar its type, or the indicator of a text that has one; "json" for anything at all."""


class Object(NamedTuple):
    """Members: name, shape, and whether all of the merged objects had it."""

    members: tuple[tuple[str, Shape, bool], ...] = ()


class Array(NamedTuple):
    """An array, and the merged shape of its elements; None if they had none."""

    element: Shape | None = None


# ---- one value, and two shapes --------------------------------------------


def value_of(value: Any, depth: int = 0) -> Shape | None:
    """The shape of a decoded JSON value, in which floats are the numbers that are not written as
    integers; None for null. Raises ValueError for nesting deeper than DEEPEST."""
    kind = type(value)
    if kind is str:
        return LOOKS[value]
    if kind in _SIMPLE:
        return _SIMPLE[kind]
    if kind is int:
        return "bigint" if _LEAST <= value <= _MOST else "float"
    _limit(depth)
    if kind is list:
        return Array(_merged_all(value, depth + 1))
    members = []
    for name in sorted(value):
        shape = value_of(value[name], depth + 1)
        if shape is not None:
            members.append((name, shape, True))
    return Object(tuple(members))


def _merged_all(values: Sequence[Any], depth: int) -> Shape | None:
    merged = None
    for value in values:
        shape = value_of(value, depth)
        if shape is not None:
            merged = shape if merged is None else merge(merged, shape)
    return merged


def _limit(depth: int) -> None:
    if depth > DEEPEST:
        raise ValueError(_TOO_DEEP)


def merge(left: Shape, right: Shape) -> Shape:
    """The shape of values that have one or the other. Objects have first the members of the left
    one only, then of the right one only, then of both, in the order of the left."""
    if left == right:
        return left
    if isinstance(left, Object) and isinstance(right, Object):
        return _merged_objects(left, right)
    if isinstance(left, Array) and isinstance(right, Array):
        if left.element is None or right.element is None:
            return Array(left.element or right.element)
        return Array(merge(left.element, right.element))
    if not (isinstance(left, str) and isinstance(right, str)) or "json" in (left, right):
        return "json"
    return "float" if {left, right} == {"bigint", "float"} else "string"


@lru_cache(maxsize=1024)  # the same arrays of objects come again and again
def _merged_objects(left: Object, right: Object) -> Object:
    in_left = {name for name, _, _ in left.members}
    in_right = {name: (shape, required) for name, shape, required in right.members}
    both = [
        (name, merge(shape, in_right[name][0]), required and in_right[name][1])
        for name, shape, required in left.members
        if name in in_right
    ]
    left_only = [(name, shape, False) for name, shape, _ in left.members if name not in in_right]
    right_only = [(name, shape, False) for name, shape, _ in right.members if name not in in_left]
    return Object((*left_only, *right_only, *both))


# ---- reading a line -------------------------------------------------------

_decode = msgspec.json.Decoder(dict[str, Any]).decode
_INTEGER_DIGITS = 20


def members_of(line: bytes) -> dict[str, Any]:
    """The members of a line that is a JSON object; bytes that are no UTF-8 become U+FFFD. Raises
    ValueError, which never has the line's content."""
    try:
        return _decode(line)
    except (ValueError, RecursionError):
        return _leniently(line)


def _leniently(line: bytes) -> dict[str, Any]:
    """The same for numbers of any size and invalid texts, and with reasons for what is refused."""
    text = without_lone_surrogates(line.decode("utf-8", "replace").encode())
    try:
        value = json.loads(text, parse_int=_integer, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} (character {error.pos + 1})") from None
    except ValueError as error:
        raise ValueError(f"not JSON: {error}") from None
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    return value


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= _INTEGER_DIGITS else float(digits)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def row_reader(header: bytes, delimiter: str = ",") -> Callable[[bytes], dict[str, str]]:
    """Reads rows of CSV below this header: texts by the name of their column, without empty ones,
    which count as missing, and without columns that have no name. Neither header nor rows may be
    trimmed of white space, which can be a delimiter.

    Raises ValueError if the header names nothing; the reader does, if a row is not as wide.
    """
    split = splitter(delimiter)
    columns = split(header.decode("utf-8", "replace"))
    if not any(columns):
        raise ValueError("the header names no column")

    def members(row: bytes) -> dict[str, str]:
        texts = split(row.decode("utf-8", "replace"))
        if len(texts) != len(columns):
            raise ValueError(f"{len(texts)} columns, the header has {len(columns)}")
        return {name: text for name, text in zip(columns, texts, strict=True) if name and text}

    return members


# ---- many lines -----------------------------------------------------------


class Place:
    """Where objects stand in the lines: at the top, or under a name in those of another place."""

    def __init__(self, depth: int = 0) -> None:
        _limit(depth)
        self.depth = depth
        self.inside: dict[str, Place] = {}
        # The names and shapes of each object that is different, by the number of the last one like
        # it. Objects inside are only Object(): they have places of their own.
        self.seen: dict[tuple[tuple[str, ...], tuple[Shape | None, ...]], int] = {}
        self.count = 0
        self.merged: Object | None = None

    def under(self, name: str) -> Place:
        """The new place of the objects with this name."""
        place = self.inside[name] = Place(self.depth + 1)
        return place


_INNER = Object()


def note(place: Place, members: Mapping[str, Any]) -> None:
    """Take in the next object at a place, as decoded. Raises ValueError for too deep nesting."""
    shapes: list[Shape | None] = []
    add = shapes.append
    for name, value in members.items():
        kind = type(value)
        if kind is str:
            add(LOOKS[value])
        elif kind is dict:
            note(place.inside.get(name) or place.under(name), value)
            add(_INNER)
        elif kind in _SIMPLE:
            add(_SIMPLE[kind])
        else:
            add(value_of(value, place.depth + 1))
    place.count += 1
    place.seen[tuple(members), tuple(shapes)] = place.count
    if len(place.seen) > _MOST_SHAPES:
        place.merged = _merged_seen(place)
        place.seen.clear()


def gathered(place: Place) -> Object:
    """The shape of all objects that were noted at a place."""
    members = [
        (name, gathered(place.inside[name]) if shape == _INNER else shape, required)
        for name, shape, required in _merged_seen(place).members
    ]
    return Object(tuple(members))


def _merged_seen(place: Place) -> Object:
    """The shapes that were seen since the last time, merged one after the other.

    What merges to what does not depend on the order, nor on how often. Where members stand does:
    each merge puts those of the new object last. Thus of two members the one stands last that was
    in the latest object to have only one of them; and of two that are always together the one that
    came later, or stood last before. That is a stable sort by the objects that have the member, of
    which later ones weigh more.
    """
    known = {} if place.merged is None else {one[0]: one for one in place.merged.members}
    shapes = {name: shape for name, shape, _ in known.values()}
    for names, new_shapes in place.seen:
        for name, shape in zip(names, new_shapes, strict=True):
            if shape is not None and shapes.setdefault(name, shape) is not shape:
                shapes[name] = merge(shapes[name], shape)
    presence = dict.fromkeys(shapes, 0)
    weight = 1
    for names, new_shapes in sorted(place.seen, key=place.seen.__getitem__):
        for name, shape in zip(names, new_shapes, strict=True):
            if shape is not None:
                presence[name] |= weight
                # Objects in arrays have an order of their own, to which the latest ones add.
                if type(shape) is Array:
                    shapes[name] = merge(shapes[name], shape)
        weight <<= 1
    everywhere = weight - 1
    new = sorted(shapes.keys() - known.keys())
    members = []
    for name in sorted([*new, *known], key=presence.__getitem__):
        is_required = presence[name] == everywhere
        if place.merged is not None:
            is_required &= name in known and known[name][2]
        members.append((name, shapes[name], is_required))
    return Object(tuple(members))


# ---- the result -----------------------------------------------------------


def finish(shape: Object) -> tuple[Field, ...]:
    """The fields of objects of this shape. Those of which no value is known are left out. Raises
    ValueError if none is left."""
    fields = _fields(shape)
    if not fields:
        raise ValueError("no fields")
    return fields


def _fields(shape: Object) -> tuple[Field, ...]:
    values = ((name, _value(inner), required) for name, inner, required in shape.members)
    return tuple(
        Field(name, value, required) for name, value, required in values if value is not None
    )


def _value(shape: Shape | None) -> Value | None:
    if shape is None:
        return None
    if isinstance(shape, Object):
        fields = _fields(shape)
        return Value("object", fields) if fields else None
    if isinstance(shape, Array):
        element = _value(shape.element)
        return Value("array", element=element) if element else None
    if shape in _INDICATORS:
        return Value("string", indicators=(shape,))
    return Value(shape, time_format="rfc3339" if shape == "timestamp" else "")
