"""Reading a time that a format describes piece by piece: strftime notation and Go layouts alike.

Any text is read by one expression over all pieces. Most logs write a day and hour of fixed width,
minute and second, and an ending; there the beginning is looked up, as its values come in runs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from common.logs.civil import (
    DAY_S,
    HOUR_S,
    MONTHS,
    SECOND_NS,
    UNIT_NS,
    clock_ns,
    day_start,
    fraction_ns,
    inner_hour,
    moment,
    offset_of,
)
from common.logs.memo import Memo
from common.logs.moment import Moment


class Token(NamedTuple):
    """A piece of a format. `slot` says which part of a time it gives, "" when it gives none (a
    weekday, a literal); `pattern` is how it may be written, never giving characters back; `full`
    how it is written with all its `width` characters, "" when the width varies; `literal` is what
    a literal says. `digits` is how few and how many digits a fraction has where it is to be read
    quickly; one without a `full` form begins with its mark."""

    slot: str
    pattern: str
    full: str = ""
    width: int = 0
    literal: str = ""
    digits: tuple[int, int] = (0, 0)


Reader = Callable[[str], Moment]

_MONTH_NUMBERS = {month[:3].lower(): number for number, month in enumerate(MONTHS, start=1)}
_DAY_SLOTS = {"year", "century", "short_year", "year_2000", "month", "month_name", "day"}
_BEGINNING = {"", "day_of_year", "hour", "hour12"} | _DAY_SLOTS
_ENDING = {"", "fraction", "half", "offset", "zone"}

_new = tuple.__new__


def literal(text: str) -> Token:
    """A piece that is always the same text."""
    return Token("", re.escape(text), re.escape(text), len(text), text)


def digits(slot: str, most: int, least: int = 1) -> Token:
    """A number of `least` to `most` digits."""
    return Token(slot, rf"\d{{{least},{most}}}+", rf"\d{{{most}}}", most)


def padded_digits(slot: str) -> Token:
    """A number of one or two digits after at most one space."""
    return Token(slot, r" ?\d{1,2}+", r"(?: \d(?=\D)|\d\d)", 2)


def name(slot: str, names: Sequence[str]) -> Token:
    """One of some names, in any case."""
    pattern = f"(?i:{'|'.join(names)})"
    width = len(names[0]) if len({len(one) for one in names}) == 1 else 0
    return Token(slot, pattern, pattern if width else "", width)


def reader(tokens: Sequence[Token], format: str) -> Reader:
    """A function that reads a whole text; it raises ValueError when the text does not match the
    pieces or a part is out of range. What no piece gives is of 1900-01-01 00:00:00 UTC."""
    exact = _exact(tokens, format)
    slots = [token.slot for token in tokens]
    if not {"minute", "second", "epoch", "fraction"} & set(slots):
        return Memo(exact).__getitem__
    clock = _clock(tokens)
    if clock is None:
        return exact
    place = _fraction_place(tokens[clock.stop :])
    if place is None:
        return _quick(tokens, clock, exact)
    return _quick_fraction(tokens, clock, place, exact)


def _exact(tokens: Sequence[Token], format: str) -> Reader:
    parts_of = _parts_of([(token.slot, token.pattern) for token in tokens], format)

    def read(text: str) -> Moment:
        parts = parts_of(text)
        offset = _offset(parts)
        if "epoch" in parts:
            seconds = int(parts["epoch"])
        else:
            seconds = _day(parts) + _time_of_day(parts) - offset
        return moment(seconds * SECOND_NS + _fraction(parts), offset, parts.get("zone", ""))

    return read


def _parts_of(pieces: Sequence[tuple[str, str]], format: str) -> Callable[[str], Mapping[str, str]]:
    slots = tuple(slot for slot, _ in pieces if slot)
    groups = (f"({pattern})" if slot else f"(?:{pattern})" for slot, pattern in pieces)
    fullmatch = re.compile("".join(groups), re.ASCII).fullmatch

    def parts_of(text: str) -> Mapping[str, str]:
        match = fullmatch(text)
        if match is None:
            raise ValueError(f"not a time of the form {format}")
        return dict(zip(slots, match.groups(), strict=True))

    return parts_of


def _day(parts: Mapping[str, str]) -> int:
    """Seconds from 1970 to the start of the day."""
    year = _year(parts)
    if "day_of_year" in parts:
        day = int(parts["day_of_year"])
        start = day_start(year, 1, 1) + (day - 1) * DAY_S
        if day < 1 or start > day_start(year, 12, 31):
            raise ValueError("day of the year out of range")
        return start
    month = int(parts.get("month", "1"))
    if "month_name" in parts:
        month = _MONTH_NUMBERS[parts["month_name"][:3].lower()]
    return day_start(year, month, int(parts.get("day", "1")))


def _year(parts: Mapping[str, str]) -> int:
    if "year" in parts:
        return int(parts["year"])
    if "year_2000" in parts:
        return 2000 + int(parts["year_2000"])
    if "century" in parts:
        return int(parts["century"]) * 100 + int(parts.get("short_year", "0"))
    if "short_year" in parts:
        short = int(parts["short_year"])
        return short + (1900 if short >= 69 else 2000)
    return 1900


def _time_of_day(parts: Mapping[str, str]) -> int:
    hour = _hour(parts)
    if hour < 12 and _is_afternoon(parts):
        hour += 12
    # A leap second is the first second of the next minute: no clock here knows it.
    return hour * HOUR_S + _number(parts, "minute", 59) * 60 + _number(parts, "second", 60)


def _hour(parts: Mapping[str, str]) -> int:
    return _number(parts, "hour12", 12) % 12 if "hour12" in parts else _number(parts, "hour", 23)


def _is_afternoon(parts: Mapping[str, str]) -> bool:
    return parts.get("half", "").lower() == "pm"


def _number(parts: Mapping[str, str], slot: str, limit: int) -> int:
    number = int(parts.get(slot, "0"))
    if number > limit:
        raise ValueError(f"{slot.removesuffix('12')} out of range")
    return number


def _offset(parts: Mapping[str, str]) -> int:
    return offset_of(parts.get("offset", "Z"))


def _fraction(parts: Mapping[str, str]) -> int:
    return fraction_ns(parts.get("fraction", "").lstrip(".,"))


class _Clock(NamedTuple):
    """Where minute and second stand: pieces `start` to `stop`, characters `first` to `last`."""

    start: int
    stop: int
    separator: str
    first: int
    last: int


def _clock(tokens: Sequence[Token]) -> _Clock | None:
    """The place of minute and second, None when the pieces are not in the usual order."""
    slots = [token.slot for token in tokens]
    named = [slot for slot in slots if slot]
    if len(set(named)) < len(named) or not {"minute", "second"} <= set(named):
        return None
    start, stop = slots.index("minute"), slots.index("second") + 1
    beginning, between = tokens[:start], tokens[start + 1 : stop - 1]
    separator = "".join(token.literal for token in between)
    if (
        not set(slots[:start]) <= _BEGINNING
        or not set(slots[stop:]) <= _ENDING
        or not all(token.full for token in beginning)
        or not all(token.literal for token in between)
        or stop < start + 2
        or {"hour", "half"} <= set(slots)
    ):
        return None
    first = sum(token.width for token in beginning)
    return _Clock(start, stop, separator, first, first + len(separator) + 4)


def _hour_ns(beginning: Sequence[Token]) -> Memo[str, int]:
    """Nanoseconds from 1970 by the text before the minute, where all pieces have full width."""
    parts_of = _parts_of([(token.slot, token.full) for token in beginning], "full width")

    def hour_ns(text: str) -> int:
        parts = parts_of(text)
        return inner_hour((_day(parts) + _hour(parts) * HOUR_S) * SECOND_NS)

    return Memo(hour_ns)


def _endings(ending: Sequence[Token]) -> Memo[str, tuple[int, int, str]]:
    """What the text after the second adds in nanoseconds, the offset, and the zone's name."""
    parts_of = _parts_of([(token.slot, token.pattern) for token in ending], "ending")

    def ending_of(text: str) -> tuple[int, int, str]:
        parts = parts_of(text)
        offset = _offset(parts)
        seconds = 12 * HOUR_S * _is_afternoon(parts) - offset
        return seconds * SECOND_NS + _fraction(parts), offset, parts.get("zone", "")

    return Memo(ending_of)


