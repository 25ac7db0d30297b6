"""Running the tests of schemas."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common import cli
from common.cli import Args, Io
from common.errors import ToolError, UsageError
from common.logs.own import own_schemas
from common.output import plural
from tools.pantherlog import testfile
from tools.pantherlog.asked import moment
from tools.pantherlog.compare import ABSENT, Difference, differences
from tools.pantherlog.testfile import Case

if TYPE_CHECKING:
    from common.logs.engine import Engine
    from common.logs.model import Schema


@dataclass(frozen=True)
class Options:
    """A checked command line."""

    schemas: Path
    files: tuple[Path, ...]
    pattern: re.Pattern[str] | None
    now_ns: int | None


@dataclass(frozen=True)
class Outcome:
    """What became of a test: `reasons` why it failed in words, `diff` where events differ."""

    case: Case
    reasons: tuple[str, ...] = ()
    diff: tuple[Difference, ...] = ()

    @property
    def passed(self) -> bool:
        """True when nothing speaks against it."""
        return not self.reasons and not self.diff


def options(args: Args) -> Options:
    """Check the command line. Raises UsageError."""
    if not args.arguments:
        raise UsageError("no schema is named", "Name a schema file or a folder after the flags.")
    if args["o"]:
        raise UsageError("-o goes with -s, the old form", "Redirect the output instead.")
    try:
        pattern = re.compile(args["run"]) if args["run"] else None
    except re.error as error:
        raise UsageError(f"-run {args['run']!r} is no regular expression: {error}") from None
    schemas, *rest = map(Path, args.arguments)
    files = tuple(rest)
    files = files or testfile.beside(schemas)
    if not files:
        raise UsageError(
            f"there is no test file for {schemas}", "Name them, or call them NAME_tests.yml."
        )
    missing = [file for file in files if testfile.is_missing(file)]
    if missing:
        raise UsageError(f"there is no test file {missing[0]}")
    return Options(schemas, files, pattern, moment(args["now"]))


# ---- deciding ----------------------------------------------------------------------------------


def outcome(case: Case, engine: Engine | None) -> Outcome:
    """Feed the inputs of a test to a fresh parser of the engine's only type and compare; without an
    engine there is no such type."""
    from common.logs.classifier import Classifier
    from common.logs.unread import Block

    if engine is None:
        return Outcome(case, (f'unresolved log type "{case.log_type}"',))
    block = Block(1, [text.encode() for text in case.inputs])
    events: list[Any] = []
    for parsed in engine.parse(Classifier(engine.types), block):
        if parsed.reason:
            return Outcome(case, _of_failure(case, parsed.reason))
        events += [json.loads(line) for _, line in parsed.events]
    if case.error is not None:
        return Outcome(case, ("the input does not fail",))
    return _compared(case, events)


def _of_failure(case: Case, reason: str) -> tuple[str, ...]:
    if case.error is None:
        return (f"the input fails: {reason}",)
    if isinstance(case.error, str) and case.error not in reason:
        return (f"the input fails for another reason: {reason}",)
    return ()


def _compared(case: Case, events: Sequence[Any]) -> Outcome:
    wanted = []
    for text in case.wanted:
        try:
            wanted.append(json.loads(text))
        except ValueError as error:
            return Outcome(case, (f"the expected event is no JSON: {error}",))
        if not isinstance(wanted[-1], dict):
            return Outcome(case, ("the expected event is no JSON object",))
    if len(events) != len(wanted):
        return Outcome(case, (f"{plural(len(events), 'event')}, not {len(wanted)}",))
    diff: list[Difference] = []
    for place, (event, want) in enumerate(zip(events, wanted, strict=True)):
        prefix = f"[{place}]." if len(events) > 1 else ""
        diff += [one._replace(path=prefix + one.path) for one in differences(event, want)]
    return Outcome(case, (), tuple(diff))


# ---- joining -----------------------------------------------------------------------------------


@dataclass
class Run:
    """A run under way: tests that passed, tests that failed, files that are no test files."""

    io: Io
    wanted: Options
    engine_of: Callable[[Case], Engine | None]
    passed: int = 0
    failed: int = 0
    broken: int = 0


def run(wanted: Options, io: Io) -> int:
    """Run all tests, show what became of each, return the exit code."""
    engine_of = _engines(own_schemas(wanted.schemas, io.out), wanted.now_ns)
    under_way = Run(io, wanted, engine_of)
    # A test takes no time: a signal can wait for its end.
    with io.stop.deferred():
        for file in wanted.files:
            try_file(under_way, file)
    return conclude(under_way)


def try_file(run: Run, file: Path) -> None:
    """Run the tests of a file, unless a stop is asked for."""
    try:
        cases = list(testfile.cases(file))
    except ToolError as error:
        run.broken += 1
        run.io.out.error(str(error))
        return
    for case in cases:
        if run.io.stop.requested:
            return
        if run.wanted.pattern is None or run.wanted.pattern.search(case.name):
            result = outcome(case, run.engine_of(case))
            run.passed += result.passed
            run.failed += not result.passed
            show(result, run.io)


def conclude(run: Run) -> int:
    """Say how many tests passed; the exit code."""
    io = run.io
    if io.out.is_json:
        io.out.record({"passed": run.passed, "failed": run.failed})
    else:
        io.out.line(f"{run.passed:,} passed, {run.failed:,} failed")
    if io.stop.requested:
        return io.stop.exit_code
    if run.failed or run.broken:
        return cli.FAILED
    return cli.DONE if run.passed else cli.BAD_USAGE


def _engines(schemas: Mapping[str, Schema], now_ns: int | None) -> Callable[[Case], Engine | None]:
    """Gives the engine of a test's log type and clock, the same one to tests of the same; None for
    a type that there is not."""
    from common.logs import registry
    from common.logs.engine import Engine, Spec

    @cache
    def engine(log_type: str, now_ns: int | None) -> Engine | None:
        if log_type not in schemas and log_type not in registry.names():
            return None
        schema = schemas.get(log_type, log_type)
        return Engine(Spec((schema,), is_lake=False, now_ns=now_ns))

    return lambda case: engine(case.log_type, now_ns if case.now_ns is None else case.now_ns)


def show(result: Outcome, io: Io) -> None:
    """A test's line, and below it what is wrong."""
    case = result.case
    if io.out.is_json:
        diff = [one._asdict() for one in result.diff]
        diff += [{"path": "", "got": reason, "want": ""} for reason in result.reasons]
        io.out.record(
            {
                "file": case.file,
                "name": case.name,
                "logType": case.log_type,
                "passed": result.passed,
                "diff": diff,
            }
        )
        return
    io.out.line(f"{'PASS' if result.passed else 'FAIL'} {case.name}")
    for reason in result.reasons:
        io.out.line(f"  {reason}")
    for one in result.diff:
        io.out.line(f"  {one.path}: got {_json(one.got)}, want {_json(one.want)}")


def _json(value: Any) -> str:
    return "nothing" if value is ABSENT else json.dumps(value, ensure_ascii=False)
