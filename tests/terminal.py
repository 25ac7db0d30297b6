"""A program under a pseudo-terminal, with somebody who types answers to its prompts."""

from __future__ import annotations

import errno
import os
import select
import signal
import time
from pathlib import Path


def run(
    command: list[str],
    env: dict[str, str],
    cwd: Path,
    script: list[tuple[str, str]],
    timeout: float,
) -> tuple[int, str]:
    """Runs a command in a terminal of 100 by 40 characters and types the script's answers; gives
    its exit code and all that was shown. Raises TimeoutError with what was shown so far."""
    import fcntl
    import pty
    import struct
    import termios

    pid, terminal = pty.fork()
    if pid == 0:
        # In the child: whatever fails here must not run the parent's code a second time.
        try:
            os.chdir(cwd)
            os.execve(command[0], command, {**env, "TERM": "xterm"})
        finally:
            os._exit(127)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
    shown, since, deadline = b"", b"", time.monotonic() + timeout
    pending = list(script)
    while True:
        ready, _, _ = select.select([terminal], [], [], 0.2)
        if ready:
            data = _read(terminal)
            if not data:
                break
            shown, since = shown + data, since + data
        if pending and _is_asking(since, pending[0][0], quiet=not ready):
            _, reply = pending.pop(0)
            os.write(terminal, reply.encode() if reply in "\x03\x04" else f"{reply}\n".encode())
            since = b""
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            os.close(terminal)
            raise TimeoutError(f"still running after {timeout} s; it showed:\n{shown.decode()}")
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    text = shown.decode().replace("\r\n", "\n")
    return os.waitstatus_to_exitcode(status), text


def _is_asking(since: bytes, text: str, *, quiet: bool) -> bool:
    if text:
        return text.encode() in since
    return quiet and bool(since) and not since.endswith(b"\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError as error:
        if error.errno == errno.EIO:  # how Linux says that the other side is gone
            return b""
        raise
