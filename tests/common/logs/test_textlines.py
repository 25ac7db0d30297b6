"""The steps that CSV, fastmatch and regex lines share, in their order."""

import pytest

from common.logs.refused import Refused
from common.logs.textlines import template_of, text_parser


def pairs_of(line):
    """A matcher of `a=1;b=2`, which takes no line with an exclamation mark."""
    if "!" in line:
        raise Refused("does not match")
    return [tuple(pair.split("=", 1)) for pair in line.split(";")]


def parsed(line, **config):
    return text_parser(config, lambda: pairs_of)(line)


def test_without_a_word_said_pairs_stay_as_they_are():
    assert parsed("a= 1 ;b=") == [("a", " 1 "), ("b", "")]
    with pytest.raises(Refused):
        parsed("!")


def test_the_first_lines_are_skipped_whatever_they_are():
    parse = text_parser({"skipLines": 2, "skipPrefix": "#"}, lambda: pairs_of)
    assert [parse("!"), parse("#"), parse("a=1"), parse("#!"), parse("a=2")] == [
        None,
        None,
        [("a", "1")],
        None,
        [("a", "2")],
    ]


def test_each_stream_has_a_matcher_of_its_own():
    made = []
    for _ in range(2):
        text_parser({}, lambda: made.append(1) or pairs_of)
    assert len(made) == 2


def test_a_skipped_prefix_is_exact():
    assert parsed("#a=1", skipPrefix="#") is None
    assert parsed(" #a=1", skipPrefix="#") == [(" #a", "1")]
    assert parsed("#a=1", skipPrefix="") == [("#a", "1")]


def test_values_are_trimmed_before_they_count_as_empty():
    assert parsed("a= - ;b= x ", trimSpace=True, emptyValues=["-"]) == [("b", "x")]
    assert parsed("a= - ;b=-", emptyValues=["-"]) == [("a", " - ")]
    assert parsed("a=;b=x", emptyValues=["", "y"]) == [("b", "x")]


@pytest.mark.parametrize(
    ("line", "expand", "pairs"),
    [
        ("a=1;b=2", {"c": "%{a}-%{b}"}, {"a": "1", "b": "2", "c": "1-2"}),
        ("a=1;b=2", {"c": "%{ a }"}, {"a": "1", "b": "2", "c": "1"}),
        ("a=1", {"c": "%{none}x"}, {"a": "1", "c": "x"}),
        ("a=1", {"c": "%{none}"}, {"a": "1"}),
        ("a=1", {"c": ""}, {"a": "1"}),
        ("a=1;b=-", {"c": "%{b}%{a}"}, {"a": "1", "c": "1"}),
        ("a=1", {"a": "%{a}%{a}"}, {"a": "11"}),
        ("a=1", {"b": "%{a}", "c": "%{b}"}, {"a": "1", "b": "1"}),
        ("a=1;b=2", {"a": "%{b}", "b": "%{a}"}, {"a": "2", "b": "1"}),
        ("a=1", {"c": "-"}, {"a": "1"}),
        ("a=1;a=2", {"c": "%{a}"}, {"a": "2", "c": "2"}),
        ("a=%{b};b=2", {"c": "%{a}"}, {"a": "%{b}", "b": "2", "c": "%{b}"}),
    ],
)
def test_templates_see_the_parsed_pairs_and_not_each_other(line, expand, pairs):
    assert dict(parsed(line, expandFields=expand, emptyValues=["-"])) == pairs


@pytest.mark.parametrize(
    ("template", "text"),
    [("", ""), ("x", "x"), ("%{a}", "1"), ("%{a}%{b}", "12"), ("}%{a}}{", "}1}{"), ("%a", "%a")],
)
def test_a_template_is_literal_but_for_its_tags(template, text):
    assert template_of(template)({"a": "1", "b": "2"}) == text
