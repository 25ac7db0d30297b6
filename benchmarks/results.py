"""What was measured, as plain data, as a table for people and as JSON lines for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median

from benchmarks.logs import LogResult
from benchmarks.measure import Cost


@dataclass(frozen=True)
class Result:
    """One claim: medians of all runs; ratios are peer/tool for the same number of items."""

    name: str
    what: str
    items: int
    tool_cpu_us: float
    peer_cpu_us: float
    cpu_ratio: float
    cpu_goal: float
    tool_per_cpu_second: float
    peer_per_cpu_second: float
    tool_per_wall_second: float
    peer_per_wall_second: float
    wall_ratio: float
    wall_goal: float
    responder_per_second: float
    responder_busy: float
    tool_seconds: float
    peer_seconds: float
    tool_peak_mb: float
    peer_peak_mb: float

    @property
    def is_reached(self) -> bool:
        """True when no goal is missed."""
        return self.cpu_ratio >= self.cpu_goal and self.wall_ratio >= self.wall_goal


@dataclass(frozen=True)
class Memory:
    """A tool's peak memory at two sizes."""

    name: str
    sizes: tuple[int, int]
    peak_mb: tuple[float, float]
    growth: float
    most_growth: float

    @property
    def is_reached(self) -> bool:
        """True when memory does not grow more than claimed."""
        return self.growth <= self.most_growth


@dataclass(frozen=True)
class StartUp:
    """How long a tool takes to print its help, beside bare Python and an import of boto3, which
    is the least that a script with the SDK takes; the goal is a share of that."""

    name: str
    tool_ms: float
    python_ms: float
    boto3_ms: float
    most_of_boto3: float

    @property
    def is_reached(self) -> bool:
        """True when help comes as fast as claimed."""
        return self.tool_ms <= self.most_of_boto3 * self.boto3_ms


def result(
    name: str,
    what: str,
    goals: tuple[float, float],
    tool: tuple[int, Sequence[Cost]],
    peer: tuple[int, Sequence[Cost]],
    responder: tuple[float, float],
) -> Result:
    """Medians of the runs of both sides; each side comes with its number of items."""
    (items, tool_runs), (peer_items, peer_runs) = tool, peer
    tool_cpu, peer_cpu = _cpu(tool_runs) / items, _cpu(peer_runs) / peer_items
    tool_wall, peer_wall = _wall(tool_runs) / items, _wall(peer_runs) / peer_items
    return Result(
        name=name,
        what=what,
        items=items,
        tool_cpu_us=tool_cpu * 1e6,
        peer_cpu_us=peer_cpu * 1e6,
        cpu_ratio=peer_cpu / tool_cpu,
        cpu_goal=goals[0],
        tool_per_cpu_second=1 / tool_cpu,
        peer_per_cpu_second=1 / peer_cpu,
        tool_per_wall_second=1 / tool_wall,
        peer_per_wall_second=1 / peer_wall,
        wall_ratio=peer_wall / tool_wall,
        wall_goal=goals[1],
        responder_per_second=responder[0],
        responder_busy=responder[1],
        tool_seconds=_wall(tool_runs),
        peer_seconds=_wall(peer_runs),
        tool_peak_mb=_peak(tool_runs),
        peer_peak_mb=_peak(peer_runs),
    )


def _cpu(runs: Sequence[Cost]) -> float:
    return median(run.cpu_seconds for run in runs)


def _wall(runs: Sequence[Cost]) -> float:
    return median(run.wall_seconds for run in runs)


def _peak(runs: Sequence[Cost]) -> float:
    return median(run.peak_bytes for run in runs) / 1e6


def as_record(found: Result | Memory | StartUp | LogResult) -> dict[str, object]:
    """The fields of a result, rounded, and whether its goals are reached."""
    fields = {
        name: round(value, 3) if isinstance(value, float) else value
        for name, value in asdict(found).items()
    }
    return {"kind": type(found).__name__.lower(), **fields, "reached": found.is_reached}


