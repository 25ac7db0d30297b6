"""A schema's timeFormat as functions: reading a line's timestamps, writing an event's."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from common.logs import golayout, rfc3339, strftime
from common.logs.civil import SECOND_NS, moment
from common.logs.moment import Moment
from common.logs.rfc3339 import lake_time
from common.logs.rfc3339 import utc as rfc3339_utc

__all__ = ["TimeFormat", "lake_time", "rfc3339_utc", "time_format"]


_new = tuple.__new__


class TimeFormat(NamedTuple):
    """How the timestamps of a field are read and written.

    `read` takes a JSON string's text, `read_number` the literal text of a JSON number (None when
    the format has no numbers); both raise ValueError with a reason that leaves the text out.
    `write` gives the JSON text for an event, quotes included; a JSON number when `is_number`.
    `write_lake` gives it for the data lake: always a string, `"YYYY-MM-DD hh:mm:ss.nnnnnnnnn"`.
    """

    read: Callable[[str], Moment]
    read_number: Callable[[str], Moment] | None
    write: Callable[[Moment], str]
    write_lake: Callable[[Moment], str] = rfc3339.write_lake
    is_number: bool = False


@lru_cache(maxsize=512)
def time_format(text: str) -> TimeFormat:
    """The functions of a timeFormat: a name, `layout=` and a Go layout, or strftime notation; ""
    is rfc3339. Raises ValueError for anything else, with what is wrong."""
    if text in _NAMED:
        return _NAMED[text]
    if text.startswith("layout="):
        layout = text.removeprefix("layout=")
        return TimeFormat(golayout.reader(layout), None, golayout.writer(layout))
    if strftime.is_strftime(text):
        return TimeFormat(strftime.reader(text), None, strftime.writer(text))
    names = ", ".join(name for name in _NAMED if name)
    raise ValueError(
        f"must be one of the following: {names}, layout=..., strftime notation with a directive "
        "such as %Y or %H"
    )


# ---- seconds and their parts since 1970 ------------------------------------

_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d{1,30}", re.ASCII)
# Beyond every year, and small enough that no sum overflows a double.
_FAR_SECONDS = 1e12
# Within the calendar: 11 digits.
_NEAR_SECONDS = 1e11


def _read_seconds(text: str) -> Moment:
    """Seconds with a fraction, kept to the microsecond as a double has it."""
    is_plain = text.replace(".", "", 1).isdecimal() and text.isascii()
    if not is_plain and _DECIMAL.fullmatch(text) is None:
        raise ValueError("not a number of seconds")
    seconds = float(text)
    if 0 <= seconds < _NEAR_SECONDS:
        return _new(Moment, (int(seconds * 1e6) * 1000, 0, ""))
    if abs(seconds) > _FAR_SECONDS:
        raise ValueError("year out of range")
    return moment(int(seconds * 1e6) * 1000)


def _write_seconds(moment: Moment) -> str:
    ns = moment[0]
    if ns < 0:
        shown = _write_seconds(Moment(-ns))
        return f"-{shown}" if shown != "0" else shown
    seconds, micros = divmod(ns // 1000, 1_000_000)
    return f"{seconds}.{micros:06d}".rstrip("0") if micros else str(seconds)


def _integer_of(text: str) -> int:
    if _INTEGER.fullmatch(text) is None:
        raise ValueError("not an integer")
    return int(text)


def _reader_of(unit_ns: int) -> Callable[[str], Moment]:
    near_digits = len(str(int(_NEAR_SECONDS) * SECOND_NS // unit_ns)) - 1

    def read(text: str) -> Moment:
        if text.isdecimal() and text.isascii() and len(text) <= near_digits:
            return _new(Moment, (int(text) * unit_ns, 0, ""))
        return moment(_integer_of(text) * unit_ns)

    return read


def _writer_of(unit_ns: int) -> Callable[[Moment], str]:
    def write(moment: Moment) -> str:
        ns = moment[0]
        return str(ns // unit_ns if ns >= 0 else -(-ns // unit_ns))

    return write


def _integers(unit_ns: int) -> TimeFormat:
    read = _reader_of(unit_ns)
    return TimeFormat(read, read, _writer_of(unit_ns), is_number=True)


# ---- Cloudflare: text, seconds or nanoseconds ------------------------------

_FIRST_NANOSECONDS = 60_000_000_000


def _read_cloudflare_number(text: str) -> Moment:
    number = _integer_of(text)
    return moment(number * SECOND_NS if number < _FIRST_NANOSECONDS else number)


_RFC3339 = TimeFormat(rfc3339.read, None, rfc3339.write)
_NAMED = {
    "": _RFC3339,
    "rfc3339": _RFC3339,
    "unix": TimeFormat(_read_seconds, _read_seconds, _write_seconds, is_number=True),
    "unix_ms": _integers(1_000_000),
    "unix_us": _integers(1_000),
    "unix_ns": _integers(1),
    "cloudflare": TimeFormat(rfc3339.read, _read_cloudflare_number, rfc3339.write_whole_seconds),
}
