"""Readers of the times that built-in JSON types write otherwise than their columns say.

All give moments in UTC, in which these old types are written whatever zone their lines have.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from common.logs.civil import SECOND_NS, moment
from common.logs.instants import time_format
from common.logs.moment import Moment

_FAR_SECONDS = 1e12  # beyond every year, and finite


def layout_in_utc(layout: str) -> Callable[[Any], Moment]:
    """A reader of texts in a Go reference layout. The reader raises ValueError."""
    read = time_format(f"layout={layout}").read

    def read_text(value: Any) -> Moment:
        if type(value) is not str:
            raise ValueError("is no text")
        return Moment(read(value).ns)

    return read_text


_read_calendar_time = layout_in_utc("Mon Jan 2 15:04:05 2006 MST")


def calendar_time(value: Any) -> Moment:
    """osquery's `Www Mon D hh:mm:ss YYYY ZONE`, where a day of one digit has a second space before
    it. Raises ValueError."""
    spaced = type(value) is str and "  " in value
    return _read_calendar_time(" ".join(value.split()) if spaced else value)


def double_seconds(value: Any) -> Moment:
    """Seconds since 1970 as the nearest double has them, with its noise in the last digits of the
    nanoseconds (1541001600.580233 is .580233097). Raises ValueError for what is no number."""
    # The literal of a number may come as a text of a class of its own; plain text is text.
    if type(value) in (str, bool) or value is None:
        raise ValueError("is no number")
    seconds = float(value)
    if abs(seconds) > _FAR_SECONDS:
        raise ValueError("year out of range")
    whole = int(seconds)
    return moment(whole * SECOND_NS + int((seconds - whole) * 1e9))
