"""Blocks of a stream parsed on several processors, with the result of one.

A classifier learns from every line, so that a block's result depends on the blocks before it. Once
a stream has settled on its types, blocks are parsed elsewhere on the guess that they change
nothing. Where one does, it and those behind it are parsed again, here, one after the other.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future
from typing import Any, TypeVar

from common.logs.classifier import Classifier, Learnt, Statistics
from common.logs.engine import Engine, Spec
from common.logs.rowid import now_us, row_ids
from common.logs.unread import Block
from common.processes import Processes

Result = TypeVar("Result")
Reduce = Callable[[Engine, Classifier, Block], Result]
# Blocks under way for each process: enough to keep it busy, few enough to keep memory flat.
AHEAD = 2


class Pool:
    """Processes that parse blocks; a context manager. Make it before any thread is started."""

    def __init__(self, spec: Spec, workers: int) -> None:
        self.workers = workers
        self._processes = Processes(workers, _engine, spec, now_us())

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self._processes.end()

    def submit(
        self, reduce: Reduce[Result], block: Block, learnt: Learnt
    ) -> Future[tuple[Result, Statistics, bool]]:
        """Parse a block as a stream that has learnt this would. `reduce` is a module's function
        that makes of it what is wanted, small enough to be sent back."""
        return self._processes.submit(_parse, reduce, block, learnt)


def _engine(spec: Spec, start_us: int) -> Engine:
    return Engine(spec, next_id=row_ids(os.getpid(), start_us))


def _parse(
    engine: Engine, reduce: Reduce[Result], block: Block, learnt: Learnt
) -> tuple[Result, Statistics, bool]:
    """What was made of the block, and whether the classifier has learnt nothing from it."""
    classifier = Classifier(engine.types, learnt)
    result = reduce(engine, classifier, block)
    has_learnt = classifier.learnt != learnt or classifier.asked_state
    return result, classifier.statistics, not has_learnt


def reduced(
    blocks: Iterable[Block],
    engine: Engine,
    classifier: Classifier,
    reduce: Reduce[Result],
    pool: Pool | None,
) -> Generator[Result, None, None]:
    """What `reduce` makes of each block of a stream, in order. Without a pool all is done here."""
    if pool is None:
        for block in blocks:
            yield reduce(engine, classifier, block)
        return
    waiting: deque[tuple[Block, Future[Any]]] = deque()
    returned: deque[Block] = deque()
    unread = iter(blocks)

    def following() -> Block | None:
        return returned.popleft() if returned else next(unread, None)

    is_settled = False
    while True:
        if is_settled and not classifier.has_state:
            learnt = classifier.learnt
            while len(waiting) < AHEAD * pool.workers and (ahead := following()):
                waiting.append((ahead, pool.submit(reduce, ahead, learnt)))
        if waiting:
            block, future = waiting.popleft()
            result, statistics, is_settled = future.result()
            if is_settled:
                classifier.statistics.add(statistics)
                yield result
                continue
            returned.extendleft(reversed([block, *(one for one, _ in waiting)]))
            _forget(waiting)
        if (block_here := following()) is None:
            return
        before = classifier.learnt
        yield reduce(engine, classifier, block_here)
        is_settled = before == classifier.learnt


def _forget(waiting: deque[tuple[Block, Future[Any]]]) -> None:
    for _, future in waiting:
        future.cancel()
    waiting.clear()
