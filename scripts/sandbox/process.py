"""The sandbox in a process of its own, for whoever wants one: demo, tests, self-checks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 90
# What would lead the sandbox's own AWS calls somewhere else.
_HIDDEN = ("AWS_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "MOTO_")


def start(
    directory: Path, *flags: str, python: str | Path = sys.executable
) -> tuple[subprocess.Popen[bytes], dict[str, str]]:
    """Start a sandbox on a free port and wait until it answers; also gives the environment that
    leads AWS clients there. `directory` gets its log.

    Raises RuntimeError with the end of that log when it does not start.
    """
    ready, log = directory / "ready.json", directory / "sandbox.log"
    env = {k: v for k, v in os.environ.items() if not k.upper().startswith(_HIDDEN)}
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [python, "-m", "scripts.sandbox", "-port=0", f"-ready-file={ready}", *flags],
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
        )
    deadline = time.monotonic() + READY_SECONDS
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            stop(process)
            tail = "\n".join(log.read_text("utf-8", "replace").splitlines()[-8:])
            raise RuntimeError(f"the sandbox did not start:\n{tail}")
        time.sleep(0.02)
    return process, json.loads(ready.read_text("utf-8"))


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a sandbox that was started."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def running(
    directory: Path, *flags: str, python: str | Path = sys.executable
) -> Iterator[dict[str, str]]:
    """A sandbox while inside; yields the environment that leads AWS clients there. Raises as
    start()."""
    process, env = start(directory, *flags, python=python)
    try:
        yield env
    finally:
        stop(process)
