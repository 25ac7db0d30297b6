"""Part files joined into the result: copied, compressed or turned into Parquet."""

from __future__ import annotations

import json
import os
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any, NamedTuple, TypeVar

from common import version
from common.errors import ToolError
from tools.s3list import rows
from tools.s3list.parquet_file import (
    INTEGER,
    PAGE_ROWS,
    STRING,
    TIME,
    Column,
    Page,
    Runs,
    Writer,
    plain_page,
    runs_of,
)

BLOCK_BYTES = 1 << 20
GZIP_FORMAT = 31  # zlib's wbits for a gzip head and tail
GZIP_LEVEL = 6

_OWN_TYPES = {"key": STRING, "size": INTEGER, "last_modified": TIME, "etag": STRING}
SCHEMA = tuple(
    Column(name, _OWN_TYPES.get(name, STRING), repetitive=name not in _OWN_TYPES)
    for name in rows.COLUMNS
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

Item = TypeVar("Item")
Result = TypeVar("Result")


def write(out: Path, wanted: rows.Format, parts: Sequence[Path], scratch: Path) -> None:
    """Make the file `out` of part files; it appears when it is complete, or not at all.

    Raises OSError naming the file. `scratch` is a folder for temporary files.
    """
    temporary = out.with_name(out.name + ".tmp")
    try:
        with temporary.open("wb") as file:
            if wanted.kind == rows.PARQUET:
                _write_parquet(file, parts, scratch)
            else:
                for block in _text_blocks(wanted, parts):
                    file.write(block)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(out)
    except OSError as error:
        error.filename = error.filename or str(temporary)
        raise
    finally:
        temporary.unlink(missing_ok=True)


def compressed(data: bytes) -> bytes:
    """One member of a gzip file; members may stand one behind the other."""
    return zlib.compress(data, GZIP_LEVEL, GZIP_FORMAT)


def _text_blocks(wanted: rows.Format, parts: Sequence[Path]) -> Iterator[bytes]:
    # Blocks of one size, wherever parts begin: a resumed run must give the same file.
    plain = _blocks(rows.head(wanted.kind).encode(), parts)
    return _in_order(compressed, plain) if wanted.is_gzip else plain


def _blocks(head: bytes, parts: Sequence[Path]) -> Iterator[bytes]:
    block, is_first = head, True
    for path in parts:
        with path.open("rb") as file:
            while data := file.read(BLOCK_BYTES - len(block)):
                block += data
                if len(block) == BLOCK_BYTES:
                    yield block
                    block, is_first = b"", False
    if block or is_first:
        yield block


def _in_order(do: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """The results of `do`, which runs on a thread for each processor; few are read ahead."""
    from concurrent.futures import Future, ThreadPoolExecutor

    workers = os.cpu_count() or 1
    with ThreadPoolExecutor(workers) as pool:
        pending: deque[Future[Result]] = deque()
        for item in items:
            pending.append(pool.submit(do, item))
            if len(pending) > workers:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()


# ---- Parquet ---------------------------------------------------------------------------------


class Batch(NamedTuple):
    """Rows by column. `owners` are runs of the columns that an owner's rows share."""

    keys: list[str]
    modified: list[str]
    etags: list[str]
    sizes: list[int]
    classes: list[str]
    owners: list[tuple[list[str], int]]


def _write_parquet(file: IO[bytes], parts: Sequence[Path], scratch: Path) -> None:
    writer = Writer(file, SCHEMA, scratch, f"panther-tools s3list {version.number()}")
    try:
        for number, pages in _in_order(_pages, batches(_lines(parts), PAGE_ROWS)):
            writer.add(number, pages)
        writer.finish()
    finally:
        writer.close()


def _lines(parts: Sequence[Path]) -> Iterator[str]:
    for path in parts:
        with path.open(encoding="utf-8", newline="\n") as file:
            yield from file


def batches(lines: Iterable[str], size: int) -> Iterator[Batch]:
    """The rows of part files that rows.py wrote as columns, `size` at a time."""
    batch = Batch([], [], [], [], [], [])
    for line in lines:
        same, *columns = json.loads(line)
        while columns[0]:
            room = size - len(batch.keys)
            own: tuple[list[Any], ...] = batch[:-1]
            for kept, column in zip(own, columns, strict=True):
                kept.extend(column[:room])
            batch.owners.append((same, len(columns[0][:room])))
            columns = [column[room:] for column in columns]
            if len(batch.keys) == size:
                yield batch
                batch = Batch([], [], [], [], [], [])
    if batch.keys:
        yield batch


def _pages(batch: Batch) -> tuple[int, list[Page | Runs]]:
    own: dict[str, Sequence[str] | Sequence[int]] = {
        "key": batch.keys,
        "size": batch.sizes,
        "last_modified": list(map(_milliseconds, batch.modified)),
        "etag": batch.etags,
    }
    runs: dict[str, Runs] = {"storage_class": runs_of(batch.classes)}
    for place, name in enumerate(rows.SHARED):
        runs[name] = _merged((same[place], number) for same, number in batch.owners)
    pages: list[Page | Runs] = [
        runs[column.name] if column.repetitive else plain_page(column, own[column.name])
        for column in SCHEMA
    ]
    return len(batch.keys), pages


def _merged(runs: Iterable[tuple[str, int]]) -> Runs:
    merged: list[tuple[str, int]] = []
    for value, number in runs:
        if merged and merged[-1][0] == value:
            merged[-1] = (value, merged[-1][1] + number)
        else:
            merged.append((value, number))
    return merged


def _milliseconds(text: str) -> int:
    try:
        return (datetime.fromisoformat(text) - _EPOCH) // _MILLISECOND
    except (ValueError, TypeError):
        raise ToolError(
            f"S3 wrote a time that cannot be read: {text!r}", "Use -format csv or jsonl."
        ) from None
