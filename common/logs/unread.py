"""The part of a stream that was read and not used yet, and what is made of streams: records."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO, NamedTuple

SPACE = b" \t\r\n"
"""White space between the parts of JSON (RFC 8259, section 2)."""

LARGEST_BYTES = 1 << 26
"""How much is read in search of the end of one element."""


class Block(NamedTuple):
    """Records that follow each other, and the number of the first one, from 1. A line has neither
    its end nor a carriage return before it, blank ones are records of no bytes; an element is its
    literal text."""

    first: int
    records: list[bytes]


class FramingError(ValueError):
    """Why a stream cannot be cut into records, or not any further."""


class Unread:
    """A stream with what has been read ahead of it in `data`."""

    def __init__(self, stream: BinaryIO, block_bytes: int) -> None:
        # read1 returns what there is: lines that come slowly through a pipe are not held back.
        self.read: Callable[[int], bytes] = getattr(stream, "read1", stream.read)
        self.block_bytes = block_bytes
        self.data = b""

    def more(self) -> bool:
        """Read ahead as much as comes at once; False at the end."""
        piece = self.read(self.block_bytes)
        self.data += piece
        return bool(piece)

    def fill(self, size_bytes: int) -> bool:
        """Read ahead until there are `size_bytes`; False when the stream ends before."""
        pieces, missing = [self.data], size_bytes - len(self.data)
        while missing > 0 and (piece := self.read(max(missing, self.block_bytes))):
            pieces.append(piece)
            missing -= len(piece)
        self.data = b"".join(pieces)
        return missing <= 0

    def grow(self) -> bool:
        """Read ahead twice as much as there is, so that looking through it again and again costs no
        more than looking through it twice; False at the end, or with enough for any element."""
        known = len(self.data)
        if known >= LARGEST_BYTES:
            return False
        self.fill(max(2 * known, 1))
        return len(self.data) > known

    def drop(self, count: int) -> None:
        """Take `count` bytes away."""
        self.data = self.data[count:]

    def next_byte(self) -> bytes:
        """The next byte that is no white space, which stays; b"" at the end."""
        self.data = self.data.lstrip(SPACE)
        while not self.data and self.more():
            self.data = self.data.lstrip(SPACE)
        return self.data[:1]