def as_text(found: Sequence[Result | Memory | StartUp | LogResult], judged: bool) -> str:
    """Tables of all results; goals are judged only when the work had its full size."""
    parts = [
        _table(_SPEED_HEAD, [_speed(one, judged) for one in found if isinstance(one, Result)]),
        _table(_MEMORY_HEAD, [_memory(one, judged) for one in found if isinstance(one, Memory)]),
        _table(_LOGS_HEAD, [_log(one, judged) for one in found if isinstance(one, LogResult)]),
        _table(_START_HEAD, [_start(one, judged) for one in found if isinstance(one, StartUp)]),
    ]
    return "\n\n".join(part for part in parts if part)


_SPEED_HEAD = (
    "claim", "items", "us CPU", "peer us", "CPU x", "goal", "k/cpu-s", "peer", "k/s", "peer",
    "wall x", "goal", "wall s", "peak MB", "limit k/s", "busy", "",
)  # fmt: skip
_MEMORY_HEAD = ("memory", "items", "peak MB", "growth", "goal", "")
_LOGS_HEAD = (
    "logs", "lines", "us CPU", "Go here", "of Go", "goal", "k/s", "MB/s", "k/s, 2", "MB/s, 2",
    "peak MB", "",
)  # fmt: skip
_START_HEAD = ("start-up", "-h ms", "python ms", "boto3 ms", "of boto3", "goal", "")


def _speed(one: Result, judged: bool) -> Sequence[str]:
    return (
        one.name,
        f"{one.items:,}",
        f"{one.tool_cpu_us:.1f}",
        f"{one.peer_cpu_us:.1f}",
        f"{one.cpu_ratio:.1f}",
        f"{one.cpu_goal:g}" if one.cpu_goal else "-",
        f"{one.tool_per_cpu_second / 1000:.1f}",
        f"{one.peer_per_cpu_second / 1000:.1f}",
        f"{one.tool_per_wall_second / 1000:.1f}",
        f"{one.peer_per_wall_second / 1000:.1f}",
        f"{one.wall_ratio:.1f}",
        f"{one.wall_goal:g}" if one.wall_goal else "-",
        f"{one.tool_seconds:.1f}",
        f"{one.tool_peak_mb:.0f}",
        f"{one.responder_per_second / 1000:.0f}" if one.responder_per_second else "-",
        f"{one.responder_busy:.0%}",
        _verdict(one.is_reached, judged and bool(one.cpu_goal or one.wall_goal)),
    )


def _memory(one: Memory, judged: bool) -> Sequence[str]:
    return (
        one.name,
        " -> ".join(f"{size:,}" for size in one.sizes),
        " -> ".join(f"{peak:.1f}" for peak in one.peak_mb),
        f"{one.growth:+.1%}",
        f"{one.most_growth:.0%}",
        _verdict(one.is_reached, judged),
    )


def _log(one: LogResult, judged: bool) -> Sequence[str]:
    return (
        one.name,
        f"{one.lines:,}",
        f"{one.cpu_us:.1f}",
        f"{one.go_here_us:.1f}",
        f"{one.of_go:.2f}",
        f"{one.most_of_go:g}",
        f"{one.lines_per_second / 1000:.1f}",
        f"{one.mb_per_second:.1f}",
        f"{one.two_lines_per_second / 1000:.1f}",
        f"{one.two_mb_per_second:.1f}",
        f"{one.peak_mb:.0f}",
        _verdict(one.is_reached, judged),
    )


def _start(one: StartUp, judged: bool) -> Sequence[str]:
    return (
        one.name,
        f"{one.tool_ms:.0f}",
        f"{one.python_ms:.0f}",
        f"{one.boto3_ms:.0f}",
        f"{one.tool_ms / one.boto3_ms:.0%}",
        f"{one.most_of_boto3:.0%}",
        _verdict(one.is_reached, judged),
    )


def _verdict(is_reached: bool, judged: bool) -> str:
    return ("reached" if is_reached else "MISSED") if judged else ""


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    lines = [
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in [head, *rows]
    ]
    return "\n".join(lines)
