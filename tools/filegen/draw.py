"""Random text, numbers and choices for many rows at once.

Everything is drawn for a whole batch of rows in a few calls: one call for each value of each row
would cost more than all the rest.
"""

from __future__ import annotations

import string
import sys
from array import array
from collections.abc import Callable, Sequence
from itertools import accumulate
from random import Random
from typing import NamedTuple

SECOND_NS = 10**9
TABLE = 4096
"""Entries of a large table of choices; small ones have SMALL_TABLE."""
SMALL_TABLE = 256


class Batch(NamedTuple):
    """Rows to be made: where their randomness comes from, the time of each row (nanoseconds since
    1970, UTC), and whether optional values are always there."""

    rng: Random
    moments: Sequence[int]
    is_full: bool

    @property
    def rows(self) -> int:
        """How many."""
        return len(self.moments)


Column = Callable[[Batch], Sequence[str]]
"""The text of one value in every row of a batch."""


def _alphabet(letters: str) -> bytes:
    # A byte for a character: some characters come a little more often than others.
    return bytes(ord(letters[place % len(letters)]) for place in range(256))


LETTERS_AND_DIGITS = _alphabet(string.ascii_letters + string.digits)
LOWER_AND_DIGITS = _alphabet(string.ascii_lowercase + string.digits)
HEX = _alphabet(string.digits + "abcdef")
DIGITS = _alphabet(string.digits)
_LOW_4_BITS = bytes(place & 15 for place in range(256))


def characters(rng: Random, count: int, alphabet: bytes = LETTERS_AND_DIGITS) -> bytes:
    """Random characters of one of the alphabets above."""
    return rng.randbytes(count).translate(alphabet)


def cut(text: str, width: int) -> list[str]:
    """A text in pieces of equal width."""
    return [text[start : start + width] for start in range(0, len(text), width)]


def indexes(rng: Random, count: int) -> Sequence[int]:
    """Random places in a table of TABLE entries."""
    data = bytearray(rng.randbytes(2 * count))
    data[1::2] = data[1::2].translate(_LOW_4_BITS)
    places = array("H", bytes(data))
    if sys.byteorder == "big":
        places.byteswap()
    return places


def chances(rng: Random, count: int, share: float) -> list[bool]:
    """True for about `share` of the rows."""
    limit = round(share * 256)
    return [byte < limit for byte in rng.randbytes(count)]


def table(items: Sequence[str], size: int = TABLE) -> tuple[str, ...]:
    """A table in which all items are about equally likely: a choice is then a place in it."""
    return tuple(items[place % len(items)] for place in range(size))


def zipf_table(items: Sequence[str], size: int = TABLE) -> tuple[str, ...]:
    """A table in which the n-th item has about 1/n of the first one's places, and all have one."""
    weights = list(accumulate(1 / rank for rank in range(1, len(items) + 1)))
    spare = size - len(items)
    ends = [round(weight / weights[-1] * spare) for weight in weights]
    counts = [1 + end - start for start, end in zip([0, *ends], ends, strict=False)]
    return tuple(item for item, count in zip(items, counts, strict=True) for _ in range(count))
