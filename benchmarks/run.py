"""Measure the claims: `python -m benchmarks.run [names] [-scale 1] [-repeat 3] [-output json]`.

Every run is a process of its own, as a user starts it, against the responder. A run whose work
did not arrive completely fails the whole benchmark. Exit codes: 0 done, 1 a run failed, 3 a goal
was missed (judged at full scale only).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks import ceiling, logs, measure
from benchmarks.claims import CLAIMS, MEMORY_CLAIMS, Claim, MemoryClaim, Work
from benchmarks.measure import Cost, Failed, Responder
from benchmarks.results import Memory, Result, StartUp, as_record, as_text, result

Outcome = Result | Memory | StartUp | logs.LogResult
START_UP = "start-up"
START_UP_RUNS = 11
MOST_OF_BOTO3 = 0.5
CEILING_ITEMS = 50_000


def main(argv: list[str] | None = None) -> int:
    """Measure what is named, everything by default."""
    names = [claim.name for claim in (*CLAIMS, *MEMORY_CLAIMS, *logs.CLAIMS)] + [START_UP]
    parser = argparse.ArgumentParser(
        prog="benchmarks.run", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(names))
    parser.add_argument("-scale", type=float, default=1.0, help="shrink the work, 0.01 to try out")
    parser.add_argument("-repeat", type=int, default=3, help="runs of each side, medians count")
    parser.add_argument("-output", choices=("text", "json"), default="text")
    given = parser.parse_args(argv)
    if unknown := set(given.names) - set(names):
        parser.error(
            f"there is no claim {', '.join(sorted(unknown))}; there are {', '.join(names)}"
        )
    if given.scale <= 0 or given.repeat < 1:
        parser.error("-scale must be above 0 and -repeat at least 1")
    found: list[Outcome] = []
    failures = 0
    for measurement in _measurements(given.names or names, given.scale, given.repeat):
        try:
            found += measurement()
        except Failed as failure:
            failures += 1
            _say(f"FAILED {failure}")
    judged = given.scale >= 1
    if given.output == "json":
        lines = [json.dumps(as_record(one)) for one in found]
        print("\n".join(lines))  # noqa: T201
    else:
        print(as_text(found, judged))  # noqa: T201
    if failures:
        return 1
    return 3 if judged and not all(one.is_reached for one in found) else 0


def _measurements(
    names: Sequence[str], scale: float, repeat: int
) -> Iterator[Callable[[], Sequence[Outcome]]]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        out = Path(folder) / "stdout"
        for claim in CLAIMS:
            if claim.name in names:
                yield partial(_speed, claim, scale, repeat, out)
        for memory_claim in MEMORY_CLAIMS:
            if memory_claim.name in names:
                yield partial(_memory, memory_claim, scale, out)
        for log_claim in logs.CLAIMS:
            if log_claim.name in names:
                _say(f"{log_claim.name}: {repeat} runs")
                yield partial(logs.run, log_claim, scale, repeat, out)
        if START_UP in names:
            for main_file in sorted((measure.ROOT / "tools").glob("*/main.py")):
                yield partial(_start_up, main_file.parent.name, out)


def _speed(claim: Claim, scale: float, repeat: int, out: Path) -> Sequence[Outcome]:
    # A fresh responder owes nothing to what ran before.
    with measure.responder() as responder:
        return [_speed_with(responder, claim, scale, repeat, out)]


def _speed_with(responder: Responder, claim: Claim, scale: float, repeat: int, out: Path) -> Result:
    items = max(10, int(claim.items * scale)) // 10 * 10
    peer_items = max(10, int(items * claim.peer_share)) // 10 * 10
    limit = _ceiling(responder, claim.work, min(items, CEILING_ITEMS))
    settings = {"latency_ms": claim.latency_ms, "long_polls": int(claim.long_polls)}
    responder.control("set", **settings)
    tool_runs: list[Cost] = []
    peer_runs: list[Cost] = []
    busy: list[float] = []
    for number in range(repeat if claim.repeats else 1):
        _say(f"{claim.name}: run {number + 1}, {items:,} items")
        cost, used = once(responder, claim.work, claim.tool, items, out)
        tool_runs.append(cost)
        busy.append(used / cost.wall_seconds)
        peer_runs.append(once(responder, claim.work, claim.peer, peer_items, out)[0])
    return result(
        claim.name,
        claim.what,
        (claim.cpu_goal, claim.wall_goal),
        (items, tool_runs),
        (peer_items, peer_runs),
        (limit, median(busy)),
    )


def once(
    responder: Responder,
    work: Work,
    command: Callable[[int], Sequence[str]],
    items: int,
    out: Path,
) -> tuple[Cost, float]:
    """What one run cost, and the responder's CPU seconds meanwhile. Raises Failed when any of
    the work did not arrive."""
    responder.control("reset")
    before = 0.0
    for name, values in work.prepare(items):
        before = responder.control(name, **values)["cpu_seconds"]
    arguments = command(items)
    cost = measure.run(arguments, responder.environment(), out)
    figures = responder.control("stats")
    if wrong := work.check(figures, items, out):
        raise Failed(f"{' '.join(arguments)}: {wrong}")
    return cost, figures["cpu_seconds"] - before


def _ceiling(responder: Responder, work: Work, items: int) -> float:
    """What the responder can serve at most, in items per second; 0 when there is no replay."""
    rounds = work.requests(items)
    if not rounds:
        return 0.0
    responder.control("reset")
    for name, values in work.prepare(items):
        responder.control(name, **values)
    return ceiling.rate(responder.url, rounds, items)


def _memory(claim: MemoryClaim, scale: float, out: Path) -> Sequence[Outcome]:
    sizes = tuple(max(1000, int(size * scale)) for size in claim.sizes)
    peaks = []
    with measure.responder() as responder:
        for items in sizes:
            _say(f"{claim.name}: {items:,} items")
            cost, _ = once(responder, claim.work, claim.tool, items, out)
            peaks.append(cost.peak_bytes / 1e6)
    found = Memory(
        name=claim.name,
        sizes=(sizes[0], sizes[1]),
        peak_mb=(peaks[0], peaks[1]),
        growth=peaks[1] / peaks[0] - 1,
        most_growth=claim.most_growth,
    )
    return [found]


def _start_up(tool: str, out: Path) -> Sequence[Outcome]:
    _say(f"{START_UP}: {tool}")
    return [
        StartUp(
            tool,
            _milliseconds([f"tools/{tool}/main.py", "-h"], out),
            _milliseconds(["-c", "pass"], out),
            _milliseconds(["-c", "import boto3"], out),
            MOST_OF_BOTO3,
        )
    ]


def _milliseconds(arguments: Sequence[str], out: Path) -> float:
    # The fastest run: a start is short, and everything else on the machine only adds to it.
    runs = [measure.run(arguments, os.environ, out) for _ in range(START_UP_RUNS)]
    return min(run.wall_seconds for run in runs) * 1000


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
    sys.exit(130)
