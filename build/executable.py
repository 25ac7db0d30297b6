"""Looking into a frozen executable, and making copies in which something is missing."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from PyInstaller.archive.readers import CArchiveReader  # type: ignore[import-untyped]

from build import later

_MODULES = "PYZ.pyz"
# Types of entries that the executable unpacks when it starts.
_UNPACKED = frozenset("bx")


def files(path: Path) -> Iterator[tuple[str, bytes]]:
    """The executable itself and every file that it unpacks or has beside it."""
    yield path.name, path.read_bytes()
    archive = CArchiveReader(str(path))
    for name, entry in archive.toc.items():
        if entry[-1] in _UNPACKED:
            yield name, archive.extract(name)
    yield from _later(archive.open_embedded_archive(_MODULES))
    beside = path.with_name(f"{path.stem}.lib")
    if beside.is_dir():
        for file in sorted(beside.rglob("*")):
            if file.is_file():
                yield file.relative_to(beside).as_posix(), file.read_bytes()


def spoil(path: Path, copy: Path, packages: Iterable[str]) -> int:
    """Write a copy of the executable in which every module of `packages` is unreadable, so that
    importing one fails; returns how many there are."""
    archive = CArchiveReader(str(path))
    content = bytearray(path.read_bytes())
    start = content.find(archive.extract(_MODULES))
    spoiled = 0
    for name, (_, offset, length) in archive.open_embedded_archive(_MODULES).toc.items():
        if name.partition(".")[0] in set(packages) and length:
            content[start + offset : start + offset + length] = b"\xff" * length
            spoiled += 1
    copy.write_bytes(content)
    copy.chmod(0o755)
    return spoiled


def _later(modules: Any) -> Iterator[tuple[str, bytes]]:
    """The files that build/later.py wrapped into modules."""
    if later.INDEX in modules.toc:
        places = {pair for pairs in _constants(modules, later.INDEX)["FILES"].values()
                  for pair in pairs}  # fmt: skip
        for holder, place in sorted(places):
            yield place, _constants(modules, holder)["CONTENT"]


def _constants(modules: Any, name: str) -> dict[str, Any]:
    """What a module of ours that only holds constants defines."""
    namespace: dict[str, Any] = {}
    exec(modules.extract(name), namespace)
    return namespace
