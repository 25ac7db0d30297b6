"""Work on several processors: processes that each keep a state and answer one job after another.

concurrent.futures shares one pipe between all its processes: one that is killed while it answers
leaves the others, and the first process, waiting for ever. Here each has a pipe of its own, whose
end tells that it is gone.
"""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future
from multiprocessing.connection import Connection
from typing import Any, NamedTuple, TypeVar

from common.errors import UsageError

Result = TypeVar("Result")
PARENT_SECONDS = 0.5
END_SECONDS = 1.0
# Far more than any machine has processors; a slip of the finger must not fill its memory.
MOST = 256


class _Job(NamedTuple):
    """A function of a module and its arguments, behind the state; and who waits for the result."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    future: Future[Any]


def worker_count(given: int, least: int = 0) -> int:
    """The value of -workers, 0 being one for each processor. Raises UsageError."""
    if not least <= given <= MOST:
        remedy = "" if least else "0 means one for each processor."
        raise UsageError(f"-workers must be between {least} and {MOST}", remedy)
    return given or _processors()


def _processors() -> int:
    """Those that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Processes:
    """Processes that were started with a state. Make it before any thread is started (they are
    forked where the system can do that), and end it."""

    def __init__(self, count: int, make_state: Callable[..., Any], *arguments: Any) -> None:
        """Each process calls `make_state(*arguments)`, a function of a module, once."""
        can_fork = "fork" in multiprocessing.get_all_start_methods()
        context: Any = multiprocessing.get_context("fork" if can_fork else "spawn")
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._pipes: list[Connection] = []
        self._processes = []
        for _number in range(count):
            ours, theirs = context.Pipe()
            process = context.Process(
                target=_serve, args=(theirs, make_state, arguments), daemon=True
            )
            process.start()
            theirs.close()
            self._pipes.append(ours)
            self._processes.append(process)
        self._threads = [
            threading.Thread(target=self._feed, args=(pipe,), daemon=True) for pipe in self._pipes
        ]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """End the processes; jobs that have not begun are dropped."""
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join(END_SECONDS)
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join(END_SECONDS)

    def submit(self, function: Callable[..., Result], *arguments: Any) -> Future[Result]:
        """Call `function(state, *arguments)` in one of the processes. What it raises, the future
        raises; BrokenExecutor when the process was killed."""
        future: Future[Result] = Future()
        self._jobs.put(_Job(function, arguments, future))
        return future

    def _feed(self, pipe: Connection) -> None:
        while (job := self._jobs.get()) is not None:
            if not job.future.set_running_or_notify_cancel():
                continue
            try:
                pipe.send((job.function, job.arguments))
                is_good, answer = pipe.recv()
            except (EOFError, OSError):
                job.future.set_exception(BrokenExecutor("a process was killed"))
            else:
                (job.future.set_result if is_good else job.future.set_exception)(answer)


def _serve(pipe: Connection, make_state: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    # The terminal sends its interrupt to every process; the first one decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    state = make_state(*arguments)
    while True:
        try:
            function, given = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            answer = True, function(state, *given)
        except Exception as error:
            answer = False, error
        pipe.send(answer)


def _end_with(parent: int) -> None:
    # Killed with SIGKILL the first process cannot end the others. Forked ones hold each other's
    # pipes open, so that these do not tell.
    while os.getppid() == parent:
        time.sleep(PARENT_SECONDS)
    os._exit(1)
