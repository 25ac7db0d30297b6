"""The record file: every marker to remove is on disk before the first one is removed.

It is CSV, one row a marker. The last cell says what became of the marker in one of three words of
the same length, so that it is written over in place: a run that is killed leaves a whole file that
tells what was removed, and nothing is ever rewritten or kept in memory.
"""

from __future__ import annotations

import csv
import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from io import BufferedReader, FileIO
from itertools import count, groupby
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from common.errors import UsageError
from common.times import stamp
from tools.s3undelete.decide import Marker

COLUMNS = (
    "bucket", "key", "version_id", "last_modified", "restored_version_id", "restored_size",
    "result",
)  # fmt: skip
PLANNED, REMOVED, REFUSED = b"planned", b"removed", b"refused"

_HEADER = (",".join(COLUMNS) + "\n").encode()
_CHUNK_BYTES = 65_536


class Row(NamedTuple):
    """What removing a recorded marker needs: never without a version id. `restored_size` is None
    when its removal makes nothing visible; `result_at` is where its result is written."""

    key: str
    version_id: str
    restored_size: int | None
    result_at: int


class Record:
    """One run's rows, behind those of earlier runs. `mark` may be called from any thread."""

    def __init__(self, path: Path, descriptor: int, start: int) -> None:
        self.path = path
        self._file = FileIO(descriptor, "r+")
        self._start = start
        self._lock = threading.Lock()
        self._waiting: list[str] = []
        self._waiting_size = 0
        self._file.truncate(start)
        self._file.seek(start)
        if start == 0:
            self._write(_HEADER)

    def add(self, bucket: str, markers: Iterable[Marker]) -> None:
        """Append planned markers. Raises OSError, naming the file."""
        for marker in markers:
            line = _line(bucket, marker)
            self._waiting.append(line)
            self._waiting_size += len(line)
        if self._waiting_size >= _CHUNK_BYTES:
            self._flush()

    def seal(self) -> None:
        """Have everything added on the disk itself. Raises OSError, naming the file."""
        self._flush()
        self.sync()

    def sync(self) -> None:
        """Have every result on the disk itself."""
        os.fsync(self._file.fileno())

    def rows(self) -> Iterator[Row]:
        """The rows of this run, read from the file, in the order in which they were added."""
        with self.path.open("rb") as file:
            file.seek(self._start)
            for position, raw in raw_rows(file):
                if position or self._start:
                    yield _row(raw, self._start + position)

    def mark(self, rows: Iterable[Row], result: bytes) -> None:
        """Write over what became of these rows."""
        with self._lock:
            for row in rows:
                self._file.seek(row.result_at)
                self._file.write(result)

    def discard(self) -> None:
        """Nothing was changed: leave the file as it was before this run, or none."""
        if self._start:
            self._file.truncate(self._start)
        self.close()
        if not self._start:
            self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _flush(self) -> None:
        data = "".join(self._waiting).encode()
        self._waiting.clear()
        self._waiting_size = 0
        self._write(data)

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        try:
            while view:
                view = view[self._file.write(view) :]
        except OSError as error:
            error.filename = str(self.path)
            raise


@contextmanager
def planning(kept: Record) -> Iterator[Record]:
    """While inside, nothing is changed yet: an error or a refusal leaves no trace of the plan."""
    try:
        yield kept
    except BaseException:
        kept.discard()
        raise


def open_record(name: str, now: datetime) -> Record:
    """The record file `name`, or a new one called by the time when `name` is "".

    A file of an earlier run is continued. Raises UsageError when it cannot be written or is
    something else.
    """
    if not name:
        return _open_dated(now)
    path = Path(name)
    try:
        with suppress(FileExistsError):
            return Record(path, _descriptor(path, os.O_EXCL | os.O_CREAT), 0)
        if not path.is_file():
            raise UsageError(f"-out {name} is no file", "Name a file.")
        with path.open("rb") as file:
            end = _end_of_rows(file, name)
        return Record(path, _descriptor(path), end)
    except OSError as error:
        raise UsageError(
            f"-out {name} cannot be written: {error.strerror}", "Name another file."
        ) from None


def _open_dated(now: datetime) -> Record:
    for number in count(1):
        suffix = f"-{number}" if number > 1 else ""
        path = Path(f"s3undelete-{stamp(now)}{suffix}.csv")
        try:
            return Record(path, _descriptor(path, os.O_EXCL | os.O_CREAT), 0)
        except FileExistsError:
            continue
        except OSError as error:
            raise UsageError(
                f"the record {path} cannot be written here: {error.strerror}",
                "Name a file in another folder with -out.",
            ) from None
    raise AssertionError("numbers do not end")


def _descriptor(path: Path, flags: int = 0) -> int:
    return os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0) | flags, 0o600)


def _end_of_rows(file: BufferedReader, name: str) -> int:
    """Where to go on in an existing file. A row cut short by a crash is dropped: removing begins
    only when all rows are complete."""
    first = file.readline()
    if first not in (_HEADER, b""):
        raise UsageError(f"-out {name} exists and is no record of s3undelete", "Name another file.")
    end = len(first)
    for position, raw in raw_rows(file):
        end = len(first) + position + len(raw)
    file.seek(end)
    if file.read().endswith((PLANNED, REMOVED, REFUSED)):
        raise UsageError(f"-out {name} lacks the end of its last line", "Add a line end to it.")
    return end


def raw_rows(file: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """(position, bytes) of each complete row; a quoted key may contain line ends."""
    position, raw = 0, b""
    for line in file:
        raw += line
        if raw.endswith(b"\n") and raw.count(b'"') % 2 == 0:
            yield position, raw
            position += len(raw)
            raw = b""


def batches(rows: Iterable[Row], most: int) -> Iterator[Sequence[Row]]:
    """The rows in batches of at most `most`. A key's rows stay together: one with more than that
    is a batch of its own."""
    batch: list[Row] = []
    for _, group in groupby(rows, key=attrgetter("key")):
        of_key = list(group)
        if batch and len(batch) + len(of_key) > most:
            yield batch
            batch = []
        batch += of_key
    if batch:
        yield batch


def _line(bucket: str, marker: Marker) -> str:
    size = marker.restored_size if marker.restored_version_id else ""
    return (
        f"{bucket},{_cell(marker.key)},{_cell(marker.version_id)},{marker.last_modified},"
        f"{_cell(marker.restored_version_id)},{size},{PLANNED.decode()}\n"
    )


def _cell(text: str) -> str:
    if '"' in text or "," in text or "\n" in text or "\r" in text:
        return '"' + text.replace('"', '""') + '"'
    return text


def _row(raw: bytes, position: int) -> Row:
    text = raw[:-1].decode()
    cells = next(csv.reader([text])) if '"' in text else text.split(",")
    _, key, version_id, _, restored_version_id, size, _ = cells
    if not version_id:
        raise ValueError(f"the recorded marker of {key!r} has no version id")
    restored_size = int(size) if restored_version_id else None
    return Row(key, version_id, restored_size, position + len(raw) - len(PLANNED) - 1)
