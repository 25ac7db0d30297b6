"""Floating-point numbers as an event writes them."""

from __future__ import annotations

import struct

from msgspec import Raw

# Between these repr() and the encoder agree with the rules, but for whole numbers.
_pack, _unpack = struct.Struct("f").pack, struct.Struct("f").unpack
_LEAST_NORMAL = 2.0**-126
MOST_32 = 3.4028235677973366e38
"""The least number that is no 32-bit number: it is rounded to infinity (IEEE 754, section 7.4)."""
_PLAIN_LEAST, _PLAIN_MOST = 1e-3, 1e15


def float_text(number: float) -> str:
    """The shortest text that reads back as the same double: plain from 1e-6 up to 1e21 (exclusive),
    with an exponent of at least two digits elsewhere, without a trailing ".0"."""
    return _styled(repr(number), abs(number))


def float_32_text(number: float) -> str:
    """The same for the nearest 32-bit number, as short as 32 bits allow."""
    (nearest,) = _unpack(_pack(number))
    # As many digits as survive in every normal number; those that are zero are not written.
    for digits in range(6 if abs(nearest) >= _LEAST_NORMAL else 1, 9):
        short = float(f"{nearest:.{digits}g}")
        if _unpack(_pack(short))[0] == nearest:
            return _styled(repr(short), abs(nearest))
    return _styled(repr(float(f"{nearest:.9g}")), abs(nearest))


def _styled(shortest: str, size: float) -> str:
    mantissa, _, exponent = shortest.partition("e")
    mantissa = mantissa.removesuffix(".0")
    if size and not 1e-6 <= size < 1e21:
        if not exponent:
            mantissa, exponent = _scientific(mantissa)
        sign = "-" if int(exponent) < 0 else "+"
        return f"{mantissa}e{sign}{abs(int(exponent)):02d}"
    return _plain(mantissa, int(exponent)) if exponent else mantissa


def _scientific(plain: str) -> tuple[str, str]:
    mantissa, _, exponent = f"{float(plain):.16e}".partition("e")
    return mantissa.rstrip("0").rstrip("."), exponent


def _plain(mantissa: str, exponent: int) -> str:
    sign = "-" if mantissa.startswith("-") else ""
    whole, _, part = mantissa.lstrip("-").partition(".")
    digits = whole + part
    point = len(whole) + exponent
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    if point >= len(digits):
        return sign + digits + "0" * (point - len(digits))
    return f"{sign}{digits[:point]}.{digits[point:]}"


def number(value: float) -> int | float | Raw:
    """What the JSON encoder writes as `float_text` does."""
    if _PLAIN_LEAST <= abs(value) < _PLAIN_MOST:
        return int(value) if value.is_integer() else value
    return Raw(float_text(value).encode())


def number_32(value: float) -> Raw:
    """What the JSON encoder writes as `float_32_text` does."""
    return Raw(float_32_text(value).encode())
