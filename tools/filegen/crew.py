"""Files made by several processes and handed on in their order."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice

from common.errors import ToolError
from common.stop import Stop
from tools.filegen.files import Job, Made, Settings, made

# Files under way for each process: enough to keep it busy, few enough to keep memory flat.
AHEAD = 2
PARENT_SECONDS = 0.5


class Makers:
    """Processes that make files, none of them for a single worker; a context manager. Enter it
    before any thread is started: processes are forked where the system can do that."""

    def __init__(self, settings: Settings, workers: int, stop: Stop) -> None:
        self._settings = settings
        self._stop = stop
        self._workers = workers
        self._executor: ProcessPoolExecutor | None = None

    def __enter__(self) -> Makers:
        if self._workers > 1:
            can_fork = "fork" in multiprocessing.get_all_start_methods()
            context = multiprocessing.get_context("fork" if can_fork else "spawn")
            self._executor = ProcessPoolExecutor(self._workers, context, initializer=_start)
            self._executor.submit(os.getpid).result()
        return self

    def __exit__(self, *_: object) -> None:
        if self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)

    def files(self, jobs: Iterable[Job]) -> Iterator[Made]:
        """The files of these jobs, in their order. A few are made ahead of the one asked for.

        Raises ToolError when a process was killed, unless a stop was asked for: the signal may
        have reached it too.
        """
        try:
            if self._executor is None:
                for job in jobs:
                    yield made(self._settings, job)
            else:
                yield from self._ahead(self._executor, iter(jobs))
        except BrokenProcessPool:
            if not self._stop.requested:
                raise ToolError(
                    "a process that makes files was killed",
                    "If memory is short, give fewer -workers or rows.",
                ) from None

    def _ahead(self, executor: ProcessPoolExecutor, jobs: Iterator[Job]) -> Iterator[Made]:
        waiting: deque[Future[Made]] = deque()
        while True:
            for job in islice(jobs, AHEAD * self._workers - len(waiting)):
                waiting.append(executor.submit(made, self._settings, job))
            if not waiting:
                return
            yield waiting.popleft().result()


def up_to(files: Iterable[Made], size: int) -> Iterator[Made]:
    """Files until they have so many bytes together before compression. As they come in a fixed
    order, their number depends on nothing else."""
    done = 0
    for one in files:
        yield one
        done += one.raw_bytes
        if done >= size:
            return


def _start() -> None:
    # The terminal sends its interrupt to every process; the first one decides what it means. By
    # SIGTERM it ends the others when one of them has died.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()


def _end_with(parent: int) -> None:
    # Killed with SIGKILL the first process cannot end its workers, which would wait for ever.
    while os.getppid() == parent:
        time.sleep(PARENT_SECONDS)
    os._exit(1)
