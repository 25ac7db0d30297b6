"""The record file: every marker to remove is on disk before the first one is removed.

It is CSV, one row a marker. The last cell says what became of the marker in one of three words of
the same length, so that it is written over in place: a run that is killed leaves a whole file that
tells what was removed, and nothing is ever rewritten or kept in memory.
"""

from __future__ import annotations

import csv
import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from io import BufferedReader, BytesIO, FileIO
from itertools import count, groupby
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


class Batch(NamedTuple):
    """Rows that are removed together: where they begin, their bytes and their number. Many are on
    their way at once, so that they are read when they are needed instead of kept."""

    start: int
    size: int
    number: int


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

    def batches(self, most: int) -> Iterator[Batch]:
        """The rows of this run in batches of at most `most`, in the order in which they were added.
        A key's rows stay together: one with more than that is a batch of its own."""
        with self.path.open("rb") as file:
            file.seek(self._start or len(_HEADER))
            start = file.tell()
            size = count = 0
            for _, group in groupby(raw_rows(file), key=_key):
                sizes = [len(raw) for raw in group]
                if count and count + len(sizes) > most:
                    yield Batch(start, size, count)
                    start, size, count = start + size, 0, 0
                size += sum(sizes)
                count += len(sizes)
            if count:
                yield Batch(start, size, count)

    def read(self, batch: Batch) -> list[Row]:
        """The rows of a batch."""
        with self._lock:
            self._file.seek(batch.start)
            data = self._file.read(batch.size)
        rows, end = [], batch.start
        for raw in raw_rows(BytesIO(data)):
            end += len(raw)
            rows.append(_row(raw, end - len(PLANNED) - 1))
        return rows

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
    end = len(first) + sum(map(len, raw_rows(file)))
    file.seek(end)
    if file.read().endswith((PLANNED, REMOVED, REFUSED)):
        raise UsageError(f"-out {name} lacks the end of its last line", "Add a line end to it.")
    return end


def raw_rows(file: Iterable[bytes]) -> Iterator[bytes]:
    """Each complete row; a quoted key may contain line ends."""
    raw = b""
    for line in file:
        raw += line
        if raw.endswith(b"\n") and raw.count(b'"') % 2 == 0:
            yield raw
            raw = b""


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


def _cells(raw: bytes) -> list[str]:
    text = raw[:-1].decode()
    return next(csv.reader([text])) if '"' in text else text.split(",")


def _key(raw: bytes) -> str:
    return _cells(raw)[1]


def _row(raw: bytes, result_at: int) -> Row:
    _, key, version_id, _, restored_version_id, size, _ = _cells(raw)
    if not version_id:
        raise ValueError(f"the recorded marker of {key!r} has no version id")
    return Row(key, version_id, int(size) if restored_version_id else None, result_at)
