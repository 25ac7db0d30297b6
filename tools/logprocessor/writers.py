"""Writing objects while reading goes on: a few writers, and as many objects as they can hold."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from common import cli
from common.errors import ToolError
from tools.logprocessor.destinations import Unannounced, Write
from tools.logprocessor.objects import LakeObject

WRITERS = 8


class WriteFailed(ToolError):
    """An object could not be written or announced."""


class Written(NamedTuple):
    """An object that is where it belongs; `cause` is why it was written when it was."""

    key: str
    log_type: str
    events: int
    bytes: int
    cause: str
    is_announced: bool


class Writers:
    """Threads that write, until they are told to finish. After a failure nothing more is taken."""

    def __init__(self, write: Write, number: int = WRITERS) -> None:
        self._write = write
        self._free = threading.BoundedSemaphore(number)
        self._threads = ThreadPoolExecutor(number, "writer")
        self._error: Exception | None = None
        self.written: list[Written] = []

    def take(self, made: LakeObject) -> None:
        """Have an object written as soon as a writer is free. Raises WriteFailed when one before it
        has failed."""
        self._free.acquire()
        if self._error is not None:
            self._free.release()
            self.check()
        self._threads.submit(self._do, made)

    def finish(self) -> None:
        """Wait for what is under way. Raises WriteFailed when something has failed."""
        self._threads.shutdown(wait=True)
        self.check()

    def check(self) -> None:
        """Raises WriteFailed with the first failure, if there was one."""
        error = self._error
        if isinstance(error, OSError) and error.filename is None:
            error = ToolError(f"cannot write an object: {error}")
        if error is not None:
            told = cli.explain(error)
            raise WriteFailed(told.message, told.next_step) from error

    def _do(self, made: LakeObject) -> None:
        try:
            is_announced = self._is_announced(made)
        except Exception as error:
            self._error = self._error or error
        else:
            size = len(made.data)
            self.written.append(
                Written(made.key, made.log_type, made.events, size, made.cause, is_announced)
            )
        finally:
            self._free.release()

    def _is_announced(self, made: LakeObject) -> bool:
        try:
            self._write(made)
        except Unannounced as error:
            self._error = self._error or error
            return False
        return True
