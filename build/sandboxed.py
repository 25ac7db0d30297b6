"""The sandbox for the time of a build, so that an executable can be run against something."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.sandbox import process


class NoSandbox(Exception):
    """The sandbox could not be started; the message says what to do."""


@contextmanager
def running(root: Path) -> Iterator[dict[str, str]]:
    """The environment variables that lead a tool to a sandbox that runs while inside.

    Raises NoSandbox.
    """
    python = _development_python(root)
    with tempfile.TemporaryDirectory(prefix="panther-sandbox-") as folder:
        try:
            sandbox, environment = process.start(Path(folder), python=python)
        except RuntimeError as error:
            raise NoSandbox(str(error)) from None
        try:
            yield environment
        finally:
            process.stop(sandbox)


def _development_python(root: Path) -> Path:
    for place in (".venv/bin/python", ".venv/Scripts/python.exe"):
        if (root / place).exists():
            return root / place
    raise NoSandbox("there is no .venv, which the sandbox runs in. Run: make setup")
