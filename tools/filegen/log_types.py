"""The names of the built-in log types, and the three flags of each."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path

import common.logs
from common.goflags import INTEGER, SWITCH, Flag

FILES, ROWS = "numfiles", "file.numrows"
_SUFFIX = ".yml"


@cache
def names() -> tuple[str, ...]:
    """The built-in log types by name, as common.logs.registry has them.

    The registry itself would read the schema language first, which takes longer than all of -h.
    """
    (folder,) = common.logs.__path__
    packed = Path(folder, "builtin.json")
    if packed.is_file():
        return tuple(sorted(json.loads(packed.read_bytes())))
    files = os.listdir(Path(folder, "builtin"))  # noqa: PTH208
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in files if name.endswith(_SUFFIX)))


def flags() -> tuple[Flag, ...]:
    """`-NAME`, `-NAME.numfiles` and `-NAME.file.numrows` for each log type."""
    return tuple(flag for name in names() for flag in _flags_of(name))


def _flags_of(name: str) -> tuple[Flag, Flag, Flag]:
    return (
        Flag(name, SWITCH, False, f"generate {name}"),
        Flag(f"{name}.{FILES}", INTEGER, None, f"files of {name} for each hour"),
        Flag(f"{name}.{ROWS}", INTEGER, None, f"rows of each file of {name}"),
    )
