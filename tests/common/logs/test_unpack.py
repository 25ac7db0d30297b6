"""Compression is told by the first bytes, whole files are read, and damage is said."""

import bz2
import gzip
import io
import os
import sys
import threading

import pytest
import zstandard

from common.logs.unpack import Damaged, unpack

TEXT = b"".join(b"line %d of some log\n" % number for number in range(10_007))


def skippable(content):
    return b"\x53\x2a\x4d\x18" + len(content).to_bytes(4, "little") + content


def without_size(text):
    packer = zstandard.ZstdCompressor().compressobj()
    return packer.compress(text) + packer.flush()


PACKED = {
    "plain": TEXT,
    "gzip": gzip.compress(TEXT),
    "gzip of two members": gzip.compress(TEXT[:1009]) + gzip.compress(TEXT[1009:]),
    "gzip with padding": gzip.compress(TEXT) + bytes(1009),
    "bzip2": bz2.compress(TEXT),
    "bzip2 of two members": bz2.compress(TEXT[:1009]) + bz2.compress(TEXT[1009:]),
    "zstd": zstandard.compress(TEXT),
    "zstd without its size": without_size(TEXT),
    "zstd of two frames": zstandard.compress(TEXT[:1009]) + zstandard.compress(TEXT[1009:]),
    "zstd between skippable frames": skippable(b"a") + zstandard.compress(TEXT) + skippable(b""),
}


@pytest.mark.parametrize("packed", PACKED.values(), ids=PACKED)
def test_every_compression_gives_the_same_text(packed):
    assert unpack(io.BytesIO(packed)).read() == TEXT


class ByteByByte(io.RawIOBase):
    def __init__(self, data):
        self.bytes = iter(data)

    def readable(self):
        return True

    def readinto(self, target):
        for byte in self.bytes:
            target[0] = byte
            return 1
        return 0


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, zstandard.compress])
def test_a_pipe_that_gives_byte_by_byte_is_no_different(pack):
    assert unpack(ByteByByte(pack(TEXT[:1009]) * 2)).read() == TEXT[:1009] * 2


def test_plain_text_is_passed_on_as_it_comes():
    reader, writer = (
        os.fdopen(end, mode) for end, mode in zip(os.pipe(), ("rb", "wb"), strict=True)
    )
    with reader, writer:
        writer.write(b"first line\n")
        writer.flush()
        closer = threading.Timer(10, writer.close)  # an implementation that waits for more, ends
        closer.start()
        assert unpack(reader).read1(1 << 20) == b"first line\n"
        assert not writer.closed
        closer.cancel()


@pytest.mark.parametrize("text", [b"", b"\x1f", b"\x1f\x8c..", b"BZ", b"\x28\xb5\x2f", b"{}\n"])
def test_other_beginnings_are_plain_text(text):
    assert unpack(io.BytesIO(text)).read() == text


def test_compression_inside_compression_stays():
    inner = zstandard.compress(TEXT)
    assert unpack(io.BytesIO(gzip.compress(inner))).read() == inner


@pytest.mark.parametrize("name", ["gzip", "bzip2", "zstd"])
def test_data_that_is_cut_short_is_read_as_far_as_it_goes(name):
    stream = unpack(io.BytesIO(PACKED[name] + PACKED[name][:-3]))
    assert stream.read(len(TEXT)) == TEXT
    with pytest.raises(Damaged, match=f"the {name} data ends too early"):
        stream.read()


@pytest.mark.parametrize("name", ["gzip", "bzip2", "zstd"])
def test_something_else_behind_the_data_is_an_error(name):
    with pytest.raises(Damaged, match=f"something else follows the {name} data"):
        unpack(io.BytesIO(PACKED[name] + b"and more")).read()


@pytest.mark.parametrize("name", ["gzip", "bzip2", "zstd without its size"])
def test_broken_data_is_an_error(name):
    packed = PACKED[name]
    middle = len(packed) // 2
    broken = packed[:middle] + bytes(byte ^ 0xFF for byte in packed[middle : middle + 97])
    with pytest.raises(Damaged, match=f"the {name.split()[0]} data is damaged"):
        unpack(io.BytesIO(broken + packed[middle + 97 :])).read()


def test_gzip_is_read_without_the_fast_library_too(monkeypatch):
    monkeypatch.setitem(sys.modules, "isal", None)
    assert unpack(io.BytesIO(PACKED["gzip of two members"])).read() == TEXT


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress])
def test_a_little_data_that_stands_for_much_comes_in_pieces(pack):
    stream = unpack(io.BytesIO(pack(bytes(10_000_019))))
    sizes = []
    while piece := stream.read1(1 << 30):
        sizes.append(len(piece))
    assert sum(sizes) == 10_000_019
    assert max(sizes) < 10_000_019
