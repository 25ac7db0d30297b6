"""Rows of CSV, with a header where the type has one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from common.logs.model import Field, Schema, Value
from tools.filegen.columns import Spell, constant, joined, sometimes
from tools.filegen.draw import Column
from tools.filegen.json_rows import json_value
from tools.filegen.values import scalar


def csv_header(schema: Schema) -> str:
    """The line with the columns' names, "" for a type without one."""
    config = schema.config
    if not config.get("hasHeader"):
        return ""
    return (config.get("delimiter") or ",").join(_names(schema))


def csv_rows(schema: Schema) -> Column:
    """Rows with a field for each column. Raises ValueError for a required object or array: a text
    is none."""
    delimiter = schema.config.get("delimiter") or ","
    fields = {one.name: one for one in schema.fields}
    missing = placeholder(schema.config)
    spell = _csv_speller(delimiter)
    columns = [
        _cell(fields[name], missing, spell) if name in fields else constant(missing)
        for name in _names(schema)
    ]
    return joined(delimiter, *columns)


def _names(schema: Schema) -> Sequence[str]:
    return schema.config.get("columns") or [one.name for one in schema.fields]


def placeholder(config: Mapping[str, Any]) -> str:
    """What stands for no value in a row."""
    empty = config.get("emptyValues") or ()
    return "-" if "-" in empty else (empty[0] if empty else "")


def _csv_speller(delimiter: str) -> Spell:
    """Puts quotes around the texts that need them (RFC 4180)."""

    def spell(text: str) -> str:
        if delimiter in text or '"' in text:
            return '"' + text.replace('"', '""') + '"'
        return text

    return spell


def _cell(field: Field, missing: str, spell: Spell) -> Column:
    column = text_value(field, spell)
    if column is None:
        return constant(missing)
    return column if field.required else sometimes(column, missing)


def text_value(field: Field, spell: Spell) -> Column | None:
    """A field's values as texts of a row; None for a field that cannot be a text and may be left
    out. Raises ValueError when it may not."""
    value = field.value
    if value.type not in ("object", "array", "json"):
        return scalar(value, field.name, spell)
    if value.type == "json" or value.is_embedded_json:
        return _spelled_json(value, field.name, spell)
    if field.required:
        raise ValueError(f"field {field.name} is required, and no text is an {value.type}")
    return None


def _spelled_json(value: Value, name: str, spell: Spell) -> Column:
    column = json_value(value, name)
    return lambda batch: list(map(spell, column(batch)))
