"""The schemas to parse with: a user's own and built-in ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from common.cli import Io
from common.errors import UsageError
from common.logs.own import own_schemas

if TYPE_CHECKING:
    from common.logs.model import Schema


def chosen(
    path: Path | None, names: Sequence[str], log_type: str, io: Io
) -> tuple[Schema | str, ...]:
    """The schemas of these names, a user's before a built-in one, which stays a name; without names
    all of `path`, without both all built-in ones. `log_type` is the name where a file does not say
    it.

    Raises ToolError for schemas with problems, after showing all of them, and UsageError for a name
    that there is not.
    """
    from common.logs import registry

    own = own_schemas(path, io.out, log_type) if path else {}
    built_in = registry.names()
    wanted = list(dict.fromkeys(names)) or sorted(own) or built_in
    unknown = [name for name in wanted if name not in own and name not in built_in]
    if unknown:
        raise UsageError(
            f"there is no log type {', '.join(map(repr, unknown))}",
            "See pantherlog schemas for the built-in ones.",
        )
    return tuple(own.get(name, name) for name in wanted)
