"""What a one-file executable unpacks when it is needed, and not at every start.

Unpacking is most of what -h takes: half of the bytes serve TLS and the SDK. Those files travel as
constants of Python modules, which stay inside the executable; build/hooks/runtime.py writes them
out at the import that needs them. Linux only: elsewhere libraries are signed where they lie.
"""

import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

Entry = tuple[str, str, str]
# The libraries that a file needs, by name.
Needs = Callable[[str], Iterable[str]]

INDEX = "panther_later"
# The import that needs them, and the beginnings of the names of the files inside the executable.
# Extension modules bring the libraries that they need by themselves.
EXTENSIONS = frozenset(
    "_decimal _elementtree _hashlib _ssl orjson.orjson pyexpat unicodedata".split()
)
DATA = {"botocore": ("botocore/",)}


def choose(binaries: Iterable[Entry], datas: Iterable[Entry], needs: Needs) -> dict[str, list[str]]:
    """The files that each import brings, by the names that they have inside the executable.

    A library comes later only when everything that needs it does.
    """
    sources = {name: source for name, source, kind in binaries if kind != "SYMLINK"}
    libraries = {name.rpartition("/")[2]: name for name in sources}
    extensions = {name: _module(name) for name in sources}
    later: dict[str, list[str]] = {}
    for name, module in extensions.items():
        if module in EXTENSIONS:
            later[module] = [name]
    now = [name for name, module in extensions.items() if module not in later]
    roots = [name for name in now if _is_root(name)]
    kept = _reachable(roots, sources, libraries, needs)
    for files in later.values():
        files[:0] = sorted(_reachable(files, sources, libraries, needs) - kept - set(files))
    for trigger, prefixes in DATA.items():
        found = sorted(name for name, *_ in datas if name.startswith(prefixes))
        if found:
            later[trigger] = found
    return later


def write(
    later: Mapping[str, Sequence[str]], sources: Mapping[str, str], folder: Path, strip: bool
) -> list[Entry]:
    """Write the modules that carry the files, into `folder`; returns them for the archive."""
    folder.mkdir(parents=True, exist_ok=True)
    names = sorted({name for files in later.values() for name in files})
    holders = {name: f"{INDEX}_{number}" for number, name in enumerate(names)}
    modules = []
    for name, holder in holders.items():
        content = _content(Path(sources[name]), folder, strip and _is_binary(name))
        modules.append(_module_file(folder, holder, f"CONTENT = {content!r}\n"))
    table = {trigger: [(holders[name], name) for name in files] for trigger, files in later.items()}
    modules.append(_module_file(folder, INDEX, f"FILES = {table!r}\n"))
    return modules


def _module(name: str) -> str:
    """`_ssl` for python3.11/lib-dynload/_ssl.cpython-311-x86_64-linux-gnu.so, "" for a library."""
    folder, _, file = name.rpartition("/")
    module, dot, tag = file.partition(".")
    if not dot or not tag.startswith(("cpython-", "abi3.")):
        return ""
    package = "" if folder.endswith("lib-dynload") else folder.replace("/", ".")
    return f"{package}.{module}".strip(".")


def _is_root(name: str) -> bool:
    """True for what is loaded by itself: the interpreter's library and extension modules."""
    return bool(_module(name)) or name.startswith("libpython")


def _reachable(
    roots: Iterable[str], sources: Mapping[str, str], libraries: Mapping[str, str], needs: Needs
) -> set[str]:
    """The files and all bundled libraries that they need, directly or not."""
    found: set[str] = set()
    pending = list(roots)
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending += [libraries[need] for need in needs(sources[name]) if need in libraries]
    return found


def _is_binary(name: str) -> bool:
    return ".so" in Path(name).name


def _content(source: Path, folder: Path, strip: bool) -> bytes:
    if not strip:
        return source.read_bytes()
    copy = folder / "stripped"
    shutil.copyfile(source, copy)
    subprocess.run(["strip", str(copy)], check=True, capture_output=True)
    return copy.read_bytes()


def _module_file(folder: Path, name: str, text: str) -> Entry:
    path = folder / f"{name}.py"
    path.write_text(text, "utf-8")
    return (name, str(path), "PYMODULE-2")
