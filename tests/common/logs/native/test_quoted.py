"""Quoted fields are cut the same way on the short path and quote by quote."""

from itertools import product

import pytest

from common.logs.native import quoted

LAZY = [
    ("a b", ["a", "b"]),
    ("a  b", ["a", "", "b"]),
    ("", [""]),
    ('"a b" c', ["a b", "c"]),
    ('x "a b" "c d" y', ["x", "a b", "c d", "y"]),
    ('x "a"  "b"', ["x", "a", "", "b"]),
    ('"" x', ["", "x"]),
    ('"say ""hi""" x', ['say "hi"', "x"]),
    ('a"b" c', ['a"b"', "c"]),
    ('"a"b c" d', ['a"b c', "d"]),
    ('x "a b', ["x", "a b"]),
    ('x "', ["x", ""]),
]
STRICT_ERRORS = [
    ('a"b" c', "inside a field that is not quoted"),
    ('"a"b c" d', "behind the closing quote"),
    ('x "a b', "has no end"),
    ('x "a ""b', "has no end"),
]


def cut(split, *arguments):
    try:
        return split(*arguments)
    except ValueError as error:
        return str(error)


@pytest.mark.parametrize(("line", "fields"), LAZY)
def test_lazy_quotes_take_every_line(line, fields):
    assert quoted.spaced(line, is_lazy=True) == fields
    assert quoted.commas(line.replace(" ", ",")) == [field.replace(" ", ",") for field in fields]


@pytest.mark.parametrize(("line", "reason"), STRICT_ERRORS)
def test_strict_quotes_refuse_a_misplaced_one(line, reason):
    with pytest.raises(ValueError, match=reason):
        quoted.spaced(line)


@pytest.mark.parametrize("line", [line for line, _ in LAZY[:8]])
def test_strict_quotes_read_well_formed_lines_as_lazy_ones_do(line):
    assert quoted.spaced(line) == quoted.spaced(line, is_lazy=True)


def test_spaces_around_fields_between_commas_are_text():
    assert quoted.commas('a, "b" ,c') == ["a", ' "b" ', "c"]


@pytest.mark.parametrize("is_lazy", [False, True])
def test_the_short_path_agrees_with_the_careful_one_on_all_short_lines(is_lazy):
    # A zero byte is the character that the short path uses for itself.
    for length in range(7):
        for letters in product('a\0" ', repeat=length):
            line = "".join(letters)
            expected = cut(quoted.careful, line, " ", is_lazy)
            assert cut(quoted.spaced, line, is_lazy) == expected, line


def test_the_short_path_for_commas_agrees_with_the_careful_one_on_all_short_lines():
    for length in range(8):
        for letters in product('a",', repeat=length):
            line = "".join(letters)
            assert quoted.commas(line) == quoted.careful(line, ",", is_lazy=True), line
