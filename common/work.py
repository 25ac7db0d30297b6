"""Bounded parallel work over a stream: workers take the next item only when they are free."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from common.stop import Stop

GRACE_SECONDS = 5.0
TICK_SECONDS = 0.05
FIRST_WORKERS = 4
BUSY_SHARE = 0.5

Item = TypeVar("Item")


def spread(
    items: Iterable[Item],
    do: Callable[[Item], None],
    workers: int,
    stop: Stop,
    tick: Callable[[], None] = lambda: None,
) -> bool:
    """Call `do` for every item on `workers` threads, reading `items` only as fast as they work.

    `items` is advanced by one worker at a time. Workers are started while the processor has time
    for more: threads beyond that would only wait for each other. After a stop request no further
    item is taken and what is in flight gets GRACE_SECONDS to end; the result is False when
    something did not. `tick` runs on the calling thread a few times a second. Raises the first
    error of `items` or `do`, after the other workers have finished their items.
    """
    crew = _Crew(items, do, stop)
    threads = [crew.start() for _ in range(min(workers, FIRST_WORKERS))]
    deadline = None
    is_busy = busy_meter()
    for thread in threads:
        while thread.is_alive() and (deadline is None or time.monotonic() < deadline):
            thread.join(TICK_SECONDS)
            tick()
            if stop.requested and deadline is None:
                deadline = time.monotonic() + GRACE_SECONDS
            if thread.is_alive() and not is_busy():
                threads += [crew.start() for _ in range(min(len(threads), workers - len(threads)))]
    if crew.error is not None:
        raise crew.error
    return not any(thread.is_alive() for thread in threads)


def busy_meter() -> Callable[[], bool]:
    """A function that says whether this process used most of one core since it was last asked."""
    wall, used = time.monotonic(), time.process_time()

    def is_busy() -> bool:
        nonlocal wall, used
        before = wall, used
        wall, used = time.monotonic(), time.process_time()
        return used - before[1] > BUSY_SHARE * (wall - before[0])

    return is_busy


class _Crew(Generic[Item]):
    """The workers' common view: whose turn it is, and whether one of them has failed."""

    def __init__(self, items: Iterable[Item], do: Callable[[Item], None], stop: Stop) -> None:
        self._items = iter(items)
        self._do = do
        self._stop = stop
        self._turn = threading.Lock()
        self.error: BaseException | None = None

    def start(self) -> threading.Thread:
        """One more worker."""
        thread = threading.Thread(target=self.work, name="worker", daemon=True)
        thread.start()
        return thread

    def work(self) -> None:
        """Take and do items until none is left, a stop is requested or something fails."""
        try:
            while not self._stop.requested and self.error is None:
                with self._turn:
                    if self._stop.requested or self.error is not None:
                        return
                    try:
                        item = next(self._items)
                    except StopIteration:
                        return
                self._do(item)
        except BaseException as error:
            self.error = self.error or error
