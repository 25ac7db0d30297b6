"""Lines to events: the log types that are looked for, the clock and the source of a run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from common.logs.classifier import Classifier
from common.logs.codec import Event
from common.logs.envelope import Envelope
from common.logs.logtype import LogType, Warn, builtin_type, log_type
from common.logs.model import Schema
from common.logs.native.lines import ignore
from common.logs.refused import Refused
from common.logs.rowid import row_ids
from common.logs.unread import Block


@dataclass(frozen=True)
class Spec:
    """What to make of lines: as which log types (schemas, and names of built-in ones), in which
    encoding, from which source. `now_ns` fixes the clock (nanoseconds since 1970), None leaves it
    running."""

    schemas: tuple[Schema | str, ...]
    is_lake: bool
    source_id: str = ""
    source_label: str = ""
    now_ns: int | None = None

    def clock(self) -> int:
        """Now, in nanoseconds since 1970."""
        return time.time_ns() if self.now_ns is None else self.now_ns


class Parsed(NamedTuple):
    """What became of a record: its events with the line that each is written as, or the reason
    why there are none. Blank records are left out."""

    number: int
    events: Sequence[tuple[Event, bytes]]
    reason: str


class Engine:
    """The log types and the envelope of one process."""

    def __init__(
        self,
        spec: Spec,
        warn: Warn = ignore,
        next_id: Callable[[], str] | None = None,
    ) -> None:
        self._spec = spec
        self.types: list[LogType] = [
            _known(schema, spec.is_lake, spec.clock, warn) for schema in spec.schemas
        ]
        self._envelope = Envelope(
            spec.is_lake, next_id or row_ids(), spec.source_id, spec.source_label
        )

    def clock(self) -> int:
        """Now, in nanoseconds since 1970."""
        return self._spec.clock()

    def parse(
        self, classifier: Classifier, block: Block, now_ns: int | None = None
    ) -> Iterator[Parsed]:
        """What becomes of each record of a block that is not blank. `now_ns` is what the clock told
        a caller who needs to know the time of events that have none of their own."""
        parse, line_of = classifier.parse, self._envelope.line
        now = self.clock() if now_ns is None else now_ns
        for number, record in enumerate(block.records, block.first):
            line = record.strip()
            if line:
                try:
                    events = parse(line)
                except Refused as error:
                    yield Parsed(number, (), str(error))
                else:
                    yield Parsed(number, [(event, line_of(event, now)) for event in events], "")


def _known(schema: Schema | str, is_lake: bool, clock: Callable[[], int], warn: Warn) -> LogType:
    if isinstance(schema, str):
        return builtin_type(schema, is_lake, clock, warn)
    return log_type(schema, is_lake, clock, warn)
