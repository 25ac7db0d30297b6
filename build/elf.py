"""What Linux executables and libraries ask of the system: libraries, and a version of glibc."""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

Version = tuple[int, ...]

_GLIBC = re.compile(r"GLIBC_(\d+(?:\.\d+)+)")


@dataclass(frozen=True)
class Demands:
    """`glibc` is the newest version that a symbol of the file is bound to, () for none;
    `loader` the path of the program that starts it, "" for a library."""

    libraries: frozenset[str]
    glibc: Version
    loader: str


def read(content: bytes) -> Demands | None:
    """The demands of an ELF file; None for any other file."""
    if content[:4] != b"\x7fELF":
        return None
    from elftools.elf.dynamic import DynamicSection  # type: ignore[import-not-found]
    from elftools.elf.elffile import ELFFile  # type: ignore[import-not-found]
    from elftools.elf.gnuversions import GNUVerNeedSection  # type: ignore[import-not-found]

    file = ELFFile(io.BytesIO(content))
    libraries: set[str] = set()
    versions: list[Version] = []
    for section in file.iter_sections():
        if isinstance(section, DynamicSection):
            libraries.update(tag.needed for tag in section.iter_tags("DT_NEEDED"))
        elif isinstance(section, GNUVerNeedSection):
            names = [item.name for _, items in section.iter_versions() for item in items]
            versions += [parse(match[1]) for match in map(_GLIBC.fullmatch, names) if match]
    loaders = [part.get_interp_name() for part in file.iter_segments("PT_INTERP")]
    return Demands(frozenset(libraries), max(versions, default=()), "".join(loaders))


def needs(path: str) -> frozenset[str]:
    """The libraries that a file asks for, none for what is no ELF file."""
    demands = read(Path(path).read_bytes())
    return demands.libraries if demands else frozenset()


def parse(text: str) -> Version:
    """`2.28` as numbers. Raises ValueError."""
    return tuple(int(part) for part in text.split("."))


def show(version: Version) -> str:
    """(2, 28) as `2.28`."""
    return ".".join(map(str, version)) or "none"


def floor(demands: Mapping[str, Demands]) -> tuple[Version, list[str]]:
    """The glibc that all files together need, and the files that need that much."""
    newest = max((item.glibc for item in demands.values()), default=())
    return newest, sorted(name for name, item in demands.items() if item.glibc == newest)


def system_libraries(demands: Mapping[str, Demands], executable: str) -> list[str]:
    """The libraries that the system must have: those of the executable itself, which starts
    before it unpacks anything, and those that the other files need and do not bring along."""
    brought = {name.rpartition("/")[2] for name in demands}
    needed = set().union(*(item.libraries for item in demands.values()))
    return sorted(demands[executable].libraries | (needed - brought))
