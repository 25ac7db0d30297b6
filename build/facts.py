"""What an executable knows about itself: version, target, commit; and the time of that commit."""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from build.names import Target

# Zip entries cannot be older than this: 1980-01-01 UTC.
OLDEST_EPOCH = 315_532_800
_SOURCES = ("common", "tools", "build", "requirements/build.txt", "pyproject.toml")


@dataclass(frozen=True)
class Facts:
    """`epoch` is the commit's time in seconds since 1970, the only time that enters a build."""

    version: str
    target: Target
    commit: str
    epoch: int

    def to_dict(self) -> dict[str, str]:
        """What common/version.py reads, as JSON, inside an executable."""
        return {
            "version": self.version,
            "os": self.target.os,
            "arch": self.target.arch,
            "commit": self.commit,
        }


def gather(root: Path, target: Target) -> Facts:
    """The facts of the tree at `root`. Raises ValueError when it does not state a version, or
    has a history that git cannot read."""
    commit, epoch = _commit(root)
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    if given.isdigit():
        epoch = int(given)
    return Facts(version(root), target, commit, max(epoch, OLDEST_EPOCH))


def version(root: Path) -> str:
    """The version in pyproject.toml, the only place that states it."""
    text = (root / "pyproject.toml").read_text("utf-8")
    match = re.search(r'^version = "([^"]+)"$', text, re.MULTILINE)
    if not match:
        raise ValueError("pyproject.toml has no line: version = ...")
    return match.group(1)


def _commit(root: Path) -> tuple[str, int]:
    """The commit's short id and time; `source` for a tree that came without its history."""
    if not (root / ".git").exists():
        return "source", OLDEST_EPOCH
    commit, seconds = _git(root, "log", "-1", "--abbrev=7", "--format=%h %ct").split()
    changed = _git(root, "status", "--porcelain", "--", *_SOURCES)
    return (f"{commit}-changed" if changed else commit), int(seconds)


def _git(root: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True)
    if done.returncode != 0:
        raise ValueError(f"git {words[0]} fails here: {done.stderr.strip()}")
    return done.stdout.strip()
