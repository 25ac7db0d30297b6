"""Rows of JSON, written as text: neither dicts nor an encoder have part in it."""

from __future__ import annotations

from collections.abc import Sequence

from common.logs.model import Field, Value
from tools.filegen import pools
from tools.filegen.columns import as_json, framed, listed, pick, sometimes
from tools.filegen.draw import Batch, Column
from tools.filegen.values import scalar

_KEYS = ("env", "team", "owner", "stage", "service", "zone")


def json_rows(fields: Sequence[Field]) -> Column:
    """Objects with these fields: required ones always, others mostly."""
    return _object(fields)


def _object(fields: Sequence[Field]) -> Column:
    return _braced([_member(one) for one in fields])


def _member(field: Field) -> Column:
    """`,"name":value`, "" where the value is missing."""
    key = as_json(field.value.native.input_name or field.name)
    member = _with_key(f",{key}:", json_value(field.value, field.name))
    return member if field.required else sometimes(member, "")


def _with_key(key: str, column: Column) -> Column:
    return lambda batch: [key + text for text in column(batch)]


def json_value(value: Value, name: str) -> Column:
    """The JSON text of any value of a schema."""
    if value.type == "object":
        return _map(value) if value.native.kind.startswith("map<") else _object(value.fields)
    if value.type == "array":
        assert value.element is not None
        return framed("[%s]", listed(json_value(value.element, name)))
    if value.type == "json":
        return _map(value) if value.native.kind.startswith("map<") else _free(value)
    return scalar(value, name, as_json)


def _free(value: Value) -> Column:
    if allowed := value.native.constraints.get("oneOf"):
        return pick([as_json(str(one)) for one in allowed])
    return pick(pools.json_values())


def _map(value: Value) -> Column:
    """An object whose keys the schema does not know."""
    of_texts = value.native.kind == "map<string,string>"
    inner = pick(pools.phrases(), as_json) if of_texts else pick(pools.json_values())
    members = [sometimes(_with_key(f',"{key}":', inner), "", 0.5) for key in _KEYS]
    return _braced(members)


def _braced(members: Sequence[Column]) -> Column:
    def column(batch: Batch) -> Sequence[str]:
        rows = zip(*[member(batch) for member in members], strict=True)
        return ["{" + "".join(parts)[1:] + "}" for parts in rows]

    return column
