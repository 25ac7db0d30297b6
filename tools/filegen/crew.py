"""Files made by several processes and handed on in their order."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import BrokenExecutor, Future
from itertools import islice

from common.errors import ToolError
from common.processes import Processes
from common.stop import Stop
from tools.filegen.files import Job, Made, Settings, made

# Files under way for each process: enough to keep it busy, few enough to keep memory flat.
AHEAD = 2


class Makers:
    """Processes that make files, none of them for a single worker; a context manager. Enter it
    before any thread is started: processes are forked where the system can do that."""

    def __init__(self, settings: Settings, workers: int, stop: Stop) -> None:
        self._settings = settings
        self._stop = stop
        self._workers = workers
        self._processes: Processes | None = None

    def __enter__(self) -> Makers:
        if self._workers > 1:
            self._processes = Processes(self._workers, _same, self._settings)
        return self

    def __exit__(self, *_: object) -> None:
        if self._processes is not None:
            self._processes.end()

    def files(self, jobs: Iterable[Job]) -> Iterator[Made]:
        """The files of these jobs, in their order. A few are made ahead of the one asked for.

        Raises ToolError when a process was killed, unless a stop was asked for: the signal may
        have reached it too.
        """
        try:
            if self._processes is None:
                for job in jobs:
                    yield made(self._settings, job)
            else:
                yield from self._ahead(self._processes, iter(jobs))
        except BrokenExecutor:
            if not self._stop.requested:
                raise ToolError(
                    "a process that makes files was killed",
                    "If memory is short, give fewer -workers or rows.",
                ) from None

    def _ahead(self, processes: Processes, jobs: Iterator[Job]) -> Iterator[Made]:
        waiting: deque[Future[Made]] = deque()
        while True:
            for job in islice(jobs, AHEAD * self._workers - len(waiting)):
                waiting.append(processes.submit(made, job))
            if not waiting:
                return
            yield waiting.popleft().result()


def _same(settings: Settings) -> Settings:
    return settings


def up_to(files: Iterable[Made], size: int) -> Iterator[Made]:
    """Files until they have so many bytes together before compression. As they come in a fixed
    order, their number depends on nothing else."""
    done = 0
    for one in files:
        yield one
        done += one.raw_bytes
        if done >= size:
            return
