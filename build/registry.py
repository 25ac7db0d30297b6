"""Reading and checking build/registry.toml, the one list of tools."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

FILE = Path(__file__).with_name("registry.toml")

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_TOP_FIELDS = frozenset({"tools", "groups"})
_TOOL_FIELDS = frozenset({"name", "group", "summary", "services", "destructive", "sample"})
_GROUP_FIELDS = frozenset({"zip_limit_mb"})
_OPTIONAL = frozenset({"excludes"})
_GROUP_OPTIONAL = _OPTIONAL | {"base", "keeps", "data"}
# What can be bundled besides modules; build/freeze.py knows how.
DATA = frozenset({"log-schemas"})


class RegistryError(Exception):
    """The registry says something that cannot be built; the message names the tool and field."""


@dataclass(frozen=True)
class Group:
    """What the tools of one kind share: the size of a zip at most, modules left out, and the kinds
    of data that are bundled."""

    name: str
    zip_limit_bytes: int
    excludes: Mapping[str, str]
    data: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tool:
    """One executable. `sample` are the words of a call that reads from the sandbox and changes
    nothing; `excludes` maps modules to the reason why the executable does without them."""

    name: str
    group: str
    summary: str
    services: tuple[str, ...]
    destructive: bool
    sample: tuple[str, ...]
    excludes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def package(self) -> str:
        """The tool's folder under tools/, a Python package."""
        return self.name.replace("-", "_")


@dataclass(frozen=True)
class Registry:
    """Every tool and group, by name; tools stand in the order of the file."""

    tools: Mapping[str, Tool]
    groups: Mapping[str, Group]

    def tool(self, name: str) -> Tool:
        """Raises RegistryError with the known names."""
        if name not in self.tools:
            known = ", ".join(self.tools)
            raise RegistryError(f"no tool is called {name!r}. Known tools: {known}")
        return self.tools[name]

    def group_of(self, tool: Tool) -> Group:
        """The group that a tool is built with."""
        return self.groups[tool.group]

    def excludes(self, tool: Tool) -> Mapping[str, str]:
        """The modules that a tool's executable does without: its group's and its own."""
        return {**self.group_of(tool).excludes, **tool.excludes}


def read(path: Path = FILE) -> Registry:
    """The registry of a file. Raises RegistryError for anything wrong in it."""
    return parse(path.read_text("utf-8"))


def parse(text: str) -> Registry:
    """The registry of a TOML text. Raises RegistryError for anything wrong in it."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RegistryError(f"not a TOML file: {error}") from error
    _check_fields(data, frozenset(), _TOP_FIELDS, "the registry")
    groups: dict[str, Group] = {}
    for name, item in data.get("groups", {}).items():
        groups[name] = _group(name, item, groups)
    tools: dict[str, Tool] = {}
    for item in data.get("tools", []):
        tool = _tool(item)
        if tool.name in tools:
            raise RegistryError(f"{tool.name}: listed twice")
        if tool.group not in groups:
            raise RegistryError(f"{tool.name}: there is no group {tool.group!r}")
        tools[tool.name] = tool
    if not tools:
        raise RegistryError("no tools are listed")
    return Registry(tools, groups)


def _group(name: str, item: Mapping[str, Any], groups: Mapping[str, Group]) -> Group:
    where = f"group {name}"
    _check_fields(item, _GROUP_FIELDS, _GROUP_OPTIONAL, where)
    limit = item["zip_limit_mb"]
    if isinstance(limit, bool) or not isinstance(limit, int | float) or limit <= 0:
        raise RegistryError(f"{where}: zip_limit_mb is {limit!r}, not a size in megabytes")
    data = item.get("data", [])
    if not isinstance(data, list) or not DATA.issuperset(data):
        raise RegistryError(f"{where}: data is not a list of {', '.join(sorted(DATA))}")
    excludes = {**_inherited(item, groups, where), **_reasons(item, where)}
    return Group(name, int(limit * 1_000_000), MappingProxyType(excludes), tuple(data))


def _inherited(
    item: Mapping[str, Any], groups: Mapping[str, Group], where: str
) -> Mapping[str, str]:
    """What the group's base leaves out and the group does not keep."""
    base, keeps = item.get("base", ""), item.get("keeps", [])
    if not base and not keeps:
        return {}
    if base not in groups:
        raise RegistryError(f"{where}: there is no group {base!r} above it to be its base")
    known = groups[base].excludes
    for module in keeps:
        if module not in known:
            raise RegistryError(f"{where}: keeps {module!r}, which {base} does not leave out")
    return {module: reason for module, reason in known.items() if module not in keeps}


def _tool(item: Mapping[str, Any]) -> Tool:
    name = item.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise RegistryError(f"tool name {name!r} is not made of a-z, 0-9 and inner hyphens")
    _check_fields(item, _TOOL_FIELDS, _OPTIONAL, name)
    summary = item["summary"]
    if not isinstance(summary, str) or not summary.strip() or "\n" in summary:
        raise RegistryError(f"{name}: summary is not one line of text")
    services = item["services"]
    if not isinstance(services, list) or not all(
        isinstance(service, str) and _NAME.fullmatch(service) for service in services
    ):
        raise RegistryError(f"{name}: services is not a list of botocore service ids")
    if len(set(services)) != len(services):
        raise RegistryError(f"{name}: services names one twice")
    sample = item["sample"]
    if not isinstance(sample, list) or not all(isinstance(word, str) for word in sample):
        raise RegistryError(f"{name}: sample is not a list of words")
    if not isinstance(item["destructive"], bool):
        raise RegistryError(f"{name}: destructive is neither true nor false")
    return Tool(
        name=name,
        group=str(item["group"]),
        summary=summary,
        services=tuple(services),
        destructive=item["destructive"],
        sample=tuple(sample),
        excludes=_reasons(item, name),
    )


def _reasons(item: Mapping[str, Any], where: str) -> Mapping[str, str]:
    excludes = item.get("excludes", {})
    if not isinstance(excludes, Mapping):
        raise RegistryError(f"{where}: excludes is not a table of module = reason")
    for module, reason in excludes.items():
        if not isinstance(reason, str) or not reason.strip():
            raise RegistryError(f"{where}: the exclude {module!r} has no reason")
    return MappingProxyType(dict(excludes))


def _check_fields(
    item: Mapping[str, Any], required: frozenset[str], optional: frozenset[str], where: str
) -> None:
    unknown = sorted(set(item) - required - optional)
    if unknown:
        raise RegistryError(f"{where}: unknown field {unknown[0]!r}")
    missing = sorted(required - set(item))
    if missing:
        raise RegistryError(f"{where}: {missing[0]} is missing")
