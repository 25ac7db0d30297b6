"""What a text parser is: a function that turns the lines of one stream, in order, into values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from common.logs.found import Found

Clock = Callable[[], int]
"""Now, in nanoseconds since 1970 (UTC): for formats that leave the year out."""

Values = dict[str, Any]
"""What a line says, by the schema's field names: text, integers, floats, booleans, lists of text,
dicts for free-form maps, and `common.logs.moment.Moment` in UTC. A field without a value is absent
or None."""

Parse = Callable[[str], Values | None]
"""Reads one line, trimmed at both ends. None: the line was consumed and gives no event. Raises
ValueError with a reason, which never quotes the line, for a line that is not of the type."""

Collect = Callable[[Values, Found], None]
"""Adds the indicators of an event to those found."""

Warn = Callable[[str], None]


def ignore(message: str) -> None:
    """The warning that nobody reads."""


class Maker(Protocol):
    """Makes a parser for one stream: headers and what was seen before belong to that stream."""

    def __call__(self, clock: Clock, warn: Warn = ignore) -> Parse: ...


def stateless(parse: Parse) -> Maker:
    """The maker for a parser that needs neither clock nor memory: all streams share it."""

    def maker(clock: Clock, warn: Warn = ignore) -> Parse:
        return parse

    return maker
