"""Writing Parquet files of required columns, in memory that does not depend on the rows.

The format: github.com/apache/parquet-format (README, Encodings.md, parquet.thrift); the metadata
is in Thrift's compact protocol. Used here: data pages v1; PLAIN values in gzip, or a dictionary
with run lengths for columns that repeat themselves. A Parquet library would make the executable
four times as large, for a schema that never changes.
"""

from __future__ import annotations

import shutil
import struct
import zlib
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, NamedTuple

STRING, INTEGER, TIME = "string", "integer", "time"
PAGE_ROWS = 5_000
GROUP_PAGES = 200

_INT64, _BYTE_ARRAY = 2, 6
_UNCOMPRESSED, _GZIP = 0, 2
_REQUIRED, _UTF8, _TIMESTAMP_MILLIS = 0, 0, 9
_PLAIN, _RLE, _RLE_DICTIONARY = 0, 3, 8
_DATA_PAGE, _DICTIONARY_PAGE = 0, 2
_MAGIC = b"PAR1"
_GZIP_FORMAT = 31  # zlib's wbits for a gzip head and tail
_LEVEL = 4


class Column(NamedTuple):
    """A column of STRING, INTEGER (64 bits) or TIME (milliseconds since 1970, UTC). Only strings
    may be `repetitive`: stored as a dictionary and runs."""

    name: str
    type: str
    repetitive: bool = False


class Page(NamedTuple):
    """Some rows of one column, ready to be written; `raw` is its size before compression, `low` and
    `high` are the least and the greatest value."""

    data: bytes
    raw: int
    low: Any
    high: Any


Runs = Sequence[tuple[str, int]]


# ---- Thrift compact protocol: a value is its type and its bytes --------------------------------

Thrift = tuple[int, bytes]


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _i32(number: int) -> Thrift:
    return 5, _varint(number << 1)  # zigzag; nothing here is negative


def _i64(number: int) -> Thrift:
    return 6, _varint(number << 1)


def _binary(data: bytes) -> Thrift:
    return 8, _varint(len(data)) + data


def _list(items: Sequence[Thrift]) -> Thrift:
    kind = items[0][0] if items else 12
    size = bytes([len(items) << 4 | kind]) if len(items) < 15 else bytes([0xF0 | kind])
    more = _varint(len(items)) if len(items) >= 15 else b""
    return 9, size + more + b"".join([data for _, data in items])


def _struct(**fields: Thrift) -> Thrift:
    """A struct; fields are called f1, f2, ... by their numbers, in ascending order."""
    out, before = bytearray(), 0
    for name, (kind, data) in fields.items():
        number = int(name[1:])
        out.append((number - before) << 4 | kind)
        out += data
        before = number
    return 12, bytes(out) + b"\0"


_TRUE: Thrift = (1, b"")


# ---- values and pages ------------------------------------------------------------------------


def plain_page(column: Column, values: Sequence[Any]) -> Page:
    """A page of PLAIN values. May be called from any thread."""
    raw = _plain(column.type, values)
    stored = zlib.compress(raw, _LEVEL, _GZIP_FORMAT)
    return _data_page(len(values), _PLAIN, raw, stored, min(values), max(values))


def runs_of(values: Iterable[str]) -> Runs:
    """The values as (value, how often in a row)."""
    return [(value, sum(1 for _ in same)) for value, same in groupby(values)]


def _plain(kind: str, values: Sequence[Any]) -> bytes:
    if kind != STRING:
        return struct.pack(f"<{len(values)}q", *values)
    encoded = [value.encode() for value in values]
    return b"".join([len(data).to_bytes(4, "little") + data for data in encoded])


def _statistic(value: Any) -> Thrift:
    return _binary(value.encode() if isinstance(value, str) else struct.pack("<q", value))


def _data_page(rows: int, encoding: int, raw: bytes, stored: bytes, low: Any, high: Any) -> Page:
    about = _struct(f1=_i32(rows), f2=_i32(encoding), f3=_i32(_RLE), f4=_i32(_RLE))
    _, head = _struct(
        f1=_i32(_DATA_PAGE), f2=_i32(len(raw)), f3=_i32(len(stored)), f5=about
    )  # fmt: skip
    return Page(head + stored, len(head) + len(raw), low, high)


# ---- the file --------------------------------------------------------------------------------


