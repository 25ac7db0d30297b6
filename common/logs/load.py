"""Reading schema files: YAML or JSON text to a `Schema`, or every problem with its path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from common.logs.columns import column_name
from common.logs.found import ORDER
from common.logs.indicators import FEEDS
from common.logs.model import Field, Native, Schema, Value, walk
from common.logs.schema_rules import ROOT, Problem, problems

DEEPEST = 64
DEFAULT_NAME = "Custom.Test"
SUFFIXES = (".yml", ".yaml", ".json")
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Loaded(NamedTuple):
    """A schema, or None and at least one problem that is no warning."""

    schema: Schema | None
    problems: Sequence[Problem]


def load(text: str, file: str = "", name: str = "") -> Loaded:
    """The schema in a file's text. `name` is the log type where the file does not say it."""
    try:
        data = yaml.load(text, Loader=_Loader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        return Loaded(None, [Problem(ROOT, f"is no YAML: {_yaml_reason(error)}")])
    return build(data, file, name)


def _yaml_reason(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    reason = getattr(error, "problem", None) or str(error).split("\n")[0]
    return f"line {mark.line + 1}: {reason}" if mark else reason


def build(data: Any, file: str = "", name: str = "", is_builtin: bool = False) -> Loaded:
    """The schema in plain data as YAML or JSON gives it."""
    try:
        found = list(problems(data, is_builtin))
    except RecursionError:
        found = [Problem(ROOT, f"max nesting level ({DEEPEST}) exceeded")]
    if any(not one.is_warning for one in found):
        return Loaded(None, found)
    try:
        schema = _schema(data, file, name)
    except Unresolved as error:
        return Loaded(None, [*found, error.problem])
    clashes = list(_clashes(schema))
    found += clashes
    found += _parser_problems(schema)
    return Loaded(None if any(not one.is_warning for one in found) else schema, found)


def builtin(data: Mapping[str, Any]) -> Schema:
    """A built-in schema, without checks: tests have made them."""
    return _schema(data, "", "")


# ---- building --------------------------------------------------------------------------------


class Unresolved(ValueError):
    """A reference that leads nowhere or in a circle, or nesting without end."""

    def __init__(self, path: str, text: str) -> None:
        super().__init__(text)
        self.problem = Problem(path, text)


def _schema(data: Mapping[str, Any], file: str, name: str) -> Schema:
    chosen = data.get("schema") or name or DEFAULT_NAME
    parser, config = next(iter((data.get("parser") or {"json": {}}).items()))
    native = data.get("native") or {}
    known = native.get("discriminator")
    definitions = data.get("definitions") or {}
    return Schema(
        name=chosen,
        fields=_fields(data["fields"], definitions, "fields", (), 0),
        description=data.get("description") or f"{chosen} log type",
        reference_url=data.get("referenceURL") or "-",
        parser=parser,
        config=config,
        file=file,
        is_strict=bool(native.get("strict")),
        is_any_case=bool(native.get("anyCase")),
        discriminator=(known["field"], tuple(known["oneOf"])) if known else None,
        wire=native.get("wire", ""),
        event_time=tuple(native.get("eventTime", ())),
    )


def _fields(
    data: Sequence[Mapping[str, Any]],
    definitions: Mapping[str, Any],
    path: str,
    targets: tuple[str, ...],
    depth: int,
) -> tuple[Field, ...]:
    return tuple(
        Field(
            name=one["name"],
            value=_value(one, definitions, f"{path}.{place}", targets, depth),
            required=bool(one.get("required")),
            description=one.get("description") or "",
        )
        for place, one in enumerate(data)
    )


def _value(
    data: Mapping[str, Any],
    definitions: Mapping[str, Any],
    path: str,
    targets: tuple[str, ...],
    depth: int,
) -> Value:
    if depth > DEEPEST:
        raise Unresolved(path, f"max nesting level ({DEEPEST}) exceeded")
    if data["type"] == "ref":
        target = data["target"]
        if target not in definitions:
            raise Unresolved(path, f'unresolved type reference "{target}"')
        if target in targets:
            circle = ", ".join((*targets, target))
            raise Unresolved(path, f'cyclic reference "{target}": [{circle}]')
        return _value(definitions[target], definitions, path, (*targets, target), depth)
    element = data.get("element") if data["type"] == "array" else None
    fields = data.get("fields", ()) if data["type"] == "object" else ()
    native = data.get("native")
    return Value(
        type=data["type"],
        fields=_fields(fields, definitions, f"{path}.fields", targets, depth + 1),
        element=_value(element, definitions, f"{path}.element", targets, depth + 1)
        if element
        else None,
        time_format=data.get("timeFormat") or "",
        is_event_time=bool(data.get("isEventTime")),
        is_embedded_json=bool(data.get("isEmbeddedJSON")),
        indicators=tuple(data.get("indicators") or ()) if data["type"] == "string" else (),
        validate=data.get("validate") or {},
        native=_native(native) if native else Native(),
    )


def _native(data: Mapping[str, Any]) -> Native:
    return Native(
        kind=data.get("kind", ""),
        input_name=data.get("inputName", ""),
        omits_zero=bool(data.get("omitZero")),
        takes_text=bool(data.get("numberOrText")),
        constraints=data.get("constraints", {}),
    )


# ---- what only the whole schema shows ----------------------------------------------------------


def _clashes(schema: Schema) -> Iterator[Problem]:
    yield from _names_clash(schema.fields, "fields")
    reserved = set(ORDER) & {
        fed for _, value in walk(schema.fields) for name in value.indicators for fed in FEEDS[name]
    }
    for place, one in enumerate(schema.fields):
        if one.name.startswith("p_"):
            why = "is a column of every table" if one.name in reserved else "begins with p_"
            yield Problem(f"fields.{place}.name", f'"{one.name}" is reserved: it {why}')


def _names_clash(fields: Sequence[Field], path: str) -> Iterator[Problem]:
    columns: dict[str, list[str]] = {}
    for place, one in enumerate(fields):
        same = columns.setdefault(column_name(one.name).lower(), [])
        if one.name in same:
            yield Problem(f"{path}.{place}.name", f"duplicate field name {one.name!r}")
        elif same:
            column = column_name(one.name).lower()
            names = " ".join([*same, one.name])
            yield Problem(f"{path}.{place}.name", f'column name collision "{column}": [{names}]')
        same.append(one.name)
        inner, below = one.value, f"{path}.{place}"
        while inner.element is not None:
            inner, below = inner.element, f"{below}.element"
        yield from _names_clash(inner.fields, f"{below}.fields")


def _parser_problems(schema: Schema) -> list[Problem]:
    if schema.parser == "fastmatch":
        from common.logs.fastmatch import pattern_problems

        return pattern_problems(schema.config)
    if schema.parser == "regex":
        from common.logs.patterns import expression_problems

        return expression_problems(schema.config)
    if schema.parser == "native":
        from common.logs.registry import names

        if schema.config["name"] not in names():
            text = f'unknown native log type "{schema.config["name"]}"'
            return [Problem("parser.native.name", text)]
    return []


def schema_files(path: Path) -> list[Path]:
    """The schema files that a path names: the file itself, or all below a folder that are no test
    files, in order. Raises OSError."""
    if not path.is_dir():
        return [path]
    return [
        file
        for file in sorted(path.rglob("*"))
        if file.suffix in SUFFIXES[:2] and not file.stem.endswith("_tests") and file.is_file()
    ]
