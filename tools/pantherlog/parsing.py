"""Parsing files: which schemas, which files, what is written of each record."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from common import cli
from common.cli import Args, Io
from common.errors import ToolError, UsageError
from common.output import STDOUT, plural
from common.stop import Interrupted

if TYPE_CHECKING:
    from common.logs.classifier import Classifier
    from common.logs.engine import Engine, Spec
    from common.logs.model import Schema
    from common.logs.parallel import Pool, Reduce
    from common.logs.unread import Block

STDIN = "-"
# Below this a second process costs more than it saves.
FILE_BYTES_WORTH_A_POOL = 4_194_304


@dataclass(frozen=True)
class Options:
    """A checked command line: `max_errors` 0 for no limit, `workers` 0 for one each processor."""

    files: tuple[str, ...]
    path: Path | None
    names: tuple[str, ...]
    log_type: str
    framing: str
    is_lake: bool
    now_ns: int | None
    max_errors: int
    workers: int
    source_id: str
    source_label: str
    out: Path | None


def options(args: Args) -> Options:
    """Of `parse`. Raises UsageError naming the flag and the remedy."""
    limit = args["max-errors"]
    if limit < 0:
        raise UsageError("-max-errors is negative", "0 means no limit.")
    return Options(
        files=args.arguments or (STDIN,),
        path=Path(args["path"]) if args["path"] else None,
        names=args["schemas"],
        log_type=args["name"],
        framing=_framing(args["format"]),
        is_lake=args["datalake"],
        now_ns=moment(args["now"]),
        max_errors=1 if args["strict"] else limit,
        workers=_workers(args["workers"]),
        source_id=args["source-id"],
        source_label=args["source-label"],
        out=Path(args["o"]) if args["o"] else None,
    )


def classify_options(args: Args) -> Options:
    """Of the command line without a command: stdin, all built-in types."""
    return Options(
        files=(STDIN,),
        path=None,
        names=(),
        log_type="",
        framing=_framing(args["format"]),
        is_lake=args["datalake"],
        now_ns=moment(args["now"]),
        max_errors=int(args["strict"]),
        workers=_workers(args["workers"]),
        source_id=args["source-id"],
        source_label=args["source-label"],
        out=None,
    )


def older_form(args: Args) -> Options:
    """Of `test -s SCHEMA FILE...`, which parses."""
    if not args.arguments:
        raise UsageError("there is no file to parse", "Name log files after the flags, - is stdin.")
    return Options(
        files=args.arguments,
        path=Path(args["s"]),
        names=(),
        log_type="",
        framing="auto",
        is_lake=False,
        now_ns=moment(args["now"]),
        max_errors=0,
        workers=1,
        source_id="",
        source_label="",
        out=Path(args["o"]) if args["o"] else None,
    )


def _framing(text: str) -> str:
    known = ("auto", "lines", "json-array", "records")
    if text not in known:
        raise UsageError(f"-format {text!r} is not one of {', '.join(known)}")
    return text


def moment(text: str) -> int | None:
    """The value of -now in nanoseconds since 1970, None when it is not given."""
    if not text:
        return None
    from common.logs.instants import time_format

    try:
        return time_format("rfc3339").read(text).ns
    except ValueError as error:
        raise UsageError(f"-now {text!r} {error}", "Write 2022-03-14T09:26:53Z.") from None


def _workers(count: int) -> int:
    if count < 0:
        raise UsageError("-workers is negative", "0 means one for each processor.")
    return (
        count or len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else (count or os.cpu_count() or 1)
    )


# ---- schemas -----------------------------------------------------------------------------------


def schemas(wanted: Options, io: Io) -> tuple[Schema, ...]:
    """Those asked for, in order of their names. Raises ToolError for a schema with problems, after
    showing all of them, and UsageError for a name that there is not."""
    from common.logs import registry

    own = {one.name: one for one in own_schemas(wanted.path, wanted.log_type, io)}
    names = wanted.names or sorted(own) or registry.names()
    unknown = [name for name in names if name not in own and name not in registry.names()]
    if unknown:
        raise UsageError(
            f"there is no log type {unknown[0]!r}", "See pantherlog schemas for the built-in ones."
        )
    return tuple(own[name] if name in own else registry.schema(name) for name in names)


def own_schemas(path: Path | None, log_type: str, io: Io) -> list[Schema]:
    """The schemas of a file or folder. Raises ToolError after showing every problem in them."""
    if path is None:
        return []
    from common.logs.load import load, schema_files

    if not path.exists():
        raise UsageError(f"there is no schema file {path}", "Check -path.")
    files = schema_files(path)
    if not files:
        raise UsageError(f"there is no schema file below {path}", "They end in .yml or .yaml.")
    found: list[Schema] = []
    count = 0
    for file in files:
        loaded = load(file.read_text("utf-8", "replace"), str(file), log_type)
        for one in loaded.problems:
            if one.is_warning:
                io.out.warn(f"{file}: {one.path}: {one.text}")
                continue
            count += 1
            if io.out.is_json:
                io.out.record({"file": str(file), "path": one.path, "problem": one.text})
            else:
                io.out.finding(f"{file}: {one.path}: {one.text}")
        if loaded.schema is not None:
            found.append(loaded.schema)
    if count:
        raise ToolError(f"validation failed with {plural(count, 'problem')}")
    _refuse_twice(found)
    return found


def _refuse_twice(found: Sequence[Schema]) -> None:
    first: dict[str, str] = {}
    for one in found:
        if one.name in first:
            raise ToolError(
                f"{one.file} and {first[one.name]} are both the schema of {one.name}",
                "Name one of the files with -path.",
            )
        first[one.name] = one.file


# ---- records -----------------------------------------------------------------------------------


@dataclass
class Totals:
    """Of a run. Records that gave neither events nor an error are skipped: blank lines, headers."""

    lines: int = 0
    events: int = 0
    failed: int = 0
    skipped: int = 0

    @property
    def matched(self) -> int:
        """Records that were of a type."""
        return self.lines - self.failed


class Part(NamedTuple):
    """What becomes of a block: bytes for stdout, the records that failed with their reasons, the
    text of these where it may be shown, and how many records there were."""

    data: bytes
    failures: list[tuple[int, str, bytes]]
    lines: int
    events: int
    skipped: int


def event_lines(engine: Engine, classifier: Classifier, block: Block) -> Part:
    """The events of a block, one a line."""
    lines: list[bytes] = []
    failures: list[tuple[int, str, bytes]] = []
    skipped = count = 0
    for parsed in engine.parse(classifier, block):
        count += 1
        if parsed.reason:
            failures.append(
                (parsed.number, parsed.reason, block.records[parsed.number - block.first])
            )
        elif parsed.events:
            lines += [line for _, line in parsed.events]
        else:
            skipped += 1
    data = b"\n".join([*lines, b""])
    return Part(data, failures, count, len(lines), skipped + len(block.records) - count)


def record_lines(engine: Engine, classifier: Classifier, block: Block) -> Part:
    """An object for each record that is not blank: its events, or why it has none."""
    import orjson

    lines: list[bytes] = []
    failures: list[tuple[int, str, bytes]] = []
    events = skipped = 0
    shows_type = len(engine.types) > 1
    for parsed in engine.parse(classifier, block):
        if parsed.reason:
            failures.append(
                (parsed.number, parsed.reason, block.records[parsed.number - block.first])
            )
            lines.append(b'{"line":%d,"error":%b}' % (parsed.number, orjson.dumps(parsed.reason)))
            continue
        events += len(parsed.events)
        skipped += not parsed.events
        log_type = b""
        if shows_type and parsed.events:
            log_type = b',"logType":%b' % orjson.dumps(parsed.events[0][0].log_type)
        inner = b",".join([line for _, line in parsed.events])
        lines.append(b'{"line":%d%b,"events":[%b]}' % (parsed.number, log_type, inner))
    blank = len(block.records) - len(lines)
    data = b"\n".join([*lines, b""])
    return Part(data, failures, len(lines), events, skipped + blank)


# ---- doing -------------------------------------------------------------------------------------


@dataclass
class Run:
    """A run under way: what it reads with, where it writes to, how far it is."""

    io: Io
    wanted: Options
    engine: Engine
    pool: Pool | None
    write: Callable[[bytes], None]
    totals: Totals = field(default_factory=Totals)
    broken: list[str] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        """Whether a stop was asked for, or too many lines have failed."""
        limit = self.wanted.max_errors
        return self.io.stop.requested or bool(limit and self.totals.failed >= limit)


def parse_file(run: Run, name: str, reduce: Reduce[Part]) -> None:
    """Parse one file with a classifier of its own."""
    from common.logs.classifier import Classifier
    from common.logs.framing import framing
    from common.logs.parallel import reduced
    from common.logs.unpack import unpack

    types = run.engine.types
    has_cloudtrail = any(one.name == "AWS.CloudTrail" for one in types)
    classifier = Classifier(types, debug=run.io.out.debug)
    shown = "stdin" if name == STDIN else name
    try:
        with opened(name) as stream:
            plain = unpack(stream)
            kind, blocks = framing(name, plain, run.wanted.framing, has_cloudtrail)
            run.io.out.debug(f"{shown}: read as {kind}")
            parts = reduced(blocks, run.engine, classifier, reduce, run.pool)
            with closing(parts):
                for part in parts:
                    # A block is written whole or not at all.
                    with run.io.stop.deferred():
                        take(run, shown, part)
                    if run.is_over:
                        break
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.filename == STDOUT:
            raise
        run.broken.append(shown)
        run.io.out.error(f"cannot read {shown}: {_reason(error)}")


def _reason(error: Exception) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)


def take(run: Run, shown: str, part: Part) -> None:
    """Write what came of a block and count it."""
    totals, limit = run.totals, run.wanted.max_errors
    run.write(_with_file(part.data, shown) if _names_files(run) else part.data)
    for number, reason, record in part.failures:
        totals.failed += 1
        run.io.out.finding(f"{shown}:{number}: {reason}")
        if run.io.out.show_debug:
            run.io.out.debug(record.decode("utf-8", "replace"))
        if limit and totals.failed >= limit:
            break
    totals.lines += part.lines
    totals.events += part.events
    totals.skipped += part.skipped


def _names_files(run: Run) -> bool:
    return run.io.out.is_json and len(run.wanted.files) > 1


def _with_file(data: bytes, shown: str) -> bytes:
    import orjson

    head = b'{"file":%b,"line":' % orjson.dumps(shown)
    return re.sub(rb'^\{"line":', lambda _: head, data, flags=re.MULTILINE)


def opened(name: str) -> BinaryIO:
    """A file, or stdin for `-`. Raises OSError."""
    if name != STDIN:
        return open(name, "rb", buffering=0)  # noqa: PTH123
    if sys.stdin is None:
        raise OSError("standard input is closed")
    return open(os.dup(sys.stdin.fileno()), "rb", buffering=0)  # noqa: PTH123


def run(wanted: Options, io: Io) -> int:
    """Parse all files, report, return the exit code."""
    from common.logs.engine import Engine, Spec

    spec = Spec(
        schemas(wanted, io), wanted.is_lake, wanted.source_id, wanted.source_label, wanted.now_ns
    )
    reduce = record_lines if io.out.is_json else event_lines
    with ExitStack() as open_things:
        write = io.out.write
        if wanted.out is not None:
            write = open_things.enter_context(wanted.out.open("wb")).write  # type: ignore[assignment]
        pool = open_things.enter_context(_pool(spec, wanted, io)) if _is_worth(wanted, io) else None
        under_way = Run(io, wanted, Engine(spec, io.out.warn), pool, write)
        totals = under_way.totals
        try:
            with io.out.progress("parsed", lambda: totals.lines, unit="lines"):
                for name in wanted.files:
                    if not under_way.is_over:
                        parse_file(under_way, name, reduce)
        except Interrupted as interrupted:
            io.stop.request(interrupted.exit_code - 128)
    io.out.flush()
    return conclude(under_way)


def _is_worth(wanted: Options, io: Io) -> bool:
    """Whether there is enough to read for several processes. -debug tells what each parser says,
    which only this process hears."""
    if wanted.workers < 2 or io.out.show_debug:
        return False
    return any(_size(name) >= FILE_BYTES_WORTH_A_POOL for name in wanted.files)


def _size(name: str) -> int:
    try:
        return os.stat(name).st_size if name != STDIN else FILE_BYTES_WORTH_A_POOL  # noqa: PTH116
    except OSError:
        return 0


def _pool(spec: Spec, wanted: Options, io: Io) -> Pool:
    from common.logs.parallel import Pool

    return Pool(spec, wanted.workers)


def conclude(run: Run) -> int:
    """Say what was done; the exit code."""
    totals, io = run.totals, run.io
    io.out.info(
        f"{plural(totals.lines, 'line')}, {plural(totals.events, 'event')}, "
        f"{totals.failed:,} failed, {totals.skipped:,} skipped"
    )
    if io.stop.requested:
        return io.stop.exit_code
    limit = run.wanted.max_errors
    if limit and totals.failed >= limit:
        io.out.error(f"stopped after {plural(totals.failed, 'failed line')}")
        return cli.FAILED
    if run.broken or (totals.failed and not totals.matched):
        return cli.FAILED
    return cli.SOME_FAILED if totals.failed else cli.DONE
