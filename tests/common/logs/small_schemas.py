"""Small schemas, and what becomes of lines under them."""

from __future__ import annotations

import json
from typing import Any

from common.logs.codec import Codec, Event
from common.logs.load import build
from common.logs.logtype import LogType, log_type
from common.logs.model import Schema

WAYS = ["fast", "slow"]
"""The two ways of reading a line of JSON, for a test of both."""
REFUSED = "refused"


def field(name: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, **more}


def event_time(name: str, time_format: str = "rfc3339") -> dict[str, Any]:
    """A field that can give the event's time."""
    return field(name, "timestamp", timeFormat=time_format, isEventTime=True)


def schema(*fields: dict[str, Any], is_builtin: bool = False, **more: Any) -> Schema:
    """The schema with these fields; `is_builtin` allows what only built-in types can say."""
    file = "" if is_builtin else "a file"
    loaded = build({"fields": [*fields], **more}, file, is_builtin=is_builtin)
    assert loaded.schema is not None, loaded.problems
    return loaded.schema


MIXED = schema(
    field("s", "string", indicators=["ip", "domain"]),
    field("n", "bigint"),
    event_time("t", "unix"),
    field("o", "object", fields=[field("a.b", "float"), field("j", "json")]),
    field("l", "array", element={"type": "object", "fields": [field("x@y", "boolean")]}),
)


def codec(of: Schema, way: str = "fast", is_lake: bool = False) -> Codec:
    made = Codec(of, is_lake)
    if way == "slow":
        made._is_slow = True
    return made


def one(parse: Any, line: str | bytes) -> Event:
    """The only event of a line."""
    (event,) = parse(line.encode() if isinstance(line, str) else line)
    return event


def body(of: Schema, line: str | bytes, way: str = "fast", is_lake: bool = False) -> str:
    """A line's event as JSON text, without the p_ members."""
    return one(codec(of, way, is_lake).from_line, line).body.decode()


def found(event: Event) -> dict[str, list[str]]:
    """The p_any lists of an event."""
    text = event.indicators.decode().removeprefix(",")
    lists: dict[str, list[str]] = json.loads("{" + text + "}")
    return lists


def fails(parse: Any, line: str | bytes) -> str:
    """The reason why a line is refused."""
    try:
        parse(line.encode() if isinstance(line, str) else line)
    except ValueError as error:
        return str(error)
    raise AssertionError("was not refused")


def typed(of: Schema, is_lake: bool = False, now_ns: int = 0) -> LogType:
    return log_type(of, is_lake, lambda: now_ns, lambda _: None)


def outcomes(of: Schema, *lines: str) -> list[Any]:
    """What one parser makes of lines, in order: events as plain data, or REFUSED."""
    parse = typed(of).new()
    results: list[Any] = []
    for line in lines:
        try:
            results.append([json.loads(event.body) for event in parse(line.encode())])
        except ValueError:
            results.append(REFUSED)
    return results
