"""What parsing costs a line, beside the least that any program pays for JSON on this machine.

The Go tools cannot be run here. What they took was measured on a machine on which a loop of
orjson.loads and orjson.dumps over CloudTrail lines of 1.2 kB ran at 307 MB/s; the same loop, run
here in the same minutes, tells how fast this machine is at the moment.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks import loglines, measure
from benchmarks.measure import Cost, Failed

LINES = 200_000
LOOP_BYTES_PER_SECOND = 307e6
LOOP_LINES = 2000
# Lines in memory, and so many passes that the machine's other work is felt as much as by the tool.
# Prints bytes a second of the middle one.
LOOP = """
import statistics, sys, time, orjson
lines = open(sys.argv[1], "rb").read().splitlines()
def seconds():
    start = time.process_time()
    for line in lines:
        orjson.dumps(orjson.loads(line))
    return time.process_time() - start
print(sum(map(len, lines)) / statistics.median(seconds() for _ in range(200)))
"""


@dataclass(frozen=True)
class LogClaim:
    """A log type's lines, what the Go tool takes for one (microseconds of CPU), and how much of
    that we may take. `is_classified`: every built-in type is looked for, as the Go figures were
    measured; otherwise one schema is named."""

    name: str
    log_type: str
    go_us: float
    most_of_go: float
    is_classified: bool = True


CLAIMS = (
    LogClaim("logs-cloudtrail", "AWS.CloudTrail", 32, 1.0),
    LogClaim("logs-cloudtrail-parse", "AWS.CloudTrail", 32, 1.0, is_classified=False),
    LogClaim("logs-vpcflow", "AWS.VPCFlow", 10.9, 1.5),
    LogClaim("logs-s3access", "AWS.S3ServerAccess", 14.7, 1.5),
    LogClaim("logs-apache", "Apache.AccessCommon", 11.3, 1.5),
    LogClaim("logs-custom", loglines.CUSTOM_TYPE, 37, 1.0, is_classified=False),
)


@dataclass(frozen=True)
class LogResult:
    """Of one claim: CPU microseconds a line on one processor, what the Go tool would take here,
    and lines and megabytes a second on one processor and on two."""

    name: str
    lines: int
    cpu_us: float
    go_here_us: float
    of_go: float
    most_of_go: float
    lines_per_second: float
    mb_per_second: float
    two_lines_per_second: float
    two_mb_per_second: float
    peak_mb: float

    @property
    def is_reached(self) -> bool:
        """True when it takes no more than claimed."""
        return self.of_go <= self.most_of_go


def run(claim: LogClaim, scale: float, repeat: int, out: Path) -> Sequence[LogResult]:
    """Measure one claim. Raises Failed when not every line became an event."""
    lines = max(1000, int(LINES * scale))
    folder = out.parent
    file = folder / f"{claim.name}.log"
    size = loglines.write(claim.log_type, lines, file)
    calibration = folder / "loop.jsonl"
    loglines.write("AWS.CloudTrail", LOOP_LINES, calibration)
    ones: list[Cost] = []
    twos: list[Cost] = []
    loop_rates: list[float] = []
    for _ in range(repeat):
        measure.run(["-c", LOOP, str(calibration)], os.environ, out)
        loop_rates.append(float(out.read_text()))
        ones.append(_once(claim, file, folder, 1, out, lines))
        twos.append(_once(claim, file, folder, 2, out, lines))
    loop_rate = median(loop_rates)
    cpu_us = median(one.cpu_seconds for one in ones) / lines * 1e6
    go_us = claim.go_us * LOOP_BYTES_PER_SECOND / loop_rate
    wall, wall_two = (median(one.wall_seconds for one in runs) for runs in (ones, twos))
    file.unlink()
    return [
        LogResult(
            name=claim.name,
            lines=lines,
            cpu_us=cpu_us,
            go_here_us=go_us,
            of_go=cpu_us / go_us,
            most_of_go=claim.most_of_go,
            lines_per_second=lines / wall,
            mb_per_second=size / wall / 1e6,
            two_lines_per_second=lines / wall_two,
            two_mb_per_second=size / wall_two / 1e6,
            peak_mb=median(one.peak_bytes for one in ones) / 1e6,
        )
    ]


def _once(claim: LogClaim, file: Path, folder: Path, workers: int, out: Path, lines: int) -> Cost:
    cost = measure.run(
        [*_command(claim, folder), "-workers", str(workers), str(file)], os.environ, out
    )
    with out.open("rb") as events:
        count = sum(block.count(b"\n") for block in iter(lambda: events.read(1 << 20), b""))
    expected = lines - (claim.log_type == "AWS.VPCFlow")
    if count != expected:
        raise Failed(f"{claim.name}: {count} events of {expected} lines")
    return cost


def _command(claim: LogClaim, folder: Path) -> Iterator[str]:
    yield from ("tools/pantherlog/main.py", "parse", "-no-progress", "-datalake")
    if claim.log_type == loglines.CUSTOM_TYPE:
        schema = folder / "schema.yml"
        schema.write_text(loglines.custom_schema(), "utf-8")
        yield from ("-path", str(schema))
    elif not claim.is_classified:
        yield from ("-schemas", claim.log_type)
