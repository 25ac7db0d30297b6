"""What a check found, and what the checks of a source add up to (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from common.sources import Source

OK = "ok"
FAILED = "failed"
SKIPPED = "skipped"

HEALTHY = "healthy"
DEGRADED = "degraded"
UNSUPPORTED = "unsupported"
RESULTS = (HEALTHY, DEGRADED, FAILED, UNSUPPORTED)


class Finding(NamedTuple):
    """The outcome of a check. `code` is the service's error code or a word of our own; an outcome
    that is ok and has a code carries information, not a fault."""

    result: str
    code: str = ""
    message: str = ""


class Check(NamedTuple):
    """One check: what it looked at, its outcome, and how long it took in milliseconds."""

    name: str
    target: str
    result: str
    code: str
    message: str
    ms: int


@dataclass(frozen=True)
class Report:
    """A source with its checks; without -validate `result` is "" and there are no checks."""

    source: Source
    result: str = ""
    checks: tuple[Check, ...] = ()

    @property
    def failed(self) -> list[Check]:
        """The checks that failed."""
        return [check for check in self.checks if check.result == FAILED]


def check_of(name: str, target: str, finding: Finding, ms: int = 0) -> Check:
    """A check from its outcome."""
    return Check(name, target, *finding, ms)


def verdict(checks: Iterable[Check]) -> str:
    """A source's result: one failed check makes it failed, one that could not be carried out
    makes it degraded; a source without any check is of a type that we cannot check."""
    results = {check.result for check in checks}
    if not results:
        return UNSUPPORTED
    if FAILED in results:
        return FAILED
    return DEGRADED if SKIPPED in results else HEALTHY


def tally(reports: Iterable[Report]) -> dict[str, int]:
    """How many sources have each result, in the order of RESULTS, without zeros."""
    found = [report.result for report in reports]
    return {result: found.count(result) for result in RESULTS if result in found}
