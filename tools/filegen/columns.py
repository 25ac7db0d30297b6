"""Columns of text to build rows from: choices, numbers, times, random text, and their joints."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise

from common.logs.instants import time_format
from common.logs.moment import Moment
from tools.filegen.draw import (
    DIGITS,
    HEX,
    LETTERS_AND_DIGITS,
    SECOND_NS,
    SMALL_TABLE,
    TABLE,
    Batch,
    Column,
    chances,
    characters,
    cut,
    indexes,
    table,
)

OPTIONAL = 0.7
"""How often an optional value is there, in files where not all are."""
Spell = Callable[[str], str]
"""How a text stands in a row: as it is, or as a JSON string."""


def plain(text: str) -> str:
    """A text as it is."""
    return text


@lru_cache(maxsize=65_536)
def as_json(text: str) -> str:
    """A JSON string."""
    return json.dumps(text, ensure_ascii=False)


@lru_cache(maxsize=128)
def _spelled(items: tuple[str, ...], spell: Spell) -> tuple[str, ...]:
    return tuple(map(spell, items))


def constant(text: str) -> Column:
    """The same in every row."""
    return lambda batch: [text] * batch.rows


def pick(items: Sequence[str], spell: Spell = plain) -> Column:
    """One of a few items, equally likely, or of a table of TABLE entries as it was made."""
    if len(items) == 1:
        return constant(spell(items[0]))
    if len(items) <= SMALL_TABLE:
        small = table(_spelled(tuple(items), spell), SMALL_TABLE).__getitem__
        return lambda batch: list(map(small, batch.rng.randbytes(batch.rows)))
    entries = tuple(items) if len(items) == TABLE else table(items)
    large = _spelled(entries, spell).__getitem__
    return lambda batch: list(map(large, indexes(batch.rng, batch.rows)))


def number(low: int, high: int) -> Column:
    """An integer from `low` to `high`, both included."""
    width = high - low + 1
    if width <= SMALL_TABLE:
        return pick([str(one) for one in range(low, high + 1)])
    return lambda batch: [str(low + int(batch.rng.random() * width)) for _ in range(batch.rows)]


def decimal(most: float) -> Column:
    """A number with three decimals between 0 and `most`."""
    return pick([f"{place * most / TABLE:.3f}" for place in range(TABLE)])


def time(form: str, spell: Spell = as_json) -> Column:
    """The rows' times in a timeFormat of the schema language; numbers are never quoted."""
    known = time_format(form)

    def write(ns: int) -> str:
        literal = known.write(Moment(ns))
        return literal if known.is_number or spell is as_json else spell(json.loads(literal))

    return written(write)


def written(write: Callable[[int], str]) -> Column:
    """The rows' times, written by a function of nanoseconds since 1970."""

    def column(batch: Batch) -> Sequence[str]:
        known = {ns: write(ns) for ns in set(batch.moments)}
        return [known[ns] for ns in batch.moments]

    return column


def later(column: Column, seconds: int) -> Column:
    """A column of times, up to so many seconds after those of the rows."""

    def shifted(batch: Batch) -> Sequence[str]:
        rng = batch.rng
        moved = [ns + int(rng.random() * seconds) * SECOND_NS for ns in batch.moments]
        return column(batch._replace(moments=moved))

    return shifted


def filled(form: str, alphabet: bytes = LETTERS_AND_DIGITS) -> Column:
    """The text of `form` with a random character for each `?`."""
    width = len(form)
    literals = [(place, form[place].encode()) for place in range(width) if form[place] != "?"]

    def column(batch: Batch) -> Sequence[str]:
        rows = batch.rows
        data = bytearray(characters(batch.rng, width * rows, alphabet))
        for place, literal in literals:
            data[place::width] = literal * rows
        return cut(data.decode("ascii"), width)

    return column


def hexes(count: int, spell: Spell = plain) -> Column:
    """So many hexadecimal digits."""
    return filled(spell("?" * count), HEX)


def digits(count: int, spell: Spell = plain) -> Column:
    """So many decimal digits."""
    return filled(spell("?" * count), DIGITS)


def uuids(spell: Spell = plain) -> Column:
    """Random UUIDs (RFC 9562, version 4)."""
    return filled(spell("????????-????-4???-a???-????????????"), HEX)


def framed(form: str, *columns: Column) -> Column:
    """Columns put into a `%` format."""
    return lambda batch: [form % row for row in zip(*[one(batch) for one in columns], strict=True)]


def joined(separator: str, *columns: Column) -> Column:
    """Columns with a separator between them."""
    return lambda batch: list(
        map(separator.join, zip(*[one(batch) for one in columns], strict=True))
    )


def sometimes(column: Column, missing: str = "-", share: float = OPTIONAL) -> Column:
    """A column whose value is missing in some rows, unless the batch is full."""

    def optional(batch: Batch) -> Sequence[str]:
        texts = column(batch)
        if batch.is_full:
            return texts
        there = chances(batch.rng, batch.rows, share)
        return [text if is_there else missing for text, is_there in zip(texts, there, strict=True)]

    return optional


def choice(share: float, one: Column, other: Column) -> Column:
    """The first column in about `share` of the rows, the second in the rest."""

    def column(batch: Batch) -> Sequence[str]:
        first = chances(batch.rng, batch.rows, share)
        return [
            a if is_first else b
            for a, b, is_first in zip(one(batch), other(batch), first, strict=True)
        ]

    return column


def listed(element: Column, most: int = 3, separator: str = ",", least: int = 0) -> Column:
    """`least` to `most` elements in each row with a separator between them, "" for none."""
    width = most - least + 1

    def column(batch: Batch) -> Sequence[str]:
        counts = [least + byte % width for byte in batch.rng.randbytes(batch.rows)]
        moments = [
            ns for ns, count in zip(batch.moments, counts, strict=True) for _ in range(count)
        ]
        elements = element(batch._replace(moments=moments)) if moments else ()
        ends = accumulate(counts, initial=0)
        return [separator.join(elements[start:end]) for start, end in pairwise(ends)]

    return column
