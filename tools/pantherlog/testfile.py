"""Test files: YAML documents, each an input and the events that a schema must make of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from common.errors import ToolError
from common.files import files_below
from tools.pantherlog.asked import nanoseconds

SUFFIXES = ("_tests.yml", "_tests.yaml")
KEYS = {"name", "logType", "input", "inputs", "result", "results", "now", "error"}


@dataclass(frozen=True)
class Case:
    """A test. `wanted` are the events as JSON texts; `error` is True when the input must fail, a
    text when the reason must contain it, None when it must not fail; `now_ns` None for no clock of
    its own."""

    file: str
    name: str
    log_type: str
    inputs: tuple[str, ...]
    wanted: tuple[str, ...]
    now_ns: int | None
    error: str | bool | None


def beside(schemas: Path) -> tuple[Path, ...]:
    """The test files below a folder, in order; none for what is no folder. Raises ToolError."""
    try:
        files = files_below(schemas) if schemas.is_dir() else []
    except OSError as error:
        raise ToolError(f"cannot read {error.filename}: {error.strerror}") from None
    return tuple(file for file in files if file.name.endswith(SUFFIXES))


def is_missing(file: Path) -> bool:
    """Whether there is no such file. One that may not be asked for is there: reading it tells."""
    try:
        return not file.is_file()
    except OSError:
        return False


def cases(file: Path) -> Iterator[Case]:
    """The tests in a file. Raises ToolError naming the file, the document and what is wrong."""
    from common.logs import yamltext

    try:
        documents = yamltext.documents(file.read_text("utf-8-sig", "replace"))
    except OSError as error:
        raise ToolError(f"cannot read {file}: {error.strerror}") from None
    except yamltext.ERRORS as error:
        raise ToolError(f"{file}: is no YAML: {yamltext.reason_of(error)}") from None
    for number, document in enumerate(documents, 1):
        if document is not None:
            yield _case(document, f"{file}: test {number}", str(file))


def _case(document: Any, where: str, file: str) -> Case:
    if not isinstance(document, Mapping):
        raise ToolError(f"{where} is no map of name, logType, input and result")
    for key in document:
        if key not in KEYS:
            raise ToolError(
                f"{where}: unknown key {key!r}", f"Known are {', '.join(sorted(KEYS))}."
            )
    for key in ("name", "logType"):
        if document.get(key) in (None, ""):
            raise ToolError(f"{where} has no {key}")
        _text(document[key], f"{where}: {key}", "Put it in quotes.")
    where = f"{where} ({document['name']})"
    inputs = _texts(document, "inputs", where)
    if document.get("input") is not None:
        inputs = (_text(document["input"], f"{where}: input"), *inputs)
    results = _texts(document, "results", where)
    if document.get("result") is not None:
        results = (_text(document["result"], f"{where}: result"), *results)
    if not inputs:
        raise ToolError(f"{where} has no input")
    error = document.get("error")
    if error is not None and not isinstance(error, str | bool):
        raise ToolError(f"{where}: error must be true or a text")
    log_type = document["logType"]
    return Case(
        file=file,
        name=document["name"],
        log_type=log_type,
        inputs=inputs,
        wanted=tuple(_filled(one, log_type, where) for one in results),
        now_ns=_now_ns(document.get("now"), where),
        error=error if error is not False else None,
    )


def _texts(document: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    given = document.get(key) or ()
    if isinstance(given, str) or not isinstance(given, list | tuple):
        raise ToolError(f"{where}: {key} must be a list of texts")
    return tuple(_text(one, f"{where}: {key}") for one in given)


def _text(
    value: Any, where: str, next_step: str = "Put JSON in quotes or behind | on its own lines."
) -> str:
    if not isinstance(value, str):
        raise ToolError(f"{where} must be text", next_step)
    return value


def _now_ns(value: Any, where: str) -> int | None:
    if value is None:
        return None
    # YAML reads a time without quotes as a time, one without a zone as UTC.
    if isinstance(value, datetime):
        value = (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    try:
        return nanoseconds(value)
    except (ValueError, TypeError):
        raise ToolError(f"{where}: now is no RFC 3339 time") from None


def _filled(text: str, log_type: str, where: str) -> str:
    """The expectation with {{.LogType}} replaced."""
    filled = text.replace("{{.LogType}}", log_type)
    if "{{" in filled:
        raise ToolError(f"{where}: the only template mark is {{{{.LogType}}}}")
    return filled
