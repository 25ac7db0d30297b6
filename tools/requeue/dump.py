"""The -dump file: every message as a JSON line, on disk before it is sent."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from pathlib import Path

PRIVATE = 0o600


class Dump:
    """A file to which messages are appended; without a path nothing is written."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._file = -1 if path is None else _open(path)

    @property
    def is_kept(self) -> bool:
        """True when messages are written somewhere."""
        return self._path is not None

    def write(self, lines: Sequence[bytes]) -> None:
        """Append lines and hand them to the system. Raises OSError, naming the file."""
        data = memoryview(b"".join(lines))
        with self._lock:
            try:
                while data:
                    data = data[os.write(self._file, data) :]
            except OSError as error:
                error.filename = str(self._path)
                raise

    def close(self) -> None:
        """End writing."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def _open(path: Path) -> int:
    # Message bodies are nobody else's business: the mode is right before the first byte is there.
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
    file = os.open(path, flags, PRIVATE)
    if os.fstat(file).st_size and not _ends_with_newline(path):
        # A run that a full disk has ended may have left half a line.
        os.write(file, b"\n")
    return file


def _ends_with_newline(path: Path) -> bool:
    with path.open("rb") as stream:
        stream.seek(-1, os.SEEK_END)
        return stream.read(1) == b"\n"
