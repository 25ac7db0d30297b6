"""YAML texts by the fastest safe loader that there is: libyaml's, where PyYAML came with it."""

from __future__ import annotations

from typing import Any

import yaml

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def content(text: str) -> Any:
    """The one document of a text. Raises yaml.YAMLError."""
    return yaml.load(text, Loader=_LOADER)


def documents(text: str) -> list[Any]:
    """All documents of a text, None for a blank one. Raises yaml.YAMLError."""
    return list(yaml.load_all(text, Loader=_LOADER))


def line_of(error: Exception) -> int | None:
    """The line that an error is about, from 1; None when it does not say."""
    mark = getattr(error, "problem_mark", None)
    return mark.line + 1 if mark else None
