"""Time formats in strftime notation, read and written without the C library and its locales.

The directives are those of schema files; POSIX strftime and GNU date say what most of them mean.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from common.logs import timeread, timewrite
from common.logs.civil import MONTHS, SHORT_MONTHS, SHORT_WEEKDAYS, WEEKDAYS, offset_text
from common.logs.moment import Moment
from common.logs.timeread import Token, digits, name, padded_digits
from common.logs.timewrite import Local, Piece, Within


class Directive(NamedTuple):
    """`%10Y`: the letter, GNU's flags, and the width or 0. Flags and widths can only be written."""

    letter: str
    flags: str = ""
    width: int = 0


_DIRECTIVE = re.compile(r"%([-_0^#]*)(\d*)(.?)", re.ASCII | re.DOTALL)
_TELLING = re.compile("%[aAbBcCdfHIjmMpSUwWxXyYzZ]")
_COMPOSITES = {
    "c": "%a %b %e %H:%M:%S %Y",
    "+": "%a %b %e %H:%M:%S %Z %Y",
    "F": "%Y-%m-%d",
    "D": "%m/%d/%y",
    "x": "%m/%d/%y",
    "v": "%e-%b-%Y",
    "T": "%H:%M:%S",
    "X": "%H:%M:%S",
    "r": "%I:%M:%S %p",
    "R": "%H:%M",
}


def is_strftime(text: str) -> bool:
    """Whether a timeFormat is in this notation: it has one of the common directives."""
    return _TELLING.search(text) is not None


def reader(format: str) -> Callable[[str], Moment]:
    """A function that reads a whole text, see common.logs.timeread. Raises ValueError for a format
    with directives that cannot be read."""
    parts = _split(format)
    if all(isinstance(part, str) for part in parts):
        raise ValueError("a time format without directives")
    return timeread.reader(_tokens(parts), format)


def writer(format: str) -> Callable[[Moment], str]:
    """A function that writes a JSON string, see common.logs.timewrite. Raises ValueError for a
    format with unknown directives."""
    return timewrite.writer([_piece(part) for part in _split(format)])


def _split(format: str) -> list[str | Directive]:
    """Literals and directives, the composite ones taken apart."""
    parts: list[str | Directive] = []
    end = 0
    for match in _DIRECTIVE.finditer(format):
        if match.start() > end:
            parts.append(format[end : match.start()])
        parts += _expanded(Directive(match[3], match[1], int(match[2] or 0)), match[0])
        end = match.end()
    return parts + [format[end:]] * (end < len(format))


def _expanded(directive: Directive, text: str) -> list[str | Directive]:
    letter, flags, width = directive
    if letter == "%":
        return ["%"]
    if letter in _COMPOSITES:
        if width or set(flags) - {"^"}:
            raise ValueError(f"{text} in a time format: only ^ can change this directive")
        return [
            part if isinstance(part, str) else Directive(part.letter, flags)
            for part in _split(_COMPOSITES[letter])
        ]
    if letter not in _TOKENS:
        raise ValueError(f"{text} in a time format: unknown directive")
    return [directive]


# ---- reading ---------------------------------------------------------------


_OFFSET = r"[+-]\d\d:?\d\d"
_TOKENS = {
    "Y": digits("year", 4),
    "y": digits("short_year", 2),
    "C": digits("century", 2),
    "G": digits("year", 4, least=4),
    "g": digits("year_2000", 2, least=2),
    "m": digits("month", 2),
    "B": name("month_name", MONTHS),
    "b": name("month_name", SHORT_MONTHS),
    "h": name("month_name", SHORT_MONTHS),
    "d": digits("day", 2),
    "e": padded_digits("day"),
    "j": digits("day_of_year", 3),
    "H": digits("hour", 2),
    "k": padded_digits("hour"),
    "I": digits("hour12", 2),
    "l": padded_digits("hour12"),
    "p": name("half", ["AM", "PM"]),
    "P": name("half", ["AM", "PM"]),
    "M": digits("minute", 2),
    "S": digits("second", 2),
    "f": digits("fraction", 6)._replace(digits=(1, 6)),
    "s": digits("epoch", 10),
    "A": name("", WEEKDAYS),
    "a": name("", SHORT_WEEKDAYS),
    "w": Token("", "[0-6]", "[0-6]", 1),
    "u": Token("", "[1-7]", "[1-7]", 1),
    "U": digits("", 2),
    "W": digits("", 2),
    "V": digits("", 2),
    "z": Token("offset", _OFFSET),
    "Z": Token("zone", "[A-Z]{3,4}+(?![A-Z])"),
    "t": Token("", r"\s++"),
    "n": Token("", r"\s++"),
}


