"""Data that has to wait and is more than memory should hold: in a nameless file, in slots."""

from __future__ import annotations

import tempfile
from typing import IO

SLOT_BYTES = 1 << 18


class Spool:
    """A file of slots, which are used again. It is made when it is first needed and gone with the
    process; where the disk has no room, nothing more is taken."""

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._free: list[int] = []
        self._slots = 0
        self.is_full = False

    def put(self, data: bytes) -> int | None:
        """Keep SLOT_BYTES of data; gives their slot, None where there is no room."""
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115
            slot = self._free[-1] if self._free else self._slots
            self._file.seek(slot * SLOT_BYTES)
            is_kept = self._file.write(data) == SLOT_BYTES
        except OSError:
            is_kept = False
        if not is_kept:
            self.is_full = True
            return None
        if self._free:
            self._free.pop()
        else:
            self._slots += 1
        return slot

    def take(self, slot: int) -> bytes:
        """What is in a slot, which is free then. Raises OSError."""
        assert self._file is not None
        self._file.seek(slot * SLOT_BYTES)
        data = self._file.read(SLOT_BYTES)
        self._free.append(slot)
        return data

    def close(self) -> None:
        """Give back the room on disk; what is still kept is lost."""
        if self._file is not None:
            self._file.close()
