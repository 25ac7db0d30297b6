"""The environment that executables are built in: out/build-env, from a hash-pinned lock.

Runs before anything is installed, so it needs nothing but the interpreter. It is not .venv: what
an executable holds must not depend on what a developer tries out.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

OLDEST_PYTHON = (3, 11)
_LOCK = "requirements/build.txt"


class NotReady(Exception):
    """This machine lacks something; the message says what and how to get it."""


def ensure(root: Path) -> Path:
    """The interpreter of out/build-env, made anew when the lock or the interpreter changed.

    As root on Debian missing system packages are installed. Raises NotReady.
    """
    if sys.version_info < OLDEST_PYTHON:
        raise NotReady(f"{sys.executable} is Python {sys.version.split()[0]}; 3.11 is the oldest")
    provide(missing())
    folder = root / "out" / "build-env"
    lock = root / _LOCK
    note = folder / "made-from"
    made_from = f"{sys.version}\n{hashlib.sha256(lock.read_bytes()).hexdigest()}\n"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if note.is_file() and note.read_text("utf-8") == made_from and python.exists():
        return python
    venv.create(folder, clear=True, with_pip=True)
    pip = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check"]
    _run([*pip, "install", "--require-hashes", "--only-binary=:all:", "-r", str(lock)])
    _run([*pip, "check"])
    note.write_text(made_from, "utf-8")
    return python


def missing() -> dict[str, str]:
    """What this machine lacks for a build: Debian's package for it, and why it is needed."""
    lacks = {}
    series = f"{sys.version_info[0]}.{sys.version_info[1]}"
    if not _has_ensurepip():
        lacks[f"python{series}-venv"] = "makes the build environment"
    if sys.platform == "linux":
        if not _has_shared_library():
            lacks[f"libpython{series}"] = "the interpreter as a library, which is what gets bundled"
        for program in ("objdump", "strip"):
            if shutil.which(program) is None:
                lacks["binutils"] = "objdump and strip, which PyInstaller calls"
    return lacks


def provide(lacks: dict[str, str]) -> None:
    """Install Debian packages as root; otherwise raise NotReady with the command to type."""
    if not lacks:
        return
    command = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *sorted(lacks)]
    if not (hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get")):
        reasons = "; ".join(f"{name} ({why})" for name, why in sorted(lacks.items()))
        raise NotReady(f"missing: {reasons}. On Debian: sudo {' '.join(command)}")
    _run(["apt-get", "update", "--quiet"])
    _run(command)
    still = missing()
    if still:
        raise NotReady(
            f"{sys.executable} still lacks {', '.join(sorted(still))}."
            " Build with another interpreter: PYTHON=/usr/bin/python3 make build"
        )


def _has_ensurepip() -> bool:
    try:
        import ensurepip
    except ImportError:
        return False
    return bool(ensurepip.version())


def _has_shared_library() -> bool:
    """True when there is a libpython to bundle; a static interpreter cannot be frozen."""
    name = sysconfig.get_config_var("INSTSONAME") or ""
    if not sysconfig.get_config_var("Py_ENABLE_SHARED") or ".so" not in name:
        return False
    folders = [sysconfig.get_config_var("LIBDIR"), sysconfig.get_config_var("LIBPL")]
    multiarch = sysconfig.get_config_var("MULTIARCH")
    folders += [f"/usr/lib/{multiarch}", f"/lib/{multiarch}", str(Path(sys.base_prefix) / "lib")]
    return any((Path(folder) / name).exists() for folder in folders if folder)


def _run(command: list[str]) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, env=environment, stdout=sys.stderr)
    if done.returncode != 0:
        raise NotReady(f"this failed: {' '.join(command)}")
