"""Floating-point numbers are written as short as they can be, in the spelling of the format."""

import random
import re
import struct

import msgspec
import pytest

from common.logs.numbers import float_32_text, float_text, number, number_32

TEXTS = [
    (5.0, "5"),
    (100.0, "100"),
    (0.0, "0"),
    (-0.0, "-0"),
    (0.1, "0.1"),
    (-2.5, "-2.5"),
    (1234567.891, "1234567.891"),
    (0.00039, "0.00039"),
    (0.000001, "0.000001"),
    (0.0000012345, "0.0000012345"),
    (1e-7, "1e-07"),
    (-1.5e-7, "-1.5e-07"),
    (9.999999e-7, "9.999999e-07"),
    (1e15, "1000000000000000"),
    (1e16, "10000000000000000"),
    (123456789012345680000.0, "123456789012345680000"),
    (-1e20, "-100000000000000000000"),
    (1e21, "1e+21"),
    (1.5e300, "1.5e+300"),
    (5e-324, "5e-324"),
    (1.7976931348623157e308, "1.7976931348623157e+308"),
]


def encoded(value):
    return msgspec.json.encode(value).decode()


@pytest.mark.parametrize(("value", "text"), TEXTS)
def test_a_double_is_written_short(value, text):
    assert float_text(value) == text
    assert encoded(number(value)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1, "0.1"),
        (0.30000001, "0.3"),
        (5.0, "5"),
        (-0.0, "-0"),
        (16777217.0, "16777216"),
        (3.4028234663852886e38, "3.4028235e+38"),
        (1e-45, "1e-45"),
        (1e-7, "1e-07"),
        (1e21, "1e+21"),
        (123456.789, "123456.79"),
    ],
)
def test_a_32_bit_number_is_written_shorter(value, text):
    assert float_32_text(value) == text
    assert encoded(number_32(value)) == text


def any_doubles(count):
    randoms = random.Random(11)
    for _ in range(count):
        yield struct.unpack("d", randoms.randbytes(8))[0]
        yield randoms.uniform(-1e6, 1e6)
        yield float(randoms.randrange(-(10**17), 10**17))
        yield randoms.randrange(-(10**6), 10**6) / 1000
        yield randoms.choice((-1, 1)) * 10.0 ** randoms.randrange(-12, 25) * randoms.random()


SPELLING = re.compile(
    r"-?(?:0|[1-9][0-9]{0,20})(?:\.[0-9]*[1-9])?|-?[1-9](?:\.[0-9]*[1-9])?e[+-]\d{2,3}"
)


def test_any_double_reads_back_as_itself_and_is_spelled_as_the_format_says():
    for value in any_doubles(2000):
        if value - value == 0:
            text = float_text(value)
            assert float(text) == value
            assert SPELLING.fullmatch(text), text
            assert ("e" in text) == (value != 0 and not 1e-6 <= abs(value) < 1e21)
            assert encoded(number(value)) == text


def test_any_32_bit_number_reads_back_as_itself():
    randoms = random.Random(12)
    for _ in range(3000):
        value = struct.unpack("f", randoms.randbytes(4))[0]
        if value - value == 0:
            text = float_32_text(value)
            assert struct.unpack("f", struct.pack("f", float(text)))[0] == value
            assert SPELLING.fullmatch(text), text
