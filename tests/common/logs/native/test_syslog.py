"""Syslog lines of both kinds: what is a line, how it is cut, and what is found."""

from datetime import UTC, datetime

import pytest

from common.logs.found import DOMAIN, IP, Found
from common.logs.moment import Moment
from common.logs.native import syslog

NOW = int(datetime(2022, 1, 20, tzinfo=UTC).timestamp()) * 10**9
TIME = Moment(int(datetime(2022, 12, 2, 9, 26, 53, tzinfo=UTC).timestamp()) * 10**9)
parse_3164 = syslog.rfc3164_parser(lambda: NOW)
parse_5424 = syslog.parse_rfc5424


def said(values):
    return {name: value for name, value in values.items() if value is not None}


def test_a_line_of_rfc3164():
    assert said(parse_3164("<165>Dec  2 09:26:53 web-1 su[23 b]: session opened")) == {
        "priority": 165,
        "facility": 20,
        "severity": 5,
        "timestamp": TIME,
        "hostname": "web-1",
        "appname": "su",
        "procid": "23 b",
        "message": "session opened",
    }


@pytest.mark.parametrize(
    ("time", "day"),
    [
        ("Dec  2 09:26:53", 2),
        ("Dec 12 09:26:53", 12),
        ("Dec 30 09:26:53", 30),
        ("2022-12-02T09:26:53Z", 2),
        ("2022-12-02T11:26:53+02:00", 2),
    ],
)
def test_a_time_of_rfc3164_is_of_this_year_or_of_rfc3339(time, day):
    expected = int(datetime(2022, 12, day, 9, 26, 53, tzinfo=UTC).timestamp()) * 10**9
    assert parse_3164(f"<0>{time} h text")["timestamp"] == Moment(expected)


@pytest.mark.parametrize(
    ("text", "app", "process", "message"),
    [
        ("su: text", "su", None, "text"),
        ("su[]: text", "su", "", "text"),
        ("su[1]:text", "su", "1", "su[1]:text"),
        ("su:text: more", "su", None, "su:text: more"),
        ("su[1] text: more", None, None, "su[1] text: more"),
        ("no tag: text", None, None, "no tag: text"),
        (": text", None, None, ": text"),
        (f"{'a' * 32}: text", "a" * 32, None, "text"),
        (f"{'a' * 33}: text", None, None, f"{'a' * 33}: text"),
        ("caf\u00e9: text", None, None, "caf\u00e9: text"),
        ("a\\b]: text", "a\\b]", None, "text"),
        ("su: \u00fcber\ttext", "su", None, "\u00fcber\ttext"),
    ],
)
def test_a_tag_is_told_from_the_message(text, app, process, message):
    values = parse_3164(f"<13>Dec  2 09:26:53 h {text}")
    assert (values.get("appname"), values.get("procid")) == (app, process)
    assert values["message"] == message


@pytest.mark.parametrize(
    "line",
    [
        "<192>Dec  2 09:26:53 h text",
        "<013>Dec  2 09:26:53 h text",
        "<00>Dec  2 09:26:53 h text",
        "<>Dec  2 09:26:53 h text",
        "Dec  2 09:26:53 h text",
        "<13>Dec 2 09:26:53 h text",
        "<13>Dec 02 09:26:53 h text",
        "<13>Dec 32 09:26:53 h text",
        "<13>Feb 29 09:26:53 h text",
        "<13>dec  2 09:26:53 h text",
        "<13>Dec  2 24:26:53 h text",
        "<13>2022-12-02T09:26:53.5Z h text",
        "<13>2022-12-02T09:26:53 h text",
        "<13>Dec  2 09:26:53 host",
        f"<13>Dec  2 09:26:53 {'h' * 256} text",
        "<13>Dec  2 09:26:53 h\u00f6st text",
        "<13>1 2022-12-02T09:26:53Z h a - - - text",
        "<13>1 - - - - - -",
    ],
)
def test_other_lines_are_not_of_rfc3164(line):
    with pytest.raises(ValueError):
        parse_3164(line)


def test_the_longest_host():
    assert parse_3164(f"<191>Dec  2 09:26:53 {'h' * 255} text")["hostname"] == "h" * 255


