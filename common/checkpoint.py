"""Crash-safe progress files: a long job writes how far it is, a second run goes on from there.

A checkpoint is a file of JSON lines: a head (tool, format, the arguments that it belongs to), the
job's own records, and an end line with their number, by which a truncated file is known.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from common.errors import UsageError

FORMAT = 1


def save(
    path: Path, tool: str, arguments: Mapping[str, Any], records: Iterable[Mapping[str, Any]]
) -> None:
    """Replace the checkpoint at `path` as a whole: written, synced, renamed, mode 0600."""
    rows = [{"tool": tool, "format": FORMAT, "arguments": dict(arguments)}, *records]
    rows.append({"end": len(rows) - 1})
    data = "".join(json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in rows)
    replace_file(path, data.encode())


def load(path: Path, tool: str, arguments: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """The records of the checkpoint at `path`, None when there is none.

    Raises UsageError when the file is damaged, of another tool or of other arguments.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        lines = []
    again = f"Delete {path} or give -restart to begin again."
    try:
        head, *records, end = [json.loads(line) for line in lines]
        is_whole = end["end"] == len(records) and head["format"] == FORMAT
    except (ValueError, KeyError, TypeError):
        is_whole = False
    if not is_whole:
        raise UsageError(f"checkpoint {path} is damaged or no checkpoint", again)
    if head.get("tool") != tool:
        raise UsageError(f"checkpoint {path} belongs to {head.get('tool')}", "Name another file.")
    old = head.get("arguments", {})
    wanted = json.loads(json.dumps(dict(arguments), default=str))
    differing = sorted(name for name in {*old, *wanted} if old.get(name) != wanted.get(name))
    if differing:
        names = ", ".join(f"-{name}" for name in differing)
        raise UsageError(f"checkpoint {path} belongs to a run with other arguments: {names}", again)
    return records


def replace_file(path: Path, data: bytes) -> None:
    """Write `data` to `path` so that a reader, or a crash, sees the old or the new file whole.

    Raises OSError naming `path`."""
    temporary = path.with_name(path.name + ".tmp")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        error.filename = str(path)
        raise
