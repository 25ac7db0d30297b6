"""The built-in log types: their names, and their schemas from the files in builtin/."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from common.logs.model import Schema

SUFFIX = ".yml"
# All schema files as one JSON object: YAML takes fifty times as long to read.
PACKED = "builtin.json"
_FOLDER = "builtin"


@cache
def _files() -> Any:
    return resources.files("common.logs").joinpath(_FOLDER)


@cache
def names() -> tuple[str, ...]:
    """The log types in order of their names."""
    packed = _packed()
    if packed:
        return tuple(sorted(packed))
    return tuple(
        sorted(
            file.name.removesuffix(SUFFIX)
            for file in _files().iterdir()
            if file.name.endswith(SUFFIX)
        )
    )


@cache
def schema(name: str) -> Schema:
    """The schema of a built-in log type. Raises KeyError for a name that is none."""
    from common.logs.load import builtin

    if name not in names():
        raise KeyError(name)
    packed = _packed()
    return builtin(packed[name] if packed else read(name))


def read(name: str) -> Mapping[str, Any]:
    """The content of a built-in schema's file."""
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = _files().joinpath(name + SUFFIX).read_text("utf-8")
    content: Mapping[str, Any] = yaml.load(text, Loader=loader)
    return content


@cache
def _packed() -> Mapping[str, Any]:
    """What `scripts/build` makes of the files for an executable; empty where there is none."""
    file = resources.files("common.logs").joinpath(PACKED)
    if not file.is_file():
        return {}
    content: Mapping[str, Any] = json.loads(file.read_bytes())
    return content
