"""Carrying out a recorded plan: batches in parallel, each result written down when it is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from common import work
from common.batch import NOT_TAKEN, Fate, Refusal, settle
from common.stop import Stop
from tools.s3undelete.delete_objects import MOST_ENTRIES, Remover
from tools.s3undelete.record import REFUSED, REMOVED, Batch, Record, Row
from tools.s3undelete.report import End, Left, Tally

# What is on its way is what memory grows with. More would not be faster: S3 takes about 3,500
# deletes a second for a prefix.
MOST_ON_THEIR_WAY = 2_500


def batch_entries(markers: int, workers: int) -> int:
    """How many markers to remove with one request: as many as S3 takes, fewer when so many workers
    would have too many on their way."""
    if markers <= MOST_ON_THEIR_WAY:
        return MOST_ENTRIES
    return max(1, min(MOST_ENTRIES, MOST_ON_THEIR_WAY // workers))


@dataclass(frozen=True)
class Removal:
    """Removes what `kept` plans; `report` is given a line for each of the first refusals."""

    remover: Remover
    kept: Record
    tally: Tally
    stop: Stop
    report: Callable[[str], None]

    def run(self, markers: int, workers: int) -> None:
        """Remove everything, that many markers. A stop request ends it after the batches in flight.
        Raises the first error that makes removing impossible, OSError when the record cannot be
        written."""
        batches = self.kept.batches(batch_entries(markers, workers))
        if not work.spread(batches, self.remove, workers, self.stop):
            self.report("some requests were still unanswered: their markers may be gone as well")
        self.kept.sync()

    def remove(self, batch: Batch) -> None:
        """Remove the markers of some whole keys and write down what became of each."""

        def post(places: Sequence[int]) -> Sequence[Refusal | None]:
            return self.remover.post(lambda: self._markers(batch, places))

        fates: list[Fate] = []
        for start in range(0, batch.number, MOST_ENTRIES):
            places = range(start, min(start + MOST_ENTRIES, batch.number))
            if start and self.stop.requested:
                fates += [NOT_TAKEN] * len(places)
            else:
                fates += settle(places, post, self.stop)
        rows = self.kept.read(batch)
        ends = [end_of(fate, self.stop.requested) for fate in fates]
        pairs = list(zip(rows, ends, strict=True))
        self.kept.mark((row for row, end in pairs if end is None), REMOVED)
        self.kept.mark((row for row, end in pairs if isinstance(end, Refusal)), REFUSED)
        for line in self.tally.take(rows, ends):
            self.report(line)

    def _markers(self, batch: Batch, places: Sequence[int]) -> list[Row]:
        rows = self.kept.read(batch)
        return [rows[place] for place in places]


def end_of(fate: Fate, is_stopped: bool) -> End:
    """What became of a marker; after a stop request one is not tried to its end but left."""
    if is_stopped and fate.refusal is not None and not fate.refusal.is_final:
        return Left.LEFT
    return fate.refusal
