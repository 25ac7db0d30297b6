"""The zip of one tool: what is in it, and bytes that depend on nothing else.

Rules: entries sorted by name, no folders, comments or extra fields; Unix mode bits; one time for
all, the commit's; deflate level 9. The deflate library of the machine still shows: pack on one.
"""

import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_UNIX = 3
_EXECUTABLE = 0o100755
_PLAIN = 0o100644
_LINK = 0o120777
_BITS = 16


class PackError(Exception):
    """A zip breaks a rule; the message says which."""


@dataclass(frozen=True)
class Member:
    """One entry. The content of a symbolic link is its target."""

    content: bytes
    mode: int


def plain(content: bytes) -> Member:
    """A file that is read."""
    return Member(content, _PLAIN)


def members_of(folder: Path, executable: Path, texts: Mapping[str, bytes]) -> dict[str, Member]:
    """The entries of a tool's zip: what freezing left in `folder`, and `texts` beside it.

    Raises PackError when a text has the name of a frozen file.
    """
    members = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            members[name] = Member(path.readlink().as_posix().encode(), _LINK)
        elif path.is_file():
            mode = _EXECUTABLE if path == executable else _PLAIN
            members[name] = Member(path.read_bytes(), mode)
    for name, content in texts.items():
        if name in members:
            raise PackError(f"two files are called {name}")
        members[name] = plain(content)
    return members


def write(target: Path, members: Mapping[str, Member], epoch: int) -> int:
    """Write the zip and return its size; `epoch` is the time of all entries, in UTC.

    Raises PackError for a name that cannot be unpacked everywhere.
    """
    for name in members:
        _check_name(name)
    moment = time.gmtime(epoch)[:6]
    # The format counts in steps of two seconds.
    stamp = (*moment[:5], moment[5] // 2 * 2)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    with zipfile.ZipFile(part, "w") as archive:
        for name in sorted(members, key=str.encode):
            entry = zipfile.ZipInfo(name, stamp)
            entry.create_system = _UNIX
            entry.external_attr = members[name].mode << _BITS
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, members[name].content, compresslevel=9)
    part.replace(target)
    return target.stat().st_size


def _check_name(name: str) -> None:
    parts = name.split("/")
    if not name.isascii() or "\\" in name or "" in parts or ".." in parts:
        raise PackError(f"{name!r} cannot be the name of a zip entry")
