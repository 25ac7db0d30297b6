"""What becomes of events: objects in the data lake, lines on stdout, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from tools.logprocessor.batching import Buffers, Limits
from tools.logprocessor.destinations import Write
from tools.logprocessor.objects import object_of
from tools.logprocessor.sorting import Keep, Part
from tools.logprocessor.writers import Writers, Written


class Sink(Protocol):
    """Takes the parts of a run. `keep` says what it wants of them."""

    keep: Keep

    def take(self, part: Part) -> None:
        """Use the events of a block. Raises WriteFailed."""

    def tick(self) -> None:
        """Do what time asks for; called now and then. Raises WriteFailed."""

    def flush(self) -> None:
        """Write what is held. Raises WriteFailed."""

    def close(self) -> None:
        """Wait for what is under way; what is still held is lost. Raises WriteFailed."""

    def written(self) -> Sequence[Written]:
        """The objects that are where they belong, sorted by key."""

    def held(self) -> int:
        """How many events have been taken and not been written."""


class Nothing:
    """Forgets everything."""

    keep = Keep.NOTHING

    def take(self, part: Part) -> None:
        """Forget the events of a block."""

    def tick(self) -> None:
        """Time asks for nothing."""

    def flush(self) -> None:
        """Nothing is held."""

    def close(self) -> None:
        """Nothing is under way."""

    def written(self) -> Sequence[Written]:
        """There are no objects."""
        return ()

    def held(self) -> int:
        """Nothing is held."""
        return 0


class Lines(Nothing):
    """Writes events as they come."""

    keep = Keep.ORDERED

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self._write = write

    def take(self, part: Part) -> None:
        """Write the events of a block."""
        for group in part.groups.values():
            self._write(group.lines)


class Lake:
    """Gathers events in buffers and has full ones written."""

    keep = Keep.SORTED

    def __init__(self, limits: Limits, write: Write) -> None:
        self._buffers = Buffers(limits)
        self._taken = 0
        self._writers = Writers(write)

    def take(self, part: Part) -> None:
        """Gather the events of a block, and hand over what is full then."""
        self._taken += sum(group.events for group in part.groups.values())
        for place, group in part.groups.items():
            for full in self._buffers.add(place, group):
                self._writers.take(object_of(full))
        self.tick()

    def tick(self) -> None:
        """Hand over what is too old."""
        self._writers.check()
        for full in self._buffers.aged():
            self._writers.take(object_of(full))

    def flush(self) -> None:
        """Hand over everything."""
        for full in self._buffers.rest():
            self._writers.take(object_of(full))

    def close(self) -> None:
        """Wait for the writers."""
        self._buffers.close()
        self._writers.finish()

    def written(self) -> Sequence[Written]:
        """What the writers have done."""
        return sorted(self._writers.written)

    def held(self) -> int:
        """What is in the buffers, and what was in objects that could not be written."""
        return self._taken - sum(one.events for one in self._writers.written)
