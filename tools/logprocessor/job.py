"""One run over the input: files are read, cut, parsed and given to a sink, one after the other."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, BinaryIO, cast

from common.cli import Io
from common.logs.classifier import UNCLASSIFIED, Classifier
from common.logs.framing import framing
from common.logs.parallel import reduced
from common.logs.unpack import unpack
from tools.logprocessor import inputs
from tools.logprocessor.inputs import Counted
from tools.logprocessor.profiles import Collect
from tools.logprocessor.report import Numbers
from tools.logprocessor.sinks import Sink
from tools.logprocessor.sorting import Part, part_of
from tools.logprocessor.writers import WriteFailed

if TYPE_CHECKING:
    from common.aws import Aws
    from common.logs.engine import Engine
    from common.logs.parallel import Pool

CLOUDTRAIL = "AWS.CloudTrail"
# How many failed records of a file are named, one by one.
NAMED_FAILURES = 100


class Halted(Exception):
    """Nothing more is to be read: the user asked to stop, or time is up."""


@dataclass(frozen=True)
class Job:
    """What every run does. `profile_hz` 0 means no CPU profile of workers, `timeout_seconds` 0
    means no end; `source` is what messages say of the source of the records."""

    files: Sequence[str]
    framing: str
    timeout_seconds: int
    profile_hz: int
    source: str
    engine: Engine
    pool: Pool | None
    aws: Aws | None
    collect: Collect
    io: Io


def process(job: Job, sink: Sink, number: int) -> Numbers:
    """Process the input once, for the `number`th time: how it went.

    What is under way is finished in any case. After a stop request what the sink holds is dropped,
    when time is up it is written.
    """
    numbers = Numbers(number)
    began = time.monotonic()
    deadline = began + job.timeout_seconds if job.timeout_seconds else None
    run = _Run(job, sink, numbers, deadline)
    with job.io.out.progress("processed", lambda: numbers.bytes_in >> 20, unit="MB"):
        try:
            with closing(sink):
                run.read_all()
        except WriteFailed as error:
            numbers.error = str(error)
        except BrokenExecutor:
            # A signal to stop may have reached the other processes too.
            if not job.io.stop.requested:
                numbers.error = "a process that parses was killed. Run again with -workers 1."
    numbers.seconds = time.monotonic() - began
    numbers.written, numbers.held = sink.written(), sink.held()
    return numbers


@dataclass(frozen=True)
class _Run:
    """A run under way."""

    job: Job
    sink: Sink
    numbers: Numbers
    deadline: float | None

    def read_all(self) -> None:
        """Process the files, and hand over what the sink holds then. Raises WriteFailed."""
        stop = self.job.io.stop
        try:
            for name in self.job.files:
                self.read(name)
        except Halted:
            if not stop.requested:
                self.numbers.error = f"time is up: -timeout {self.job.timeout_seconds} (seconds)"
        if not stop.requested:
            self.sink.flush()

    def read(self, name: str) -> None:
        """Process a file with a classifier of its own. One that cannot be read, or not to its end,
        is named and counted. Raises Halted and WriteFailed."""
        job = self.job
        debug = job.io.out.debug if job.io.out.show_debug else _ignore
        classifier = Classifier(job.engine.types, debug=debug)
        named = 0
        try:
            with closing(self._parts(name, classifier)) as parts:
                while (part := self._next(name, parts)) is not None:
                    self.sink.take(part)
                    self.numbers.add(part)
                    if part.samples:
                        job.collect(part.worker, part.samples)
                    named += self._name_failures(name, part, NAMED_FAILURES - named)
                    self._look_up()
        finally:
            self.numbers.statistics.add(classifier.statistics)

    def _parts(self, name: str, classifier: Classifier) -> Generator[Part, None, None]:
        job = self.job
        reduce = partial(part_of, self.sink.keep, job.profile_hz if job.pool else 0)
        has_cloudtrail = any(one.name == CLOUDTRAIL for one in job.engine.types)
        with inputs.opened(name, job.aws, self._idle) as stream:
            plain = Counted(unpack(stream))
            self.numbers.streams.append(plain)
            kind, blocks = framing(name, cast(BinaryIO, plain), job.framing, has_cloudtrail)
            job.io.out.debug(f"{inputs.shown(name)}: read as {kind}")
            yield from reduced(blocks, job.engine, classifier, reduce, job.pool)

    def _next(self, name: str, parts: Generator[Part, None, None]) -> Part | None:
        try:
            return next(parts, None)
        except (OSError, ValueError) as error:
            shown = inputs.shown(name)
            self.numbers.unreadable.append(shown)
            reason = error.strerror if isinstance(error, OSError) else None
            self.job.io.out.error(f"cannot read {shown}: {reason or error}")
            return None

    def _name_failures(self, name: str, part: Part, most: int) -> int:
        """Say which records failed, at most so many, and never what is in them."""
        out, shown = self.job.io.out, inputs.shown(name)
        for number, reason in part.failures[:most]:
            why = f": {reason}" if out.show_debug and reason != UNCLASSIFIED else ""
            out.finding(f"{shown}:{number}: {UNCLASSIFIED}{self.job.source}{why}")
        if 0 < most <= len(part.failures):
            out.info(f"{shown}: further records that fail are only counted")
        return min(len(part.failures), most)

    def _idle(self) -> None:
        self.sink.tick()
        self._look_up()

    def _look_up(self) -> None:
        if self.job.io.stop.requested:
            raise Halted
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise Halted


def _ignore(_: str) -> None:
    """For what nobody wants to know."""
