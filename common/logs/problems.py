"""Problems of schema files, and how those of plain data as YAML or JSON gives it are found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

ROOT = "(root)"


class Problem(NamedTuple):
    """What is wrong where; `is_warning` for what is ignored."""

    path: str
    text: str
    is_warning: bool = False


Problems = Iterator[Problem]


def join(path: str, key: object) -> str:
    """The path of a member."""
    return f"{path}.{key}" if path else str(key)


def unknown_keys(data: Mapping[Any, Any], known: set[str], path: str) -> Problems:
    """Warnings of keys that mean nothing."""
    for key in data:
        if key not in known:
            yield Problem(join(path, key), "unknown key, ignored", is_warning=True)


def not_texts(data: Mapping[str, Any], names: Sequence[str], path: str) -> Problems:
    """Members that must be text where they are given, and are not."""
    for name in names:
        if data.get(name) is not None and not isinstance(data[name], str):
            yield Problem(join(path, name), "must be text: put it in quotes")


def not_switches(data: Mapping[str, Any], names: Sequence[str], path: str) -> Problems:
    """Members that must be true or false where they are given, and are not."""
    for name in names:
        if data.get(name) is not None and not isinstance(data[name], bool):
            yield Problem(join(path, name), "must be true or false")


def kind_of(data: Any) -> str:
    """What data is, in JSON's words."""
    if data is None:
        return "null"
    names = {bool: "boolean", dict: "object", list: "array", str: "string"}
    return names.get(type(data), "number")


def is_texts(given: Any) -> bool:
    """Whether it is a list of texts that is not empty."""
    return isinstance(given, list) and bool(given) and all(isinstance(x, str) for x in given)
