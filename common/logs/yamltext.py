"""YAML texts by the fastest safe loader that there is: libyaml's, where PyYAML came with it."""

from __future__ import annotations

from typing import Any

import yaml

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# Besides its own errors: text nested too deeply, and values that there are not, such as the 30th
# of February.
ERRORS = (yaml.YAMLError, RecursionError, ValueError)


def content(text: str) -> Any:
    """The one document of a text. Raises one of ERRORS."""
    return yaml.load(text, Loader=_LOADER)


def documents(text: str) -> list[Any]:
    """All documents of a text, None for a blank one. Raises one of ERRORS."""
    return list(yaml.load_all(text, Loader=_LOADER))


def reason_of(error: Exception) -> str:
    """Why a text is no YAML, with the line from 1 where that is known."""
    mark = getattr(error, "problem_mark", None)
    reason = getattr(error, "problem", None) or str(error).split("\n")[0]
    return f"line {mark.line + 1}: {reason}" if mark else reason
