"""Columns that a schema's expandFields puts together again: `date` and `time` of one timestamp."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from common.logs.model import Schema
from tools.filegen.columns import plain
from tools.filegen.draw import Batch, Column
from tools.filegen.values import scalar

_TAG = re.compile(r"%\{\s*([^}]*?)\s*\}")
_SCALARS = ("string", "int", "smallint", "bigint", "float", "boolean", "timestamp")


def parts_of_fields(schema: Schema) -> Mapping[str, Column]:
    """A column for each name in the templates of expandFields, so that the template gives a value
    of its field again. Parts of one value are drawn apart from each other: those of a time go
    together all the same, because it is the row's."""
    fields = {one.name: one for one in schema.fields}
    found: dict[str, Column] = {}
    for name, template in (schema.config.get("expandFields") or {}).items():
        if name in fields and fields[name].value.type in _SCALARS:
            whole = scalar(fields[name].value, name, plain)
            for place, tag in enumerate(_TAG.findall(template)):
                found.setdefault(tag, _part(whole, template, place))
    return found


def expanded_names(schema: Schema) -> Sequence[str]:
    """The fields that no column of a line has, because a template gives them."""
    return tuple(schema.config.get("expandFields") or ())


def _part(whole: Column, template: str, place: int) -> Column:
    literals = [re.escape(text) for text in _TAG.split(template)[::2]]
    find = re.compile("(.+?)".join(literals), re.DOTALL).fullmatch

    def column(batch: Batch) -> Sequence[str]:
        matches = map(find, whole(batch))
        return [match[place + 1] if match else "" for match in matches]

    return column
