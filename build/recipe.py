"""How an executable is put together: what build/tool.spec tells PyInstaller, and why."""

import encodings
import json
import pkgutil
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

# Without docstrings and assertions; nothing that is bundled reads either.
OPTIMIZE = 2

# A compressed payload would be inflated at every start. The zip compresses the download instead.
STORED = dict.fromkeys(
    "BINARY DATA EXECUTABLE EXTENSION PYMODULE PYSOURCE PYZ SYMLINK".split(), False
)

# UTF-8 whatever the locale says. It is also what allows the executable to carry a few codecs
# only: an interpreter that lacks the codec of its locale dies before it runs anything.
INTERPRETER_OPTIONS = [("X utf8_mode=1", None, "OPTION")]

# Host names take idna, HTTP heads latin-1, the rest is UTF-8 or written by other systems.
CODECS = frozenset(
    "aliases ascii charmap cp437 cp1252 hex_codec idna latin_1 mbcs oem punycode"
    " raw_unicode_escape unicode_escape utf_16 utf_16_be utf_16_le utf_32 utf_8 utf_8_sig".split()
)

# Each of these runs at every start. They serve help() and module searches, which no tool does.
_SKIPPED_HOOKS = frozenset({"pyi_rth_inspect", "pyi_rth_pkgutil"})

_NOT_BUNDLED = re.compile(r"(?:excluded|missing) module named '?([^ ']+)'?\S* - imported by (.*)")
_IMPORTS_AT_ONCE = re.compile(r"(\S+) \(top-level\)")

ONE_FILE = "file"
ONE_FOLDER = "folder"


@dataclass(frozen=True)
class Plan:
    """What differs between one executable and another. Paths are absolute; `datas` are pairs of
    a file or folder and the folder inside the executable that it goes to; `later` is the folder
    for the modules of build/later.py, "" to unpack everything at the start."""

    tool: str
    layout: str
    root: str
    entry: str
    hooks: str
    datas: list[tuple[str, str]]
    excludes: list[str]
    strip: bool
    contents: str
    later: str

    def save(self, path: Path) -> None:
        """Write the plan as JSON."""
        path.write_text(json.dumps(asdict(self), indent=1), "utf-8")


def load(path: str) -> Plan:
    """The plan that save() wrote."""
    values = json.loads(Path(path).read_text("utf-8"))
    values["datas"] = [(source, folder) for source, folder in values["datas"]]
    return Plan(**values)


def layout(system: str) -> str:
    """One file; on Windows a folder, since virus scanners distrust programs that unpack."""
    return ONE_FOLDER if system == "windows" else ONE_FILE


def library_folder(tool: str) -> str:
    """Where a one-folder tool keeps its libraries. Named after the tool, so that several tools
    unzipped into one place do not overwrite each other."""
    return f"{tool}.lib"


def sources(*tables: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    """Where the files of PyInstaller's tables are on this machine, by their names inside."""
    return {name: source for table in tables for name, source, _ in table}


def without(
    table: Iterable[tuple[str, str, str]], later: Mapping[str, Iterable[str]]
) -> list[tuple[str, str, str]]:
    """A table of files without those that come later."""
    gone = {name for names in later.values() for name in names}
    return [entry for entry in table if entry[0] not in gone]


def kept_scripts(scripts: Iterable[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """The start-up scripts without the hooks that only cost time."""
    return [script for script in scripts if script[0] not in _SKIPPED_HOOKS]


def unused_codecs() -> list[str]:
    """The modules of the codecs that an executable does without."""
    names = {module.name for module in pkgutil.iter_modules(encodings.__path__)}
    return [f"encodings.{name}" for name in sorted(names - CODECS)]


def broken_imports(warnings: str, excludes: Iterable[str]) -> list[str]:
    """The lines of PyInstaller's warning file about modules that are bundled but would fail as
    they load, because they import an excluded one."""
    excluded = set(excludes)
    broken = []
    for line in warnings.splitlines():
        match = _NOT_BUNDLED.fullmatch(line)
        if not match or excluded.isdisjoint(_with_parents(match[1])):
            continue
        importers = [name.strip("'") for name in _IMPORTS_AT_ONCE.findall(match[2])]
        if any(excluded.isdisjoint(_with_parents(importer)) for importer in importers):
            broken.append(line)
    return broken


def _with_parents(module: str) -> list[str]:
    """`a.b.c`, `a.b`, `a`."""
    parts = module.split(".")
    return [".".join(parts[:count]) for count in range(len(parts), 0, -1)]


def describe(analysis: Any, path: str) -> None:
    """Write what an executable holds: [name inside, path here] of modules, binaries and data."""
    tables: dict[str, Sequence[tuple[str, str, str]]] = {
        "modules": analysis.pure,
        "binaries": analysis.binaries,
        "datas": analysis.datas,
    }
    contents = {
        kind: sorted([name, str(source)] for name, source, _ in table)
        for kind, table in tables.items()
    }
    Path(path).write_text(json.dumps(contents, indent=1), "utf-8")
