"""Where a frozen tool starts. The build fills in the tool's package, its layout, and what -h and
-version print.

These are looked up and not made: importing a tool takes longer than a person waits without
noticing. The self-check compares them with what the tool itself prints.
"""

import os
import sys

TYPE_CHECKING = False  # Importing typing takes time.
if TYPE_CHECKING:
    from collections.abc import Callable

ANSWERS = {"flag": "text"}
LAYOUT = "{layout}"
WATCH_SECONDS = 0.05


def answer(words: list[str]) -> str:
    """The answer to a command line that is one flag, -h or -version; "" for any other."""
    for flag, text in ANSWERS.items():
        if words in ([f"-{flag}"], [f"--{flag}"]):
            return text
    return ""


def printed(text: str) -> bool:
    """Print the text; False when stdout does not take it, which the tool knows how to report."""
    if sys.stdout is None:
        return False
    rest = (text + "\n").replace("\n", os.linesep).encode()
    try:
        # Past sys.stdout, which would keep what it cannot write and fail again at exit.
        while rest:
            rest = rest[os.write(1, rest) :]
    except OSError:
        return False
    return True


def run_tool() -> int:
    """The tool itself; what it imports is bundled because of this line."""
    import signal

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        # Until the tool handles it itself: KeyboardInterrupt would show a traceback.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    release = end_with_parent() if LAYOUT == "file" else None
    from tools.PACKAGE.main import main  # type: ignore[import-not-found]

    code = int(main())
    if release:
        release()
    return code


def end_with_parent() -> "Callable[[], None]":
    """A one-file executable is two processes, and the user knows the first one. Killed with
    SIGKILL it cannot pass that on, so the second one, the tool, notices and ends as well.

    Returns a function that stops watching.
    """
    import threading

    parent = os.getppid()
    is_done = threading.Event()

    def watch() -> None:
        while not is_done.wait(WATCH_SECONDS):
            if os.getppid() != parent:
                os._exit(137)

    def release() -> None:
        is_done.set()
        # A thread that outlives the interpreter makes glibc look for libgcc, which may be absent.
        watcher.join()

    watcher = threading.Thread(target=watch, name="parent", daemon=True)
    watcher.start()
    return release


def leave(code: int) -> None:
    """End with the tool's exit code, whatever signal still comes."""
    import signal

    # An executable gets the second copy of a signal (common/stop.py) as late as now.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(code)


if __name__ == "__main__":
    known = answer(sys.argv[1:])
    if not (known and printed(known)):
        leave(run_tool())
