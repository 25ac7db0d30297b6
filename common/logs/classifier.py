"""Which log type a line is of: types are tried in the order of how often they have been wrong.

One classifier reads one stream, so that it learns the type of a file: after the first line of a
uniform file every line costs one parse.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from common.logs.codec import Event
from common.logs.coerce import members
from common.logs.logtype import LogType, Parse
from common.logs.refused import Refused

# They take lines of other types too, or what no other type takes: they go last at equal penalty.
CATCH_ALL = frozenset(
    (
        "Crowdstrike.Unknown",
        "Fastly.Access",
        "GitLab.Git",
        "Microsoft365.Audit.General",
        "Syslog.RFC3164",
    )
)
FIRST_PENALTY = 1
# More lines without an event are no opening of a file.
MOST_OPENING = 1000
UNCLASSIFIED = "failed to classify log line"

_Rank = tuple[int, bool, str]


class Learnt(NamedTuple):
    """What a classifier knows that another one of the same types needs to go on in its place:
    penalties by log type, and the lines up to its first event of each type that depends on them."""

    penalties: Mapping[str, int]
    openings: Mapping[str, Sequence[bytes]]


@dataclass
class Tally:
    """What became of a stream's lines, or of those of one type: bytes without line ends, time in
    nanoseconds."""

    bytes: int = 0
    lines: int = 0
    events: int = 0
    failed: int = 0
    parse_ns: int = 0

    def add(self, other: Tally) -> None:
        """Count another stretch of the stream."""
        self.bytes += other.bytes
        self.lines += other.lines
        self.events += other.events
        self.failed += other.failed
        self.parse_ns += other.parse_ns


@dataclass
class Statistics:
    """Of a stream: by log type, and what was of none."""

    types: dict[str, Tally] = field(default_factory=dict)
    failed: Tally = field(default_factory=Tally)

    @property
    def whole(self) -> Tally:
        """Of all lines."""
        whole = Tally()
        for tally in (self.failed, *self.types.values()):
            whole.add(tally)
        return whole

    def add(self, other: Statistics) -> None:
        """Count another stretch of the stream."""
        self.failed.add(other.failed)
        for name, tally in other.types.items():
            self.types.setdefault(name, Tally()).add(tally)


class Classifier:
    """Parses the lines of one stream with the type that each is of."""

    def __init__(
        self,
        types: Sequence[LogType],
        learnt: Learnt | None = None,
        debug: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`learnt` is of another classifier of the same types, to go on from there."""
        self._types = {one.name: one for one in types}
        self._parsers: dict[str, Parse] = {}
        known, openings = learnt or Learnt({}, {})
        self._openings = dict(openings)
        for name, lines in openings.items():
            self._parsers[name] = opened(self._types[name].new(), lines)
        self._queue: list[_Rank] = [
            (known.get(name, FIRST_PENALTY), name in CATCH_ALL, name) for name in self._types
        ]
        heapq.heapify(self._queue)
        self._debug = debug
        self.statistics = Statistics()
        self._tallies = self.statistics.types

    @property
    def learnt(self) -> Learnt:
        """All that is to know of what the classifier has learnt, where `has_state` is False."""
        return Learnt({name: penalty for penalty, _, name in self._queue}, dict(self._openings))

    @property
    def has_state(self) -> bool:
        """Whether the type that took the last line reads lines depending on those before, of which
        `learnt` does not tell."""
        return any(self._depends(name) for penalty, _, name in self._queue if not penalty)

    @property
    def asked_state(self) -> bool:
        """Whether a type that reads lines depending on those before was given any, so that another
        classifier that has learnt the same would not do the same."""
        return any(self._depends(name) for name in self._parsers)

    def _depends(self, name: str) -> bool:
        return self._types[name].is_stateful and name not in self._openings

    def parse(self, line: bytes) -> Sequence[Event]:
        """The events of a line that is not blank. Raises Refused when no type takes it: with the
        type's own reason where there is just one."""
        start = time.perf_counter_ns()
        queue = self._queue
        first = queue[0]
        try:
            events = self._parse_as(first[2], line)
        except Refused as error:
            if len(queue) == 1:
                self._count_failed(line)
                raise
            self._debug(f"{first[2]}: {error}")
            events, first = self._try_others(line)
        else:
            if first[0]:
                first = (0, first[1], first[2])
                heapq.heapreplace(queue, first)
        tally = self._tallies.get(first[2])
        if tally is None:
            tally = self._tallies[first[2]] = Tally()
        tally.bytes += len(line)
        tally.lines += 1
        tally.events += len(events)
        tally.parse_ns += time.perf_counter_ns() - start
        return events

    def _try_others(self, line: bytes) -> tuple[Sequence[Event], _Rank]:
        """Try all but the first type, which has failed."""
        penalty, is_last, name = heapq.heappop(self._queue)
        tried = [(penalty + 1, is_last, name)]
        names = _member_names(line)
        try:
            while self._queue:
                penalty, is_last, name = heapq.heappop(self._queue)
                if self._can_be(name, names):
                    try:
                        events = self._parse_as(name, line)
                    except Refused as error:
                        self._debug(f"{name}: {error}")
                    else:
                        found = (0, is_last, name)
                        tried.append(found)
                        return events, found
                tried.append((penalty + 1, is_last, name))
        finally:
            self._queue += tried
            heapq.heapify(self._queue)
        self._count_failed(line)
        raise Refused(UNCLASSIFIED)

    def _can_be(self, name: str, names: Set[str] | None) -> bool:
        one = self._types[name]
        return not one.is_json or (names is not None and one.members() <= names)

    def _parse_as(self, name: str, line: bytes) -> Sequence[Event]:
        """Raises Refused, also for an error inside a parser, which concerns that parser only."""
        parser = self._parsers.get(name)
        if parser is None:
            parser = self._parsers[name] = self._new_parser(self._types[name])
        try:
            return parser(line)
        except Refused:
            raise
        except ValueError as error:
            raise Refused(str(error)) from error
        except Exception as error:
            self._debug(f"{name}: its parser broke: {error!r}")
            raise Refused(f"the parser broke: {type(error).__name__}") from error

    def _new_parser(self, one: LogType) -> Parse:
        """A parser that notes its lines up to the first event, where that is of use."""
        parse = one.new()
        if not (one.is_stateful and one.settles):
            return parse
        lines: list[bytes] = []

        def parse_opening(line: bytes) -> Sequence[Event]:
            lines.append(line)
            events = parse(line)
            if events:
                self._openings[one.name] = lines
            if events or len(lines) == MOST_OPENING:
                self._parsers[one.name] = parse
            return events

        return parse_opening

    def _count_failed(self, line: bytes) -> None:
        failed = self.statistics.failed
        failed.bytes += len(line)
        failed.lines += 1
        failed.failed += 1


def opened(parse: Parse, lines: Sequence[bytes]) -> Parse:
    """A parser that has read the first lines of a file. What it raised for any of them was dealt
    with when they were read first."""
    for line in lines:
        with suppress(Exception):
            parse(line)
    return parse


def _member_names(line: bytes) -> Set[str] | None:
    """The top-level names of a JSON object, none of `null`; None for anything else."""
    if line[:1] not in (b"{", b"n"):
        return None
    try:
        return members(line.decode("utf-8", "replace").encode()).keys()
    except Refused:
        return None
