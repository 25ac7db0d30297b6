"""Compression whose output depends on nothing but the content and the settings."""

from __future__ import annotations

import struct
import zlib

NONE, GZIP, ZSTD = "none", "gzip", "zstd"
COMPRESSIONS = (GZIP, ZSTD, NONE)
_ZSTD_LEVEL = 3
# RFC 1952: deflate, no flags, no time, no hints, system unknown.
_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_LARGEST = 2**32


def packed(content: bytes, compression: str, gzip_level: int) -> bytes:
    """The content as gzip, as zstd (one thread, size in its header, no checksum) or as it is."""
    if compression == NONE:
        return content
    if compression == ZSTD:
        import zstandard

        return zstandard.ZstdCompressor(
            _ZSTD_LEVEL, write_checksum=False, write_content_size=True
        ).compress(content)
    tail = struct.pack("<II", zlib.crc32(content), len(content) % _LARGEST)
    return _HEAD + _deflated(content, gzip_level) + tail


def _deflated(content: bytes, level: int) -> bytes:
    if level == 1:
        # Ten times as fast as zlib on random text, and smaller.
        from isal import isal_zlib

        return bytes(isal_zlib.compress(content, 1, wbits=-15))
    return zlib.compress(content, level, wbits=-15)
