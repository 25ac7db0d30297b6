"""What a user sees: data on stdout, log lines and progress on stderr."""

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TextIO

from common.errors import ToolError

STDOUT = "standard output"
REDRAW_SECONDS = 0.2
LOG_SECONDS = 30.0


class Output:
    """The two streams of one run; every method may be called from any thread."""

    def __init__(
        self,
        tool: str,
        style: str = "text",
        show_progress: bool = True,
        show_debug: bool = False,
        stdout: TextIO | None = None,
        stderr: TextIO | None = None,
    ) -> None:
        self.tool = tool
        self.style = style
        self.show_debug = show_debug
        self._show_progress = show_progress
        self._stdout = stdout or sys.stdout
        self._stderr = stderr or sys.stderr
        self._lock = threading.Lock()
        self._line_is_open = False

    @property
    def is_json(self) -> bool:
        """True when stdout carries JSON lines."""
        return self.style == "json"

    # ---- data ------------------------------------------------------------------------------

    def record(self, fields: Mapping[str, Any], text: str | None = None) -> None:
        """One record: a JSON line with -output json, otherwise `text` (or key=value words)."""
        if self.is_json:
            self.line(json.dumps(fields, ensure_ascii=False, separators=(",", ":"), default=str))
        else:
            self.line(text if text is not None else " ".join(f"{k}={v}" for k, v in fields.items()))

    def line(self, text: str) -> None:
        """One line of data on stdout. Raises ToolError when stdout is closed."""
        self.lines((text,))

    def lines(self, texts: Sequence[str]) -> None:
        """Lines of data on stdout, written at once. Raises ToolError when stdout is closed."""
        if self._stdout is None:
            raise ToolError(
                "cannot write to standard output: it is closed", "Redirect it to a file."
            )
        with self._lock, _naming_stdout():
            self._stdout.write("".join([text + "\n" for text in texts]))

    def write(self, data: bytes) -> None:
        """Data on stdout as it is. Raises ToolError when stdout is closed."""
        if self._stdout is None:
            raise ToolError(
                "cannot write to standard output: it is closed", "Redirect it to a file."
            )
        with self._lock, _naming_stdout():
            self._stdout.flush()
            self._stdout.buffer.write(data)

    def table(self, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Columns aligned to their widest cell; the last one is not padded."""
        if not rows:
            return
        widths = [max(len(row[i]) for row in (header, *rows)) for i in range(len(header))]
        for row in (header, *rows):
            cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
            self.line("  ".join(cells).rstrip())

    def flush(self) -> None:
        """Hand everything written to stdout to the system."""
        if self._stdout is not None:
            with _naming_stdout():
                self._stdout.flush()

    # ---- log -------------------------------------------------------------------------------

    def info(self, text: str) -> None:
        """A log line on stderr."""
        self._log(text)

    def warn(self, text: str) -> None:
        """A log line on stderr that the user should not miss."""
        self._log("warning: " + text)

    def error(self, text: str) -> None:
        """The one line that says why the tool failed."""
        self._log(text)

    def finding(self, text: str) -> None:
        """A line on stderr about a place in the input, `file:line: what is wrong`, which editors
        and grep understand: without the tool's name."""
        with self._lock:
            self._erase()
            self._write(f"{text}\n")

    def debug(self, text: str) -> None:
        """A log line that only -debug shows."""
        if self.show_debug:
            self._log("debug: " + text)

    def ask(self, question: str) -> str | None:
        """The user's answer to a question on stderr, without its line end; None at end of file."""
        with self._lock:
            self._erase()
            self._stderr.write(question)
            self._stderr.flush()
        answer = sys.stdin.readline()
        return answer.rstrip("\r\n") if answer else None

    def _log(self, text: str) -> None:
        with self._lock:
            self._erase()
            self._write(f"{self.tool}: {text}\n")

    def _write(self, text: str) -> None:
        # A lost log line must never stop work on production data.
        try:
            if self._stderr is not None:
                self._stderr.write(text)
                self._stderr.flush()
        except (OSError, ValueError):
            self._stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123

    # ---- progress --------------------------------------------------------------------------

    @contextmanager
    def progress(
        self, verb: str, done: Callable[[], int], total: int | None = None, unit: str = "objects"
    ) -> Iterator[None]:
        """Show how far a job is while inside: one updating line on a terminal, otherwise a log
        line every 30 s. `done` is read from another thread.
        """
        on_terminal = self._stderr is not None and self._stderr.isatty()
        if not self._show_progress:
            yield
            return
        ended = threading.Event()
        started = time.monotonic()

        def draw() -> None:
            while not ended.wait(REDRAW_SECONDS if on_terminal else LOG_SECONDS):
                text = progress_text(verb, done(), total, unit, time.monotonic() - started)
                if on_terminal:
                    self._redraw(text)
                else:
                    self._log(text)

        drawer = threading.Thread(target=draw, name="progress", daemon=True)
        drawer.start()
        try:
            yield
        finally:
            ended.set()
            drawer.join()
            with self._lock:
                self._erase()

    def _redraw(self, text: str) -> None:
        with self._lock:
            self._write("\r\x1b[K" + text)
            self._line_is_open = True

    def _erase(self) -> None:
        if self._line_is_open:
            self._write("\r\x1b[K")
            self._line_is_open = False


@contextmanager
def _naming_stdout() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        error.filename = STDOUT
        raise


def progress_text(verb: str, done: int, total: int | None, unit: str, seconds: float) -> str:
    """One progress line: done of total, rate, elapsed time and, where known, the time left."""
    rate = done / seconds if seconds > 0 else 0.0
    text = f"{verb} {done:,}"
    if total:
        text += f" of {total:,}"
    text += f" {unit}, {rate:,.0f}/s, {clock(seconds)} elapsed"
    if total and rate > 0 and total > done:
        text += f", {clock((total - done) / rate)} left"
    return text


def clock(seconds: float) -> str:
    """Seconds as people read them: `0.4s`, `12s`, `3m05s`, `2h10m`."""
    if seconds < 10:
        return f"{seconds:.1f}s"
    whole = int(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02}s"
    return f"{whole // 3600}h{whole % 3600 // 60:02}m"


def megabytes(size_bytes: int) -> str:
    """Bytes as the Go tools print them: units of 1,048,576 bytes, two decimals."""
    return f"{size_bytes / 1048576:.2f} MB"


def plural(count: int, noun: str) -> str:
    """`1 message`, `2 messages`, `1,009 messages`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
