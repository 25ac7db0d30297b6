"""Parsing files with schemas: events to stdout or a file, failures to stderr."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from common import cli
from common.cli import Io
from common.errors import ToolError
from common.output import plural
from common.stop import Interrupted
from tools.pantherlog import tracing
from tools.pantherlog.asked import Options
from tools.pantherlog.inputs import Unreadable, blocks, opened, shown
from tools.pantherlog.records import (
    Counts,
    Part,
    cut,
    event_lines,
    event_part,
    named,
    record_part,
    record_show,
)
from tools.pantherlog.schemas import chosen

if TYPE_CHECKING:
    from common.logs.classifier import Classifier
    from common.logs.engine import Engine, Spec
    from common.logs.parallel import Pool, Reduce
    from common.logs.unread import Block

# So much has to be read before a second process saves more than it costs.
BYTES_WORTH_A_POOL = 4_194_304


@dataclass
class Run:
    """A run under way: what it reads with, where it writes to, how far it is. `pool` starts the
    other processes or gives those that are there, None where one is enough."""

    io: Io
    wanted: Options
    engine: Engine
    reduce: Reduce[Part]
    pool: Callable[[], Pool] | None
    write: Callable[[bytes], None]
    read_bytes: int = 0
    counts: Counts = field(default_factory=Counts)
    unreadable: int = 0

    @property
    def failures_left(self) -> int:
        """How many more records may fail; without a limit always some."""
        return self.wanted.max_errors - self.counts.failed if self.wanted.max_errors else 1

    @property
    def is_over(self) -> bool:
        """Whether a stop was asked for, or too many records have failed."""
        return self.io.stop.requested or self.failures_left <= 0


def run(wanted: Options, io: Io) -> int:
    """Parse all files, report, return the exit code."""
    from common.logs.engine import Engine, Spec

    schemas = chosen(wanted.path, wanted.names, wanted.log_type, io)
    spec = Spec(schemas, wanted.is_lake, wanted.source_id, wanted.source_label, wanted.now_ns)
    engine = Engine(spec, io.out.warn)
    if wanted.tells_lines:
        tracing.begin(io.out.finding)
    with ExitStack() as open_things:
        write = open_things.enter_context(_file(wanted.out)) if wanted.out else _to_stdout(io)
        pool = _pool(spec, engine, wanted, io, open_things)
        under_way = Run(io, wanted, engine, _reduce(wanted, engine, io), pool, write)
        try:
            with _progress(under_way):
                for name in wanted.files:
                    if not under_way.is_over:
                        parse_file(under_way, name)
        except Interrupted as interrupted:
            io.stop.request(interrupted.exit_code - 128)
    return conclude(under_way)


def parse_file(run: Run, name: str) -> None:
    """Parse one file with a classifier of its own."""
    from common.logs.classifier import Classifier

    classifier = Classifier(run.engine.types, debug=run.io.out.debug)
    try:
        with closing(_parts(run, name, classifier)) as parts:
            for part in parts:
                # A block is written whole or not at all.
                with run.io.stop.deferred():
                    take(run, name, part)
                if run.is_over:
                    break
    except Unreadable as error:
        run.unreadable += 1
        run.io.out.error(str(error))


def _parts(run: Run, name: str, classifier: Classifier) -> Generator[Part, None, None]:
    """What becomes of each block of a file: of the first ones here, of others in a pool."""
    from concurrent.futures import BrokenExecutor

    from common.logs.parallel import reduced

    has_cloudtrail = any(one.name == "AWS.CloudTrail" for one in run.engine.types)
    with opened(name) as stream:
        kind, all_blocks = blocks(name, stream, run.wanted.framing, has_cloudtrail)
        run.io.out.debug(f"{shown(name)}: read as {kind}")
        first = _first_blocks(run, all_blocks)
        yield from reduced(first, run.engine, classifier, run.reduce, None)
        following = next(all_blocks, None)
        if following is None or run.pool is None:
            return
        rest = chain((following,), all_blocks)
        try:
            yield from reduced(rest, run.engine, classifier, run.reduce, run.pool())
        except BrokenExecutor:
            raise ToolError("a parallel parser was killed", "Run again with -workers 1.") from None


def _first_blocks(run: Run, all_blocks: Iterator[Block]) -> Iterator[Block]:
    """The blocks until so much was read in this run that a pool pays; all where there is none."""
    while run.pool is None or run.read_bytes < BYTES_WORTH_A_POOL:
        block = next(all_blocks, None)
        if block is None:
            return
        run.read_bytes += sum(map(len, block.records))
        yield block


def take(run: Run, name: str, part: Part) -> None:
    """Write what came of a block and count it."""
    if run.wanted.max_errors:
        part = cut(part, run.failures_left)
    names_file = run.io.out.is_json and len(run.wanted.files) > 1
    run.write(named(part.data, shown(name)) if names_file else part.data)
    run.counts = run.counts.plus(part.counts)
    for failure in part.failures:
        number = failure.number
        where = f"{shown(name)}:{number}" if run.wanted.names_files else f"line {number}"
        run.io.out.finding(f"{where}: {failure.reason}")
        if run.io.out.show_debug:
            run.io.out.debug(failure.record.decode("utf-8", "replace"))


def conclude(run: Run) -> int:
    """Say what was done; the exit code."""
    counts, io = run.counts, run.io
    if run.wanted.tells_lines:
        tracing.end(counts, io.out.finding)
    io.out.info(
        f"{plural(counts.lines, 'line')}, {plural(counts.events, 'event')}, "
        f"{counts.failed:,} failed, {counts.skipped:,} skipped"
    )
    if io.stop.requested:
        return io.stop.exit_code
    if run.failures_left <= 0:
        io.out.error(f"stopped after {plural(counts.failed, 'failed line')}")
        return cli.FAILED
    if run.unreadable or (counts.failed and not counts.taken):
        return cli.FAILED
    return cli.SOME_FAILED if counts.failed else cli.DONE


# ---- what a run needs --------------------------------------------------------------------------


def _reduce(wanted: Options, engine: Engine, io: Io) -> Reduce[Part]:
    if wanted.tells_lines:
        show = record_show(len(engine.types)) if io.out.is_json else event_lines
        return partial(tracing.traced_part, show=show, tell=io.out.finding)
    return record_part if io.out.is_json else event_part


def _pool(
    spec: Spec, engine: Engine, wanted: Options, io: Io, open_things: ExitStack
) -> Callable[[], Pool] | None:
    # -debug tells what each parser says, which only this process hears.
    if wanted.workers < 2 or io.out.show_debug:
        return None
    if len(engine.types) == 1 and not engine.types[0].settles:
        return None
    started: list[Pool] = []

    def pool() -> Pool:
        from common.logs.parallel import Pool

        if not started:
            started.append(open_things.enter_context(Pool(spec, wanted.workers)))
        return started[0]

    return pool


def _to_stdout(io: Io) -> Callable[[bytes], None]:
    def write(data: bytes) -> None:
        # At once, for those who watch a log that grows.
        io.out.write(data)
        io.out.flush()

    return write


@contextmanager
def _file(path: Path) -> Iterator[Callable[[bytes], None]]:
    """Writes to a new file. Raises OSError with its name."""
    with path.open("wb", buffering=0) as stream:
        yield lambda data: _write_all(stream, path, data)


def _write_all(stream: BinaryIO, path: Path, data: bytes) -> None:
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[stream.write(rest) :]
    except OSError as error:
        error.filename = str(path)
        raise


def _progress(run: Run) -> AbstractContextManager[None]:
    import sys

    # Events and a line that is drawn again and again spoil each other on a terminal.
    if run.wanted.out is None and cli.is_terminal(sys.stdout):
        return nullcontext()
    return run.io.out.progress("parsed", lambda: run.counts.lines, unit="lines")
