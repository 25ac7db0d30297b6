"""Freezing one tool: from its sources to an executable under out/."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import util
from pathlib import Path

from build import prune, recipe
from build.facts import Facts
from build.names import Target
from build.registry import Registry, Tool
from common import version
from common.logs import registry as log_schemas

BUILD_FILE = "panther_tools_build.json"
_SPEC = Path(__file__).with_name("tool.spec")
_ENTRY = Path(__file__).with_name("entry.py")
_HOOKS = Path(__file__).with_name("hooks")


class FreezeError(Exception):
    """A tool could not be frozen; the message says which and where the log is."""


@dataclass(frozen=True)
class Frozen:
    """A frozen tool: its executable, the folder whose content is packed, what it is made of."""

    executable: Path
    folder: Path
    contents: Path


def location(root: Path, target: Target, tool: Tool, layout: str = "") -> Frozen:
    """Where freezing leaves a tool, whether it has been frozen or not."""
    work = root / "out" / "build" / str(target) / tool.name
    in_one_file = (layout or recipe.layout(target.os)) == recipe.ONE_FILE
    folder = work / "dist" if in_one_file else work / "dist" / tool.name
    return Frozen(folder / target.executable(tool.name), folder, work / "contents.json")


def freeze(root: Path, registry: Registry, tool: Tool, facts: Facts, layout: str = "") -> Frozen:
    """Freeze `tool`. `layout` overrides the target's. Raises FreezeError, PruneError."""
    frozen = location(root, facts.target, tool, layout)
    work = frozen.contents.parent
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    plan = _prepare(root, registry, tool, facts, work, layout or recipe.layout(facts.target.os))
    plan_file = work / "plan.json"
    plan.save(plan_file)
    _run_pyinstaller(work, plan_file, facts)
    if not frozen.executable.is_file():
        raise FreezeError(f"{tool.name}: PyInstaller left no {frozen.executable}")
    _check_imports(tool, work, registry.excludes(tool))
    return frozen


def _prepare(
    root: Path, registry: Registry, tool: Tool, facts: Facts, work: Path, layout: str
) -> recipe.Plan:
    """Write the entry script, the build facts and the SDK's data; return what joins them."""
    answers = {"h": _help(root, tool), "version": version.line(tool.name, facts.to_dict())}
    entry = work / "entry.py"
    entry.write_text(entry_text(tool, answers, layout), "utf-8")
    build_file = work / BUILD_FILE
    build_file.write_text(json.dumps(facts.to_dict()), "utf-8")
    datas = [(str(build_file), "."), *_data(registry, tool, work)]
    can_wait = facts.target.os == "linux" and layout == recipe.ONE_FILE
    return recipe.Plan(
        tool=tool.name,
        layout=layout,
        root=str(root),
        entry=str(entry),
        hooks=str(_HOOKS),
        datas=datas,
        excludes=sorted([*registry.excludes(tool), *recipe.unused_codecs()]),
        strip=facts.target.os != "windows" and shutil.which("strip") is not None,
        contents=str(work / "contents.json"),
        later=str(work / "later") if can_wait else "",
    )


def _data(registry: Registry, tool: Tool, work: Path) -> list[tuple[str, str]]:
    """The data that a tool needs besides modules, with the folder inside that it goes to."""
    found = []
    if tool.services:
        models = work / "botocore-data"
        prune.copy(_botocore() / "data", models, tool.services)
        found.append((str(models), "botocore/data"))
    if "log-schemas" in registry.group_of(tool).data:
        packed = work / log_schemas.PACKED
        schemas = {name: log_schemas.read(name) for name in log_schemas.names()}
        packed.write_text(json.dumps(schemas, separators=(",", ":")), "utf-8")
        found.append((str(packed), "common/logs"))
    return found


def _check_imports(tool: Tool, work: Path, excludes: Iterable[str]) -> None:
    for warnings in (work / "work").rglob("warn-*.txt"):
        broken = recipe.broken_imports(warnings.read_text("utf-8"), excludes)
        if broken:
            raise FreezeError(
                f"{tool.name}: build/registry.toml excludes what it needs:\n" + "\n".join(broken)
            )


def entry_text(tool: Tool, answers: dict[str, str], layout: str) -> str:
    """The entry script of a tool, from build/entry.py; `answers` are what single flags print."""
    text = _ENTRY.read_text("utf-8")
    text = text.replace('"{layout}"', repr(layout)).replace('{"flag": "text"}', repr(answers))
    return text.replace("tools.PACKAGE.main", f"tools.{tool.package}.main")


def _help(root: Path, tool: Tool) -> str:
    """What the tool's -h prints. Raises FreezeError when that is not what the registry says."""
    words = [sys.executable, "-m", f"tools.{tool.package}.main", "-h"]
    done = subprocess.run(words, cwd=root, capture_output=True, text=True, encoding="utf-8")
    if done.returncode != 0:
        raise FreezeError(f"{tool.name}: -h ends with {done.returncode}:\n{done.stderr}")
    first = f"{tool.name}: {tool.summary}"
    if not done.stdout.startswith(first + "\n"):
        raise FreezeError(
            f"{tool.name}: build/registry.toml and -h differ: the registry's summary is"
            f" {tool.summary!r}, -h begins with {done.stdout.partition(chr(10))[0]!r}"
        )
    return done.stdout.removesuffix("\n")


def _botocore() -> Path:
    spec = util.find_spec("botocore")
    if spec is None or spec.origin is None:
        raise FreezeError("botocore is not installed here; run scripts/build")
    return Path(spec.origin).parent


def _run_pyinstaller(work: Path, plan_file: Path, facts: Facts) -> None:
    environment = {
        **os.environ,
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        # Sets of names are written in the order of their hashes.
        "PYTHONHASHSEED": "0",
        "SOURCE_DATE_EPOCH": str(facts.epoch),
        "PYINSTALLER_CONFIG_DIR": str(work / "cache"),
        "PYINSTALLER_ZLIB_COMPRESSION_LEVEL": "0",
    }
    log = work / "pyinstaller.log"
    words = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "INFO"]
    words += ["--distpath", str(work / "dist"), "--workpath", str(work / "work")]
    words += [str(_SPEC), "--", str(plan_file)]
    with log.open("wb") as stream:
        done = subprocess.run(words, env=environment, stdout=stream, stderr=stream, cwd=work)
    if done.returncode != 0:
        tail = "\n".join(log.read_text("utf-8", "replace").splitlines()[-12:])
        raise FreezeError(f"PyInstaller failed ({log}):\n{tail}")
