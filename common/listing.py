"""Listing a prefix in parallel: key ranges that split themselves while other workers are idle.

A range is (after, upto]: every key of the prefix lies in exactly one range, whatever the keys look
like, and a range can be resumed from the last key seen. Folders give good places to split; a flat
prefix is split where its keys first differ. Nothing is guessed: a split only moves a border.
"""

from __future__ import annotations

import queue
import threading
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Protocol

from common import s3xml
from common.s3 import Bucket
from common.stop import Stop
from common.work import TICK_SECONDS, busy_meter

FIRST_WORKERS = 2
SPLITS_PER_WORKER = 4
PROBES = 32
PAGES_AHEAD = 6
# Reading a page takes a few times the memory of the page, and the processor is the limit anyway.
READ_AT_ONCE = 2

Entry = Any  # s3xml.Object or s3xml.Version
Position = tuple[str, str]
# Reads a page that has come: its entries, and the position of the next page, None at the end.
ReadPage = Callable[[], tuple[Sequence[Entry], Position | None]]


class Lister(Protocol):
    """What ranges are read with: a prefix of one bucket."""

    @property
    def prefix(self) -> str:
        """What every key starts with."""

    def fetch(self, position: Position) -> ReadPage:
        """One page, not read yet."""

    def folders(self, prefix: str, after: str) -> Sequence[str]:
        """Some of the folders below `prefix` that sort behind `after`."""

    def first(self, after: str) -> str | None:
        """The first key behind `after`."""


@dataclass(frozen=True)
class ObjectLister:
    """The objects of a prefix."""

    bucket: Bucket
    prefix: str

    def fetch(self, position: Position) -> ReadPage:
        """The page at a position (after, token)."""
        reply = self.bucket.fetch_objects(self.prefix, after=position[0], token=position[1])

        def read() -> tuple[Sequence[Entry], Position | None]:
            page = s3xml.object_page(reply)
            last = page.objects[-1].key if page.objects else position[0]
            return page.objects, (last, page.next_token) if page.next_token else None

        return read

    def folders(self, prefix: str, after: str) -> Sequence[str]:
        """Folders of the first page behind `after`."""
        return self.bucket.objects(prefix, after=after, delimiter="/").prefixes

    def first(self, after: str) -> str | None:
        """The first key behind `after`."""
        found = self.bucket.objects(self.prefix, after=after, max_keys=1).objects
        return found[0].key if found else None


@dataclass(frozen=True)
class VersionLister:
    """The versions and delete markers of a prefix."""

    bucket: Bucket
    prefix: str

    def fetch(self, position: Position) -> ReadPage:
        """The page at a position (key marker, version marker)."""
        reply = self.bucket.fetch_versions(self.prefix, *position)

        def read() -> tuple[Sequence[Entry], Position | None]:
            page = s3xml.version_page(reply)
            return page.versions, (page.next_key, page.next_version) if page.next_key else None

        return read

    def folders(self, prefix: str, after: str) -> Sequence[str]:
        """Folders of the first page behind `after`."""
        return self.bucket.versions(prefix, after=after, delimiter="/").prefixes

    def first(self, after: str) -> str | None:
        """The first key behind `after`, deleted or not."""
        found = self.bucket.versions(self.prefix, after=after, max_keys=1).versions
        return found[0].key if found else None


@dataclass
class Range:
    """Keys behind `after` up to and with `upto` ("" = to the end); `last` is the last one read.

    `lister` is whom to read it with where one walk reads several prefixes."""

    after: str = ""
    upto: str = ""
    last: str = field(default="")
    lister: Lister | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        self.last = self.last or self.after

    def covers(self, key: str) -> bool:
        """True when `key` lies between what was read and the end."""
        return key > self.last and (not self.upto or key < self.upto)


def cut(entries: Sequence[Entry], upto: str) -> tuple[Sequence[Entry], bool]:
    """The entries up to and with key `upto`, and whether any were beyond."""
    if not upto or not entries or entries[-1].key <= upto:
        return entries, False
    return entries[: bisect_right(entries, upto, key=attrgetter("key"))], True


def split_points(lister: Lister, part: Range) -> list[str]:
    """Keys at which the unread rest of a range can be cut, ascending; none when it is too small.

    Asks for the folders around the last key read, outermost first, then probes a flat prefix.
    """
    for folder in _ancestors(lister.prefix, part.last):
        found = sorted(name for name in lister.folders(folder, part.last) if part.covers(name))
        if found:
            return found
    return _flat_split_point(lister, part)


def _ancestors(prefix: str, key: str) -> Iterator[str]:
    """`prefix` and each folder of `key` below it."""
    yield prefix
    position = key.find("/", len(prefix)) + 1
    while position:
        yield key[:position]
        position = key.find("/", position) + 1


def _flat_split_point(lister: Lister, part: Range) -> list[str]:
    # Everything behind the next higher character at one place of the key is a range of its own.
    start = max(len(lister.prefix), part.last.rfind("/") + 1)
    for place in range(start, min(len(part.last), start + PROBES)):
        beyond = part.last[:place] + _next_character(part.last[place])
        key = lister.first(beyond)
        if key is not None and part.covers(key) and len(key) > place:
            point = key[: place + 1]
            return [point] if part.covers(point) else []
    return []


def _next_character(character: str) -> str:
    code = ord(character) + 1
    return chr(0xE000) if 0xD800 <= code < 0xE000 else chr(min(code, 0x10FFFF))


