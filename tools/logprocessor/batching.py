"""Which events are written together: a buffer for each log type and hour, and when it is full.

The limits are those of the deployed processor, which keeps every buffer in memory, compressed. Here
most of it waits on disk: the limits are as large as the function's memory, a workstation has others
to serve.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from heapq import nlargest
from typing import NamedTuple

from common.errors import UsageError
from tools.logprocessor.sorting import Group, Place
from tools.logprocessor.spool import SLOT_BYTES, Spool

MIB = 1 << 20
OBJECT_BYTES = 50 * MIB
# Of the function's memory: eight objects under way, three buffers of downloads, and the rest.
RESERVED_MB = 400 + 150 + 50
LEAST_MB = 5

SIZE, COUNT, MEMORY, AGE, END = "size", "count", "memory", "age", "end"
CAUSES = (SIZE, COUNT, MEMORY, AGE, END)
"""Why a buffer is sent: it is large, there are many, they take much memory, it is old, or the
input has ended."""

# Compressors take turns only after so many bytes: each has a window to bring back into the cache.
_TURN_BYTES = 1 << 16
_GZIP = 31  # zlib's wbits for a gzip head and tail
_LEVEL = 6


@dataclass(frozen=True)
class Limits:
    """How large one buffer grows, how many there are, how much all take together (compressed bytes)
    and how old one gets."""

    object_bytes: int = OBJECT_BYTES
    buffers: int = 256
    total_bytes: int = 424 * MIB
    age_seconds: float = 60.0


class Full(NamedTuple):
    """A buffer that is to be written: its events as gzip data, and why now."""

    place: Place
    events: int
    data: bytes
    cause: str


def limits_of(lambda_mb: int, age_seconds: float) -> Limits:
    """The limits of a function with so much memory. Raises UsageError where nothing is left."""
    left_mb = lambda_mb - RESERVED_MB
    if left_mb < LEAST_MB:
        raise UsageError(
            "available memory too small for log processing, increase lambda size from "
            f"{lambda_mb}MB",
            f"Give -lambdaSize {RESERVED_MB + LEAST_MB} or more.",
        )
    return Limits(total_bytes=left_mb * MIB, age_seconds=age_seconds)


def due(limits: Limits, sizes: Mapping[Place, int], grown: Place) -> list[tuple[Place, str]]:
    """Which buffers are to be sent after `grown` has grown, and why. `sizes` are in bytes."""
    if sizes[grown] >= limits.object_bytes:
        return [(grown, SIZE)]
    if len(sizes) > limits.buffers:
        largest = nlargest((limits.buffers + 1) // 2, sizes, key=sizes.__getitem__)
        return [(place, COUNT) for place in largest]
    if sum(sizes.values()) > limits.total_bytes:
        return [(max(sizes, key=sizes.__getitem__), MEMORY)]
    return []


class Buffers:
    """The buffers of a run. What they give away they no longer hold."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._buffers: dict[Place, _Buffer] = {}
        self._sizes: dict[Place, int] = {}
        self._spool = Spool()
        self._looked_at = clock()

    def add(self, place: Place, group: Group) -> Iterator[Full]:
        """Take events; gives what is full now, one after the other."""
        buffer = self._buffers.get(place)
        if buffer is None:
            buffer = self._buffers[place] = _Buffer(self._clock(), self._spool)
        buffer.add(group)
        self._sizes[place] = buffer.size
        # Not a list: memory has no room for all of them at once.
        return (self._sent(*one) for one in due(self._limits, self._sizes, place))

    def aged(self) -> Iterator[Full]:
        """What is too old, one after the other. As often as that can be, ages are looked at, not
        more often."""
        now, most = self._clock(), self._limits.age_seconds
        if now - self._looked_at < most:
            return
        self._looked_at = now
        for place in [place for place, one in self._buffers.items() if now - one.began >= most]:
            yield self._sent(place, AGE)

    def rest(self) -> Iterator[Full]:
        """Everything, one after the other."""
        while self._buffers:
            yield self._sent(next(iter(self._buffers)), END)

    def close(self) -> None:
        """What is still held is lost."""
        self._spool.close()

    def _sent(self, place: Place, cause: str) -> Full:
        del self._sizes[place]
        buffer = self._buffers.pop(place)
        return Full(place, buffer.events, buffer.end(), cause)


class _Buffer:
    """Events of one place as a gzip stream. `size` is what the compressor has put out so far; most
    of it is in slots of the spool."""

    def __init__(self, began: float, spool: Spool) -> None:
        self.began = began
        self.events = 0
        self.size = 0
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._pieces: list[bytes] = []
        self._pieces_bytes = 0
        self._spool = spool
        self._slots: list[int] = []
        # Not isal: its best level makes objects a sixth larger than level 6.
        self._stream = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)

    def add(self, group: Group) -> None:
        self.events += group.events
        self._waiting.append(group.lines)
        self._waiting_bytes += len(group.lines)
        if self._waiting_bytes >= _TURN_BYTES:
            self._compress()

    def end(self) -> bytes:
        self._compress()
        slots = map(self._spool.take, self._slots)
        return b"".join([*slots, *self._pieces, self._stream.flush()])

    def _compress(self) -> None:
        piece = self._stream.compress(b"".join(self._waiting))
        self.size += len(piece)
        self._pieces.append(piece)
        self._pieces_bytes += len(piece)
        self._waiting = []
        self._waiting_bytes = 0
        if self._pieces_bytes >= SLOT_BYTES and not self._spool.is_full:
            self._put_away()

    def _put_away(self) -> None:
        """Move as many whole slots as there are to the spool."""
        rest = b"".join(self._pieces)
        while len(rest) >= SLOT_BYTES and (slot := self._spool.put(rest[:SLOT_BYTES])) is not None:
            self._slots.append(slot)
            rest = rest[SLOT_BYTES:]
        self._pieces, self._pieces_bytes = [rest], len(rest)
