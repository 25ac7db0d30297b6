"""Looking into a frozen executable, and making copies in which something is missing."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from PyInstaller.archive.readers import CArchiveReader  # type: ignore[import-untyped]

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
    beside = path.with_name(f"{path.stem}.lib")
    if beside.is_dir():
        for file in sorted(beside.rglob("*")):
            if file.is_file():
                yield file.relative_to(beside).as_posix(), file.read_bytes()


def modules(path: Path) -> list[str]:
    """The names of the Python modules inside."""
    return sorted(CArchiveReader(str(path)).open_embedded_archive(_MODULES).toc)


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
