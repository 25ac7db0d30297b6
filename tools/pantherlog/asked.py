"""What to parse and how: the checked command lines of all commands that parse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from common.cli import Args
from common.errors import UsageError
from tools.pantherlog.inputs import STDIN, check_readable

FRAMINGS = ("auto", "lines", "json-array", "records", "cloudwatch")


@dataclass(frozen=True)
class Options:
    """A checked command line: `now_ns` None for the clock, `max_errors` 0 for no limit, `out` None
    for stdout, `names_files` False where there is stdin only."""

    files: tuple[str, ...] = (STDIN,)
    path: Path | None = None
    names: tuple[str, ...] = ()
    log_type: str = ""
    framing: str = "auto"
    is_lake: bool = False
    now_ns: int | None = None
    max_errors: int = 0
    workers: int = 1
    source_id: str = ""
    source_label: str = ""
    out: Path | None = None
    names_files: bool = True
    tells_lines: bool = False


def options(args: Args) -> Options:
    """Of `parse`. Raises UsageError naming the flag and the remedy, ToolError for a file that
    cannot be read."""
    from common.processes import worker_count

    if args["max-errors"] < 0:
        raise UsageError("-max-errors is negative", "0 means no limit.")
    files = args.arguments or (STDIN,)
    check_readable(files)
    return Options(
        files=files,
        path=Path(args["path"]) if args["path"] else None,
        names=args["schemas"],
        log_type=log_type(args["name"]),
        framing=framing(args["format"]),
        is_lake=args["datalake"],
        now_ns=moment(args["now"]),
        max_errors=1 if args["strict"] else args["max-errors"],
        workers=worker_count(args["workers"]),
        source_id=args["source-id"],
        source_label=args["source-label"],
        out=_out(args["o"], files, args["path"]),
    )


def classify_options(args: Args) -> Options:
    """Of the command line without a command: stdin, all built-in types. Raises UsageError."""
    from common.processes import worker_count

    return Options(
        framing=framing(args["format"]),
        is_lake=args["datalake"],
        now_ns=moment(args["now"]),
        max_errors=int(args["strict"]),
        workers=worker_count(args["workers"]),
        source_id=args["source-id"],
        source_label=args["source-label"],
        names_files=False,
        tells_lines=args["debug"],
    )


def older_form(args: Args) -> Options:
    """Of `test -s SCHEMA FILE...`, which parses. Raises as `options` does."""
    if not args.arguments:
        raise UsageError("there is no file to parse", "Name log files after the flags, - is stdin.")
    if args["run"]:
        raise UsageError("-run chooses tests, and with -s there are none", "Leave out -run or -s.")
    check_readable(args.arguments)
    return Options(
        files=args.arguments,
        path=Path(args["s"]),
        now_ns=moment(args["now"]),
        out=_out(args["o"], args.arguments, args["s"]),
    )


def framing(text: str) -> str:
    """The value of -format."""
    if text not in FRAMINGS:
        raise UsageError(f"-format {text!r} is not one of {', '.join(FRAMINGS)}")
    return text


def log_type(text: str) -> str:
    """The value of -name."""
    if text:
        from common.logs.schema_rules import is_log_type

        if not is_log_type(text):
            raise UsageError(f"-name {text!r} is no log type", "Write it as Custom.Acme.")
    return text


def moment(text: str) -> int | None:
    """The value of -now in nanoseconds since 1970, None when it is not given."""
    if not text:
        return None
    try:
        return nanoseconds(text)
    except ValueError as error:
        raise UsageError(f"-now {text!r} is {error}", "Write 2022-03-14T09:26:53Z.") from None


def nanoseconds(text: str) -> int:
    """An RFC 3339 time in nanoseconds since 1970. Raises ValueError."""
    from common.logs.instants import time_format

    return time_format("rfc3339").read(text).ns


def _out(text: str, files: tuple[str, ...], schemas: str) -> Path | None:
    """The value of -o, which replaces a file, but none that is read."""
    if not text:
        return None
    out = Path(text)
    if any(_is_same(out, name) for name in files if name != STDIN):
        raise UsageError(f"-o {text} is one of the files to parse", "Name another file.")
    if schemas and any(_is_same(out, name) for name in _schema_files(schemas)):
        raise UsageError(f"-o {text} is one of the schema files", "Name another file.")
    return out


def _schema_files(path: str) -> Sequence[Path]:
    from common.logs.load import schema_files

    try:
        return schema_files(Path(path))
    except OSError:
        # Nothing is written: reading the schemas fails for the same reason.
        return ()


def _is_same(out: Path, name: str | Path) -> bool:
    try:
        return out.samefile(name)
    except OSError:
        return False
