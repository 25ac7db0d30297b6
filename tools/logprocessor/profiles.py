"""Profiles of a run: started before it, written after it however it ends."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from common.targets import naming
from tools.logprocessor import pprof
from tools.logprocessor.pprof import CpuSampler, Sample

Collect = Callable[[int, Sequence[Sample]], None]
"""Takes the samples of a worker, by its process id."""


@contextmanager
def profiled(cpu: Path | None, memory: Path | None, hz: int) -> Iterator[Collect]:
    """Write the profiles that are asked for at the end; gives what takes the workers' samples."""
    workers: dict[int, list[Sample]] = {}

    def collect(worker: int, samples: Sequence[Sample]) -> None:
        workers.setdefault(worker, []).extend(samples)

    with ExitStack() as open_profiles:
        if memory is not None:
            open_profiles.enter_context(_memory_profile(memory))
        if cpu is not None:
            open_profiles.enter_context(_cpu_profile(cpu, hz, workers))
        yield collect


@contextmanager
def _cpu_profile(path: Path, hz: int, workers: dict[int, list[Sample]]) -> Iterator[None]:
    began_ns, clock_ns = time.time_ns(), time.monotonic_ns()
    sampler = CpuSampler(hz)
    sampler.start()
    try:
        yield
    finally:
        sampler.stop()
        samples = sampler.samples()
        samples += pprof.of_workers(dict(enumerate(workers.values(), 1)))
        took_ns = time.monotonic_ns() - clock_ns
        with naming(path):
            path.write_bytes(pprof.cpu_profile(samples, hz, began_ns, took_ns))


@contextmanager
def _memory_profile(path: Path) -> Iterator[None]:
    import tracemalloc

    began_ns, clock_ns = time.time_ns(), time.monotonic_ns()
    tracemalloc.start(pprof.TRACED_FRAMES)
    try:
        yield
    finally:
        gc.collect()
        snapshot = tracemalloc.take_snapshot()
        tracemalloc.stop()
        took_ns = time.monotonic_ns() - clock_ns
        with naming(path):
            path.write_bytes(pprof.memory_profile(snapshot, began_ns, took_ns))
