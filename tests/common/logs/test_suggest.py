"""Suggestions fit all texts of a field, and one timestamp is the event's."""

import pytest

from common.logs.infer import Place, finish, gathered, note
from common.logs.model import walk
from common.logs.suggest import observe, suggestions, with_event_time

HEX = "0123456789abcdefABCDEF0123456789abcdefABCDEF0123456789abcdefABCDEF"


def inferred(*lines):
    place = Place()
    for line in lines:
        note(place, line)
    return finish(gathered(place))


def suggested(*lines):
    possible = {}
    for line in lines:
        observe(possible, line)
    return suggestions(inferred(*lines), possible)


@pytest.mark.parametrize(
    ("name", "text", "indicator"),
    [
        ("x", HEX[:32], "md5"),
        ("x", HEX[:40], "sha1"),
        ("x", HEX[:64], "sha256"),
        ("x", HEX[:33], None),
        ("x", "someone@example.com", "email"),
        ("userName", "someone@example.com", "email"),
        ("x", "@", None),
        ("dns.query", "www.example.com.", "domain"),
        ("Domain", "example.com", "domain"),
        ("domain", "local", None),
        ("x", "www.example.com", None),
        ("computer_name", "PC-17", "hostname"),
        ("hostname", "a b", None),
        ("user", "someone", "username"),
        ("loginName", "Some One", "username"),
        ("user_agent", "curl", None),
        ("traceId", HEX[:32], "trace_id"),
        ("x-request-id", "7/8", "trace_id"),
        ("ip", "192.0.2.4", None),
        ("hostname", "192.0.2.4", None),
    ],
)
def test_names_and_texts_tell_indicators(name, text, indicator):
    expected = {(name,): ("indicators:", f"- {indicator}")} if indicator else {}
    assert suggested({name: text}) == expected


def test_account_ids_are_texts_of_digits():
    assert suggested({"accountId": "012345678901"}) == {
        ("accountId",): ("type: string", "indicators:", "- aws_account_id")
    }
    assert suggested({"accountId": 112345678901}) == {}
    assert suggested({"number": "012345678901"}) == {}


def test_every_text_of_a_field_has_to_fit():
    assert suggested({"a": HEX[:32]}, {"a": HEX[:31]}) == {}
    assert suggested({"a": HEX[:32]}, {"a": ""}, {"a": None}, {}) != {}
    assert suggested({"user": "someone"}, {"user": "some.one@example.com"}) == {
        ("user",): ("indicators:", "- username")
    }


def test_fields_at_any_depth_get_suggestions():
    line = {"a": {"user": "x"}, "hosts": ["h1", "h2"], "l": [{"user": "y"}, {"user": None}]}
    assert set(suggested(line)) == {("a", "user"), ("hosts", "[]"), ("l", "[]", "user")}


def test_fields_that_become_json_get_none():
    assert suggested({"a": {"user": "x"}}, {"a": 1}) == {}


TIME = "2022-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("lines", "path"),
    [
        ([{"a": 1}], None),
        ([{"a": [TIME], "l": [{"t": TIME}]}], None),
        ([{"b": TIME, "a": TIME}], "a"),
        ([{"a": TIME, "time": TIME}], "time"),
        ([{"time": TIME, "@timestamp": TIME, "Event-Time": TIME}], "Event-Time"),
        ([{"time": TIME, "a": TIME}, {"a": TIME}], "a"),
        ([{"o": {"time": TIME}, "a": TIME}], "a"),
        ([{"o": {"a": TIME, "p": {"time": TIME}}}], "o.a"),
        ([{"o": {"time": TIME}, "q": {"time": TIME}}, {"q": {"time": TIME}}], "q.time"),
    ],
)
def test_the_likeliest_timestamp_is_the_events(lines, path):
    before = inferred(*lines)
    after = with_event_time(before)
    marked = [path for path, value in walk(after) if value.is_event_time]
    assert marked == ([path] if path else [])
    assert [path for path, _ in walk(after)] == [path for path, _ in walk(before)]
