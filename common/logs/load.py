"""Reading schema files: YAML or JSON text to a `Schema`, or every problem with its path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from common.files import files_below
from common.logs import yamltext
from common.logs.columns import column_name, columns
from common.logs.found import ORDER
from common.logs.model import Field, Native, Schema, Value
from common.logs.parser_rules import PARSERS
from common.logs.problems import ROOT, Problem
from common.logs.schema_rules import problems

DEEPEST = 64
# Definitions within definitions can double in number with every level.
MOST_VALUES = 50_000
_UNKNOWN = Value("json")
DEFAULT_NAME = "Custom.Test"
SUFFIXES = (".yml", ".yaml", ".json")


class Loaded(NamedTuple):
    """A schema, or None and at least one problem that is no warning."""

    schema: Schema | None
    problems: Sequence[Problem]


def load(text: str, file: str = "", name: str = "") -> Loaded:
    """The schema in a file's text. `name` is the log type where the file does not say it."""
    try:
        data = yamltext.content(text)
    except yamltext.ERRORS as error:
        return Loaded(None, [Problem(ROOT, f"is no YAML: {yamltext.reason_of(error)}")])
    return build(data, file, name)


def build(data: Any, file: str = "", name: str = "", is_builtin: bool = False) -> Loaded:
    """The schema in plain data as YAML or JSON gives it."""
    try:
        found = list(problems(data, is_builtin))
    except RecursionError:
        found = [Problem(ROOT, f"max nesting level ({DEEPEST}) exceeded")]
    errors = [one.path for one in found if not one.is_warning]
    if not any(path.startswith("parser") for path in errors) and isinstance(data, Mapping):
        found += _parser_problems(*_parser(data))
    schema = None
    if not errors:
        unresolved: list[Problem] = []
        schema = _schema(data, file, name, unresolved)
        found += unresolved or _clashes(schema)
    return Loaded(None if any(not one.is_warning for one in found) else schema, found)


def builtin(data: Mapping[str, Any]) -> Schema:
    """A built-in schema, without checks: tests have made them."""
    return _schema(data, "", "", [])


# ---- building --------------------------------------------------------------------------------


class _References(NamedTuple):
    """What references can mean, and what is found to be wrong with them: those that lead nowhere or
    in a circle, and nesting without end. `places` counts the values that they lead to."""

    definitions: Mapping[str, Any]
    unresolved: list[Problem]
    places: Iterator[int]


def _parser(data: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    given = data.get("parser") or {}
    return next(((name, given[name]) for name in PARSERS if name in given), ("json", {}))


def _schema(data: Mapping[str, Any], file: str, name: str, unresolved: list[Problem]) -> Schema:
    chosen = data.get("schema") or name or DEFAULT_NAME
    parser, config = _parser(data)
    native = data.get("native") or {}
    known = native.get("discriminator")
    references = _References(data.get("definitions") or {}, unresolved, count())
    return Schema(
        name=chosen,
        fields=_fields(data["fields"], references, "fields", (), 0),
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
    references: _References,
    path: str,
    targets: tuple[str, ...],
    depth: int,
) -> tuple[Field, ...]:
    return tuple(
        Field(
            name=one["name"],
            value=_value(one, references, f"{path}.{place}", targets, depth),
            required=bool(one.get("required")),
            description=one.get("description") or "",
        )
        for place, one in enumerate(data)
    )


def _value(
    data: Mapping[str, Any],
    references: _References,
    path: str,
    targets: tuple[str, ...],
    depth: int,
) -> Value:
    place = next(references.places)
    if place >= MOST_VALUES:
        if place == MOST_VALUES:
            references.unresolved.append(Problem(path, f"more than {MOST_VALUES} values"))
        return _UNKNOWN
    if depth > DEEPEST:
        references.unresolved.append(Problem(path, f"max nesting level ({DEEPEST}) exceeded"))
        return _UNKNOWN
    if data["type"] == "ref":
        target = data["target"]
        if problem := _unresolved(target, references.definitions, targets):
            references.unresolved.append(Problem(path, problem))
            return _UNKNOWN
        inner = references.definitions[target]
        return _value(inner, references, path, (*targets, target), depth)
    element = data.get("element") if data["type"] == "array" else None
    fields = data.get("fields", ()) if data["type"] == "object" else ()
    native = data.get("native")
    return Value(
        type=data["type"],
        fields=_fields(fields, references, f"{path}.fields", targets, depth + 1),
        element=_value(element, references, f"{path}.element", targets, depth + 1)
        if element
        else None,
        time_format=data.get("timeFormat") or "",
        is_event_time=bool(data.get("isEventTime")),
        is_embedded_json=bool(data.get("isEmbeddedJSON")),
        indicators=tuple(data.get("indicators") or ()) if data["type"] == "string" else (),
        validate=data.get("validate") or {},
        native=_native(native) if native else Native(),
    )


def _unresolved(target: str, definitions: Mapping[str, Any], targets: tuple[str, ...]) -> str:
    if target not in definitions:
        return f'unresolved type reference "{target}"'
    if target in targets:
        return f'cyclic reference "{target}": [{", ".join((*targets, target))}]'
    return ""


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
    reserved = {name for name, _, _ in columns(replace(schema, fields=()), ORDER)}
    for place, one in enumerate(schema.fields):
        if one.name.startswith("p_"):
            yield Problem(f"fields.{place}.name", f'"{one.name}" is reserved: it begins with p_')
        elif (column := column_name(one.name).lower()) in reserved:
            text = f'"{one.name}" is reserved: its column is {column}'
            yield Problem(f"fields.{place}.name", text)


def _names_clash(fields: Sequence[Field], path: str) -> Iterator[Problem]:
    known: dict[str, list[str]] = {}
    for place, one in enumerate(fields):
        same = known.setdefault(column_name(one.name).lower(), [])
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


def _parser_problems(parser: str, config: Mapping[str, Any]) -> list[Problem]:
    if parser == "fastmatch":
        from common.logs.fastmatch import pattern_problems

        return pattern_problems(config)
    if parser == "regex":
        from common.logs.patterns import expression_problems

        return expression_problems(config)
    if parser == "native":
        from common.logs.registry import names

        if config["name"] not in names():
            text = f'unknown native log type "{config["name"]}"'
            return [Problem("parser.native.name", text)]
    return []


def schema_files(path: Path) -> list[Path]:
    """The schema files that a path names: the file itself, or all below a folder that are no test
    files, in order. Raises OSError."""
    if not path.is_dir():
        return [path]
    return [
        file
        for file in files_below(path)
        if file.suffix in SUFFIXES[:2] and not file.stem.endswith("_tests")
    ]
