"""The names of the built-in log types, and the three flags of each."""

from __future__ import annotations

from common.goflags import INTEGER, SWITCH, Flag
from common.logs.registry import names

__all__ = ["FILES", "ROWS", "flags", "names"]

FILES, ROWS = "numfiles", "file.numrows"


def flags() -> tuple[Flag, ...]:
    """`-NAME`, `-NAME.numfiles` and `-NAME.file.numrows` for each log type."""
    return tuple(flag for name in names() for flag in _flags_of(name))


def _flags_of(name: str) -> tuple[Flag, Flag, Flag]:
    return (
        Flag(name, SWITCH, False, f"generate {name}"),
        Flag(f"{name}.{FILES}", INTEGER, None, f"files of {name} for each hour"),
        Flag(f"{name}.{ROWS}", INTEGER, None, f"rows of each file of {name}"),
    )
