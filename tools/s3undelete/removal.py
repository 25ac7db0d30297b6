"""Carrying out a recorded plan: batches in parallel, each result written down when it is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from common import work
from common.batch import NOT_TAKEN, Fate, Refusal, settle
from common.stop import Stop
from tools.s3undelete import record
from tools.s3undelete.delete_objects import MOST_ENTRIES, Remover
from tools.s3undelete.record import REFUSED, REMOVED, Record, Row
from tools.s3undelete.report import End, Left, Tally

__all__ = ["Removal", "Remover"]


@dataclass(frozen=True)
class Removal:
    """Removes what `kept` plans; `report` is given a line for each of the first refusals."""

    remover: Remover
    kept: Record
    tally: Tally
    stop: Stop
    report: Callable[[str], None]

    def run(self, workers: int) -> None:
        """Remove everything. A stop request ends it after the batches in flight. Raises the first
        error that makes removing impossible, OSError when the record cannot be written."""
        batches = record.batches(self.kept.rows(), MOST_ENTRIES)
        if not work.spread(batches, self.remove, workers, self.stop):
            self.report("some requests were still unanswered: their markers may be gone as well")
        self.kept.sync()

    def remove(self, rows: Sequence[Row]) -> None:
        """Remove the markers of some whole keys and write down what became of each."""
        fates: list[Fate] = []
        for place in range(0, len(rows), MOST_ENTRIES):
            part = rows[place : place + MOST_ENTRIES]
            if place and self.stop.requested:
                fates += [NOT_TAKEN] * len(part)
            else:
                fates += settle(part, self.remover.post, self.stop)
        ends = [end_of(fate, self.stop.requested) for fate in fates]
        pairs = list(zip(rows, ends, strict=True))
        self.kept.mark((row for row, end in pairs if end is None), REMOVED)
        self.kept.mark((row for row, end in pairs if isinstance(end, Refusal)), REFUSED)
        for line in self.tally.take(rows, ends):
            self.report(line)


def end_of(fate: Fate, is_stopped: bool) -> End:
    """What became of a marker; after a stop request one is not tried to its end but left."""
    if is_stopped and fate.refusal is not None and not fate.refusal.is_final:
        return Left.LEFT
    return fate.refusal
