"""The schemas that lines are tried with: built-in ones, and those of files that the user names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from common.errors import UsageError
from common.logs.own import own_schemas

if TYPE_CHECKING:
    from common.logs.model import Schema
    from common.output import Output


def chosen(names: Sequence[str], path: Path | None, out: Output) -> tuple[Schema | str, ...]:
    """The schemas of the log types `names`, built-in ones as their names; without names all
    built-in ones and those of `path`, which take the place of built-in ones of the same name.

    Raises UsageError for a name that there is not and a path without schemas, ToolError for schemas
    with problems, after showing all of them.
    """
    from common.logs import registry

    own = own_schemas(path, out) if path else {}
    builtin = frozenset(registry.names())
    for name in names:
        if name not in own and name not in builtin:
            raise UsageError(
                f"-logtype {name}: there is no such log type",
                "Names are written as in AWS.CloudTrail; -schemas adds your own.",
            )
    wanted = sorted({*names} or {*own, *builtin})
    return tuple(own.get(name, name) for name in wanted)
