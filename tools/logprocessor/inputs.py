"""Opening what is to be processed: files, stdin, objects in S3."""

from __future__ import annotations

import io
import os
import select
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

from common.errors import ToolError
from common.s3 import Path as S3Path
from common.s3 import bucket_region, parse_path

if TYPE_CHECKING:
    from common.aws import Aws

STDIN = "-"
IDLE_SECONDS = 0.2


class Unreadable(ValueError):
    """Why an object cannot be read, or not any further."""


class Counted:
    """A stream whose bytes are counted in `bytes`."""

    def __init__(self, stream: BinaryIO) -> None:
        # read1 returns what there is: lines that come slowly through a pipe are not held back.
        self._read: Callable[[int], bytes] = getattr(stream, "read1", stream.read)
        self.bytes = 0

    def read(self, size: int) -> bytes:
        """What comes at once, at most `size` bytes; nothing at the end."""
        data = self._read(size)
        self.bytes += len(data)
        return data


def is_s3(name: str) -> bool:
    """Whether a FILE is an object."""
    return name.lower().startswith("s3://")


def shown(name: str) -> str:
    """A FILE as messages call it."""
    return "stdin" if name == STDIN else name


@contextmanager
def opened(name: str, aws: Aws | None, idle: Callable[[], None]) -> Iterator[BinaryIO]:
    """The content of a FILE as it is. While a pipe has nothing to give, `idle` is called a few
    times a second; what it raises ends the wait. `aws` is only needed for objects.

    Raises OSError and, here and while reading, Unreadable.
    """
    if is_s3(name):
        assert aws is not None
        with closing(_Body(_body(aws, parse_path(name, "file")))) as stream:
            yield io.BufferedReader(stream)
    elif name == STDIN:
        if sys.stdin is None:
            raise OSError("standard input is closed")
        with open(os.dup(sys.stdin.fileno()), "rb", buffering=0) as file:  # noqa: PTH123
            yield _patient(file, idle)
    else:
        with open(name, "rb", buffering=0) as file:  # noqa: PTH123
            yield _patient(file, idle)


def _patient(file: io.FileIO, idle: Callable[[], None]) -> BinaryIO:
    is_regular = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
    # Windows can wait for sockets only.
    if is_regular or os.name == "nt":
        return file
    return io.BufferedReader(_Patient(file, idle))


class _Patient(io.RawIOBase):
    """A file that may keep its reader waiting."""

    def __init__(self, file: io.FileIO, idle: Callable[[], None]) -> None:
        super().__init__()
        self._file = file
        self._idle = idle

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int | None:
        while not select.select([self._file], [], [], IDLE_SECONDS)[0]:
            self._idle()
        return self._file.readinto(target)


def _body(aws: Aws, path: S3Path) -> Any:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        s3 = aws.client("s3", region=bucket_region(aws, path.bucket))
        return s3.get_object(Bucket=path.bucket, Key=path.prefix)["Body"]
    except (BotoCoreError, ClientError, ToolError) as error:
        raise Unreadable(_reason(error)) from error


class _Body(io.RawIOBase):
    """An object's content, with the SDK's errors as Unreadable."""

    def __init__(self, body: Any) -> None:
        super().__init__()
        self._body = body

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:
        from botocore.exceptions import BotoCoreError

        try:
            data = self._body.read(len(target))
        except BotoCoreError as error:
            raise Unreadable(_reason(error)) from error
        target[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._body.close()
        super().close()


def _reason(error: Exception) -> str:
    from common import awserrors

    if isinstance(error, ToolError):
        return str(error)
    return str(awserrors.translate(error))
