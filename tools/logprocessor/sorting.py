"""The events of a block, sorted by where they go: by log type and hour."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Mapping, Sequence
from enum import Enum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tools.logprocessor.pprof import CpuSampler, Sample

if TYPE_CHECKING:
    from common.logs.classifier import Classifier
    from common.logs.engine import Engine
    from common.logs.unread import Block

HOUR_NS = 3_600_000_000_000

Place = tuple[str, int]
"""A log type and an hour, counted from 1970."""


class Keep(Enum):
    """What is wanted of events: their lines by place, their lines as they come, or no lines."""

    SORTED = "sorted"
    ORDERED = "ordered"
    NOTHING = "nothing"


class Group(NamedTuple):
    """Events of one place: how many, and their lines, each with its line end."""

    events: int
    lines: bytes


class Part(NamedTuple):
    """What became of a block. `places` are those of its events, which `groups` names only where
    lines are sorted; `failures` are the numbers of records that no type took and the reasons;
    `latency_ns` adds up how old events were when they were parsed.

    Of a block that a worker process has parsed, `worker` is its process id, `worker_rss` the most
    memory that it has had (bytes), and `samples` are those of a CPU profile since its last block.
    """

    groups: Mapping[Place, Group]
    places: Collection[Place]
    failures: Sequence[tuple[int, str]]
    blank: int
    latency_ns: int
    worker: int = 0
    worker_rss: int = 0
    samples: Sequence[Sample] = ()


def part_of(
    keep: Keep, profile_hz: int, engine: Engine, classifier: Classifier, block: Block
) -> Part:
    """Parse and sort a block. `profile_hz` above 0 has worker processes take CPU samples."""
    sampler = _settled_in(profile_hz) if is_worker() else None
    now = engine.clock()
    is_sorted = keep is not Keep.ORDERED
    place: Place = ("", 0)
    places: set[Place] = set()
    lines: dict[Place, list[bytes]] = {}
    failures: list[tuple[int, str]] = []
    records = latency = 0
    for number, events, reason in engine.parse(classifier, block, now):
        records += 1
        if reason:
            failures.append((number, reason))
        for (log_type, _, time_ns, _), line in events:
            happened = now if time_ns is None else time_ns
            latency += now - happened
            own = log_type, happened // HOUR_NS
            if is_sorted:
                place = own
            else:
                places.add(own)
            group = lines.get(place)
            if group is None:
                lines[place] = [line]
            else:
                group.append(line)
    has_lines = keep is not Keep.NOTHING
    groups = {
        place: Group(len(group), b"\n".join([*group, b""]) if has_lines else b"")
        for place, group in lines.items()
    }
    of_events: Collection[Place] = groups if is_sorted else places
    blank = len(block.records) - records
    if not is_worker():
        return Part(groups, of_events, failures, blank, latency)
    samples = sampler.drained() if sampler else ()
    return Part(groups, of_events, failures, blank, latency, os.getpid(), peak_rss(), samples)


def is_worker() -> bool:
    """Whether this is a process that another one of this tool has started."""
    # Not remembered: a worker is a copy of the first process, with what that remembers.
    from multiprocessing import parent_process

    return parent_process() is not None


@cache
def _settled_in(hz: int) -> CpuSampler | None:
    """What takes CPU samples of this worker from its first block to its end; None for `hz` 0."""
    # A worker is a copy of the first process: it would trace its memory too, for nobody.
    if "tracemalloc" in sys.modules:
        sys.modules["tracemalloc"].stop()
    if not hz:
        return None
    sampler = CpuSampler(hz)
    sampler.start()
    return sampler


def peak_rss() -> int:
    """The most memory that this process has had, in bytes; 0 where the system does not tell."""
    if sys.platform == "linux":
        # What getrusage tells here begins with the size of the process that started this one.
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
        return 0
    try:
        import resource
    except ImportError:
        return 0
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
