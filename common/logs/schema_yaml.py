"""Writing a schema as YAML: block style, list items in line with the key of their list."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import yaml

from common.logs.model import Field, Schema, Value

Comments = Mapping[tuple[str, ...], Sequence[str]]
"""Lines to write as comments, by the path of a field: its name below those of the objects around
it, with `[]` for the elements of an array."""

_COMMENT: Any = object()  # a key that no schema has
# What only newer or older parsers than PyYAML read as something else than text.
_OTHER_TYPES = re.compile(r"[yYnN]|[-+]?[0-9._]+[eE][-+]?[0-9]+|0o[0-7]+")
_UNPRINTABLE = re.compile("[\x7f-\xa0\u2028\u2029\ufeff\ud800-\udfff]")
_resolve: Any = yaml.resolver.Resolver().resolve


def schema_yaml(schema: Schema, comments: Comments | None = None) -> str:
    """The schema as a file that can be loaded again, without what only built-in types can say. A
    schema without a name gives a file that leaves it to the user of the file."""
    return "".join(f"{line}\n" for line in _mapping(_schema(schema, comments or {})))


# ---- the schema as plain data ---------------------------------------------


def _schema(schema: Schema, comments: Comments) -> dict[Any, Any]:
    data: dict[Any, Any] = {"version": 0}
    if schema.name:
        data["schema"] = schema.name
    if schema.description:
        data["description"] = schema.description
    if schema.reference_url != "-":
        data["referenceURL"] = schema.reference_url
    if schema.parser != "json":
        data["parser"] = {schema.parser: schema.config}
    data["fields"] = _fields(schema.fields, (), comments)
    return data


def _fields(
    fields: Sequence[Field], path: tuple[str, ...], comments: Comments
) -> list[dict[Any, Any]]:
    return [_field(field, (*path, field.name), comments) for field in fields]


def _field(field: Field, path: tuple[str, ...], comments: Comments) -> dict[Any, Any]:
    data: dict[Any, Any] = {"name": field.name}
    if field.required:
        data["required"] = True
    return data | _value(field.value, path, comments, field.description)


def _value(
    value: Value, path: tuple[str, ...], comments: Comments, description: str = ""
) -> dict[Any, Any]:
    data: dict[Any, Any] = {"type": value.type}
    optional = {
        "description": description,
        "timeFormat": value.time_format,
        "isEventTime": value.is_event_time,
        "isEmbeddedJSON": value.is_embedded_json,
        "indicators": value.indicators,
        "validate": value.validate,
        _COMMENT: comments.get(path),
    }
    data |= {key: one for key, one in optional.items() if one}
    if value.element is not None:
        data["element"] = _value(value.element, (*path, "[]"), comments)
    if value.fields:
        data["fields"] = _fields(value.fields, path, comments)
    return data


# ---- plain data as YAML ---------------------------------------------------


def _mapping(data: Mapping[Any, Any]) -> Iterator[str]:
    for key, value in data.items():
        if key is _COMMENT:
            yield from (f"# {line}" for line in value)
        elif isinstance(value, Mapping) and value:
            yield f"{_scalar(key)}:"
            yield from (f"  {line}" for line in _mapping(value))
        elif _is_list(value) and value:
            yield f"{_scalar(key)}:"
            yield from _items(value)
        else:
            yield f"{_scalar(key)}: {_scalar(value)}"


def _items(values: Sequence[Any]) -> Iterator[str]:
    for value in values:
        mark = "- "
        for line in _item(value):
            yield mark + line
            mark = "  "


def _item(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        return _mapping(value)
    if _is_list(value) and value:
        return _items(value)
    return iter((_scalar(value),))


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _scalar(value: Any) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    return _styled(value)


@lru_cache(maxsize=1024)
def _styled(text: str) -> str:
    """Text as YAML libraries write it: in single quotes what only looks like syntax, in double
    quotes what looks like another type or needs escapes."""
    analysis = yaml.emitter.Emitter(io.StringIO(), allow_unicode=True).analyze_scalar(text)
    if not _is_other_type(text):
        if analysis.allow_block_plain:
            return text
        if analysis.allow_single_quoted and not analysis.multiline:
            return "'" + text.replace("'", "''") + "'"
    # JSON's quotes and escapes are YAML's, too (YAML 1.2, section 1.3).
    return _UNPRINTABLE.sub(_escaped, json.dumps(text, ensure_ascii=False))


def _is_other_type(text: str) -> bool:
    tag = _resolve(yaml.ScalarNode, text, (True, False))
    return tag != "tag:yaml.org,2002:str" or bool(_OTHER_TYPES.fullmatch(text))


def _escaped(character: re.Match[str]) -> str:
    return f"\\u{ord(character[0]):04x}"
