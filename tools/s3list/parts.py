"""Part files, one for each key range, and the state by which a killed run goes on behind them.

The state never tells more than what is on disk: rows are written, then counted, then synced, and
only then is their number of bytes recorded. What a part holds beyond is cut off at the next start.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from common import checkpoint
from common.errors import UsageError
from common.listing import Range

SAVE_SECONDS = 1.0
MOST_TIME_SAVING = 0.05


@dataclass
class Part:
    """The rows of one range of one place: `last` is the key of the last one that was looked at,
    `bytes` what was written for it and all before, `counts` objects and bytes of each owner."""

    number: int
    place: int
    span: Range
    last: str
    bytes: int = 0
    is_done: bool = False
    counts: dict[int, tuple[int, int]] = field(default_factory=dict)

    def record(self) -> dict[str, Any]:
        """The part as the state keeps it."""
        return {
            "part": self.number,
            "place": self.place,
            "after": self.span.after,
            "upto": self.span.upto,
            "last": self.last,
            "bytes": self.bytes,
            "done": self.is_done,
            "counts": [[owner, *numbers] for owner, numbers in self.counts.items()],
        }


def of_record(record: Mapping[str, Any]) -> Part:
    """A part from record(). Raises KeyError, TypeError or ValueError for anything else."""
    return Part(
        number=int(record["part"]),
        place=int(record["place"]),
        span=Range(record["after"], record["upto"], record["last"]),
        last=record["last"],
        bytes=int(record["bytes"]),
        is_done=bool(record["done"]),
        counts={owner: (objects, size) for owner, objects, size in record["counts"]},
    )


def fresh_parts(places: int) -> list[Part]:
    """One part for each place, nothing of it read."""
    return [Part(number, number, Range(), "") for number in range(places)]


class Parts:
    """All parts of a run. They are found by their range and changed under a lock."""

    def __init__(self, parts: Iterable[Part]) -> None:
        self._lock = Lock()
        self._by_span = {id(part.span): part for part in parts}
        self._next_number = 1 + max((part.number for part in self._by_span.values()), default=-1)
        self.objects = sum(
            objects for part in self._by_span.values() for objects, _ in part.counts.values()
        )

    def all(self) -> list[Part]:
        """The parts in the order of the result: by place, then by key."""
        with self._lock:
            parts = list(self._by_span.values())
        return sorted(parts, key=lambda part: (part.place, part.span.after))

    def of(self, span: Range, place: int) -> Part:
        """The part of a range, a new one for a range that came from a split."""
        with self._lock:
            part = self._by_span.get(id(span))
            if part is None:
                part = Part(self._next_number, place, span, span.after)
                self._by_span[id(span)] = part
                self._next_number += 1
            return part

    def written(
        self, part: Part, last: str, size: int, counts: Iterable[tuple[int, int, int]], is_end: bool
    ) -> None:
        """`size` bytes of rows were appended to a part, up to the key `last` ("" = no key);
        `counts` are (owner, objects, their bytes)."""
        with self._lock:
            part.last = last or part.last
            part.bytes += size
            part.is_done = is_end
            for owner, objects, total in counts:
                before = part.counts.get(owner, (0, 0))
                part.counts[owner] = (before[0] + objects, before[1] + total)
                self.objects += objects

    def records(self) -> list[dict[str, Any]]:
        """All parts as the state keeps them, at one moment."""
        with self._lock:
            return [part.record() for part in self._by_span.values()]


class Store:
    """The folder of part files and the state file of one result."""

    def __init__(
        self, out: Path, state: Path, tool: str, arguments: Mapping[str, Any], restart: bool
    ) -> None:
        """Read the state unless `restart`.

        Raises UsageError when it is damaged, of another tool or of other arguments.
        """
        self.folder = out.with_name(out.name + ".parts")
        self.state = state
        self._tool = tool
        self._arguments = arguments
        self._records = None if restart else checkpoint.load(state, tool, arguments)
        self._sources = ""
        self._synced: dict[int, int] = {}
        self._next_save = time.monotonic() + SAVE_SECONDS
        self.is_resumed = self._records is not None

    def open(self, sources: str, places: int) -> Parts:
        """The parts to go on with; files without a place in the state are removed.

        `sources` is the fingerprint of what is listed. Raises UsageError when the state belongs to
        other sources or a part file has lost what the state tells of it.
        """
        self._sources = sources
        if self._records is None:
            self.state.unlink(missing_ok=True)
        parts = fresh_parts(places) if self._records is None else self._restored(sources)
        self.folder.mkdir(exist_ok=True)
        kept = {str(part.number): part for part in parts if part.bytes}
        for path in self.folder.iterdir():
            if path.name.isdecimal() and path.name not in kept:
                path.unlink()
        for part in kept.values():
            self._cut(part)
        return Parts(parts)

    def _restored(self, sources: str) -> list[Part]:
        again = f"Delete {self.state} or give -restart to begin again."
        try:
            head, *rest = self._records or []
            parts = [of_record(record) for record in rest]
            known = head["sources"]
        except (ValueError, KeyError, TypeError):
            raise UsageError(f"checkpoint {self.state} is damaged", again) from None
        if known != sources:
            raise UsageError(
                f"the log sources have changed since {self.state} was written",
                "Give -restart to list them anew.",
            )
        self._synced = {part.number: part.bytes for part in parts}
        return parts

    def _cut(self, part: Part) -> None:
        path = self.path(part)
        size = path.stat().st_size if path.exists() else 0
        if size < part.bytes:
            raise UsageError(
                f"{path} is shorter than {self.state} says",
                f"Delete {self.state} or give -restart to begin again.",
            )
        if size > part.bytes:
            os.truncate(path, part.bytes)

    def path(self, part: Part) -> Path:
        """The file of a part; there is none while it has no rows."""
        return self.folder / str(part.number)

    def append(self, part: Part, data: bytes) -> None:
        """Write rows behind those of a part. Raises OSError naming the file."""
        # Files are not kept open: there are far more ranges than a process may have files.
        path = self.path(part)
        try:
            with path.open("ab", buffering=0) as file:
                write_all(file.fileno(), data)
        except OSError as error:
            error.filename = str(path)
            raise

    def save(self, records: Callable[[], Sequence[Mapping[str, Any]]]) -> None:
        """Record how far everything is; `records` gives all parts at one moment.

        Raises OSError, naming the file, when that cannot be written.
        """
        began = time.monotonic()
        rows = records()
        for row in rows:
            number, size = row["part"], row["bytes"]
            if self._synced.get(number, 0) != size:
                _sync(self.folder / str(number))
                self._synced[number] = size
        checkpoint.save(
            self.state, self._tool, self._arguments, [{"sources": self._sources}, *rows]
        )
        ended = time.monotonic()
        self._next_save = ended + max(SAVE_SECONDS, (ended - began) / MOST_TIME_SAVING)

    def save_if_due(self, records: Callable[[], Sequence[Mapping[str, Any]]]) -> None:
        """Save about once a second, less often when saving takes long."""
        if time.monotonic() >= self._next_save:
            self.save(records)

    def remove(self, parts: Sequence[Part]) -> None:
        """Delete the state, then the part files."""
        self.state.unlink(missing_ok=True)
        for part in parts:
            self.path(part).unlink(missing_ok=True)
        with suppress(OSError):  # somebody else put a file there
            self.folder.rmdir()


def _sync(path: Path) -> None:
    with path.open("ab", buffering=0) as file:
        os.fsync(file.fileno())


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of `data`, however little the system takes at once."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
