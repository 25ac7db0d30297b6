"""What is written of the records of a block, and what is counted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, partial
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from common.logs.classifier import Classifier
    from common.logs.engine import Engine, Parsed
    from common.logs.unread import Block

Show = Callable[["Parsed"], list[bytes]]
"""The lines to write of a record."""


class Counts(NamedTuple):
    """How many records there were, events in them, records that failed, records that gave neither
    (blank lines, headers, comments), and records that a type took: those with events, headers,
    comments."""

    lines: int = 0
    events: int = 0
    failed: int = 0
    skipped: int = 0
    taken: int = 0

    def plus(self, other: Counts) -> Counts:
        """Of both."""
        return Counts(*map(sum, zip(self, other, strict=True)))


class Failure(NamedTuple):
    """A record that failed, and what to keep of its block to end with it: `size_bytes` of the data
    and `so_far` of the counts."""

    number: int
    reason: str
    record: bytes
    size_bytes: int
    so_far: Counts


class Part(NamedTuple):
    """What becomes of a block: the bytes to write, and what failed."""

    data: bytes
    counts: Counts
    failures: Sequence[Failure]


def event_part(engine: Engine, classifier: Classifier, block: Block) -> Part:
    """The events of a block, one a line."""
    return part(engine.parse(classifier, block), block, event_lines)


def record_part(engine: Engine, classifier: Classifier, block: Block) -> Part:
    """An object for each record of a block that is not blank: its events, or why it has none."""
    return part(engine.parse(classifier, block), block, record_show(len(engine.types)))


def record_show(type_count: int) -> Show:
    """Shows records as objects, which tell the log type where several are looked for."""
    return partial(record_lines, shows_type=type_count > 1)


def event_lines(parsed: Parsed) -> list[bytes]:
    """The lines to write of a record's events."""
    return [line for _, line in parsed.events]


def record_lines(parsed: Parsed, shows_type: bool) -> list[bytes]:
    """The object of a record, as JSON."""
    number, events, reason = parsed
    if reason:
        return [b'{"line":%d,"error":%b}' % (number, _quoted(reason))]
    log_type = b""
    if shows_type and events:
        log_type = b',"logType":%b' % _quoted(events[0][0].log_type)
    inner = b",".join([line for _, line in events])
    return [b'{"line":%d%b,"events":[%b]}' % (number, log_type, inner)]


def part(records: Iterable[Parsed], block: Block, show: Show) -> Part:
    """What `show` makes of the records of a block that are not blank."""
    lines: list[bytes] = []
    failed: list[tuple[Parsed, int, Counts]] = []
    events = fruitful = fruitless = 0
    for parsed in records:
        lines += show(parsed)
        if parsed.events:
            fruitful += 1
            events += len(parsed.events)
        elif parsed.reason:
            read = parsed.number - block.first + 1
            so_far = _counts(read, events, len(failed) + 1, fruitful, fruitless)
            failed.append((parsed, len(lines), so_far))
        else:
            fruitless += 1
    return Part(
        b"\n".join([*lines, b""]),
        _counts(len(block.records), events, len(failed), fruitful, fruitless),
        _failures(failed, lines, block) if failed else (),
    )


def _counts(lines: int, events: int, failed: int, fruitful: int, fruitless: int) -> Counts:
    return Counts(lines, events, failed, lines - failed - fruitful, fruitful + fruitless)


def _failures(
    failed: Sequence[tuple[Parsed, int, Counts]], lines: Sequence[bytes], block: Block
) -> list[Failure]:
    sizes = list(accumulate((len(line) + 1 for line in lines), initial=0))
    return [
        Failure(
            parsed.number,
            parsed.reason,
            block.records[parsed.number - block.first],
            sizes[line_count],
            so_far,
        )
        for parsed, line_count, so_far in failed
    ]


def cut(whole: Part, failures_left: int) -> Part:
    """A part up to that failure, if there are so many; the whole part otherwise."""
    if len(whole.failures) < failures_left:
        return whole
    last = whole.failures[failures_left - 1]
    return Part(whole.data[: last.size_bytes], last.so_far, whole.failures[:failures_left])


def named(data: bytes, file: str) -> bytes:
    """The objects of records with the name of their file before everything else."""
    head = b'{"file":%b,' % _quoted(file)
    return b"".join([head + line[1:] + b"\n" for line in data.splitlines()])


@lru_cache(maxsize=1024)
def _quoted(text: str) -> bytes:
    # Names of files may have bytes that are no UTF-8.
    return json.dumps(text, ensure_ascii=False).encode("utf-8", "replace")
