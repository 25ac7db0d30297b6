"""Cutting a stream into records: text lines, the elements of a JSON array, or of its "Records"."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

from common.logs.elements import array, records
from common.logs.subscriptions import HEAD, messages
from common.logs.unread import SPACE, Block, FramingError, Unread

__all__ = ["BLOCK_BYTES", "FRAMINGS", "Block", "FramingError", "framing"]

BLOCK_BYTES = 1 << 18
FRAMINGS = ("auto", "lines", "json-array", "records", "cloudwatch")

_PEEK_BYTES = 1 << 16
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CLOUDTRAIL_FILE = re.compile(
    r"\d{12}_CloudTrail_[^_]+_\d{8}T\d{4}Z_\w+\.json(?:\.gz|\.zst)?", re.ASCII
)
_STARTS = (b'{"Records":[', b'{"messageType":', b'{"owner":')
_RECORDS_HEAD = re.compile(rb'\{\s*"Records"\s*:\s*\[')


def framing(
    name: str,
    stream: BinaryIO,
    wanted: str = "auto",
    has_cloudtrail: bool = False,
    block_bytes: int = BLOCK_BYTES,
) -> tuple[str, Iterator[Block]]:
    """How a file is cut ("lines", "json-array", "records" or "cloudwatch"), and its records in
    blocks of about `block_bytes`, less when the stream gives less at a time.

    `wanted` is one of FRAMINGS; "auto" decides by the file's name (CloudTrail has its own, if that
    type is among those looked for) and by its first bytes, of which it looks at 64 KiB at most.
    The stream is only read forwards; memory holds a block and the longest line or element.

    Raises FramingError at once for UTF-16; the blocks raise it after the last record that can be
    had: for binary data, where there is no array, for an element that is no JSON or larger than
    64 MiB. What reading the stream raises is passed on.
    """
    unread = Unread(stream, block_bytes)
    unread.fill(len(codecs.BOM_UTF8))
    if unread.data.startswith(_UTF16_MARKS):
        raise FramingError("UTF-16 is not supported: convert the file to UTF-8")
    unread.data = unread.data.removeprefix(codecs.BOM_UTF8)
    kind = wanted if wanted != "auto" else _likely(name, unread, has_cloudtrail)
    cut = {"lines": _lines, "json-array": array, "records": records, "cloudwatch": messages}[kind]
    return kind, cut(unread)


def _likely(name: str, unread: Unread, has_cloudtrail: bool) -> str:
    if has_cloudtrail and _CLOUDTRAIL_FILE.fullmatch(re.split(r"[/\\]", name)[-1]):
        return "records"
    while True:
        start = unread.data[:_PEEK_BYTES].lstrip(SPACE)
        if start[:1] == b"[":
            return "json-array"
        if _RECORDS_HEAD.match(start):
            return "records"
        if HEAD.match(start):
            return "cloudwatch"
        dense = start.translate(None, SPACE)[: max(map(len, _STARTS))]
        is_open = any(one.startswith(dense) or dense.startswith(one) for one in _STARTS)
        if not is_open or len(unread.data) >= _PEEK_BYTES or not unread.more():
            return "lines"


def _lines(unread: Unread) -> Iterator[Block]:
    _refuse_binary(unread)
    first = 1
    begun: list[bytes] = []  # the pieces so far of a line whose end is still to come
    chunk = unread.data
    unread.data = b""
    while chunk:
        is_line_end = chunk[:1] == b"\n"
        if b"\r" in chunk:
            chunk = chunk.replace(b"\r\n", b"\n")
        lines = chunk.split(b"\n")
        if len(lines) > 1:
            line = b"".join((*begun, lines[0]))
            lines[0] = line.removesuffix(b"\r") if is_line_end else line
            begun = [lines.pop()]
            yield Block(first, lines)
            first += len(lines)
        else:
            begun.append(chunk)
        chunk = unread.read(unread.block_bytes)
    last = b"".join(begun)
    if last:
        yield Block(first, [last.removesuffix(b"\r")])


def _refuse_binary(unread: Unread) -> None:
    """Raise FramingError unless the first line, or what is known behind it if it is empty, is text.
    Of a long line, its beginning decides."""
    while b"\n" not in unread.data and len(unread.data) < _PEEK_BYTES and unread.more():
        pass
    line, end, behind = unread.data.partition(b"\n")
    is_whole = bool(end) or len(line) < _PEEK_BYTES
    if not line.strip(b"\r"):
        line, is_whole = behind, False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(line, is_whole)
    except UnicodeDecodeError:
        raise FramingError("invalid UTF8 encoding") from None
    if b"\0" in line:
        raise FramingError("invalid UTF8 encoding: the file is binary")
