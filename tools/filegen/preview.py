"""What a run would write, and whether that is so much that it should be confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tools.filegen.destination import key_of
from tools.filegen.files import Settings, made, name_of
from tools.filegen.walk import Plan, first_jobs

# Above these a run to S3 asks first.
ASK_ABOVE_FILES = 1_000_000
ASK_ABOVE_BYTES = 1024**4
_ROW_BYTES = 700

HEADER = ("LOG TYPE", "FILES", "ROWS", "FIRST FILE")


class Line(NamedTuple):
    """The files and rows of a log type, and the key of the first file ("-" where there is none)."""

    log_type: str
    files: int
    rows: int
    first: str


def lines(plan: Plan, settings: Settings, prefix: str) -> Sequence[Line]:
    """A line for each log type. Where a size is asked for, the first file of each is made, and its
    size taken for that of all: the numbers are not exact then."""
    first = {job.log_type: job for job in first_jobs(plan)}
    rounds = 0
    if plan.size_bytes:
        sizes = [made(settings, job).raw_bytes for job in first.values()]
        rounds = -(-plan.size_bytes // (sum(sizes) * len(plan.hours)))
    found = []
    for kind in plan.kinds:
        count = (rounds or kind.files) * len(plan.hours)
        job = first.get(kind.log_type)
        key = key_of(prefix, name_of(settings, job)) if job else "-"
        found.append(Line(kind.log_type, count, count * kind.rows, key))
    return found


def is_large(plan: Plan) -> bool:
    """Whether a run makes more than a million files or about a terabyte."""
    rows = sum(kind.files * kind.rows for kind in plan.kinds) * len(plan.hours)
    size = plan.size_bytes or rows * _ROW_BYTES
    return (plan.files or 0) > ASK_ABOVE_FILES or size > ASK_ABOVE_BYTES