def spread(points: Sequence[str], most: int) -> list[str]:
    """At most `most` of the points, evenly chosen."""
    if len(points) <= most:
        return list(points)
    return [points[index * len(points) // most] for index in range(most)]


class Walk:
    """Reads all ranges with a number of workers. `ranges` may be read under `lock` at any time:
    together they always cover the prefix exactly once. `lister` reads ranges without their own."""

    def __init__(
        self, lister: Lister | None, workers: int, stop: Stop, ranges: Iterable[Range] = ()
    ) -> None:
        self.lock = threading.Lock()
        self.ranges = list(ranges) or [Range()]
        self._lister = lister
        self._workers = workers
        self._stop = stop
        self._waiting = deque(self.ranges)
        self._changed = threading.Condition(self.lock)
        self._started = 0
        self._idle = 0
        self._ended = False
        self._error: BaseException | None = None
        self._room: threading.Semaphore | None = None
        self._turn = threading.Semaphore(READ_AT_ONCE)
        self._in_line = 0

    def run(self, take: Callable[[Range, Sequence[Entry], bool], None]) -> None:
        """Give every page to `take(range, entries, is_end)`, in key order within a range.

        `take` runs on the workers' threads; like in work.spread(), they are started while the
        processor has time for more. Ends early when a stop is requested or after end(). Raises the
        first error of the listing or of `take`.
        """
        threads = [self._start(take) for _ in range(min(self._workers, FIRST_WORKERS))]
        is_busy = busy_meter()
        for thread in threads:
            while thread.is_alive():
                thread.join(TICK_SECONDS)
                if thread.is_alive() and not self._idle and not self._in_line and not is_busy():
                    more = min(len(threads), self._workers - len(threads))
                    threads += [self._start(take) for _ in range(more)]
        if self._error is not None:
            raise self._error

    def _start(self, take: Callable[[Range, Sequence[Entry], bool], None]) -> threading.Thread:
        with self.lock:
            self._started += 1
        thread = threading.Thread(target=self._work, args=(take,), name="list", daemon=True)
        thread.start()
        return thread

    def pages(self) -> Iterator[tuple[Range, Sequence[Entry], bool]]:
        """The same pages as an iterator; few are read ahead. Closing it ends the listing."""
        if self._workers == 1:
            yield from self._serial()
            return
        ready: queue.SimpleQueue[tuple[Range, Sequence[Entry], bool] | None] = queue.SimpleQueue()
        self._room = threading.Semaphore(PAGES_AHEAD)

        def fill() -> None:
            try:
                self.run(lambda *page: ready.put(page))
            except BaseException as error:  # such as a thread that cannot be started
                self._error = self._error or error
            ready.put(None)

        threading.Thread(target=fill, name="listing", daemon=True).start()
        try:
            while (page := ready.get()) is not None:
                yield page
                self._room.release()
        finally:
            self.end()
        if self._error is not None:
            raise self._error

    def end(self) -> None:
        """Read no further page."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _serial(self) -> Iterator[tuple[Range, Sequence[Entry], bool]]:
        for part in list(self.ranges):
            position: Position | None = (part.last, "")
            while position is not None and not self._is_over():
                entries, position = self._read(part, self._lister_of(part).fetch(position))
                yield part, entries, position is None

    def _lister_of(self, part: Range) -> Lister:
        lister = part.lister or self._lister
        if lister is None:
            raise ValueError("a range without a lister")
        return lister

    def _is_over(self) -> bool:
        return self._ended or self._stop.requested

    @staticmethod
    def _read(part: Range, read_page: ReadPage) -> tuple[Sequence[Entry], Position | None]:
        entries, next_position = read_page()
        entries, is_beyond = cut(entries, part.upto)
        if entries:
            part.last = entries[-1].key
        return entries, None if is_beyond else next_position

    def _work(self, take: Callable[[Range, Sequence[Entry], bool], None]) -> None:
        try:
            while (part := self._next()) is not None:
                self._read_range(part, take)
        except BaseException as error:
            with self._changed:
                self._error = self._error or error
                self._ended = True
                self._changed.notify_all()

    def _next(self) -> Range | None:
        with self._changed:
            self._idle += 1
            while not self._waiting:
                if self._idle == self._started or self._is_over():
                    self._ended = True
                    self._changed.notify_all()
                    return None
                self._changed.wait(0.5)
            self._idle -= 1
            return self._waiting.popleft()

    def _read_range(
        self, part: Range, take: Callable[[Range, Sequence[Entry], bool], None]
    ) -> None:
        position: Position | None = (part.last, "")
        pages_until_split = 1
        while position is not None and self._has_room():
            position = self._take_page(part, self._lister_of(part).fetch(position), take)
            pages_until_split -= 1
            if position is not None and pages_until_split <= 0 and self._has_idle_workers():
                pages_until_split = 2 if self._split(part) else 16

    def _take_page(
        self,
        part: Range,
        read_page: ReadPage,
        take: Callable[[Range, Sequence[Entry], bool], None],
    ) -> Position | None:
        with self.lock:
            self._in_line += 1
        with self._turn:
            with self.lock:
                self._in_line -= 1
            entries, position = self._read(part, read_page)
            take(part, entries, position is None)
        return position

    def _has_room(self) -> bool:
        """Wait until another page may be held in memory; False when none is wanted any more."""
        while not self._is_over():
            if self._room is None or self._room.acquire(timeout=0.1):
                return True
        return False

    def _has_idle_workers(self) -> bool:
        return self._idle > 0 and not self._waiting

    def _split(self, part: Range) -> bool:
        points = split_points(self._lister_of(part), part)
        points = spread(points, self._workers * SPLITS_PER_WORKER)
        if not points:
            return False
        ends = [*points[1:], part.upto]
        fresh = [
            Range(after, upto, lister=part.lister) for after, upto in zip(points, ends, strict=True)
        ]
        with self._changed:
            part.upto = points[0]
            self.ranges += fresh
            self._waiting.extend(fresh)
            self._changed.notify_all()
        return True
