"""RFC 3339 times (section 5.6), as they stand in most logs and as events are written."""

from __future__ import annotations

import re

from common.logs.civil import (
    HOUR_S,
    SECOND_NS,
    UNIT_NS,
    clock_ns,
    clock_texts,
    day_of,
    day_start,
    fraction_ns,
    inner_hour,
    moment,
    offset_of,
    offset_text,
)
from common.logs.memo import Memo
from common.logs.moment import Moment

_WHOLE = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:\d\d)", re.ASCII
)
_HOUR = re.compile(r"(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):", re.ASCII)
_OFFSET = re.compile(r"Z|[+-]\d\d:\d\d", re.ASCII)

_new = tuple.__new__


def _hour_ns(text: str) -> int:
    """Nanoseconds from 1970 to the hour of `YYYY-MM-DDThh:`."""
    match = _HOUR.fullmatch(text)
    if match is None:
        raise ValueError("not RFC 3339")
    year, month, day, hour = (int(part) for part in match.groups())
    return inner_hour((day_start(year, month, day) + hour * HOUR_S) * SECOND_NS)


def _offset(text: str) -> int:
    if _OFFSET.fullmatch(text) is None:
        raise ValueError("not an offset")
    return offset_of(text)


def _fraction(text: str) -> int:
    """Nanoseconds of `.ddd`, at most nine digits, or of nothing."""
    digits = text[1:]
    if text[:1] in ".," and digits.isdecimal() and digits.isascii():
        return int(digits) * UNIT_NS[len(digits)]
    if text:
        raise ValueError("not a fraction")
    return 0


_HOURS = Memo(_hour_ns)
_OFFSETS = Memo(_offset)
_CLOCK = clock_ns()
# What follows the seconds in most logs: nothing, thousandths, or millionths in two halves.
_THREE_DIGITS = [f"{number:03d}" for number in range(1000)]
_ENDINGS = {f".{digits}Z": int(digits) * 1_000_000 for digits in _THREE_DIGITS} | {"Z": 0}
_THOUSANDTHS = {f".{digits}": int(digits) * 1_000_000 for digits in _THREE_DIGITS}
_MILLIONTHS = {f"{digits}Z": int(digits) * 1_000 for digits in _THREE_DIGITS}


def read(text: str) -> Moment:
    """`YYYY-MM-DDThh:mm:ss[.fraction](Z|±hh:mm)`; a comma may stand for the point. Raises
    ValueError for anything else."""
    try:
        second = _HOURS[text[:14]] + _CLOCK[text[14:19]]
        ending = text[19:]
        if ending in _ENDINGS:
            return _new(Moment, (second + _ENDINGS[ending], 0, ""))
        if len(ending) == 8:
            fraction = _THOUSANDTHS[ending[:4]] + _MILLIONTHS[ending[4:]]
            return _new(Moment, (second + fraction, 0, ""))
        if ending[-1] == "Z":
            return _new(Moment, (second + _fraction(ending[:-1]), 0, ""))
        offset = _OFFSETS[ending[-6:]]
        return _new(Moment, (second + _fraction(ending[:-6]) - offset * SECOND_NS, offset, ""))
    except (LookupError, ValueError):
        pass
    return _read_any(text)


def _read_any(text: str) -> Moment:
    match = _WHOLE.fullmatch(text)
    if match is None:
        raise ValueError("not an RFC 3339 time")
    year, month, day, hour, minute, second = map(int, match.groups()[:6])
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError("time of day out of range")
    offset = offset_of(match[8])
    seconds = day_start(year, month, day) + hour * HOUR_S + minute * 60 + second - offset
    return moment(seconds * SECOND_NS + fraction_ns(match[7] or ""), offset)


def _hour_text(hour: int) -> str:
    return f"{day_of(hour)}T{hour % 24:02d}:"


def _lake_hour_text(hour: int) -> str:
    return f"{day_of(hour)} {hour % 24:02d}:"


_HOUR_TEXTS = Memo(_hour_text)
_LAKE_HOUR_TEXTS = Memo(_lake_hour_text)
_OFFSET_TEXTS: Memo[int, str] = Memo(lambda offset_s: offset_text(offset_s) if offset_s else "Z")
_CLOCK_TEXTS = clock_texts()
_DIGITS = ".%09d".__mod__  # half the time of a formatted string literal


def write(moment: Moment) -> str:
    """The JSON text of a moment at its own offset; a fraction only when there is one."""
    ns, offset_s, _ = moment
    seconds, fraction = divmod(ns, SECOND_NS)
    hour, second = divmod(seconds + offset_s, HOUR_S)
    digits = _DIGITS(fraction).rstrip("0") if fraction else ""
    return f'"{_HOUR_TEXTS[hour]}{_CLOCK_TEXTS[second]}{digits}{_OFFSET_TEXTS[offset_s]}"'


def write_whole_seconds(moment: Moment) -> str:
    """The JSON text of a moment at its own offset, without its fraction."""
    return write(Moment(moment.ns // SECOND_NS * SECOND_NS, moment.offset_s))


def write_lake(moment: Moment) -> str:
    """The JSON text of a moment in data-lake JSON."""
    return f'"{lake_time(moment[0])}"'


def utc(ns: int) -> str:
    """`YYYY-MM-DDThh:mm:ss[.fraction]Z` without trailing zeros, from nanoseconds since 1970."""
    seconds, fraction = divmod(ns, SECOND_NS)
    hour, second = divmod(seconds, HOUR_S)
    digits = _DIGITS(fraction).rstrip("0") if fraction else ""
    return f"{_HOUR_TEXTS[hour]}{_CLOCK_TEXTS[second]}{digits}Z"


def lake_time(ns: int) -> str:
    """`YYYY-MM-DD hh:mm:ss.nnnnnnnnn` (UTC), from nanoseconds since 1970."""
    seconds, fraction = divmod(ns, SECOND_NS)
    hour, second = divmod(seconds, HOUR_S)
    return f"{_LAKE_HOUR_TEXTS[hour]}{_CLOCK_TEXTS[second]}{_DIGITS(fraction)}"
