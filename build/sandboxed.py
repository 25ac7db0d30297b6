"""The sandbox for the time of a build, so that an executable can be run against something."""

import json
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

READY_SECONDS = 90


class NoSandbox(Exception):
    """The sandbox could not be started; the message says what to do."""


@contextmanager
def running(root: Path) -> Iterator[dict[str, str]]:
    """The environment variables that lead a tool to a sandbox that runs while inside.

    Raises NoSandbox.
    """
    python = _development_python(root)
    with tempfile.TemporaryDirectory(prefix="panther-sandbox-") as folder:
        ready, log = Path(folder) / "ready.json", Path(folder) / "log"
        with log.open("wb") as stream:
            process = subprocess.Popen(
                [python, "-m", "scripts.sandbox", "-port=0", f"-ready-file={ready}"],
                cwd=root, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream,
            )  # fmt: skip
        try:
            _wait(process, ready, log)
            yield json.loads(ready.read_text("utf-8"))
        finally:
            process.terminate()
            process.wait()


def _development_python(root: Path) -> Path:
    for place in (".venv/bin/python", ".venv/Scripts/python.exe"):
        if (root / place).exists():
            return root / place
    raise NoSandbox("there is no .venv, which the sandbox runs in. Run: make setup")


def _wait(process: "subprocess.Popen[bytes]", ready: Path, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            tail = "\n".join(log.read_text("utf-8", "replace").splitlines()[-8:])
            raise NoSandbox(f"the sandbox did not start:\n{tail}")
        time.sleep(0.05)
