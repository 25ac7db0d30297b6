"""The schemas that lines are tried with: built-in ones, and those of files that the user names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from common.errors import ToolError, UsageError
from common.output import plural

if TYPE_CHECKING:
    from common.logs.load import Loaded
    from common.logs.model import Schema
    from common.output import Output


def chosen(names: Sequence[str], path: Path | None, out: Output) -> tuple[Schema, ...]:
    """The schemas of the log types `names`; without names all built-in ones and those of `path`,
    which take the place of built-in ones of the same name.

    Raises UsageError for a name that there is not and a path without schemas, ToolError for schemas
    with problems, after showing all of them.
    """
    from common.logs import registry

    own = of_files(path, out) if path else {}
    builtin = frozenset(registry.names())
    for name in names:
        if name not in own and name not in builtin:
            raise UsageError(
                f"-logtype {name}: there is no such log type",
                "Names are written as in AWS.CloudTrail; -schemas adds your own.",
            )
    wanted = sorted({*names} or {*own, *builtin})
    return tuple(own[name] if name in own else registry.schema(name) for name in wanted)


def of_files(path: Path, out: Output) -> Mapping[str, Schema]:
    """The schemas of a file or of all files below a folder, by log type. Raises as `chosen`."""
    from common.logs.load import load, schema_files

    files = schema_files(path) if path.exists() else []
    if not files:
        raise UsageError(f"-schemas {path}: there is no schema file", "Files end in .yml or .yaml.")
    found: dict[str, Schema] = {}
    wrong = 0
    for file in files:
        loaded = load(file.read_text("utf-8", "replace"), str(file))
        wrong += _show_problems(loaded, file, out)
        if loaded.schema is None:
            continue
        name = loaded.schema.name
        if name in found:
            raise ToolError(
                f"{file} and {found[name].file} are both the schema of {name}",
                "Name one of them with -schemas.",
            )
        found[name] = loaded.schema
    if wrong:
        raise ToolError(
            f"the schemas of {path} have {plural(wrong, 'problem')}", "Nothing was processed."
        )
    return found


def _show_problems(loaded: Loaded, file: Path, out: Output) -> int:
    """Say what is wrong with a schema; how much of it makes it unusable."""
    count = 0
    for one in loaded.problems:
        if one.is_warning:
            out.warn(f"{file}: {one.path}: {one.text}")
        else:
            out.finding(f"{file}: {one.path}: {one.text}")
            count += 1
    return count
