"""What a command line asks for: log types, hours, sizes. Pure but for reading schema files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from common.cli import Args
from common.errors import UsageError
from tools.filegen import log_types
from tools.filegen.files import HOUR_SECONDS
from tools.filegen.walk import Kind, in_order

_SIZE = re.compile(r"([0-9]+)([KMGT]?)", re.ASCII)
_UNITS = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3, "T": 1024**4}
_HOUR_FORM = "%Y-%m-%dT%H"
_HOUR = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}", re.ASCII)


def hour_of(text: str, flag: str) -> int:
    """`YYYY-MM-DDThh` (UTC) in seconds since 1970. Raises UsageError naming the flag."""
    try:
        if not _HOUR.fullmatch(text):
            raise ValueError(text)
        return int(datetime.strptime(text, _HOUR_FORM).replace(tzinfo=UTC).timestamp())
    except ValueError:
        raise UsageError(
            f"cannot read -{flag} {text!r}", "Write an hour in UTC as 2022-03-14T09."
        ) from None


def span(args: Args, now: float) -> tuple[int, int]:
    """The first and the last hour; the last is that of `now` by default. Raises UsageError."""
    if not args["start"]:
        raise UsageError("-start must be set", "Write an hour in UTC as 2022-03-14T09.")
    start = hour_of(args["start"], "start")
    end = hour_of(args["end"], "end") if args["end"] else int(now) // HOUR_SECONDS * HOUR_SECONDS
    if end < start:
        raise UsageError("-end is before -start", "Both are hours in UTC, both included.")
    return start, end


def size_of(text: str, flag: str) -> int:
    """Bytes of `500`, `10K`, `2G`: powers of 1024. Raises UsageError naming the flag."""
    match = _SIZE.fullmatch(text)
    if match is None:
        raise UsageError(f"-{flag} {text!r} is no size", "Write it as 500M, 2G or 1T.")
    return int(match[1]) * _UNITS[match[2]]


def kinds(args: Args) -> list[Kind]:
    """The log types to generate, in the order in which they are made. Raises UsageError for an
    unknown type, a number out of range, a schema without a generator, and none at all."""
    known = frozenset(log_types.names())
    unknown = sorted(set(args["logtype"]) - known)
    if unknown:
        raise UsageError(f"-logtype {', '.join(unknown)}: no such log type", "See filegen -list.")
    _check("numfiles", args["numfiles"], 0)
    _check("file.numrows", args["file.numrows"], 1)
    chosen = {name: "" for name in log_types.names() if args[name]}
    chosen |= dict.fromkeys(args["logtype"], "")
    chosen |= dict(_schemas(args["schema"]))
    if not chosen:
        raise UsageError(
            "no log types enabled", "Give -logtype NAMES, -schema PATH or -AWS.CloudTrail."
        )
    return in_order([_kind(name, file, args) for name, file in chosen.items()])


def _kind(name: str, file: str, args: Args) -> Kind:
    files, rows = f"{name}.{log_types.FILES}", f"{name}.{log_types.ROWS}"
    has_files, has_rows = files in args.given, rows in args.given
    return Kind(
        name,
        file,
        _check(files, args[files], 0) if has_files else args[log_types.FILES],
        _check(rows, args[rows], 1) if has_rows else args[log_types.ROWS],
    )


def _check(flag: str, number: int, least: int) -> int:
    if number < least:
        raise UsageError(f"-{flag} must be at least {least}")
    return number


def _schemas(paths: Sequence[str]) -> list[tuple[str, str]]:
    """The log types of schema files, with their files."""
    if not paths:
        return []
    from common.logs.load import schema_files
    from tools.filegen.generators import schema_of

    found = []
    for path in paths:
        try:
            files = schema_files(Path(path))
        except OSError as error:
            raise UsageError(f"-schema {path} cannot be read: {error.strerror}") from None
        if not files:
            raise UsageError(f"-schema {path}: there is no schema file in this folder")
        found += [(schema_of("", str(file)).name, str(file.resolve())) for file in files]
    _refuse_two_of_one(found)
    return found


def _refuse_two_of_one(schemas: Sequence[tuple[str, str]]) -> None:
    files: dict[str, str] = {}
    for name, file in schemas:
        if files.setdefault(name, file) != file:
            raise UsageError(
                f"-schema: {files[name]} and {file} are both the schema of {name}", "Name one."
            )
