"""What a run has done, in numbers: counted while it goes on, shown at its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from common.logs.classifier import Statistics
from common.output import megabytes, plural
from tools.logprocessor.batching import CAUSES, MIB
from tools.logprocessor.sorting import Part, Place
from tools.logprocessor.writers import Written

if TYPE_CHECKING:
    from common.logs.classifier import Tally
    from tools.logprocessor.inputs import Counted

Record = dict[str, Any]
"""A run as plain data: what -stats and -output json give."""

HEADER = ("LOG TYPE", "RECORDS", "EVENTS", "BYTES", "US/RECORD", "HOURS")


@dataclass
class Numbers:
    """Of one run. `held` counts events that were read but not written, because the run ended
    early; `error` is why it failed, "" when it did not; `worker_rss` is the most memory of a worker
    process, in bytes."""

    number: int = 1
    streams: list[Counted] = field(default_factory=list)
    statistics: Statistics = field(default_factory=Statistics)
    places: set[Place] = field(default_factory=set)
    unreadable: list[str] = field(default_factory=list)
    written: Sequence[Written] = ()
    blank: int = 0
    latency_ns: int = 0
    held: int = 0
    seconds: float = 0.0
    error: str = ""
    worker_rss: int = 0

    @property
    def bytes_in(self) -> int:
        """Bytes read so far, without compression."""
        return sum(one.bytes for one in self.streams)

    @property
    def failed(self) -> int:
        """Records that no type took."""
        return self.statistics.whole.failed

    def add(self, part: Part) -> None:
        """Count a block."""
        self.places.update(part.places)
        self.blank += part.blank
        self.latency_ns += part.latency_ns
        self.worker_rss = max(self.worker_rss, part.worker_rss)


def record(numbers: Numbers, rss: int) -> Record:
    """A run's record; `rss` is the most memory that this process has had, in bytes."""
    whole, written = numbers.statistics.whole, numbers.written
    causes = Counter(one.cause for one in written)
    return {
        "run": numbers.number,
        "records": whole.lines,
        "matched": whole.lines - whole.failed,
        "failed": whole.failed,
        "blank": numbers.blank,
        "events": whole.events,
        "bytes_in": numbers.bytes_in,
        "seconds": round(numbers.seconds, 6),
        "mb_per_second": round(_rate(numbers.bytes_in / MIB, numbers), 3),
        "events_per_second": round(_rate(whole.events, numbers), 1),
        "types": {
            name: _type_record(tally, _hours(numbers, name))
            for name, tally in sorted(numbers.statistics.types.items())
        },
        "objects": len(written),
        "bytes_out": sum(one.bytes for one in written),
        "largest_object": max((one.bytes for one in written), default=0),
        "flushed_by": {cause: causes[cause] for cause in CAUSES},
        "events_not_written": numbers.held,
        "written": [
            {
                "key": one.key, "log_type": one.log_type, "events": one.events,
                "bytes": one.bytes, "flushed_by": one.cause, "announced": one.is_announced,
            }
            for one in written
        ],
        "unreadable": numbers.unreadable,
        "event_latency_seconds": round(numbers.latency_ns / 1e9, 3),
        "peak_rss_bytes": rss,
        "worker_peak_rss_bytes": numbers.worker_rss,
        "error": numbers.error,
    }  # fmt: skip


def _type_record(tally: Tally, hours: int) -> Record:
    return {
        "records": tally.lines,
        "events": tally.events,
        "bytes": tally.bytes,
        "parse_us_per_record": round(tally.parse_ns / 1e3 / tally.lines, 2) if tally.lines else 0.0,
        "hours": hours,
    }


def _hours(numbers: Numbers, log_type: str) -> int:
    return sum(name == log_type for name, _ in numbers.places)


def _rate(count: float, numbers: Numbers) -> float:
    return count / numbers.seconds if numbers.seconds else 0.0


def rows(told: Record) -> Iterator[tuple[str, str]]:
    """A record's whole numbers as a table of two columns."""
    for name in ("records", "matched", "failed", "blank", "events"):
        yield name, f"{told[name]:,}"
    yield "read", f"{told['bytes_in']:,} bytes in {told['seconds']:.2f} s"
    yield "speed", f"{told['mb_per_second']:.2f} MB/s, {told['events_per_second']:,.0f} events/s"
    yield "written", f"{plural(told['objects'], 'object')}, {told['bytes_out']:,} bytes"
    if told["objects"]:
        causes = (f"{cause} {count:,}" for cause, count in told["flushed_by"].items() if count)
        yield "largest object", f"{told['largest_object']:,} bytes"
        yield "flushed by", ", ".join(causes)
    if told["events_not_written"]:
        yield "not written", plural(told["events_not_written"], "event")
    yield "event latency", f"{told['event_latency_seconds']:,.3f} s in total"
    if told["peak_rss_bytes"]:
        workers = told["worker_peak_rss_bytes"]
        more = f", largest worker {megabytes(workers)}" if workers else ""
        yield "peak memory", megabytes(told["peak_rss_bytes"]) + more


def type_rows(told: Record) -> list[tuple[str, ...]]:
    """A record's log types as a table under HEADER."""
    return [
        (
            name, f"{one['records']:,}", f"{one['events']:,}", f"{one['bytes']:,}",
            f"{one['parse_us_per_record']:.2f}", f"{one['hours']:,}",
        )
        for name, one in told["types"].items()
    ]  # fmt: skip
