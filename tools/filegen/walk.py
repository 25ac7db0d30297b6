"""Which files are made, in which order: a pure plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
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


class Plan(NamedTuple):
    """What a run makes: log types in their order, the first and the last hour (seconds since 1970,
    UTC), and how many bytes before compression, 0 for as many files as each type has an hour."""

    kinds: Sequence[Kind]
    start: int
    end: int
    size_bytes: int = 0

    @property
    def hours(self) -> range:
        """The starts of the hours; the last one is included."""
        return hours(self.start, self.end)

    @property
    def files(self) -> int | None:
        """How many files there will be; None where their sizes decide it."""
        if self.size_bytes:
            return None
        return len(self.hours) * sum(kind.files for kind in self.kinds)


def in_order(kinds: Sequence[Kind]) -> list[Kind]:
    """The order of the original tool's three types, then by name."""
    ranks = {name: rank for rank, name in enumerate(FIRST_TYPES)}
    return sorted(kinds, key=lambda one: (ranks.get(one.log_type, len(ranks)), one.log_type))


def hours(start: int, end: int) -> range:
    """The starts of the hours from `start` to `end`, both included, in seconds since 1970."""
    return range(start, end + 1, HOUR_SECONDS)


def jobs(plan: Plan) -> Iterator[Job]:
    """The files to make, in order; without end where their sizes decide how many there are."""
    return _without_end(plan) if plan.size_bytes else _by_number(plan)


def _by_number(plan: Plan) -> Iterator[Job]:
    number = 0
    for hour in plan.hours:
        for kind in plan.kinds:
            for place in range(kind.files):
                yield Job(number, kind.log_type, kind.schema_file, hour, place, kind.rows)
                number += 1


def _without_end(plan: Plan) -> Iterator[Job]:
    """One file for each hour and type, then the second ones, and so on."""
    number = 0
    for place in count():
        for hour in plan.hours:
            for kind in plan.kinds:
                yield Job(number, kind.log_type, kind.schema_file, hour, place, kind.rows)
                number += 1


def first_jobs(plan: Plan) -> list[Job]:
    """The first file of each log type that has any."""
    kinds = plan.kinds if plan.size_bytes else [kind for kind in plan.kinds if kind.files]
    return [Job(0, kind.log_type, kind.schema_file, plan.start, 0, kind.rows) for kind in kinds]


def bytes_for(terabytes_a_day: float, start: int, end: int) -> int:
    """The size of a run at so many terabytes (of 1024^4 bytes) for each day of its hours."""
    return int(terabytes_a_day * TERABYTE * len(hours(start, end)) / HOURS_A_DAY)
