"""What a built-in JSON type does beyond its schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from common.logs.found import Found
from common.logs.moment import Moment


class Hooks(NamedTuple):
    """Small functions of one log type; None where the type has nothing to say.

    An event has an attribute for each field (named by `common.logs.model.attribute`), None when the
    field has no value: text, integers, floats, booleans, lists, nested events, `msgspec.Raw` for a
    `json` field (the literal text), dicts for free-form maps, and timestamps as they were in the
    line: text, or a number.
    """

    split: Callable[[bytes], Sequence[bytes]] | None = None
    """The records of a line that can hold several. Raises ValueError."""
    prepare: Callable[[Any, bytes], None] | None = None
    """Sets members of an event that come from elsewhere in its line."""
    accept: Callable[[Any], None] | None = None
    """Raises ValueError with the reason why an event is not of the type."""
    accept_line: Callable[[bytes], None] | None = None
    """The same for what only the line tells: the event has no attribute for it."""
    collect: Callable[[Any, Found], None] | None = None
    """Adds indicators that the schema does not declare."""
    times: Mapping[str, Callable[[Any], Moment]] = {}
    """How timestamps are read, by field name, where it is not in the field's timeFormat."""