class _Chunk:
    """A column of the row group that is being written; its pages wait in a temporary file."""

    def __init__(self, column: Column, folder: Path) -> None:
        self.column = column
        self._pages = TemporaryFile(dir=folder)  # noqa: SIM115
        self._begin()

    def _begin(self) -> None:
        self._pages.seek(0)
        self._pages.truncate()
        self._raw = 0
        self._limits: list[Any] = []
        self._dictionary: dict[str, int] = {}

    def add(self, page: Page) -> None:
        """Keep a page."""
        self._pages.write(page.data)
        self._raw += page.raw
        limits = [*self._limits, page.low, page.high]
        self._limits = [min(limits), max(limits)]

    def add_runs(self, rows: int, runs: Runs) -> None:
        """Keep a page of indexes into the dictionary, which grows with new values."""
        known = self._dictionary
        places = [known.setdefault(value, len(known)) for value, _ in runs]
        width = max(1, (len(known) - 1).bit_length())
        raw = bytes([width]) + b"".join(
            [
                _varint(number << 1) + place.to_bytes((width + 7) // 8, "little")
                for place, (_, number) in zip(places, runs, strict=True)
            ]
        )
        values = [value for value, _ in runs]
        self.add(_data_page(rows, _RLE_DICTIONARY, raw, raw, min(values), max(values)))

    def move_to(self, file: IO[bytes], place: int, rows: int) -> tuple[Thrift, int, int]:
        """Write the chunk, `place` bytes from the file's start; its metadata, its size in the file
        and before compression. A new chunk begins."""
        head = self._dictionary_page()
        file.write(head)
        self._pages.seek(0)
        shutil.copyfileobj(self._pages, file)
        stored, raw = len(head) + self._pages.tell(), len(head) + self._raw
        low, high = self._limits
        encodings = (_RLE_DICTIONARY, _PLAIN, _RLE) if head else (_PLAIN, _RLE)
        metadata = _struct(
            f1=_i32(_BYTE_ARRAY if self.column.type == STRING else _INT64),
            f2=_list([_i32(encoding) for encoding in encodings]),
            f3=_list([_binary(self.column.name.encode())]),
            f4=_i32(_UNCOMPRESSED if head else _GZIP),
            f5=_i64(rows),
            f6=_i64(raw),
            f7=_i64(stored),
            f9=_i64(place + len(head)),
            **({"f11": _i64(place)} if head else {}),
            f12=_struct(f3=_i64(0), f5=_statistic(high), f6=_statistic(low)),
        )
        self._begin()
        return _struct(f2=_i64(place), f3=metadata), stored, raw

    def _dictionary_page(self) -> bytes:
        if not self._dictionary:
            return b""
        raw = _plain(STRING, list(self._dictionary))
        about = _struct(f1=_i32(len(self._dictionary)), f2=_i32(_PLAIN))
        size = _i32(len(raw))
        _, head = _struct(f1=_i32(_DICTIONARY_PAGE), f2=size, f3=size, f7=about)
        return head + raw

    def close(self) -> None:
        """Let go of the temporary file."""
        self._pages.close()


class Writer:
    """Writes one file; add() takes one page of every column, finish() writes the end.

    Row groups are put together in temporary files in `folder`; close() removes them.
    """

    def __init__(
        self, file: IO[bytes], columns: Sequence[Column], folder: Path, created_by: str
    ) -> None:
        self._file = file
        self._created_by = created_by
        self._chunks = [_Chunk(column, folder) for column in columns]
        self._groups: list[Thrift] = []
        self._rows = 0
        self._group_rows = 0
        self._group_pages = 0
        self._place = file.write(_MAGIC)

    def add(self, rows: int, pages: Sequence[Page | Runs]) -> None:
        """A page of `rows` rows (not 0) of every column: runs for those that are repetitive."""
        for chunk, page in zip(self._chunks, pages, strict=True):
            if isinstance(page, Page):
                chunk.add(page)
            else:
                chunk.add_runs(rows, page)
        self._group_rows += rows
        self._group_pages += 1
        if self._group_pages == GROUP_PAGES:
            self._end_group()

    def _end_group(self) -> None:
        columns, begin, raw_total = [], self._place, 0
        for chunk in self._chunks:
            metadata, stored, raw = chunk.move_to(self._file, self._place, self._group_rows)
            columns.append(metadata)
            self._place += stored
            raw_total += raw
        self._groups.append(
            _struct(
                f1=_list(columns),
                f2=_i64(raw_total),
                f3=_i64(self._group_rows),
                f5=_i64(begin),
                f6=_i64(self._place - begin),
            )
        )
        self._rows += self._group_rows
        self._group_rows = self._group_pages = 0

    def finish(self) -> None:
        """Write the last row group and the metadata."""
        if self._group_rows:
            self._end_group()
        root = _struct(f4=_binary(b"schema"), f5=_i32(len(self._chunks)))
        by_type = _struct(f1=_struct())
        _, footer = _struct(
            f1=_i32(2),
            f2=_list([root, *(_schema_element(chunk.column) for chunk in self._chunks)]),
            f3=_i64(self._rows),
            f4=_list(self._groups),
            f6=_binary(self._created_by.encode()),
            f7=_list([by_type] * len(self._chunks)),
        )
        self._file.write(footer + struct.pack("<I", len(footer)) + _MAGIC)

    def close(self) -> None:
        """Remove the temporary files."""
        for chunk in self._chunks:
            chunk.close()


def _schema_element(column: Column) -> Thrift:
    name = _binary(column.name.encode())
    if column.type == STRING:
        logical = _struct(f1=_struct())
        return _struct(f1=_i32(_BYTE_ARRAY), f3=_i32(_REQUIRED), f4=name, f6=_i32(_UTF8),
                       f10=logical)  # fmt: skip
    if column.type == TIME:
        milliseconds = _struct(f1=_struct())
        logical = _struct(f8=_struct(f1=_TRUE, f2=milliseconds))
        return _struct(f1=_i32(_INT64), f3=_i32(_REQUIRED), f4=name, f6=_i32(_TIMESTAMP_MILLIS),
                       f10=logical)  # fmt: skip
    return _struct(f1=_i32(_INT64), f3=_i32(_REQUIRED), f4=name)
