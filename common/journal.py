"""How far a stream of chunks has been settled, kept in a checkpoint so that a later run goes on.

A chunk is settled when each of its objects was sent or written to the failed file. Progress is
one mark for each key range: everything up to it is settled.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from common import checkpoint
from common.listing import Range
from common.selection import Chunk

SAVE_SECONDS = 1.0


@dataclass
class Counts:
    """What happened to objects: numbers of objects, bytes of those sent, and how many of them
    were of which kind."""

    listed: int = 0
    skipped: int = 0
    sent: int = 0
    failed: int = 0
    doubtful: int = 0
    bytes: int = 0
    kinds: dict[str, int] = field(default_factory=dict)

    def add(self, other: Counts) -> None:
        """Add another's numbers to these."""
        self.listed += other.listed
        self.skipped += other.skipped
        self.sent += other.sent
        self.failed += other.failed
        self.doubtful += other.doubtful
        self.bytes += other.bytes
        for kind, number in other.kinds.items():
            self.kinds[kind] = self.kinds.get(kind, 0) + number


@dataclass
class Pending:
    """A chunk on its way: how many of its objects are still open, and what became of the rest."""

    chunk: Chunk
    open: int
    counts: Counts
    is_blocked: bool = False


class Journal:
    """Follows chunks from start to end; every method may be called from any thread."""

    def __init__(
        self,
        path: Path | None,
        tool: str,
        arguments: Mapping[str, Any],
        restart: bool = False,
    ) -> None:
        """Continue the checkpoint at `path` (None = keep none) unless `restart`.

        Raises UsageError when the file is damaged or belongs to other arguments.
        """
        self._path = path
        self._tool = tool
        self._arguments = arguments
        self._lock = threading.Lock()
        self._queues: dict[int, deque[Pending]] = {}
        self._marks: dict[int, str] = {}
        self._ended: set[int] = set()
        self._saved_at = time.monotonic()
        self._is_dirty = False
        self.settled = Counts()
        self.total = Counts()
        self.resumed: list[Range] = []
        self.is_read = False
        self.is_complete = False
        records = None if restart or path is None else checkpoint.load(path, tool, arguments)
        for record in records or ():
            self._restore(record)

    def _restore(self, record: Mapping[str, Any]) -> None:
        if "after" in record:
            self.resumed.append(Range(record["after"], record["upto"]))
        else:
            self.is_complete = record["complete"]
            self.settled.add(Counts(**record["counts"]))
            self.total.add(self.settled)

    def start(self, chunk: Chunk) -> Pending:
        """A chunk has been read. One without objects is settled at once."""
        counts = Counts(listed=chunk.listed, skipped=chunk.skipped)
        pending = Pending(chunk, len(chunk.objects), counts)
        with self._lock:
            self.total.add(counts)
            self._queues.setdefault(id(chunk.origin), deque()).append(pending)
            self._advance(chunk.origin)
        return pending

    def finish(self, pending: Pending, number: int, counts: Counts, is_recorded: bool) -> None:
        """`number` objects of a chunk came to their end. Unless failed ones are recorded
        elsewhere (`is_recorded`), their chunk stays open, so that a later run sends it again."""
        with self._lock:
            self.total.add(counts)
            pending.counts.add(counts)
            pending.open -= number
            pending.is_blocked |= bool(counts.failed) and not is_recorded
            if not pending.open:
                self._advance(pending.chunk.origin)

    def _advance(self, origin: Range) -> None:
        queue = self._queues[id(origin)]
        while queue and not queue[0].open and not queue[0].is_blocked:
            done = queue.popleft()
            self.settled.add(done.counts)
            if done.chunk.mark:
                self._marks[id(origin)] = done.chunk.mark
            if done.chunk.is_end:
                self._ended.add(id(origin))
            self._is_dirty = True

    @property
    def is_settled(self) -> bool:
        """True when everything has been read and none of it is open."""
        return self.is_read and not any(self._queues.values())

    def save(self, ranges: Callable[[], Sequence[tuple[Range, str]]], now: bool = False) -> None:
        """Write the checkpoint, at most once a second unless `now`. `ranges` gives each range with
        its end at one moment."""
        if self._path is None or not (now or self._is_due()):
            return
        with self._lock:
            rows: list[dict[str, Any]] = [
                {"after": self._marks.get(id(part), part.after), "upto": upto}
                for part, upto in ranges()
                if id(part) not in self._ended
            ]
            rows.append({"complete": self.is_settled, "counts": asdict(self.settled)})
            self._is_dirty = False
            self._saved_at = time.monotonic()
        checkpoint.save(self._path, self._tool, self._arguments, rows)

    def _is_due(self) -> bool:
        return self._is_dirty and time.monotonic() - self._saved_at >= SAVE_SECONDS
