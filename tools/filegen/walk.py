"""Which files are made, in which order: a pure plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tools.filegen.files import HOUR_SECONDS, Job

FIRST_TYPES = ("AWS.S3ServerAccess", "AWS.CloudTrail", "Gravitational.TeleportAudit")
TERABYTE = 1024**4
HOURS_A_DAY = 24


class Kind(NamedTuple):
    """A log type to be generated, with the file of its schema ("" for a built-in one), its files an
    hour and its rows a file."""

    log_type: str
    schema_file: str
    files: int
    rows: int


def in_order(kinds: Sequence[Kind]) -> list[Kind]:
    """The order of the original tool's three types, then by name."""
    ranks = {name: rank for rank, name in enumerate(FIRST_TYPES)}
    return sorted(kinds, key=lambda one: (ranks.get(one.log_type, len(ranks)), one.log_type))


def hours(start: int, end: int) -> range:
    """The starts of the hours from `start` to `end`, both included, in seconds since 1970."""
    return range(start, end + 1, HOUR_SECONDS)


def by_number(kinds: Sequence[Kind], start: int, end: int) -> Iterator[Job]:
    """The files of a run with a number of files for each hour and type."""
    number = 0
    for hour in hours(start, end):
        for kind in kinds:
            for place in range(kind.files):
                yield Job(number, kind.log_type, kind.schema_file, hour, place, kind.rows)
                number += 1


def without_end(kinds: Sequence[Kind], start: int, end: int) -> Iterator[Job]:
    """Files for a run that ends at a size: one for each hour and type, then the second ones..."""
    number = place = 0
    while True:
        for hour in hours(start, end):
            for kind in kinds:
                yield Job(number, kind.log_type, kind.schema_file, hour, place, kind.rows)
                number += 1
        place += 1


def total_files(kinds: Sequence[Kind], start: int, end: int) -> int:
    """How many files `by_number` gives."""
    return len(hours(start, end)) * sum(kind.files for kind in kinds)


def bytes_for(terabytes_a_day: float, start: int, end: int) -> int:
    """The size of a run at so many terabytes (of 1024^4 bytes) for each day of its hours."""
    return int(terabytes_a_day * TERABYTE * len(hours(start, end)) / HOURS_A_DAY)
