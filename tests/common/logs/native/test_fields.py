"""Numbers are read as the schema's types hold them, and nothing else counts as one."""

import pytest

from common.logs.native import fields

INTEGERS = [
    ("0", 0),
    ("007", 7),
    ("-5", -5),
    ("+5", 5),
    ("9223372036854775807", 2**63 - 1),
    ("9223372036854775808", None),
    ("-9223372036854775808", -(2**63)),
    ("-9223372036854775809", None),
    ("", None),
    ("-", None),
    ("1.0", None),
    ("1e3", None),
    ("1_000", None),
    (" 1", None),
    ("0x10", None),
    ("²", None),
    ("٣", None),
    ("9" * 5_000, None),
]
DECIMALS = [
    ("0.086", 0.086),
    ("-1", -1.0),
    ("+1.5e-3", 0.0015),
    (".5", 0.5),
    ("5.", 5.0),
    ("", None),
    ("-", None),
    (".", None),
    ("nan", None),
    ("inf", None),
    ("1e999", None),
    ("1_0", None),
    ("0x1p3", None),
    ("٣", None),
]


@pytest.mark.parametrize(("text", "number"), INTEGERS)
def test_an_integer_has_64_bits_and_decimal_digits(text, number):
    assert fields.integer(text) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("65535", 65535), ("65536", None), ("-1", None), ("+1", None), ("", None)],
)
def test_an_unsigned_integer_ends_at_its_largest_value(text, number):
    assert fields.unsigned(text, fields.UINT16_MAX) == number


@pytest.mark.parametrize(("text", "number"), DECIMALS)
def test_a_decimal_is_a_finite_number_in_plain_or_exponent_notation(text, number):
    assert fields.decimal(text) == number


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("T", True), ("0", False), ("False", False), ("yes", None)]
)
def test_truth_values_have_their_usual_spellings(text, value):
    assert fields.boolean(text) is value


def test_a_missing_number_is_named_but_zero_is_none():
    assert fields.needed(0, "size") == 0
    with pytest.raises(ValueError, match="size: not a number in range"):
        fields.needed(None, "size")
