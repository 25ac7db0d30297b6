"""Compressed input, told by its first bytes and never by its name, as a plain stream."""

from __future__ import annotations

import bz2
import io
import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, NamedTuple

PLAIN_BYTES = 1 << 20
_MAGIC_BYTES = 4
_PACKED_BYTES = 1 << 16
# Four bytes of zstd can stand for 128 KiB, and its decoder has no limit on what it returns at once:
# small pieces keep a hostile file below 256 MiB and cost an honest one nothing.
_PACKED_ZSTD_BYTES = 1 << 13

_Read = Callable[[int], bytes]


class Damaged(ValueError):
    """Compressed data that cannot be read to its end."""


class _Codec(NamedTuple):
    """A compression: how its data begins, a decompressor of one member (gzip, bzip2) or frame
    (zstd), how much it is given at once, and the most it may return, where it can be told."""

    name: str
    is_start: Callable[[bytes], bool]
    start: Callable[[], Any]
    packed_bytes: int = _PACKED_BYTES
    limit: tuple[int, ...] = (PLAIN_BYTES,)
    padding: bytes = b""


def unpack(stream: BinaryIO) -> BinaryIO:
    """`stream` without its compression: gzip (RFC 1952) and bzip2 with any number of members, zstd
    (RFC 8878) with any number of frames, anything else as it is. Compression inside compression
    stays. `stream` is only read, from where it stands, and is the caller's to close.

    Reading raises Damaged for data that is cut short or broken, after all that could be read.
    """
    read: _Read = getattr(stream, "read1", stream.read)
    head = _with_magic(b"", read)
    codec = next((one for one in _CODECS if one.is_start(head)), None)
    pieces = _unpacked(codec, head, read) if codec else _plain(head, read)
    return io.BufferedReader(_Joined(pieces))


def _with_magic(data: bytes, read: _Read) -> bytes:
    """`data` with more behind it, so that a magic number is whole unless the stream ends."""
    while len(data) < _MAGIC_BYTES and (more := read(_PACKED_ZSTD_BYTES)):
        data += more
    return data


def _plain(head: bytes, read: _Read) -> Iterator[bytes]:
    yield head
    while piece := read(PLAIN_BYTES):
        yield piece


def _unpacked(codec: _Codec, data: bytes, read: _Read) -> Iterator[bytes]:
    while data:
        if not codec.is_start(data):
            raise Damaged(f"something else follows the {codec.name} data")
        member = codec.start()
        while not member.eof:
            # A bzip2 decompressor keeps what it was given until all of it came out.
            if not data and getattr(member, "needs_input", True):
                data = read(codec.packed_bytes)
                if not data:
                    raise Damaged(f"the {codec.name} data ends too early")
            try:
                piece = member.decompress(data, *codec.limit)
            except MemoryError:
                raise
            except Exception as error:  # each decompressor has a class of its own
                raise Damaged(f"the {codec.name} data is damaged: {error}") from None
            yield piece
            data = getattr(member, "unconsumed_tail", b"")
        data = _with_magic(member.unused_data.lstrip(codec.padding), read)


class _Joined(io.RawIOBase):
    """A stream of the pieces that an iterator gives."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__()
        self._pieces = pieces
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        count = min(len(target), len(self._rest))
        target[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


# ---- the decompressors ----------------------------------------------------


def _is_gzip(data: bytes) -> bool:
    return data[:2] == b"\x1f\x8b"


def _is_bzip2(data: bytes) -> bool:
    return data[:3] == b"BZh"


def _is_zstd(data: bytes) -> bool:
    # A frame, or one that is to be skipped (RFC 8878, 3.1.2): pzstd begins its files with those.
    return data[:4] == b"\x28\xb5\x2f\xfd" or (data[1:4] == b"\x2a\x4d\x18" and data[0] >> 4 == 5)


def _start_gzip() -> Any:
    with_gzip_header = 31
    try:
        from isal import isal_zlib
    except ImportError:
        return zlib.decompressobj(with_gzip_header)
    return isal_zlib.decompressobj(with_gzip_header)


def _start_zstd() -> Any:
    import zstandard

    return zstandard.ZstdDecompressor().decompressobj()


_CODECS = (
    _Codec("gzip", _is_gzip, _start_gzip, padding=b"\0"),
    _Codec("bzip2", _is_bzip2, bz2.BZ2Decompressor),
    _Codec("zstd", _is_zstd, _start_zstd, _PACKED_ZSTD_BYTES, limit=()),
)
