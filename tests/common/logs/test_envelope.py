"""The p_ members around an event, byte by byte, in their order."""

import json

import pytest

from common.logs.codec import Event
from common.logs.envelope import KNOWN_TIMES, Envelope

PARSED_NS = 1_647_250_013_123_456_789
IDS = ["id1", "id2"]


def envelope(is_lake=False, **source):
    return Envelope(is_lake, iter(IDS).__next__, **source)


@pytest.mark.parametrize(
    ("is_lake", "happened", "parsed"),
    [
        (False, "2022-03-14T09:26:53.5Z", "2022-03-14T09:26:53.123456789Z"),
        (True, "2022-03-14 09:26:53.500000000", "2022-03-14 09:26:53.123456789"),
    ],
)
def test_an_event_is_written_with_its_own_fields_first_and_the_lists_last(
    is_lake, happened, parsed
):
    event = Event(
        "Custom.Foo",
        b'{"a":1}',
        1_647_250_013_500_000_000,
        ',"p_any_ip_addresses":["::1"],"p_any_domain_names":["é"]'.encode(),
    )
    made = envelope(is_lake, source_id='s"1', source_label="Büro")
    line = made.line(event, PARSED_NS)
    assert line.decode() == (
        '{"a":1,"p_log_type":"Custom.Foo","p_row_id":"id1",'
        f'"p_event_time":"{happened}","p_parse_time":"{parsed}",'
        '"p_source_id":"s\\"1","p_source_label":"Büro",'
        '"p_any_ip_addresses":["::1"],"p_any_domain_names":["é"]}'
    )
    assert json.loads(made.line(event, PARSED_NS))["p_row_id"] == "id2"


@pytest.mark.parametrize(
    ("source", "members"),
    [
        ({}, []),
        ({"source_id": "a"}, ["p_source_id"]),
        ({"source_label": "b"}, ["p_source_label"]),
        ({"source_id": "a", "source_label": "b"}, ["p_source_id", "p_source_label"]),
    ],
)
def test_an_empty_source_is_left_out(source, members):
    event = json.loads(envelope(**source).line(Event("A.B", b"{}", None, b""), PARSED_NS))
    assert list(event) == [
        *("p_log_type", "p_row_id", "p_event_time", "p_parse_time"),
        *members,
    ]


@pytest.mark.parametrize("is_lake", [False, True])
def test_an_event_without_a_time_happened_when_it_was_parsed(is_lake):
    line = envelope(is_lake).line(Event("A.B", b"{}", None, b""), PARSED_NS)
    event = json.loads(line)
    assert line.startswith(b'{"p_log_type":"A.B"')
    assert event["p_event_time"] == event["p_parse_time"]


def test_a_time_of_zero_is_a_time():
    event = json.loads(envelope().line(Event("A.B", b"{}", 0, b""), PARSED_NS))
    assert event["p_event_time"] == "1970-01-01T00:00:00Z"


def test_very_many_times_and_types_are_written_right():
    made = Envelope(False, lambda: "id")
    for second in [*range(KNOWN_TIMES + 2), 0, 1]:
        name = f"Type{second % 3}"
        event = json.loads(made.line(Event(name, b"{}", second * 10**9, b""), PARSED_NS))
        hours, minutes = divmod(second // 60, 60)
        assert event["p_event_time"] == f"1970-01-01T{hours:02}:{minutes:02}:{second % 60:02}Z"
        assert event["p_log_type"] == name
