"""Rows of fastmatch patterns: texts, each ended by the text that follows it in the pattern."""

from __future__ import annotations

from collections.abc import Sequence

from common.logs.fastmatch import Pattern, Tag, pattern_of
from common.logs.model import Field, Schema, Value
from tools.filegen import pools
from tools.filegen.columns import constant, framed, pick, plain, sometimes
from tools.filegen.csv_rows import placeholder, text_value
from tools.filegen.draw import TABLE, Batch, Column, chances
from tools.filegen.expanding import parts_of_fields

_QUOTED_SHARE = 1 / 64


def fastmatch_rows(schema: Schema) -> Column:
    """Rows of the first pattern: no value contains the text that ends it. Raises ValueError for a
    field whose values would."""
    pattern = pattern_of(schema.config["match"][0])
    fields = {one.name: one for one in schema.fields}
    missing = placeholder(schema.config)
    has_placeholder = bool(schema.config.get("emptyValues"))
    parts = parts_of_fields(schema)
    columns = [
        _without_end(parts[tag.name], tag)
        if tag.name in parts
        else _tagged(tag, fields.get(tag.name), missing if has_placeholder else None)
        for tag in pattern.tags
    ]
    return _between(pattern, columns)


def _between(pattern: Pattern, columns: Sequence[Column]) -> Column:
    form = _literal(pattern.prefix) + "".join(
        "%s" + _literal(one.delimiter) for one in pattern.tags
    )
    return framed(form, *columns)


def _literal(text: str) -> str:
    return text.replace("%", "%%")


def _tagged(tag: Tag, field: Field | None, missing: str | None) -> Column:
    if field is None:
        return pick([one for one in pools.WORDS if not _ends(one, tag)][:TABLE])
    column = text_value(field, plain)
    if column is None:
        return constant(missing or "")
    safe = _without_end(column, tag)
    if field.value.type == "string" and tag.quote and not _is_fixed(field.value):
        safe = _with_quotes(safe, tag.quote)
    return safe if field.required or missing is None else sometimes(safe, missing)


def _is_fixed(value: Value) -> bool:
    return bool(value.validate or value.native.constraints or value.indicators)


def _ends(text: str, tag: Tag) -> bool:
    """Whether a value would be cut short: it has its delimiter in it, or lets it begin early."""
    delimiter = tag.delimiter
    return bool(delimiter) and (text + delimiter).find(delimiter) < len(text)


def _without_end(column: Column, tag: Tag) -> Column:
    """The same values but for what would end them; blanks inside become `_` where they do."""

    def repaired(text: str) -> str:
        if "\\" in text or (tag.quote and tag.quote in text):
            text = text.replace("\\", "/").replace(tag.quote or "\\", "_")
        return text if not _ends(text, tag) else _repaired(text, tag.delimiter)

    known: dict[str, str] = {}

    def safe(batch: Batch) -> Sequence[str]:
        found = []
        for text in column(batch):
            if text not in known:
                if len(known) > 4 * TABLE:
                    known.clear()
                known[text] = repaired(text)
            found.append(known[text])
        return found

    return safe


def _repaired(text: str, delimiter: str) -> str:
    for character in delimiter:
        changed = text.replace(character, "_" if character != "_" else ".")
        if (changed + delimiter).find(delimiter) == len(changed):
            return changed
    raise ValueError(f"its values would contain the delimiter {delimiter!r}")


def _with_quotes(column: Column, quote: str) -> Column:
    """Some texts with a quote inside, escaped."""
    inner = f" \\{quote}x\\{quote}"

    def quoted(batch: Batch) -> Sequence[str]:
        marked = chances(batch.rng, batch.rows, _QUOTED_SHARE)
        return [
            text + inner if is_marked else text
            for text, is_marked in zip(column(batch), marked, strict=True)
        ]

    return quoted
