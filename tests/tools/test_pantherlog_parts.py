"""The pure parts of pantherlog: what is kept of a block, how events are compared."""

import json

import pytest

from common.logs.engine import Parsed
from common.logs.unread import Block
from tools.pantherlog.compare import ABSENT, differences
from tools.pantherlog.records import Counts, cut, event_lines, named, part, record_lines

BLOCK = Block(11, [b"a", b"", b"bad", b"head", b"cc", b"bad"])
RECORDS = [
    Parsed(11, [(None, b"A")], ""),
    Parsed(13, (), "no"),
    Parsed(14, (), ""),
    Parsed(15, [(None, b"C1"), (None, b"C2")], ""),
    Parsed(16, (), "no more"),
]


# ---- records -------------------------------------------------------------------------------------


def test_a_part_has_the_events_the_counts_and_the_failures_of_a_block():
    whole = part(RECORDS, BLOCK, event_lines)
    assert whole.data == b"A\nC1\nC2\n"
    assert whole.counts == Counts(lines=6, events=3, failed=2, skipped=2, taken=3)
    assert [one[:3] for one in whole.failures] == [(13, "no", b"bad"), (16, "no more", b"bad")]


@pytest.mark.parametrize(
    "failures_left, data, counts",
    [
        (1, b"A\n", Counts(3, 1, 1, 1, 1)),
        (2, b"A\nC1\nC2\n", Counts(6, 3, 2, 2, 3)),
        (3, b"A\nC1\nC2\n", Counts(6, 3, 2, 2, 3)),
    ],
)
def test_a_part_is_cut_behind_the_last_failure_allowed(failures_left, data, counts):
    kept = cut(part(RECORDS, BLOCK, event_lines), failures_left)
    assert (kept.data, kept.counts) == (data, counts)
    assert len(kept.failures) == min(failures_left, 2)


def test_a_cut_part_ends_with_the_record_that_failed():
    def show(parsed):
        return record_lines(parsed, shows_type=False)

    kept = cut(part(RECORDS, BLOCK, show), 1)
    assert kept.data == b'{"line":11,"events":[A]}\n{"line":13,"error":"no"}\n'


def test_a_block_of_blank_lines_gives_nothing():
    assert part([], Block(1, [b"", b""]), event_lines) == (b"", Counts(2, 0, 0, 2), ())


def test_the_name_of_a_file_goes_before_everything_else():
    data = b'{"line":1,"events":[]}\n{"line":2,"error":"{\\"line\\":"}\n'
    assert named(data, 'a"b') == (
        b'{"file":"a\\"b","line":1,"events":[]}\n{"file":"a\\"b","line":2,"error":"{\\"line\\":"}\n'
    )
    assert named(b"", "a") == b""


def test_a_name_that_is_no_utf8_does_not_spoil_the_output():
    assert named(b'{"line":1}\n', "caf\u00e9\udcff") == '{"file":"caf\u00e9?","line":1}\n'.encode()


# ---- comparing -----------------------------------------------------------------------------------

GOT = {
    "p_row_id": "0a", "p_parse_time": "2022-06-15T12:00:00Z", "p_event_time": "2022-06-15T12:00:00Z"
}  # fmt: skip


@pytest.mark.parametrize(
    "got, want",
    [
        ({}, {}),
        ({}, {"p_row_id": "other", "p_parse_time": "2000-01-01T00:00:00Z"}),
        ({}, {"p_event_time": "2022-06-15T14:00:00.000+02:00"}),
        ({"a": None, "b": [{"c": None}]}, {"b": [{}], "d": None}),
        ({"a": 1}, {"a": 1.0}),
        ({"a": 10**30}, {"a": 10**30}),
        ({"p_any_emails": ["b", "a"]}, {"p_any_emails": ["a", "b"]}),
    ],
)
def test_events_that_are_as_wanted(got, want):
    assert differences(GOT | got, want) == []


@pytest.mark.parametrize(
    "got, want, found",
    [
        ({"p_row_id": ""}, {}, ("p_row_id", ABSENT, "anything")),
        ({"p_parse_time": None}, {"p_event_time": GOT["p_event_time"]},
         ("p_parse_time", ABSENT, "anything")),
        ({"p_event_time": "2022-06-15T12:00:01Z"}, {},
         ("p_event_time", "2022-06-15T12:00:01Z", GOT["p_parse_time"])),
        ({}, {"p_event_time": "noon"}, ("p_event_time", GOT["p_event_time"], "noon")),
        ({"a": {"b": [1, {"c": 2}]}}, {"a": {"b": [1, {"c": 3}]}}, ("a.b[1].c", 2, 3)),
        ({"a": [1, 2]}, {"a": [2, 1]}, ("a[0]", 1, 2)),
        ({"a": [1]}, {"a": [1, 2]}, ("a", [1], [1, 2])),
        ({"a": [None]}, {"a": []}, ("a", [None], [])),
        ({"a": True}, {"a": 1}, ("a", True, 1)),
        ({"a": 0}, {"a": False}, ("a", 0, False)),
        ({"a": "1"}, {"a": 1}, ("a", "1", 1)),
        ({"a": 10**30}, {"a": 10**30 + 1}, ("a", 10**30, 10**30 + 1)),
        ({"a": {}}, {}, ("a", {}, ABSENT)),
        ({}, {"a": ""}, ("a", ABSENT, "")),
        (json.loads('{"a":"<absent>"}'), {}, ("a", "<absent>", ABSENT)),
    ],
)  # fmt: skip
def test_events_that_differ_are_told_by_member(got, want, found):
    assert differences(GOT | got, want)[0] == found