def _tokens(parts: Sequence[str | Directive]) -> list[Token]:
    tokens: list[Token] = []
    is_after_digits = False
    for part in parts:
        if isinstance(part, str):
            tokens.append(timeread.literal(part))
        elif part.flags or part.width:
            raise ValueError(f"%{part.letter} in a time format: flags and widths cannot be read")
        elif part.letter == "z" and is_after_digits:
            # Z ends a time in ISO 8601, without a space: `%S%z` reads it, `%S %z` does not.
            tokens.append(Token("offset", f"(?:Z|{_OFFSET})"))
        else:
            tokens.append(_TOKENS[part.letter])
        is_after_digits = not isinstance(part, str) or part[-1:].isdigit()
    return tokens


# ---- writing ---------------------------------------------------------------


def _week(day_number: int, weekday: int) -> int:
    """Weeks begun in the year, for a day so many days after the day that begins weeks."""
    return (day_number + 6 - weekday) // 7


def _day_number(local: Local) -> int:
    return local.day.timetuple().tm_yday


_NUMBERS: dict[str, tuple[Callable[[Local], int], str, int]] = {
    "Y": (lambda local: local.day.year, "0", 4),
    "y": (lambda local: local.day.year % 100, "0", 2),
    "C": (lambda local: local.day.year // 100, "0", 2),
    "G": (lambda local: local.day.isocalendar().year, "0", 4),
    "g": (lambda local: local.day.isocalendar().year % 100, "0", 2),
    "m": (lambda local: local.day.month, "0", 2),
    "d": (lambda local: local.day.day, "0", 2),
    "e": (lambda local: local.day.day, " ", 2),
    "j": (_day_number, "0", 3),
    "H": (lambda local: local.hour, "0", 2),
    "k": (lambda local: local.hour, " ", 2),
    "I": (lambda local: local.hour % 12 or 12, "0", 2),
    "l": (lambda local: local.hour % 12 or 12, " ", 2),
    "w": (lambda local: local.day.isoweekday() % 7, "0", 1),
    "u": (lambda local: local.day.isoweekday(), "0", 1),
    "U": (lambda local: _week(_day_number(local), local.day.isoweekday() % 7), "0", 2),
    "W": (lambda local: _week(_day_number(local), local.day.weekday()), "0", 2),
    "V": (lambda local: local.day.isocalendar().week, "0", 2),
}
_TEXTS: dict[str, Callable[[Local], str]] = {
    "B": lambda local: MONTHS[local.day.month - 1],
    "b": lambda local: SHORT_MONTHS[local.day.month - 1],
    "h": lambda local: SHORT_MONTHS[local.day.month - 1],
    "A": lambda local: WEEKDAYS[local.day.weekday()],
    "a": lambda local: SHORT_WEEKDAYS[local.day.weekday()],
    "p": lambda local: "PM" if local.hour >= 12 else "AM",
    "P": lambda local: "pm" if local.hour >= 12 else "am",
    "z": lambda local: offset_text(local.offset_s, ""),
    "Z": lambda local: local.zone or "UTC",
    "t": lambda _: "\t",
    "n": lambda _: "\n",
}
_WITHIN: dict[str, tuple[Callable[[int, int, int], object], str, int]] = {
    "M": (timewrite.MINUTE.value, "0", 2),
    "S": (timewrite.SECOND.value, "0", 2),
    "f": (lambda _second, ns, _epoch: ns // 1000, "0", 6),
    "s": (lambda _second, _ns, epoch: epoch, "0", 1),
}


def _piece(part: str | Directive) -> Piece:
    if isinstance(part, str):
        return part
    if part.letter in _WITHIN:
        value, fill, width = _WITHIN[part.letter]
        if part.letter != "f":  # digits of a fraction cannot be left out in front
            fill, width = _padding(part, fill, width)
        return Within(f"%{fill.strip()}{width or ''}d", value)
    if part.letter in _NUMBERS:
        number, fill, width = _NUMBERS[part.letter]
        fill, width = _padding(part, fill, width)
        return lambda local: str(number(local)).rjust(width, fill)
    text = _cased(_TEXTS[part.letter], part)
    fill, width = _padding(part, " ", 0)
    return lambda local: text(local).rjust(width, fill)


def _padding(directive: Directive, fill: str, width: int) -> tuple[str, int]:
    """The fill character and the width; of several padding flags the last one counts."""
    flag = directive.flags.replace("^", "").replace("#", "")[-1:]
    if flag == "-":
        return fill, 0
    return {"_": " ", "0": "0", "": fill}[flag], directive.width or width


def _cased(text: Callable[[Local], str], directive: Directive) -> Callable[[Local], str]:
    if "#" in directive.flags and directive.letter in "pZ":
        return lambda local: text(local).lower()
    if "^" in directive.flags or "#" in directive.flags:
        return lambda local: text(local).upper()
    return text
