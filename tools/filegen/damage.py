"""Rows damaged on purpose: cut short, or of another type than they should be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import TYPE_CHECKING

from common.logs.logtype import log_type
from tools.filegen.columns import as_json
from tools.filegen.draw import SECOND_NS
from tools.filegen.generators import RECORDS_HEAD, RECORDS_TAIL, Generator, schema_of

if TYPE_CHECKING:
    from tools.filegen.files import Job

_SHOWN = 40


def damaged(rows: list[str], share: float, one: Generator, rng: Random, job: Job) -> Sequence[int]:
    """Damage about this share of the rows, in place; the numbers of those that are damaged, from 1.

    The first row stays whole: parsers of CSV take the number of columns from it. Each damaged row
    is tried on the parser of its type, because a pattern may take nearly anything.
    """
    chosen = [place for place in range(1, len(rows)) if rng.random() < share]
    if not chosen:
        return ()
    refuses = _refusal(one, job, rows[0])
    numbers = []
    for place in chosen:
        spoiled = next(filter(refuses, _spoiled(rows[place], one, rng)), None)
        if spoiled is not None:
            rows[place] = spoiled
            numbers.append(place + 1)
    return numbers


def _spoiled(row: str, one: Generator, rng: Random) -> Iterator[str]:
    """Ways to damage a row, the better ones first. An element of a JSON document stays JSON: else
    nothing of the document could be read."""
    if one.has_records:
        yield as_json(row[:_SHOWN])
        return
    cut = row[: 1 + int(rng.random() * len(row) / 2)].rstrip() or row[:1]
    other = as_json(row[:_SHOWN]) if one.is_json else "{" + row
    yield from (cut, other) if rng.random() < 0.5 else (other, cut)
    yield row[:3]
    yield "{"


def _refusal(one: Generator, job: Job, good: str) -> Callable[[str], bool]:
    """Whether the parser of the type makes no event of a row."""
    now = job.hour * SECOND_NS
    schema = schema_of(job.log_type, job.schema_file)
    parse = log_type(schema, True, lambda: now, lambda _: None).new()
    for line in (one.header, good):
        if line and not one.has_records:
            parse(line.encode())

    def refuses(row: str) -> bool:
        line = RECORDS_HEAD + row + RECORDS_TAIL if one.has_records else row
        try:
            return not parse(line.encode())
        except ValueError:
            return True

    return refuses
