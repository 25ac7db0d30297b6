"""Turning SIGINT and SIGTERM into an orderly end: finish what is in flight, then report."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

# One key press reaches an executable twice: from the terminal, and from its first process, which
# passes signals on. No person repeats a signal this soon.
ECHO_SECONDS = 0.5


class Interrupted(BaseException):
    """A signal arrived while nothing was in flight. Not an Exception, so no handler eats it."""

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.exit_code = 128 + signum


class Stop:
    """Whether the user asked the tool to end, and by which signal.

    Outside `deferred()` a signal raises Interrupted in the main thread. Inside, the first signal
    only sets the flag, so that workers finish the batch in flight; a second one ends the process.
    """

    def __init__(self) -> None:
        self._event = threading.Event()
        self._depth = 0
        self._signalled_at = -ECHO_SECONDS
        self.signum = 0

    @property
    def requested(self) -> bool:
        """True from the first signal on."""
        return self._event.is_set()

    @property
    def exit_code(self) -> int:
        """128 plus the signal's number: 130 for SIGINT, 143 for SIGTERM."""
        return 128 + self.signum

    def wait(self, seconds: float) -> bool:
        """Sleep for `seconds`, or less when a signal arrives; returns `requested`."""
        return self._event.wait(seconds)

    def request(self, signum: int = signal.SIGINT) -> None:
        """Ask every worker to end after its batch in flight."""
        self.signum = signum
        self._event.set()

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """While inside, a signal asks for an orderly end instead of raising Interrupted."""
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1

    def install(self) -> None:
        """Handle SIGINT and SIGTERM in this process. Only the main thread may call it."""
        signal.signal(signal.SIGINT, self._handle)
        signal.signal(signal.SIGTERM, self._handle)

    def _handle(self, signum: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if now - self._signalled_at < ECHO_SECONDS:
            return
        self._signalled_at = now
        again = self.requested
        self.request(signum)
        if self._depth == 0:
            raise Interrupted(signum)
        if again:
            # The user insists. Nothing is lost: work in flight was never confirmed to anyone.
            os._exit(128 + signum)
