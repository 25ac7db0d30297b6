"""Fastmatch: fields as short as they can be, between literal texts."""

import pytest

from common.logs.fastmatch import fast_matcher, names_of, pattern_of, pattern_problems
from common.logs.refused import Refused
from tests.common.logs.small_schemas import REFUSED, field, outcomes, schema


def matched(line, *patterns):
    try:
        return fast_matcher({"match": list(patterns)})(line)
    except Refused:
        return REFUSED


@pytest.mark.parametrize(
    ("pattern", "line", "pairs"),
    [
        ("%{a} %{b}", "x y", [("a", "x"), ("b", "y")]),
        ("%{a} %{b}", "x y z", [("a", "x"), ("b", "y z")]),
        ("%{a} %{b}", "x ", [("a", "x"), ("b", "")]),
        ("%{a} %{b}", " y", [("a", ""), ("b", "y")]),
        ("%{a} %{b}", "x", REFUSED),
        ("%{ a } %{b  }", "x y", [("a", "x"), ("b", "y")]),
        ("[%{a}]", "[x]", [("a", "x")]),
        ("[%{a}]", "[x] ignored", [("a", "x")]),
        ("[%{a}]", "[]", [("a", "")]),
        ("[%{a}]", "x]", REFUSED),
        ("[%{a}]", " [x]", REFUSED),
        ("%{a}--%{b}--", "x-y--z--", [("a", "x-y"), ("b", "z")]),
        ("%{a}aab%{b}", "aaab", [("a", "a"), ("b", "")]),
        ("%{} %{b}", "x y", [("b", "y")]),
        ("%{ } %{b}", "x y", [("b", "y")]),
        ("%{a} %{a}", "x y", [("a", "x"), ("a", "y")]),
        ("a.c*%{a}", "a.c*x", [("a", "x")]),
        ("a.c*%{a}", "abcx", REFUSED),
        ("%{a}: %{b}\n", "x: y", [("a", "x"), ("b", "y")]),
        ("%{a} %{b}", "x\ny z", [("a", "x\ny"), ("b", "z")]),
        ("%{a}é%{b}", "xéy", [("a", "x"), ("b", "y")]),
        # The shortest field decides, also where a longer one would let the rest match.
        ("%{a} %{b}:%{c}", "x y z:w", [("a", "x"), ("b", "y z"), ("c", "w")]),
        ("%{a}=1 %{b}=2", "x=1 y=1 z=2", [("a", "x"), ("b", "y=1 z")]),
    ],
)
def test_a_field_is_the_shortest_text_before_its_delimiter(pattern, line, pairs):
    assert matched(line, pattern) == pairs


QUOTED = '%{a} "%{q}" %{z}'


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (r'x "plain" z', "plain"),
        (r'x "say \"hi\" now" z', 'say "hi" now'),
        (r'x "a\\" z', "a\\"),
        (r'x "\n\t\r\a\b\f\v" z', "\n\t\r\a\b\f\v"),
        (r'x "\x41\xc3\xa9" z', "Aé"),
        (r'x "\xff" z', "\ufffd"),
        (r'x "\101\377" z', "A\ufffd"),
        (r'x "\u00e9\U0001f600" z', "é😀"),
        (r'x "" z\n', ""),
        (r'x "é\"" z', 'é"'),
        (r'x "\q" z', REFUSED),
        (r'x "\'" z', REFUSED),
        (r'x "\x4" z', REFUSED),
        (r'x "\x4g" z', REFUSED),
        (r'x "\477" z', REFUSED),
        (r'x "\18" z', REFUSED),
        (r'x "\ud83d" z', REFUSED),
        (r'x "\U00110000" z', REFUSED),
        ('x "\\u' + "\N{ARABIC-INDIC DIGIT ZERO}" * 4 + '" z', REFUSED),
        (r'x "a\"', REFUSED),
        ('x "a\\', REFUSED),
        (r'x "a\"b" y', 'a"b'),
        (r'x "a\"b"y', REFUSED),
    ],
)
def test_escapes_are_decoded_in_a_quoted_field(line, text):
    pairs = matched(line, QUOTED)
    assert pairs == REFUSED if text == REFUSED else dict(pairs)["q"] == text


def test_quotes_of_either_kind_count_only_on_both_sides():
    assert matched(r"'it\'s' x", "'%{q}' %{z}") == [("q", "it's"), ("z", "x")]
    assert matched(r"'\"' x", "'%{q}' %{z}") == REFUSED
    assert matched(r'a\"b" x', '%{q}" %{z}') == [("q", r"a\"b"), ("z", "x")]
    assert matched(r'"a\b', '"%{q}') == [("q", r"a\b")]
    assert matched(r'"a\b;', '"%{q};') == [("q", r"a\b")]


def test_a_backslash_before_the_quoted_field_does_not_matter():
    assert matched(r'a\qb "x" z', QUOTED) == [("a", r"a\qb"), ("q", "x"), ("z", "z")]
    assert matched(r'a "x" \q', QUOTED) == [("a", "a"), ("q", "x"), ("z", r"\q")]


def test_patterns_are_tried_in_order():
    assert matched("x=1", "%{a}: %{b}", "%{c}=%{d}", "%{e}=%{f}") == [("c", "x"), ("d", "1")]
    assert matched(r'"\q" y', '"%{a}" %{b}', "%{c} %{d}") == [("c", r'"\q"'), ("d", "y")]
    assert matched("x", "%{a}: %{b}", "%{c}=%{d}") == REFUSED


def test_every_line_is_an_event_of_its_own():
    of = schema(
        field("a", "string"),
        field("n", "int"),
        parser={"fastmatch": {"match": ["%{a}=%{n}", "%{a}"]}},
    )
    assert outcomes(of, "x=1", "y=2", "z=", "y=z") == [
        [{"a": "x", "n": 1}],
        [{"a": "y", "n": 2}],
        [{"a": "z"}],
        REFUSED,
    ]


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("%{}", "4 characters"),
        ("abcd", "needs a tag"),
        ("%{a}%{b}", "no text between"),
        ("%{a} %{b", "without a closing"),
        ("%{a}\n%{b}", "line break"),
    ],
)
def test_a_bad_pattern_is_reported_with_its_place(pattern, problem):
    (found,) = pattern_problems({"match": ["%{a} %{b}", pattern]})
    assert found.path == "parser.fastmatch.match.1"
    assert problem in found.text


def test_names_of_patterns_are_listed_in_order():
    assert names_of(["%{b} %{a}", "%{c}-%{}-%{b}"]) == ["b", "a", "c", "b"]
    assert pattern_of("x%{a}").prefix == "x"


@pytest.mark.parametrize(
    ("patterns", "line"),
    [
        (["%{a} %{b} %{c} %{d}: %{e}"], "x " * 500_000),
        (["%{a},%{b},%{c};"], "," * 1_000_000),
        (['"%{a}" "%{b}" "%{c}"'], '"' + r"\"" * 300_000),
        ([f"%{{a}}{n} %{{b}}" for n in range(20)], "x" * 100_000),
    ],
)
def test_hostile_lines_take_no_longer_than_their_length(patterns, line):
    assert matched(line, *patterns) == REFUSED