def test_a_line_of_rfc5424():
    line = (
        "<165>1 2022-12-02T09:26:53.000Z web-1.example.com billing 4321 ID47"
        r' [meta@32473 seq="1" note="a \"b\" \] \\ \n"][x@1 y=""] Payment accepted'
    )
    assert said(parse_5424(line)) == {
        "priority": 165,
        "facility": 20,
        "severity": 5,
        "version": 1,
        "timestamp": TIME,
        "hostname": "web-1.example.com",
        "appname": "billing",
        "procid": "4321",
        "msgid": "ID47",
        "structured_data": {
            "meta@32473": {"seq": "1", "note": r'a "b" ] \ \n'},
            "x@1": {"y": ""},
        },
        "message": "Payment accepted",
    }


def test_hyphens_are_no_values_and_a_line_may_end_after_structured_data():
    assert said(parse_5424("<14>1 - - - - - -")) == {
        "priority": 14,
        "facility": 1,
        "severity": 6,
        "version": 1,
    }
    assert said(parse_5424("<14>999 - h a p m [id]")) == {
        "priority": 14,
        "facility": 1,
        "severity": 6,
        "version": 999,
        "hostname": "h",
        "appname": "a",
        "procid": "p",
        "msgid": "m",
        "structured_data": {"id": {}},
    }


@pytest.mark.parametrize("message", ["-", " two spaces", "\ufeffmarked", "[x] y", "\u00fc\ttab"])
def test_a_message_is_kept_as_it_is(message):
    assert parse_5424(f"<14>1 - - - - - - {message}")["message"] == message
    assert parse_5424(f'<14>1 - - - - - [a b="c"] {message}')["message"] == message


@pytest.mark.parametrize("fraction", ["", ".1", ".123456"])
@pytest.mark.parametrize("zone", ["Z", "-05:00"])
def test_a_time_of_rfc5424_has_at_most_six_digits(fraction, zone):
    assert parse_5424(f"<14>1 2022-12-02T09:26:53{fraction}{zone} - - - - -")["timestamp"]


@pytest.mark.parametrize(
    "rest",
    [
        "1 2022-12-02T09:26:53.1234567Z - - - - -",
        "1 2022-12-02T09:26:53 - - - - -",
        "1 2022-02-30T09:26:53Z - - - - -",
        "0 - - - - - -",
        "01 - - - - - -",
        "1000 - - - - - -",
        "1 - - - - -",
        "1 - - - - - x",
        "1 - - - - - -x",
        f"1 - {'h' * 256} - - - -",
        f"1 - - {'a' * 49} - - -",
        f"1 - - - {'p' * 129} - -",
        f"1 - - - - {'m' * 33} -",
        "1 - h\u00f6st - - - -",
        "1 - - - - - []",
        "1 - - - - - [a][a]",
        "1 - - - - - [a][]",
        "1 - - - - - [a b=c]",
        "1 - - - - - [a b]",
        '1 - - - - - [a b="c]',
        '1 - - - - - [a b="c"',
        '1 - - - - - [a b="]"]',
        r'1 - - - - - [a b="c\"]',
        '1 - - - - - [a  b="c"]',
        '1 - - - - - [a b="c"]text',
        f"1 - - - - - [{'a' * 33}]",
        f'1 - - - - - [a {"b" * 33}="c"]',
    ],
)
def test_other_lines_are_not_of_rfc5424(rest):
    with pytest.raises(ValueError):
        parse_5424(f"<14>{rest}")


def test_priorities_of_rfc5424_end_at_191():
    assert parse_5424("<191>1 - - - - - -")["facility"] == 23
    for priority in ("192", "01", "-1", ""):
        with pytest.raises(ValueError):
            parse_5424(f"<{priority}>1 - - - - - -")


@pytest.mark.parametrize(
    ("host", "message", "expected"),
    [
        ("web-1", "from 192.0.2.7 and 192.0.2.8", {DOMAIN: {"web-1"},
                                                   IP: {"192.0.2.7", "192.0.2.8"}}),
        ("192.0.2.5", "nothing", {IP: {"192.0.2.5"}}),
        ("2001:db8::5", "1.2.3.456 192.0.2.7", {IP: {"2001:db8::5"}}),
        (None, None, {}),
    ],
)  # fmt: skip
def test_the_host_and_addresses_of_the_message_are_found(host, message, expected):
    found = Found()
    syslog.collect({"hostname": host, "message": message}, found)
    assert found == expected
