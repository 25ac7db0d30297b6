"""Writing a time that a format describes piece by piece: strftime notation and Go layouts alike."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date
from typing import NamedTuple

from common.logs.civil import HOUR_S, SECOND_NS, clock_texts, day_of
from common.logs.memo import Memo
from common.logs.moment import Moment


class Local(NamedTuple):
    """What stays the same for an hour of a time as it is written."""

    day: date
    hour: int
    offset_s: int
    zone: str


class Within(NamedTuple):
    """A piece that changes within an hour: a conversion of the % operator and the value for it, by
    seconds of the hour, nanoseconds of the second and seconds since 1970."""

    conversion: str
    value: Callable[[int, int, int], object]


MINUTE = Within("%02d", lambda second, _ns, _epoch: second // 60)
SECOND = Within("%02d", lambda second, _ns, _epoch: second % 60)
Piece = str | Callable[[Local], str] | Within


def writer(pieces: Sequence[Piece]) -> Callable[[Moment], str]:
    """A function that writes a moment as the pieces say, as the text of a JSON string. It raises
    ValueError outside of the years 1 to 9999."""

    pieces = _joined(pieces)

    def template(key: tuple[int, int, str]) -> str:
        hour, offset_s, zone = key
        local = Local(day_of(hour), hour % 24, offset_s, zone)
        return f'"{"".join(_shown(piece, local) for piece in pieces)}"'

    templates = Memo(template)
    values = tuple(piece.value for piece in pieces if isinstance(piece, Within))

    def write(moment: Moment) -> str:
        ns, offset_s, zone = moment
        seconds, fraction = divmod(ns, SECOND_NS)
        hour, second = divmod(seconds + offset_s, HOUR_S)
        within = tuple([value(second, fraction, seconds) for value in values])
        return templates[hour, offset_s, zone] % within

    return write


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces with minute, separator and second in one: a look-up instead of two numbers."""
    joined = list(pieces)
    for place in range(len(pieces) - 2):
        minute, separator, second = pieces[place : place + 3]
        if minute == MINUTE and isinstance(separator, str) and second == SECOND:
            joined[place : place + 3] = [_clock(separator)]
            break
    return joined


def _clock(separator: str) -> Within:
    texts = clock_texts(separator)
    return Within("%s", lambda second, _ns, _epoch: texts[second])


def _shown(piece: Piece, local: Local) -> str:
    if isinstance(piece, Within):
        return piece.conversion
    text = piece if isinstance(piece, str) else piece(local)
    return json.dumps(text, ensure_ascii=False)[1:-1].replace("%", "%%")
