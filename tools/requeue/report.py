"""What a run tells at its end: the summary, the fields of -output json, the exit code (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.cli import DONE, SOME_FAILED
from common.output import clock
from tools.requeue.ledger import Ledger
from tools.requeue.queues import Counts

SHOWN_IDS = 20
_TROUBLE = ("failed", "returned", "too_large", "maybe_duplicate")


def fields(
    source: str, destination: str, region: str, copies: bool, ledger: Ledger, left: Counts | None
) -> dict[str, Any]:
    """The run as a record; `left` is None when the source could not be asked."""
    return {
        "from": source,
        "to": destination,
        "region": region,
        "copy": copies,
        "moved": ledger.moved,
        "failed": ledger.failed,
        "returned": ledger.returned,
        "too_large": ledger.too_large,
        "maybe_duplicate": ledger.maybe_duplicate,
        "unmatched": ledger.unmatched,
        "left": left.total if left else None,
        "in_flight": left.in_flight if left else None,
        "maybe_duplicate_ids": ledger.doubtful_ids[:SHOWN_IDS],
    }


def summary(result: Mapping[str, Any]) -> str:
    """The line that every run ends with."""
    left = "unknown" if result["left"] is None else f"~{result['left']}"
    return (
        f"{'Copied' if result['copy'] else 'Moved'} {result['moved']} messages from "
        f"{result['from']} to {result['to']} in {clock(result['seconds'])} "
        f"(failed {result['failed']}, returned {result['returned']}, "
        f"too large {result['too_large']}, maybe duplicated {result['maybe_duplicate']}, "
        f"left {left})"
    )


def exit_code(result: Mapping[str, Any], is_complete: bool) -> int:
    """0 when everything that was to be moved was moved, once."""
    if not is_complete or any(result[name] for name in _TROUBLE):
        return SOME_FAILED
    return DONE
