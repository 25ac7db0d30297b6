"""Rows of CSV, with a header where the type has one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from common.logs.model import Field, Schema
from tools.filegen.columns import Spell, constant, joined, sometimes
from tools.filegen.draw import Column
from tools.filegen.expanding import expanded_names, parts_of_fields
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
    parts = parts_of_fields(schema)
    spell = _csv_speller(delimiter)
    missing = placeholder(schema.config)
    if not missing and delimiter.isspace():
        # White space around a line is cut off, and would take empty columns with it.
        missing = '""'

    def cell(name: str) -> Column:
        if name in parts:
            return spelled(parts[name], spell)
        return _cell(fields[name], missing, spell) if name in fields else constant(missing)

    return joined(delimiter, *map(cell, _names(schema)))


def _names(schema: Schema) -> Sequence[str]:
    if columns := schema.config.get("columns"):
        return list(columns)
    expanded = expanded_names(schema)
    names = [one.name for one in schema.fields if one.name not in expanded]
    return [*names, *(name for name in parts_of_fields(schema) if name not in names)]


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
        return spelled(json_value(value, field.name), spell)
    if field.required:
        raise ValueError(f"field {field.name} is required, and no text is an {value.type}")
    return None


def spelled(column: Column, spell: Spell) -> Column:
    """A column of plain texts as they stand in a row."""
    return lambda batch: list(map(spell, column(batch)))
