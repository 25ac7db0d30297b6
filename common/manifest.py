"""Files that list S3 objects: s3list's CSV and JSON lines, S3 Inventory's CSV, plain s3:// URLs.

S3 Inventory and Batch Operations manifests have no header and percent-encode keys (Amazon S3 User
Guide, "Amazon S3 Inventory"); s3list's files have a header or field names and keep keys as is.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TextIO
from urllib.parse import unquote_plus

from common.errors import UsageError
from common.s3 import parse_path
from common.s3xml import UNKNOWN_SIZE

_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T")


class Entry(NamedTuple):
    """One listed object; size is UNKNOWN_SIZE and last_modified "" where the file does not say."""

    bucket: str
    key: str
    size: int
    last_modified: str


def read(name: str, flag: str) -> Iterator[Entry]:
    """The objects that the file `name` lists (`-` = stdin, `.gz` is unpacked), in its order.

    Raises UsageError naming `flag`, the file and the line of what cannot be read.
    """
    with _open(name, flag) as file, _refusing(name, flag):
        lines = iter(file)
        first = next((line for line in lines if line.strip()), None)
        if first is not None:
            yield from _reader_of(first.lstrip())(_chain(first, lines))


def read_keys(name: str, flag: str) -> Iterator[str]:
    """The keys that a file lists: any form that read() takes, or one bare key a line.

    Raises as read().
    """
    with _open(name, flag) as file, _refusing(name, flag):
        first = file.readline()
        lines = _chain(first, file)
        reader = _reader_of(first)
        if reader is not _from_csv or _header(first):
            yield from (entry.key for entry in reader(lines))
        else:
            yield from (key for line in lines if (key := line.rstrip("\r\n")))


def _reader_of(first: str) -> Callable[[Iterable[str]], Iterator[Entry]]:
    if first.lower().startswith("s3://"):
        return _from_urls
    return _from_json if first.startswith("{") else _from_csv


@contextmanager
def _refusing(name: str, flag: str) -> Iterator[None]:
    try:
        yield
    except (ValueError, KeyError, IndexError, csv.Error, OSError, EOFError) as error:
        raise UsageError(f"-{flag} {name} cannot be read: {error}") from None


def _open(name: str, flag: str) -> TextIO:
    if name == "-":
        if sys.stdin is None or sys.stdin.closed:
            raise UsageError(f"-{flag} -: standard input is closed")
        return sys.stdin
    path = Path(name)
    try:
        if path.suffix == ".gz":
            return io.TextIOWrapper(gzip.open(path), encoding="utf-8", newline="")
        return path.open(encoding="utf-8", newline="")
    except OSError as error:
        raise UsageError(f"-{flag} {name} cannot be opened: {error.strerror}") from None


def _chain(first: str, rest: Iterable[str]) -> Iterator[str]:
    yield first
    yield from rest


def _from_urls(lines: Iterable[str]) -> Iterator[Entry]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        text = line.rstrip("\r\n")
        try:
            path = parse_path(text)
        except UsageError:
            raise ValueError(f"line {number}: {text!r} is no S3 path s3://bucket/key") from None
        yield Entry(path.bucket, path.prefix, UNKNOWN_SIZE, "")


def _from_json(lines: Iterable[str]) -> Iterator[Entry]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            size = row.get("size")
            yield Entry(
                row["bucket"],
                row["key"],
                UNKNOWN_SIZE if size in (None, "") else int(size),
                str(row.get("last_modified") or ""),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"line {number} is no object with bucket and key: {error}") from None


def _from_csv(lines: Iterable[str]) -> Iterator[Entry]:
    rows = csv.reader(lines, strict=True)
    first = next(rows)
    columns = _header_columns(first)
    if columns is None:
        yield from _inventory([first], rows)
        return
    for row in rows:
        if len(row) != len(first):
            raise ValueError(f"line {rows.line_num} has {len(row)} columns, not {len(first)}")
        cells = {name: row[place] for name, place in columns.items()}
        size = cells.get("size", "")
        yield Entry(
            cells["bucket"],
            cells["key"],
            int(size) if size else UNKNOWN_SIZE,
            cells.get("last_modified", ""),
        )


def _header(line: str) -> bool:
    return _header_columns(next(csv.reader([line]), [])) is not None


def _header_columns(row: Sequence[str]) -> dict[str, int] | None:
    columns = {name.strip().lower(): place for place, name in enumerate(row)}
    return columns if "bucket" in columns and "key" in columns else None


def _inventory(*parts: Iterable[Sequence[str]]) -> Iterator[Entry]:
    number = 0
    for rows in parts:
        for row in rows:
            number += 1
            if len(row) < 2:
                raise ValueError(f"row {number} has no bucket and key")
            rest = row[2:]
            # VersionId, IsLatest, IsDeleteMarker: only what is current and exists counts.
            if rest[1:2] == ["false"] or rest[2:3] == ["true"]:
                continue
            size = next((cell for cell in rest if cell.isdigit()), "")
            modified = next((cell for cell in rest if _TIME.match(cell)), "")
            yield Entry(row[0], unquote_plus(row[1]), int(size) if size else UNKNOWN_SIZE, modified)
