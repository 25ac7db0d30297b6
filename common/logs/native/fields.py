"""Numbers and truth values as log lines write them."""

from __future__ import annotations

import math
import re
from functools import lru_cache

from common.logs.refused import Refused

UINT8_MAX = 2**8 - 1
INT16_MAX = 2**15 - 1
UINT16_MAX = 2**16 - 1
INT32_MAX = 2**31 - 1
INT64_MAX = 2**63 - 1

_INTEGER = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
# So many digits always fit into 64 bits; and reading very many would cost much, or be refused.
_DIGITS_THAT_FIT = 18
_MAX_LENGTH = 40
_CACHED = 4_096
_TRUE = ("1", "t", "T", "TRUE", "true", "True")
_FALSE = ("0", "f", "F", "FALSE", "false", "False")


def integer(text: str) -> int | None:
    """A decimal integer of 64 bits, with a sign or without; None for any other text."""
    # Millions of sizes and ports go through here.
    if text.isdigit() and len(text) <= _DIGITS_THAT_FIT and text.isascii():
        return int(text)
    if text == "-" or len(text) > _MAX_LENGTH or not _INTEGER.fullmatch(text):
        return None
    number = int(text)
    return number if -INT64_MAX - 1 <= number <= INT64_MAX else None


def unsigned(text: str, largest: int) -> int | None:
    """A decimal integer between 0 and `largest` without a sign; None for any other text."""
    if text.isdigit() and len(text) <= _MAX_LENGTH and text.isascii():
        number = int(text)
        return number if number <= largest else None
    return None


# Most are one of the first few thousand thousandths.
@lru_cache(_CACHED)
def decimal(text: str) -> float | None:
    """A decimal number, with an exponent or without; None for any other text, and for a number
    that a double cannot hold."""
    if not _DECIMAL.fullmatch(text):
        return None
    number = float(text)
    return number if math.isfinite(number) else None


def boolean(text: str) -> bool | None:
    """True or False in one of the usual six spellings each; None for any other text."""
    if text in _TRUE:
        return True
    return False if text in _FALSE else None


def needed(number: int | None, name: str) -> int:
    """The number that was read for a field. Raises Refused when there was none."""
    if number is None:
        raise Refused("not a number in range", name)
    return number
