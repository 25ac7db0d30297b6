"""The schemas to parse with: a user's own and built-in ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from common.cli import Io
from common.errors import ToolError, UsageError
from common.output import plural

if TYPE_CHECKING:
    from common.logs.load import Loaded
    from common.logs.model import Schema


def chosen(path: Path | None, names: Sequence[str], log_type: str, io: Io) -> tuple[Schema, ...]:
    """The schemas of these names, a user's before a built-in one; without names all of `path`,
    without both all built-in ones. `log_type` is the name where a file does not say it.

    Raises ToolError for schemas with problems, after showing all of them, and UsageError for a name
    that there is not.
    """
    from common.logs import registry

    own = {one.name: one for one in own_schemas(path, log_type, io)} if path else {}
    built_in = registry.names()
    wanted = list(dict.fromkeys(names)) or sorted(own) or built_in
    unknown = [name for name in wanted if name not in own and name not in built_in]
    if unknown:
        raise UsageError(
            f"there is no log type {', '.join(map(repr, unknown))}",
            "See pantherlog schemas for the built-in ones.",
        )
    return tuple(own[name] if name in own else registry.schema(name) for name in wanted)


def own_schemas(path: Path, log_type: str, io: Io) -> list[Schema]:
    """The schemas of a file or folder. Raises UsageError where there are none, and ToolError after
    showing every problem in them."""
    from common.logs.load import load, schema_files

    if not path.exists():
        raise UsageError(f"there is no schema file {path}", "Check its path.")
    files = schema_files(path)
    if not files:
        raise UsageError(f"there is no schema file below {path}", "They end in .yml or .yaml.")
    found: list[Schema] = []
    problems = 0
    for file in files:
        loaded = load(_text(file), str(file), log_type)
        problems += _shown(file, loaded, io)
        if loaded.schema is not None:
            found.append(loaded.schema)
    if problems:
        raise ToolError(f"validation failed with {plural(problems, 'problem')}")
    _refuse_twice(found)
    return found


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig", "replace")
    except OSError as error:
        raise ToolError(f"cannot read {file}: {error.strerror}") from None


def _shown(file: Path, loaded: Loaded, io: Io) -> int:
    """Show what is wrong with a file; gives the number of problems that are no mere warnings."""
    count = 0
    for one in loaded.problems:
        if one.is_warning:
            io.out.warn(f"{file}: {one.path}: {one.text}")
            continue
        count += 1
        if io.out.is_json:
            io.out.record({"file": str(file), "path": one.path, "problem": one.text})
        else:
            io.out.finding(f"{file}: {one.path}: {one.text}")
    return count


def _refuse_twice(found: Sequence[Schema]) -> None:
    first: dict[str, str] = {}
    for one in found:
        if one.name in first:
            raise ToolError(
                f"{one.file} and {first[one.name]} are both the schema of {one.name}",
                "Name one of the files, or give them different names (schema: ...).",
            )
        first[one.name] = one.file
