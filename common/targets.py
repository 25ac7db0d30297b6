"""Files and folders that a flag names to be written: checked before the work, named when they
fail."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from common.errors import UsageError


def file_to_write(text: str, flag: str) -> Path | None:
    """The file that a flag names, None for "". Raises UsageError for one that cannot be written."""
    if not text:
        return None
    path = Path(text)
    if path.is_dir() or not path.parent.is_dir():
        raise UsageError(f"-{flag} {path} cannot be written", "Name a file in an existing folder.")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise UsageError(f"-{flag} {path} may not be written", "Choose another place.")
    return path


def folder_to_fill(text: str, flag: str) -> Path:
    """The folder that a flag names, which is there or can be made. Raises UsageError otherwise: it
    should show before the work, not after it."""
    folder = Path(text)
    nearest = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"-{flag} {text} is a file", "Name a folder.")
    if not nearest.is_dir():
        raise UsageError(f"-{flag} {text} lies below the file {nearest}", "Name a folder.")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise UsageError(f"-{flag} {text}: {nearest} may not be written", "Choose another place.")
    return folder


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Name `path` in an OSError that names no file: writing to an open one raises such."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            error.filename = str(path)
        raise