def _quick(tokens: Sequence[Token], clock: _Clock, exact: Reader) -> Reader:
    hours = _hour_ns(tokens[: clock.start])
    seconds = clock_ns(clock.separator)
    endings = _endings(tokens[clock.stop :])
    first, last = clock.first, clock.last

    def read(text: str) -> Moment:
        try:
            second = hours[text[:first]] + seconds[text[first:last]]
            more, offset, zone = endings[text[last:]]
            return _new(Moment, (second + more, offset, zone))
        except (LookupError, ValueError):
            pass
        return exact(text)

    return read


def _fraction_place(ending: Sequence[Token]) -> int | None:
    """The index of a fraction after one character, which may be a piece before it."""
    if ending and ending[0].digits[1] and not ending[0].full:
        return 0
    if len(ending) > 1 and ending[1].digits[1] and ending[0].width == 1:
        return 1
    return None


def _quick_fraction(tokens: Sequence[Token], clock: _Clock, place: int, exact: Reader) -> Reader:
    hours = _hour_ns(tokens[: clock.start])
    seconds = clock_ns(clock.separator)
    ending = tokens[clock.stop :]
    endings, rests = _endings(ending), _endings(ending[place + 1 :])
    marks = ending[0].literal or ".,"
    least, most = ending[place].digits
    first, last = clock.first, clock.last
    start, stop = last + 1, last + 1 + most

    def read(text: str) -> Moment:
        try:
            second = hours[text[:first]] + seconds[text[first:last]]
            digits = text[start:stop]
            if digits.isdecimal() and digits.isascii() and text[last] in marks:
                size = len(digits)
                if size >= least:
                    more, offset, zone = rests[text[stop:]]
                    return _new(Moment, (second + int(digits) * UNIT_NS[size] + more, offset, zone))
            more, offset, zone = endings[text[last:]]
            return _new(Moment, (second + more, offset, zone))
        except (LookupError, ValueError):
            pass
        return exact(text)

    return read
