"""The built-in log types: their names, and their schemas from the files in builtin/."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from common.logs.model import Schema

SUFFIX = ".yml"
# All schema files as one JSON object: YAML takes fifty times as long to read.
PACKED = "builtin.json"
_FOLDER = Path(__file__).with_name("builtin")


@cache
def names() -> tuple[str, ...]:
    """The log types in order of their names."""
    packed = _packed()
    if packed:
        return tuple(sorted(packed))
    return tuple(sorted(file.name.removesuffix(SUFFIX) for file in _FOLDER.glob(f"*{SUFFIX}")))


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
    from common.logs import yamltext

    text = _FOLDER.joinpath(name + SUFFIX).read_text("utf-8")
    content: Mapping[str, Any] = yamltext.content(text)
    return content


@cache
def _packed() -> Mapping[str, Any]:
    """What `scripts/build` makes of the files for an executable; empty where there is none."""
    file = Path(__file__).with_name(PACKED)
    if not file.is_file():
        return {}
    content: Mapping[str, Any] = json.loads(file.read_bytes())
    return content
