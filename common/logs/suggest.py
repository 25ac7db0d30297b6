"""What inference can only suppose: indicators told by names and texts, and the event's time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from common.logs.model import Field, Value

Path = tuple[str, ...]
"""A field's name below those of the objects around it, with `[]` for the elements of an array."""

Possible = dict[Path, tuple[str, ...]]
"""The indicators that all texts seen at a path can have, the likeliest first."""


class _Rule(NamedTuple):
    """An indicator, and the names (in small letters and digits only) and texts that it fits."""

    indicator: str
    name: re.Pattern[str]
    text: re.Pattern[str]


def _rule(indicator: str, name: str, text: str) -> _Rule:
    return _Rule(indicator, re.compile(name), re.compile(text))


_ANY = ""
_LABEL = "[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?"
_RULES = (
    _rule("trace_id", "(?:trace|span|request|correlation|transaction|session)id$", r"\S+"),
    _rule("md5", _ANY, "[0-9A-Fa-f]{32}"),
    _rule("sha1", _ANY, "[0-9A-Fa-f]{40}"),
    _rule("sha256", _ANY, "[0-9A-Fa-f]{64}"),
    _rule("email", _ANY, r"[^@\s]+@[^@\s]+\.[^@\s]+"),
    _rule("aws_account_id", "account|owner", "[0-9]{12}"),
    _rule("domain", "domain|fqdn|dns|sni|query", rf"(?:{_LABEL}\.)+[A-Za-z][A-Za-z0-9-]+\.?"),
    _rule("hostname", "host|server|computer|machine|workstation", rf"{_LABEL}(?:\.{_LABEL})*"),
    _rule("username", "user(?:name|login)?$|login(?:name)?$|accountname$", r"\S+(?: \S+)?"),
)
_TEXT_RULES = {rule.indicator: rule.text for rule in _RULES}

# The likeliest first.
_TIME_NAMES = (
    "eventtime",
    "eventtimestamp",
    "timestamp",
    "time",
    "ts",
    "datetime",
    "date",
    "eventdate",
    "logtime",
    "occurredat",
    "published",
    "starttime",
    "createdat",
    "creationtime",
    "created",
)


# ---- indicators -----------------------------------------------------------


def observe(possible: Possible, members: Mapping[str, Any], path: Path = ()) -> None:
    """Narrow down what the texts in an object, as decoded, can be."""
    for name, value in members.items():
        _observe(possible, value, (*path, name), name)


def _observe(possible: Possible, value: Any, path: Path, name: str) -> None:
    if isinstance(value, str):
        if value:
            fitting = possible.get(path, _fitting(name))
            possible[path] = tuple(one for one in fitting if _TEXT_RULES[one].fullmatch(value))
    elif isinstance(value, dict):
        observe(possible, value, path)
    elif isinstance(value, list):
        for element in value:
            _observe(possible, element, (*path, "[]"), name)
    elif value is not None:
        possible[path] = ()


@lru_cache(maxsize=4096)
def _fitting(name: str) -> tuple[str, ...]:
    plain = _plain(name)
    return tuple(rule.indicator for rule in _RULES if rule.name.search(plain))


def _plain(name: str) -> str:
    return re.sub("[^a-z0-9]", "", name.lower())


def suggestions(fields: Sequence[Field], possible: Possible) -> dict[Path, Sequence[str]]:
    """Lines of YAML that could be added to inferred fields, by the path of the field. Only one
    indicator for each, none where inference has found one itself."""
    return {
        path: (*_retyped(value), "indicators:", f"- {possible[path][0]}")
        for path, value in _walk(fields, ())
        if possible.get(path) and _can_have(value, possible[path][0])
    }


def _can_have(value: Value, indicator: str) -> bool:
    if value.type == "bigint":
        return indicator == "aws_account_id"
    return value.type == "string" and not value.indicators


def _retyped(value: Value) -> tuple[str, ...]:
    # All digits, but no number: leading zeros count, and indicators are of texts only.
    return () if value.type == "string" else ("type: string",)


def _walk(fields: Sequence[Field], path: Path) -> Iterator[tuple[Path, Value]]:
    for field in fields:
        yield from _walk_value(field.value, (*path, field.name))


def _walk_value(value: Value, path: Path) -> Iterator[tuple[Path, Value]]:
    yield path, value
    yield from _walk(value.fields, path)
    if value.element is not None:
        yield from _walk_value(value.element, (*path, "[]"))


# ---- the event's time -----------------------------------------------------


def with_event_time(fields: Sequence[Field]) -> tuple[Field, ...]:
    """The fields with isEventTime for the likeliest timestamp, if there is one: one at the top
    rather than deeper, one that all lines have, one with a telling name; never one in an array."""
    times = [path for path, value in _walk(fields, ()) if value.type == "timestamp"]
    candidates = [path for path in times if "[]" not in path]
    if not candidates:
        return tuple(fields)
    return _marked(fields, min(candidates, key=lambda path: _unlikeliness(fields, path)))


def _unlikeliness(fields: Sequence[Field], path: Path) -> tuple[int, int, int]:
    missing = 0
    for name in path:
        field = next(field for field in fields if field.name == name)
        fields = field.value.fields
        missing += not field.required
    plain = _plain(path[-1])
    rank = _TIME_NAMES.index(plain) if plain in _TIME_NAMES else len(_TIME_NAMES)
    return len(path), missing, rank


def _marked(fields: Sequence[Field], path: Path) -> tuple[Field, ...]:
    name, *rest = path
    return tuple(
        replace(field, value=_marked_value(field.value, tuple(rest)))
        if field.name == name
        else field
        for field in fields
    )


def _marked_value(value: Value, path: Path) -> Value:
    if path:
        return replace(value, fields=_marked(value.fields, path))
    return replace(value, is_event_time=True)
