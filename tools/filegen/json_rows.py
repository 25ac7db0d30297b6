"""Rows of JSON, written as text: neither dicts nor an encoder have part in it."""

from __future__ import annotations

from collections.abc import Sequence

from common.logs.model import Field, Value
from tools.filegen import pools
from tools.filegen.columns import OPTIONAL, as_json, framed, listed, pick
from tools.filegen.draw import Batch, Column, chances
from tools.filegen.values import scalar

_KEYS = ("env", "team", "owner", "stage", "service", "zone")


def json_rows(fields: Sequence[Field]) -> Column:
    """Objects with these fields: required ones always, others mostly."""
    form, columns = "", []
    for one in fields:
        member = f",{as_json(one.value.native.input_name or one.name)}:"
        value = json_value(one.value, one.name)
        form += member.replace("%", "%%") + "%s" if one.required else "%s"
        columns.append(value if one.required else _optional(member, value))
    return _braced(form, columns)


def _braced(form: str, columns: Sequence[Column]) -> Column:
    """Objects from a format of members, each with a comma before it."""

    def column(batch: Batch) -> Sequence[str]:
        rows = zip(*[one(batch) for one in columns], strict=True)
        return ["{" + (form % row)[1:] + "}" for row in rows]

    return column


def _optional(key: str, value: Column, share: float = OPTIONAL) -> Column:
    """A member with a comma before it, or nothing."""

    def column(batch: Batch) -> Sequence[str]:
        texts = value(batch)
        if batch.is_full:
            return [key + text for text in texts]
        there = chances(batch.rng, batch.rows, share)
        return [key + text if is_there else "" for text, is_there in zip(texts, there, strict=True)]

    return column


def json_value(value: Value, name: str) -> Column:
    """The JSON text of any value of a schema."""
    if value.type == "object":
        return _map(value) if value.native.kind.startswith("map<") else json_rows(value.fields)
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
    members = [_optional(f',"{key}":', inner, 0.5) for key in _KEYS]
    return _braced("%s" * len(members), members)
