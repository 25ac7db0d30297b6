"""Time formats as Go writes them: how Mon Jan 2 15:04:05 MST 2006 looks in the wanted form.

The notation: documentation of Go's package time, Layout and the constants below it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from common.logs import timeread, timewrite
from common.logs.civil import MONTHS, SHORT_MONTHS, SHORT_WEEKDAYS, WEEKDAYS, offset_text
from common.logs.moment import Moment
from common.logs.timeread import Token, digits, name, padded_digits
from common.logs.timewrite import Local, Piece, Within

_ELEMENT = re.compile(
    r"January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|PM|pm|002|0[1-6]|15|1|2006|__2|_2(?!006)"
    r"|2|3|4|5|[Z-]07(?:0000|:00:00|00|:00)?|[.,](?:0+|9+)(?!\d)",
    re.ASCII,
)


def reader(layout: str) -> Callable[[str], Moment]:
    """A function that reads a whole text, see common.logs.timeread. A fraction may follow seconds,
    and a run of spaces matches any other. Raises ValueError for a layout without elements."""
    parts = _split(layout)
    has_half = not {"PM", "pm"}.isdisjoint(element for element, _ in parts)
    tokens: list[Token] = []
    for place, (element, text) in enumerate(parts):
        if not element:
            tokens.append(_literal(text))
            continue
        token = _token(element)
        if token.slot == "hour12" and not has_half:
            token = token._replace(slot="hour")  # 12 stays 12
        tokens.append(token)
        following = next((one for one, _ in parts[place + 1 :] if one), "")
        if token.slot == "second" and following[:1] not in (".", ","):
            tokens.append(_UNTOLD_FRACTION)
    return timeread.reader(tokens, layout)


def writer(layout: str) -> Callable[[Moment], str]:
    """A function that writes a JSON string, see common.logs.timewrite. Raises ValueError for a
    layout without elements."""
    return timewrite.writer(
        [_piece(element) if element else text for element, text in _split(layout)]
    )


def _split(layout: str) -> list[tuple[str, str]]:
    """Elements and literals in order: ("2006", "") and ("", "-")."""
    parts: list[tuple[str, str]] = []
    end = 0
    for match in _ELEMENT.finditer(layout):
        if match.start() > end:
            parts.append(("", layout[end : match.start()]))
        parts.append((match[0], ""))
        end = match.end()
    if not parts:
        raise ValueError("the layout has no element of Go's reference time")
    return parts + [("", layout[end:])] * (end < len(layout))


# ---- reading ---------------------------------------------------------------

_TOKENS = {
    "2006": digits("year", 4, least=4),
    "06": digits("short_year", 2, least=2),
    "01": digits("month", 2, least=2),
    "1": digits("month", 2),
    "Jan": name("month_name", SHORT_MONTHS),
    "January": name("month_name", MONTHS),
    "02": digits("day", 2, least=2),
    "_2": padded_digits("day"),
    "2": digits("day", 2),
    "002": digits("day_of_year", 3, least=3),
    "__2": Token("day_of_year", r" {0,2}+\d{1,3}+"),
    "15": digits("hour", 2),
    "03": Token("hour12", r"(?:0\d|1[0-2])", r"(?:0\d|1[0-2])", 2),
    "3": Token("hour12", r"(?:1[0-2]|0?\d)"),
    "04": digits("minute", 2, least=2),
    "4": digits("minute", 2),
    "05": digits("second", 2, least=2),
    "5": digits("second", 2),
    "PM": Token("half", "(?:AM|PM)"),
    "pm": Token("half", "(?:am|pm)"),
    "Mon": name("", SHORT_WEEKDAYS),
    "Monday": name("", WEEKDAYS),
    "MST": Token("zone", "[A-Z]{3,4}+"),
}
_FRACTION = Token("fraction", r"(?:[.,]\d++)?", digits=(1, 6))  # seldom more
_UNTOLD_FRACTION = _FRACTION._replace(digits=(0, 0))  # seldom there


def _token(element: str) -> Token:
    if element[0] in ".,":
        size = len(element) - 1
        fixed = Token("fraction", rf"[.,]\d{{{size}}}", digits=(size, size))
        return fixed if element[1] == "0" else _FRACTION
    if element[1:3] == "07":
        offset = "[+-]" + element[1:].replace("07", "00").replace("00", r"\d\d")
        return Token("offset", f"(?:Z|{offset})" if element[0] == "Z" else offset)
    return _TOKENS[element]


def _literal(text: str) -> Token:
    pattern = re.sub(r"(?:\\ )+", " ++", re.escape(text))
    return timeread.literal(text)._replace(pattern=pattern)


# ---- writing ---------------------------------------------------------------

_TEXTS: dict[str, Callable[[Local], str]] = {
    "2006": lambda local: f"{local.day.year:04d}",
    "06": lambda local: f"{local.day.year % 100:02d}",
    "01": lambda local: f"{local.day.month:02d}",
    "1": lambda local: f"{local.day.month}",
    "Jan": lambda local: SHORT_MONTHS[local.day.month - 1],
    "January": lambda local: MONTHS[local.day.month - 1],
    "02": lambda local: f"{local.day.day:02d}",
    "_2": lambda local: f"{local.day.day:2d}",
    "2": lambda local: f"{local.day.day}",
    "002": lambda local: f"{local.day.timetuple().tm_yday:03d}",
    "__2": lambda local: f"{local.day.timetuple().tm_yday:3d}",
    "15": lambda local: f"{local.hour:02d}",
    "03": lambda local: f"{local.hour % 12 or 12:02d}",
    "3": lambda local: f"{local.hour % 12 or 12}",
    "PM": lambda local: "PM" if local.hour >= 12 else "AM",
    "pm": lambda local: "pm" if local.hour >= 12 else "am",
    "Mon": lambda local: SHORT_WEEKDAYS[local.day.weekday()],
    "Monday": lambda local: WEEKDAYS[local.day.weekday()],
    "MST": lambda local: local.zone or ("" if local.offset_s else "UTC") or _offset("-0700", local),
}
_WITHIN = {
    "04": timewrite.MINUTE,
    "4": Within("%d", lambda second, _ns, _epoch: second // 60),
    "05": timewrite.SECOND,
    "5": Within("%d", lambda second, _ns, _epoch: second % 60),
}


def _piece(element: str) -> Piece:
    if element in _WITHIN:
        return _WITHIN[element]
    if element[0] in ".,":
        return Within("%s", _fraction_text(element))
    if element[1:3] == "07":
        return lambda local: _offset(element, local)
    return _TEXTS[element]


def _fraction_text(element: str) -> Callable[[int, int, int], str]:
    mark, size = element[0], len(element) - 1
    if element[1] == "0":
        return lambda _second, ns, _epoch: mark + f"{ns:09d}"[:size].ljust(size, "0")
    return lambda _second, ns, _epoch: (mark + f"{ns:09d}"[:size].rstrip("0")).removesuffix(mark)


def _offset(element: str, local: Local) -> str:
    if element[0] == "Z" and not local.offset_s:
        return "Z"
    colon = ":" if ":" in element else ""
    hours_and_minutes = offset_text(local.offset_s, colon)
    if len(element) == len("-07"):
        return hours_and_minutes[:3]
    if len(element) > len("-07:00"):
        return f"{hours_and_minutes}{colon}{abs(local.offset_s) % 60:02d}"
    return hours_and_minutes
