"""The licence texts of everything that an executable holds and the project did not write."""

import importlib.metadata
import json
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_LICENCE_FILE = re.compile(r"(licen[cs]e|copying|notice)", re.IGNORECASE)
# Part of every executable as the program that starts the interpreter.
_BOOTLOADER = "pyinstaller"


class LicenceError(Exception):
    """Something is bundled whose licence cannot be found; the message names it."""


@dataclass(frozen=True)
class Component:
    """One bundled work: its name and version, and its licence texts."""

    name: str
    texts: tuple[str, ...]


def collect(contents: Path, root: Path) -> str:
    """THIRD_PARTY_LICENSES for an executable, from the list of contents that freezing left.

    Raises LicenceError for a library without a licence.
    """
    table = json.loads(contents.read_text("utf-8"))
    sources = {
        Path(source).resolve()
        for kind in ("modules", "binaries", "datas")
        for _, source in table[kind]
        if Path(source).is_absolute()
    }
    own = root.resolve()
    foreign = sorted(path for path in sources
                     if _is_in_environment(path) or not path.is_relative_to(own))  # fmt: skip
    components = [*_distributions(foreign), _interpreter()]
    components += _system_libraries(path for path in foreign if _is_system_library(path))
    return render(components)


def render(components: Iterable[Component]) -> str:
    """One text: an index, then every component with its licences, sorted by name."""
    ordered = sorted(components, key=lambda component: component.name.lower())
    index = "\n".join(f"  {component.name}" for component in ordered)
    parts = [f"This program contains, besides its own code (see LICENSE):\n\n{index}\n"]
    for component in ordered:
        rule = "=" * 78
        body = "\n\n".join(text.strip() for text in component.texts)
        parts.append(f"{rule}\n{component.name}\n{rule}\n\n{body}\n")
    return "\n".join(parts)


def _is_in_environment(path: Path) -> bool:
    return path.is_relative_to(Path(sys.prefix).resolve())


def _distributions(files: Iterable[Path]) -> Iterator[Component]:
    """The Python packages that any of the files belongs to."""
    wanted = set(files)
    for package in importlib.metadata.distributions():
        name = package.metadata["Name"]
        listed = package.files or []
        if name.lower() != _BOOTLOADER and not any(
            Path(str(package.locate_file(file))).resolve() in wanted for file in listed
        ):
            continue
        texts = tuple(
            file.read_text("utf-8")
            for file in listed
            if ".dist-info" in str(file) and _LICENCE_FILE.search(file.name)
        )
        if not texts:
            raise LicenceError(f"the package {name} carries no licence text")
        yield Component(f"{name} {package.version}", texts)


def _interpreter() -> Component:
    """CPython's licence, which covers what its installers bring along."""
    name = f"CPython {sys.version.split()[0]}"
    library = Path(sysconfig.get_path("stdlib"))
    places = [library / "LICENSE.txt", library.parent.parent / "LICENSE.txt"]
    places += [Path(sys.base_prefix) / "LICENSE.txt"]
    major, minor = sys.version_info[:2]
    places += [Path(f"/usr/share/doc/libpython{major}.{minor}-minimal/copyright")]
    places += [Path(f"/usr/share/doc/python{major}.{minor}/copyright")]
    for place in places:
        if place.is_file():
            return Component(name, (place.read_text("utf-8"),))
    raise LicenceError(f"the licence of {name} is in none of: {', '.join(map(str, places))}")


def _is_system_library(path: Path) -> bool:
    """True for a library that neither a package nor the interpreter's own folder brought."""
    if ".so" not in path.name or _is_in_environment(path) or path.name.startswith("libpython"):
        return False
    return not path.is_relative_to(sysconfig.get_path("stdlib")) and not (
        sys.base_prefix != "/usr" and path.is_relative_to(sys.base_prefix)
    )


def _system_libraries(files: Iterable[Path]) -> Iterator[Component]:
    """The packages of the operating system that the files belong to."""
    packages: dict[str, str] = {}
    for file in sorted(set(files)):
        package, text = _debian(file) or _rpm(file) or ("", "")
        if not text:
            raise LicenceError(f"no package of this system tells the licence of {file}")
        packages[package] = text
    for package, text in packages.items():
        yield Component(package, (text,))


def _debian(file: Path) -> tuple[str, str] | None:
    # By name alone: the package may list the file below /lib, which is a link to /usr/lib.
    found = _ask("dpkg-query", "--search", f"*/{file.name}")
    if not found:
        return None
    package = found.splitlines()[0].partition(":")[0]
    text = Path(f"/usr/share/doc/{package}/copyright")
    version = _ask("dpkg-query", "--show", "--showformat=${Version}", package)
    return (f"{package} {version}", text.read_text("utf-8")) if text.is_file() else None


def _rpm(file: Path) -> tuple[str, str] | None:
    package = _ask("rpm", "--query", "--file", "--queryformat", "%{NAME} %{VERSION}", str(file))
    if not package:
        return None
    folder = Path("/usr/share/licenses") / package.split()[0]
    texts = [path.read_text("utf-8") for path in sorted(folder.glob("*")) if path.is_file()]
    return (package, "\n\n".join(texts)) if texts else None


def _ask(*words: str) -> str:
    """What a program of the system answers, "" when there is no such program or answer."""
    try:
        done = subprocess.run(words, capture_output=True, text=True)
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
