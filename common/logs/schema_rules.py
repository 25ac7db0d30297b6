"""What a schema file must look like: every problem with its path, and what would be right.

Works on plain data as YAML or JSON gives it. A path is dotted, with list indexes: `fields.0.type`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Set
from typing import Any, NamedTuple

from common.logs.indicators import SCANNERS
from common.logs.model import TYPES
from common.logs.parser_rules import parser_problems
from common.logs.problems import (
    ROOT,
    Problem,
    Problems,
    is_texts,
    kind_of,
    not_switches,
    not_texts,
    unknown_keys,
)

_LOG_TYPE = re.compile(r"[A-Z][A-Za-z0-9]+(\.[A-Z][A-Za-z0-9]+)*", re.ASCII)
_DEFINITION = re.compile(r"[A-Z][A-Za-z0-9]+", re.ASCII)
_FIELD_NAME = re.compile(r"[A-Za-z_!#%&',/=@$*+\\`~]", re.ASCII)
_AUTHORITY_AND_PATH = re.compile(r"//[^\s/]+\S*", re.ASCII)
_VALUE_KEYS = {
    "string": {"indicators", "validate"},
    "timestamp": {"timeFormat", "isEventTime", "isExpiration"},
    "object": {"fields", "isEmbeddedJSON"},
    "array": {"element", "isEmbeddedJSON"},
    "json": {"isEmbeddedJSON"},
    "ref": {"target"},
}
_ANY_VALUE_KEYS = {"type", "description"}
_SCHEMA_KEYS = {
    "version",
    "schema",
    "description",
    "referenceURL",
    "parser",
    "fields",
    "definitions",
}
_SWITCHES = ("isEventTime", "isExpiration", "isEmbeddedJSON")
_FAMILIES = ("ipv4", "ipv6", "any")


class _Allowed(NamedTuple):
    """What a schema may say beyond the common rules: `words` that only built-in types can say, and
    names of fields that begin as they like, as some of built-in types do."""

    words: frozenset[str] = frozenset()
    any_name: bool = False


def problems(data: Any, is_builtin: bool = False) -> Problems:
    """Everything that is wrong with the shape of a schema file's content, in reading order.

    `is_builtin` allows the words that only built-in types can say.
    """
    if not isinstance(data, Mapping):
        yield Problem(ROOT, "is no schema: a schema has the keys version, schema and fields")
        return
    allowed = _Allowed(frozenset({"native"} if is_builtin else ()), is_builtin or _is_native(data))
    version = data.get("version")
    if version not in (None, 0) or isinstance(version, bool):
        yield Problem("version", "version does not match: 0")
    name = data.get("schema")
    if name is not None and not (isinstance(name, str) and is_log_type(name)):
        yield Problem("schema", "must be a log type such as Custom.Name, 3 characters or more")
    yield from not_texts(data, ("description", "referenceURL"), "")
    yield from _reference_url(data.get("referenceURL"))
    yield from unknown_keys(data, _SCHEMA_KEYS | allowed.words, "")
    yield from _fields(data.get("fields"), "fields", allowed)
    yield from _definitions(data.get("definitions"), allowed)
    yield from parser_problems(data.get("parser"), "parser" in data)


def _is_native(data: Mapping[str, Any]) -> bool:
    parser = data.get("parser")
    return isinstance(parser, Mapping) and "native" in parser


def _reference_url(url: Any) -> Problems:
    if not isinstance(url, str) or url in ("", "-"):
        return
    scheme, colon, rest = url.partition(":")
    if not colon or scheme.lower() not in ("http", "https"):
        shown = scheme if colon else ""
        yield Problem("referenceURL", f'invalid reference URL scheme "{shown}": need http or https')
    elif not _AUTHORITY_AND_PATH.fullmatch(rest):
        yield Problem("referenceURL", "must be a URL such as https://example.com/logs, or -")


def is_log_type(name: str) -> bool:
    """True for a name that a log type can have."""
    return len(name) >= 3 and _LOG_TYPE.fullmatch(name) is not None


# ---- fields and values -------------------------------------------------------------------------


def _fields(data: Any, path: str, allowed: _Allowed) -> Problems:
    if not isinstance(data, list):
        yield Problem(path, f"Invalid type. Expected: array, given: {kind_of(data)}")
        return
    if not data:
        yield Problem(path, "Array must have at least 1 items")
    for place, one in enumerate(data):
        inner = f"{path}.{place}"
        if not isinstance(one, Mapping):
            yield Problem(inner, f"Invalid type. Expected: object, given: {kind_of(one)}")
            continue
        yield from _name(one.get("name"), inner, allowed)
        yield from not_switches(one, ("required",), inner)
        yield from _value(one, inner, allowed, {"name", "required"})


def _name(name: Any, path: str, allowed: _Allowed) -> Problems:
    if name is None:
        yield Problem(path, "name is required")
    elif not isinstance(name, str):
        yield Problem(f"{path}.name", f"is a {kind_of(name)}: put it in quotes")
    elif not _FIELD_NAME.match(name) and not (name and allowed.any_name):
        begin = "a letter or one of _ ! # % & ' , / = @ $ * + \\ ` ~"
        yield Problem(f"{path}.name", f"Does not match pattern: it must begin with {begin}")


def _value(
    data: Mapping[str, Any], path: str, allowed: _Allowed, also: Set[str] = frozenset()
) -> Problems:
    kind = data.get("type")
    if kind is None:
        yield Problem(path, "type is required")
        return
    if kind not in TYPES:
        names = ", ".join(f'"{name}"' for name in TYPES)
        yield Problem(f"{path}.type", f"must be one of the following: {names}")
        return
    known = _VALUE_KEYS.get(kind, set()) | _ANY_VALUE_KEYS | also | allowed.words
    if kind != "string" and data.get("validate") is not None:
        yield Problem(f"{path}.validate", f"only a string can be validated, not a {kind}")
        known = known | {"validate"}
    yield from unknown_keys(data, known, path)
    yield from not_texts(data, ("description",), path)
    yield from not_switches(data, _SWITCHES, path)
    check = _OF_TYPE.get(kind)
    if check is not None:
        yield from check(data, path, allowed)


def _string(data: Mapping[str, Any], path: str, allowed: _Allowed) -> Problems:
    indicators = data.get("indicators")
    if indicators is not None and not isinstance(indicators, list):
        yield Problem(
            f"{path}.indicators", f"Invalid type. Expected: array, given: {kind_of(indicators)}"
        )
        return
    for place, name in enumerate(indicators or ()):
        if not isinstance(name, str) or name not in SCANNERS:
            names = ", ".join(f'"{one}"' for one in SCANNERS)
            yield Problem(f"{path}.indicators.{place}", f"must be one of the following: {names}")
    if data.get("validate") is not None:
        yield from _validate(data["validate"], f"{path}.validate")


def _validate(rules: Any, path: str) -> Problems:
    if not isinstance(rules, Mapping):
        yield Problem(path, f"Invalid type. Expected: object, given: {kind_of(rules)}")
        return
    yield from unknown_keys(rules, {"allow", "deny", "ip", "cidr"}, path)
    if rules.get("allow") is not None and rules.get("deny") is not None:
        yield Problem(path, "allow and deny exclude each other: keep one")
    for name in ("allow", "deny"):
        given = rules.get(name)
        if given is not None and not is_texts(given):
            yield Problem(f"{path}.{name}", "must be a list of texts, at least one")
    for name in ("ip", "cidr"):
        if rules.get(name) is not None and rules[name] not in _FAMILIES:
            yield Problem(f"{path}.{name}", 'must be one of the following: "ipv4", "ipv6", "any"')


def _timestamp(data: Mapping[str, Any], path: str, allowed: _Allowed) -> Problems:
    from common.logs.instants import time_format

    given = data.get("timeFormat")
    if given in (None, ""):
        yield Problem(path, "timestamp needs timeFormat, such as rfc3339 or unix_ms")
        return
    try:
        time_format(given if isinstance(given, str) else repr(given))
    except ValueError as error:
        yield Problem(f"{path}.timeFormat", str(error))


def _object(data: Mapping[str, Any], path: str, allowed: _Allowed) -> Problems:
    if isinstance(data.get("native"), Mapping) and allowed.words:
        return
    if "fields" not in data:
        yield Problem(path, "object needs fields")
    else:
        yield from _fields(data["fields"], f"{path}.fields", allowed)


def _array(data: Mapping[str, Any], path: str, allowed: _Allowed) -> Problems:
    element = data.get("element")
    if not isinstance(element, Mapping):
        yield Problem(path, "array needs element, such as {type: string}")
    else:
        yield from _value(element, f"{path}.element", allowed)


def _ref(data: Mapping[str, Any], path: str, allowed: _Allowed) -> Problems:
    if not isinstance(data.get("target"), str):
        yield Problem(path, "ref needs target, the name of a definition")
    elif not data["target"]:
        yield Problem(f"{path}.target", "empty reference")


_OF_TYPE: Mapping[str, Callable[[Mapping[str, Any], str, _Allowed], Problems]] = {
    "string": _string,
    "timestamp": _timestamp,
    "object": _object,
    "array": _array,
    "ref": _ref,
}


def _definitions(data: Any, allowed: _Allowed) -> Problems:
    if data is None:
        return
    if not isinstance(data, Mapping):
        yield Problem("definitions", f"Invalid type. Expected: object, given: {kind_of(data)}")
        return
    for name, value in data.items():
        path = f"definitions.{name}"
        if not isinstance(name, str) or not _DEFINITION.fullmatch(name):
            yield Problem(path, "a definition's name is a capital letter, then letters and digits")
        if isinstance(value, Mapping):
            yield from _value(value, path, allowed)
        else:
            yield Problem(path, f"Invalid type. Expected: object, given: {kind_of(value)}")
