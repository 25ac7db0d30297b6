"""The fixed time formats of text logs, all as moments in UTC.

The lines of a log share their seconds, so what was read last stays in bounded caches. Every reader
raises ValueError for a text of another form, and for a date or a time of day that does not exist.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache

from common.logs.moment import Moment
from common.logs.native.fields import integer
from common.logs.native.lines import Clock

SECOND_NS = 10**9
DAY_S = 86_400
_UNIX_DAY = date(1970, 1, 1).toordinal()
# The years 1 to 9999, which is all that can be written.
_FIRST_S = (date.min.toordinal() - _UNIX_DAY) * DAY_S
_LAST_S = (date.max.toordinal() - _UNIX_DAY + 1) * DAY_S - 1
_CACHED = 4_096

_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_MONTH_NUMBERS = {name: number for number, name in enumerate(_MONTHS, 1)}
_TIME = r"([0-9]{2}):([0-9]{2}):([0-9]{2})"
_DATE_AND_TIME = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})[T ]" + _TIME)
_FRACTION_AND_ZONE = re.compile(r"(?:[.,]([0-9]+))?(?:Z|([+-])([0-9]{2}):([0-9]{2}))")
_FRACTION = re.compile(r"\.([0-9]+)")
_ACCESS = re.compile(r"\[([0-9]{1,2})/([A-Z][a-z]{2})/([0-9]{4}):" + _TIME)
_ACCESS_ZONE = re.compile(r"([+-])([0-9]{2})([0-9]{2})\]")
_YEARLESS = re.compile(r"([A-Z][a-z]{2}) +([0-9]{1,2}) " + _TIME)


def rfc3339(text: str) -> Moment:
    """`YYYY-MM-DDThh:mm:ss[.fraction](Z|+hh:mm)`, nine digits of the fraction are kept."""
    if text[10:11] != "T":
        raise ValueError("not a time in RFC 3339")
    ns = _second_ns(text[:19])
    rest = text[19:]
    if rest == "Z":
        return Moment(ns)
    match = _FRACTION_AND_ZONE.fullmatch(rest)
    if match is None:
        raise ValueError("not a time in RFC 3339")
    fraction, sign, hours, minutes = match.groups()
    if fraction:
        ns += _fraction_ns(fraction)
    return _checked(ns - _offset_s(sign, hours, minutes) * SECOND_NS) if sign else Moment(ns)


@lru_cache(_CACHED)
def plain(text: str) -> Moment:
    """`YYYY-MM-DD hh:mm:ss` in UTC."""
    if text[10:11] != " ":
        raise ValueError("not a time like 2006-01-02 15:04:05")
    return Moment(_second_ns(text))


def plain_with_fraction(text: str) -> Moment:
    """`YYYY-MM-DD hh:mm:ss[.fraction]` in UTC, nine digits of the fraction are kept."""
    moment = plain(text[:19])
    if len(text) == 19:
        return moment
    match = _FRACTION.fullmatch(text, 19)
    if match is None:
        raise ValueError("not a time like 2006-01-02 15:04:05.999")
    return Moment(moment.ns + _fraction_ns(match[1]))


@lru_cache(_CACHED)
def bracketed(day_and_time: str, zone: str) -> Moment:
    """`[D/Mon/YYYY:hh:mm:ss` and `+hhmm]`, the two words in which access logs write a time."""
    match, offset = _ACCESS.fullmatch(day_and_time), _ACCESS_ZONE.fullmatch(zone)
    if match is None or offset is None:
        raise ValueError("not a time like [2/Jan/2006:15:04:05 -0700]")
    day, month, year, *time = match.groups()
    seconds = _instant_s(int(year), _month(month), int(day), *time)
    return _checked((seconds - _offset_s(*offset.groups())) * SECOND_NS)


@lru_cache(_CACHED)
def epoch_seconds(text: str) -> Moment:
    """Whole seconds since 1970."""
    seconds = integer(text)
    if seconds is None:
        raise ValueError("not a time in seconds since 1970")
    return _checked(seconds * SECOND_NS)


def epoch_microseconds(text: str) -> Moment:
    """Whole microseconds since 1970."""
    microseconds = integer(text)
    if microseconds is None:
        raise ValueError("not a time in microseconds since 1970")
    return _checked(microseconds * 1_000)


def yearless(clock: Clock, minds_new_year: bool) -> Callable[[str], Moment]:
    """A reader of `Mon D hh:mm:ss` in UTC, in the year of the clock. With `minds_new_year` a month
    behind January is read in the year before while the clock is in January."""

    def read(text: str) -> Moment:
        year, month = _year_and_month(clock() // (DAY_S * SECOND_NS))
        return _in_year(text, year, minds_new_year and month == 1)

    return read


@lru_cache(8)
def _year_and_month(unix_day: int) -> tuple[int, int]:
    day = date.fromordinal(unix_day + _UNIX_DAY)
    return day.year, day.month


@lru_cache(_CACHED)
def _in_year(text: str, year: int, is_january: bool) -> Moment:
    match = _YEARLESS.fullmatch(text)
    if match is None:
        raise ValueError("not a time like Jan 2 15:04:05")
    name, day, *time = match.groups()
    month = _month(name)
    if is_january and month > 1:
        year -= 1
    return Moment(_instant_s(year, month, int(day), *time) * SECOND_NS)


@lru_cache(_CACHED)
def _second_ns(text: str) -> int:
    match = _DATE_AND_TIME.fullmatch(text)
    if match is None:
        raise ValueError("not a date and a time")
    year, month, day, *time = match.groups()
    return _instant_s(int(year), int(month), int(day), *time) * SECOND_NS


def _instant_s(year: int, month: int, day: int, hour: str, minute: str, second: str) -> int:
    try:
        moment = datetime(year, month, day, int(hour), int(minute), int(second), tzinfo=UTC)
    except ValueError:
        raise ValueError("a date or time of day that does not exist") from None
    days = moment.toordinal() - _UNIX_DAY
    return days * DAY_S + moment.hour * 3_600 + moment.minute * 60 + moment.second


def _month(name: str) -> int:
    number = _MONTH_NUMBERS.get(name)
    if number is None:
        raise ValueError("no such month")
    return number


def _offset_s(sign: str, hours: str, minutes: str) -> int:
    if int(hours) > 23 or int(minutes) > 59:
        raise ValueError("no such offset from UTC")
    seconds = int(hours) * 3_600 + int(minutes) * 60
    return -seconds if sign == "-" else seconds


def _fraction_ns(digits: str) -> int:
    return int(digits[:9].ljust(9, "0"))


def _checked(ns: int) -> Moment:
    if not _FIRST_S <= ns // SECOND_NS <= _LAST_S:
        raise ValueError("a time outside the years 1 to 9999")
    return Moment(ns)
