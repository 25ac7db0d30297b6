"""Listing places into part files or stdout: pages are filtered, attributed, rendered, written."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from common.errors import ToolError
from common.listing import Range, Walk
from common.s3xml import Object
from common.stop import Stop
from tools.s3list import rows
from tools.s3list.access import PlaceLister
from tools.s3list.parts import Part, Parts, write_all
from tools.s3list.places import Owners
from tools.s3list.result import compressed

Append = Callable[[Part, bytes], None]  # rows behind those of a part
Run = tuple[int, Sequence[Object]]  # objects of one owner, by its index


@dataclass(frozen=True)
class Wanted:
    """Which objects are listed (`choose` picks them from a page, None = all) and how rows look;
    limit 0 = no limit."""

    format: rows.Format
    choose: Callable[[Sequence[Object]], Sequence[Object]] | None
    limit: int
    workers: int


class Job:
    """One listing of some places. Its methods may be called from any thread."""

    def __init__(
        self, wanted: Wanted, listers: Sequence[PlaceLister], parts: Parts, append: Append
    ) -> None:
        self._wanted = wanted
        self.listers = listers
        self._numbers = {id(lister): number for number, lister in enumerate(listers)}
        self._owners = [Owners(lister.place) for lister in listers]
        self._renderer = lru_cache(maxsize=None)(self._make_renderer)
        self._append = append
        self._walk: Walk | None = None
        self.parts = parts

    @property
    def has_reached_limit(self) -> bool:
        """True when -limit objects have been written."""
        return 0 < self._wanted.limit <= self.parts.objects

    def run(self, stop: Stop) -> None:
        """List what is not done, to the end, the limit or a stop request.

        Raises the first error that concerns more than one place.
        """
        spans = []
        for part in self.parts.all():
            if not part.is_done:
                part.span.lister = self.listers[part.place]
                spans.append(part.span)
        if spans and not self.has_reached_limit:
            self._walk = Walk(None, self._wanted.workers, stop, spans)
            self._walk.run(self._take)

    def end(self) -> None:
        """Read no further page."""
        if self._walk is not None:
            self._walk.end()

    def records(self) -> list[dict[str, Any]]:
        """All parts as the state keeps them, at one moment: no range is split meanwhile."""
        if self._walk is None:
            return self.parts.records()
        with self._walk.lock:
            for span in self._walk.ranges:
                self._part(span)
            return self.parts.records()

    def close_finished(self) -> None:
        """Let go of the connections to places that are read to their end."""
        if self._walk is None:
            return
        with self._walk.lock:
            open_places = {part.place for part in map(self._part, self._walk.ranges)
                           if not part.is_done}  # fmt: skip
        for number, lister in enumerate(self.listers):
            if number not in open_places:
                lister.close()

    def _part(self, span: Range) -> Part:
        return self.parts.of(span, self._numbers[id(span.lister)])

    def _take(self, span: Range, objects: Sequence[Object], is_end: bool) -> None:
        part = self._part(span)
        limit = self._wanted.limit
        every = list(self._chosen(part.place, objects)) if objects else []
        chosen = _first(every, limit - self.parts.objects) if limit else every
        text = "".join([self._renderer(part.place, owner)(found) for owner, found in chosen])
        data = text.encode()
        if data:
            self._append(part, data)
        self.parts.written(
            part,
            objects[-1].key if objects else "",
            len(data),
            [(owner, len(found), sum([one.size for one in found])) for owner, found in chosen],
            is_end and chosen == every and self.listers[part.place].error is None,
        )
        if self.has_reached_limit:
            self.end()

    def _chosen(self, place: int, objects: Sequence[Object]) -> Iterator[Run]:
        owners, choose = self.listers[place].place.owners, self._wanted.choose
        for owner, run in self._owners[place].runs(objects):
            found = run if choose is None else choose(run)
            if found and owners[owner].is_wanted:
                yield owner, found

    def _make_renderer(self, place: int, owner: int) -> rows.Render:
        lister = self.listers[place]
        return rows.renderer(
            self._wanted.format.kind, lister.place, lister.place.owners[owner], lister.region
        )


def _first(runs: Sequence[Run], number: int) -> list[Run]:
    """The first `number` objects of the runs."""
    kept: list[Run] = []
    for owner, found in runs:
        if number > 0:
            kept.append((owner, found[:number]))
        number -= len(found)
    return kept


def to_stdout(wanted: rows.Format) -> Append:
    """Append for a run that keeps nothing: every page goes to stdout as it comes, behind the head.

    Raises ToolError when stdout is closed, OSError when it cannot be written to.
    """
    if sys.stdout is None:
        raise ToolError("cannot write to standard output: it is closed", "Redirect it to a file.")
    sys.stdout.flush()
    descriptor, lock = sys.stdout.fileno(), threading.Lock()

    def write(data: bytes) -> None:
        if wanted.is_gzip:
            data = compressed(data)
        with lock:
            try:
                write_all(descriptor, data)
            except OSError as error:
                error.filename = "standard output"
                raise

    write(rows.head(wanted.kind).encode())
    return lambda _part, data: write(data)
