"""The files that a command line names, `-` being stdin, cut into records."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO, cast

from common.errors import ToolError

if TYPE_CHECKING:
    from common.logs.unread import Block

STDIN = "-"
# What is read twice and cannot be opened twice is kept, beyond this in a file.
SPOOL_BYTES = 1 << 26


class Unreadable(ToolError):
    """An input that cannot be opened, or not be read to its end."""

    def __init__(self, name: str, error: Exception) -> None:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        is_flag = name.startswith("-") and name != STDIN
        super().__init__(
            f"cannot read {shown(name)}: {reason}", "Flags go before files." if is_flag else ""
        )


def shown(name: str) -> str:
    """What messages call a file."""
    return "stdin" if name == STDIN else name


def check_readable(names: Sequence[str]) -> None:
    """Raises Unreadable for a file that is not there or may not be read: an error in a name should
    show before an hour's work on the others."""
    for name in names:
        if name == STDIN:
            continue
        try:
            if stat.S_ISDIR(os.stat(name).st_mode):  # noqa: PTH116
                raise IsADirectoryError("is a folder")
            if not os.access(name, os.R_OK):
                raise PermissionError("permission denied")
        except OSError as error:
            raise Unreadable(name, error) from None


def opened(name: str) -> BinaryIO:
    """A file, or stdin for `-`. Raises Unreadable."""
    try:
        if name != STDIN:
            return open(name, "rb", buffering=0)  # noqa: PTH123
        if sys.stdin is None:
            raise OSError("standard input is closed")
        return open(os.dup(sys.stdin.fileno()), "rb", buffering=0)  # noqa: PTH123
    except OSError as error:
        raise Unreadable(name, error) from None


def rereadable(name: str) -> BinaryIO:
    """Like `opened`, but can be read again from its start: what comes through a pipe is read to its
    end and kept. Raises Unreadable, OSError where there is no room to keep it."""
    import tempfile

    stream = opened(name)
    if stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
        return stream
    kept = tempfile.SpooledTemporaryFile(SPOOL_BYTES)  # noqa: SIM115
    with stream:
        shutil.copyfileobj(stream, kept, SPOOL_BYTES >> 6)
    kept.seek(0)
    return cast("BinaryIO", kept)


def blocks(
    name: str, stream: BinaryIO, framing: str, has_cloudtrail: bool = False
) -> tuple[str, Iterator[Block]]:
    """How the records of a file are framed, and the records, which raise Unreadable where reading
    or cutting fails: then and only then."""
    from common.logs import framing as framings
    from common.logs.unpack import unpack

    try:
        kind, cut = framings.framing(name, unpack(stream), framing, has_cloudtrail)
    except (OSError, ValueError) as error:
        raise Unreadable(name, error) from None
    return kind, _named_errors(name, cut)


def _named_errors(name: str, cut: Iterator[Block]) -> Iterator[Block]:
    try:
        yield from cut
    except (OSError, ValueError) as error:
        raise Unreadable(name, error) from None
