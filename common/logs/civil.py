"""Days and hours of the Gregorian calendar as whole numbers: no floats, no locale, no zone data."""

from __future__ import annotations

from datetime import date
from functools import cache

from common.logs.moment import Moment

SECOND_NS = 1_000_000_000
HOUR_S = 3_600
DAY_S = 86_400
DAY_NS = DAY_S * SECOND_NS
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SHORT_MONTHS = tuple(name[:3] for name in MONTHS)
SHORT_WEEKDAYS = tuple(name[:3] for name in WEEKDAYS)
# Nanoseconds in the last digit of a fraction of so many digits.
UNIT_NS: tuple[int, ...] = tuple(10 ** (9 - digits) for digits in range(10))

_EPOCH_DAY = date(1970, 1, 1).toordinal()
FIRST_NS = (date.min.toordinal() - _EPOCH_DAY) * DAY_S * SECOND_NS
LAST_NS = (date.max.toordinal() - _EPOCH_DAY + 1) * DAY_S * SECOND_NS - 1


def day_start(year: int, month: int, day: int) -> int:
    """Seconds from 1970 to the start of a day. Raises ValueError for a day that does not exist."""
    try:
        return (date(year, month, day).toordinal() - _EPOCH_DAY) * DAY_S
    except ValueError:
        raise ValueError("date out of range") from None


def day_of(hour: int) -> date:
    """The day of an hour, counted from 1970. Raises ValueError outside of the years 1 to 9999."""
    return date.fromordinal(hour // 24 + _EPOCH_DAY)


def moment(ns: int, offset_s: int = 0, zone: str = "") -> Moment:
    """A moment that can be written, in UTC and at its offset. Raises ValueError for others."""
    local = ns + offset_s * SECOND_NS
    if not (FIRST_NS <= ns <= LAST_NS and FIRST_NS <= local <= LAST_NS):
        raise ValueError("year out of range")
    return Moment(ns, offset_s, zone)


def inner_hour(ns: int) -> int:
    """An hour's nanoseconds again. Raises ValueError where an offset might lead out of the
    calendar, so that no further check is needed for a moment within the hour."""
    if not FIRST_NS + DAY_NS <= ns <= LAST_NS - 2 * DAY_NS:
        raise ValueError("near the end of the calendar")
    return ns


@cache
def clock_texts(separator: str = ":") -> tuple[str, ...]:
    """`mm:ss` for every second of an hour."""
    sixty = [f"{number:02d}" for number in range(60)]
    return tuple([minute + separator + second for minute in sixty for second in sixty])


@cache
def clock_ns(separator: str = ":") -> dict[str, int]:
    """Nanoseconds into the hour by `mm:ss`."""
    return dict(zip(clock_texts(separator), range(0, HOUR_S * SECOND_NS, SECOND_NS), strict=True))


def offset_text(offset_s: int, colon: str = ":") -> str:
    """`±hh:mm`; an offset's seconds have no place in it."""
    minutes = abs(offset_s) // 60
    return f"{'-' if offset_s < 0 else '+'}{minutes // 60:02d}{colon}{minutes % 60:02d}"


def offset_of(text: str) -> int:
    """Seconds east of UTC of `Z`, `±hh`, `±hhmm` or `±hhmmss`, with or without colons. Raises
    ValueError when a part is out of range."""
    if text == "Z":
        return 0
    digits = text[1:].replace(":", "").ljust(6, "0")
    hours, minutes, seconds = int(digits[:2]), int(digits[2:4]), int(digits[4:])
    if hours > 23 or minutes > 59 or seconds > 59:
        raise ValueError("zone offset out of range")
    total = hours * HOUR_S + minutes * 60 + seconds
    return -total if text[0] == "-" else total


def fraction_ns(digits: str) -> int:
    """Nanoseconds of the digits after a decimal point; digits beyond the ninth are dropped."""
    return int(digits[:9].ljust(9, "0"))
