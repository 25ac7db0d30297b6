"""Names of what is published: targets, per-tool zips, bundles (pure)."""

import platform
import re
from dataclasses import dataclass

SYSTEMS = ("darwin", "linux", "windows")
MACHINES = ("amd64", "arm64")
BUNDLES = ("darwin-amd64", "linux-amd64", "linux-arm", "windows-amd64", "windows-arm")

_TOOL_ZIP = re.compile(r"(darwin|linux|windows)-(amd64|arm64)-([a-z0-9][a-z0-9-]*)\.zip")
_BUNDLE_ZIP = re.compile(rf"({'|'.join(BUNDLES)})\.zip")
_VERSION = re.compile(r"\d+\.\d+\.\d+(-[0-9A-Za-z.]+)?")
_HOST_SYSTEMS = {"Linux": "linux", "Darwin": "darwin", "Windows": "windows"}
_HOST_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True)
class Target:
    """What an executable runs on; written linux-amd64."""

    os: str
    arch: str

    def __str__(self) -> str:
        return f"{self.os}-{self.arch}"

    def executable(self, tool: str) -> str:
        """The file name of a tool's executable: without the target, so that runbooks fit all."""
        return f"{tool}.exe" if self.os == "windows" else tool


def host() -> Target:
    """The target of this machine. Raises ValueError when tools are not published for it."""
    system, machine = platform.system(), platform.machine()
    try:
        return Target(_HOST_SYSTEMS[system], _HOST_MACHINES[machine.lower()])
    except KeyError:
        raise ValueError(f"no target for {system} on {machine}") from None


def tool_zip(target: Target, tool: str) -> str:
    """`linux-amd64-s3queue.zip`."""
    return f"{target}-{tool}.zip"


def parse_tool_zip(name: str) -> tuple[Target, str] | None:
    """The target and the tool of a zip's name; None when it is not such a name.

    The first two fields are fixed words, so hyphens in a tool's name do no harm.
    """
    match = _TOOL_ZIP.fullmatch(name)
    return (Target(match[1], match[2]), match[3]) if match else None


def is_bundle_zip(name: str) -> bool:
    """True for the five names under which every tool of a version is published together."""
    return _BUNDLE_ZIP.fullmatch(name) is not None


def folder(version: str) -> str:
    """Where a version's files stand below the bucket: `v1.27.0/tools`.

    Raises ValueError for what is not a version number.
    """
    if not _VERSION.fullmatch(version):
        raise ValueError(f"{version!r} is not a version such as 1.27.0")
    return f"v{version}/tools"
