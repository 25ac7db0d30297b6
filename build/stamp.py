"""Whether an executable still is what the sources make, so that tests can use it."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from build.registry import Tool


def write(executable: Path, root: Path, tool: Tool) -> None:
    """Note beside an executable which sources it was made from."""
    _file(executable).write_text(sources(root, tool) + "\n", "utf-8")


def is_current(executable: Path, root: Path, tool: Tool) -> bool:
    """True when the executable exists and was made from the sources as they are now."""
    note = _file(executable)
    if not executable.is_file() or not note.is_file():
        return False
    return note.read_text("utf-8").strip() == sources(root, tool)


def sources(root: Path, tool: Tool) -> str:
    """A hash over everything that decides what the executable becomes."""
    total = hashlib.sha256()
    for path in _inputs(root, tool):
        name = path.relative_to(root).as_posix()
        total.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


def _inputs(root: Path, tool: Tool) -> Iterator[Path]:
    for folder in ("build", "common", f"tools/{tool.package}"):
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".md":
                yield path
    yield root / "pyproject.toml"
    yield root / "requirements" / "build.txt"


def _file(executable: Path) -> Path:
    return executable.parent.with_name(f"{executable.stem}.sources")
