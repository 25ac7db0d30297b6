"""A user's own schemas: of a file, or of all files below a folder, with their problems shown."""

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


def own_schemas(path: Path, out: Output, log_type: str = "") -> Mapping[str, Schema]:
    """The schemas of `path` by their log types; `log_type` is the name where a file says none.

    Raises UsageError where there are none, and ToolError for a file that cannot be read, for
    schemas with problems, after showing all of them, and for two of the same name.
    """
    from common.logs.load import load

    files = _files(path)
    found: list[Schema] = []
    problems = 0
    for file in files:
        loaded = load(_text(file), str(file), log_type)
        problems += _shown(file, loaded, out)
        if loaded.schema is not None:
            found.append(loaded.schema)
    if problems:
        raise ToolError(f"validation failed with {plural(problems, 'problem')}")
    return _by_name(found)


def _files(path: Path) -> Sequence[Path]:
    from common.logs.load import schema_files

    try:
        if not path.exists():
            raise UsageError(f"there is no schema file {path}", "Check its path.")
        files = schema_files(path)
    except OSError as error:
        raise ToolError(f"cannot read {error.filename}: {error.strerror}") from None
    if not files:
        raise UsageError(f"there is no schema file below {path}", "They end in .yml or .yaml.")
    return files


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig", "replace")
    except OSError as error:
        raise ToolError(f"cannot read {file}: {error.strerror}") from None


def _shown(file: Path, loaded: Loaded, out: Output) -> int:
    """Show what is wrong with a file; gives the number of problems that are no mere warnings."""
    count = 0
    for one in loaded.problems:
        if one.is_warning:
            out.warn(f"{file}: {one.path}: {one.text}")
            continue
        count += 1
        if out.is_json:
            out.record({"file": str(file), "path": one.path, "problem": one.text})
        else:
            out.finding(f"{file}: {one.path}: {one.text}")
    return count


def _by_name(found: list[Schema]) -> Mapping[str, Schema]:
    schemas: dict[str, Schema] = {}
    for one in found:
        if one.name in schemas:
            raise ToolError(
                f"{one.file} and {schemas[one.name].file} are both the schema of {one.name}",
                "Name one of the files, or give them different names (schema: ...).",
            )
        schemas[one.name] = one
    return schemas
