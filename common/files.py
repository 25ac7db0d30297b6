"""Files that are there completely or not at all, and all files that a folder holds."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from common.targets import naming


def write_whole(path: Path, data: bytes) -> None:
    """Write a file under another name and give it its own when it is complete; its folder is made.
    Raises OSError. A crash of the machine may lose it: what must survive that is a checkpoint."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.tmp")
    try:
        with naming(path):
            draft.write_bytes(data)
        draft.replace(path)
    except BaseException:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise


def files_below(folder: Path) -> list[Path]:
    """The files in a folder and in the folders below it, in order. Raises OSError for a folder that
    may not be read: what it holds should not be missing without a word."""

    def refuse(error: OSError) -> None:
        raise error

    return sorted(
        file
        for parent, _, names in os.walk(folder, onerror=refuse)
        for name in names
        if (file := Path(parent, name)).is_file()
    )
