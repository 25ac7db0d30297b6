"""Running an executable on less than a system: next to no files, or a home it cannot write."""

import os
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

NOBODY = 65534


def can_change_root() -> bool:
    """True for a user who may call chroot."""
    return hasattr(os, "chroot") and os.geteuid() == 0


def furnish(root: Path, executable: Path, loader: str, libraries: Iterable[str]) -> None:
    """Fill an empty folder with an executable, what the system must lend it, and a /tmp.

    Raises FileNotFoundError for a library that this system does not have either.
    """
    (root / "tmp").mkdir(mode=0o1777)
    shutil.copy2(executable, root / executable.name)
    _copy_into(root, Path(loader))
    for name in libraries:
        _copy_into(root, _find(name))


def run_inside(root: Path, words: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run a command whose only files are those under `root`, with an empty environment."""

    def enter() -> None:
        os.chroot(root)
        os.chdir("/")

    return subprocess.run(
        list(words), env={}, preexec_fn=enter, capture_output=True, text=True, timeout=60
    )


def run_homeless(
    executable: Path, words: Sequence[str], scratch: Path, environment: dict[str, str]
) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Run a copy of the executable as somebody who cannot write to their home; the result and
    what is in that home afterwards. `scratch` is an empty folder."""
    home, temporary = scratch / "home", scratch / "tmp"
    home.mkdir()
    temporary.mkdir()
    program = scratch / executable.name
    shutil.copy2(executable, program)
    beside = executable.with_name(f"{executable.stem}.lib")
    if beside.is_dir():
        shutil.copytree(beside, scratch / beside.name)
    user = None
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # Nothing is read-only for root.
        user = NOBODY
        os.chown(temporary, NOBODY, NOBODY)
        scratch.chmod(0o755)
    home.chmod(0o555)
    done = subprocess.run(
        [str(program), *words],
        env={**environment, "HOME": str(home), "TMPDIR": str(temporary), "TEMP": str(temporary)},
        cwd=home, user=user, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    left = sorted(path.name for path in (*home.iterdir(), *temporary.iterdir()))
    home.chmod(0o755)
    return done, left


def _copy_into(root: Path, file: Path) -> None:
    target = root / file.relative_to("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(file.resolve(), target)


def _find(library: str) -> Path:
    """Where the system keeps a library. Raises FileNotFoundError."""
    listing = subprocess.run(
        [shutil.which("ldconfig") or "/sbin/ldconfig", "-p"], capture_output=True, text=True
    )
    for line in listing.stdout.splitlines():
        name, arrow, path = line.strip().partition(" => ")
        if arrow and name.split(" ")[0] == library:
            return Path(path)
    raise FileNotFoundError(f"this system has no {library}")
