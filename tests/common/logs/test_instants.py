"""Every timeFormat reads what logs hold and writes events and data-lake rows as they must be."""

import json
from functools import cache
from pathlib import Path

import pytest

from common.logs.instants import lake_time, rfc3339_utc, time_format
from common.logs.moment import Moment

LOGS = Path(__file__).parents[4] / "shared/data/logs"
SECOND = 1_647_250_013 * 10**9  # 2022-03-14T09:26:53Z
ODD = 123_456_789
NUMBERS = ("unix", "unix_ms", "unix_us", "unix_ns")


@pytest.mark.parametrize(
    ("format", "text", "ns"),
    [
        ("unix", "1647250013", SECOND),
        ("unix", "1647250013.25", SECOND + 250_000_000),
        ("unix", "1622418606.989", 1_622_418_606_989_000_000),
        ("unix", "1.0000019", 1_000_001_000),
        ("unix", "1.647250013e9", SECOND),
        ("unix", "-0.5", -500_000_000),
        ("unix", "-0.0000019", -1_000),
        ("unix", "+1", 1_000_000_000),
        ("unix", "0", 0),
        ("unix", "-62135596800", -62_135_596_800 * 10**9),
        ("unix", "253402300799", 253_402_300_799 * 10**9),
        ("unix_ms", "1647250013123", SECOND + 123_000_000),
        ("unix_ms", "-1", -1_000_000),
        ("unix_us", "1647250013123456", SECOND + 123_456_000),
        ("unix_ns", "1647250013123456789", SECOND + ODD),
        ("unix_ns", "0001", 1),
    ],
)
def test_numbers_since_1970_are_read_from_numbers_and_from_texts(format, text, ns):
    functions = time_format(format)
    assert functions.read(text) == Moment(ns)
    assert functions.read_number(text) == Moment(ns)


@pytest.mark.parametrize("format", NUMBERS)
@pytest.mark.parametrize(
    "text",
    ["", " 1", "1 ", "1_0", "0x10", "nan", "Infinity", "1e", ".", "1.2.3", "--1", "\u0663", "1,5"],
)
def test_a_text_that_is_no_plain_number_is_refused(format, text):
    with pytest.raises(ValueError, match="not a"):
        time_format(format).read(text)


@pytest.mark.parametrize("format", NUMBERS[1:])
@pytest.mark.parametrize("text", ["1.0", "1e3", "1.5"])
def test_a_fraction_of_a_unit_is_refused(format, text):
    with pytest.raises(ValueError, match="not an integer"):
        time_format(format).read(text)
    with pytest.raises(ValueError, match="not an integer"):
        time_format(format).read_number(text)


@pytest.mark.parametrize(
    ("format", "text"),
    [
        ("unix", "253402300800"),
        ("unix", "-62135596801"),
        ("unix", "1e300"),
        ("unix", "-1e999"),
        ("unix_ms", "253402300800000"),
        ("unix_us", "-62135596800000001"),
        ("unix_ns", "9" * 30),
        ("cloudflare", "9" * 30),
    ],
)
def test_a_number_beyond_the_year_9999_or_before_1_is_refused(format, text):
    with pytest.raises(ValueError, match="year out of range"):
        time_format(format).read_number(text)


@pytest.mark.parametrize(
    ("format", "ns", "text"),
    [
        ("unix", SECOND, "1647250013"),
        ("unix", SECOND + 250_000_000, "1647250013.25"),
        ("unix", SECOND + ODD, "1647250013.123456"),
        ("unix", SECOND + 1_000, "1647250013.000001"),
        ("unix", SECOND + 999, "1647250013"),
        ("unix", -1_500_000_000, "-1.5"),
        ("unix", -999, "0"),
        ("unix", 0, "0"),
        ("unix_ms", SECOND + ODD, "1647250013123"),
        ("unix_ms", -1_999_999, "-1"),
        ("unix_us", SECOND + ODD, "1647250013123456"),
        ("unix_ns", SECOND + ODD, "1647250013123456789"),
    ],
)
def test_numbers_are_written_as_json_numbers_and_never_rounded(format, ns, text):
    functions = time_format(format)
    assert functions.write(Moment(ns)) == text
    assert functions.is_number


@pytest.mark.parametrize(
    "format",
    [*NUMBERS, "rfc3339", "cloudflare", "%Y", "%d/%b/%Y:%H:%M:%S %z", "layout=2006", ""],
)
def test_the_data_lake_has_one_form_for_all_formats(format):
    assert time_format(format).write_lake(Moment(SECOND + ODD, 7_200)) == (
        '"2022-03-14 09:26:53.123456789"'
    )


def test_only_unix_formats_and_cloudflare_take_json_numbers():
    for format in ("rfc3339", "", "%Y", "layout=2006"):
        assert time_format(format).read_number is None
        assert not time_format(format).is_number
    assert not time_format("cloudflare").is_number


def test_no_format_means_rfc3339():
    assert time_format("") == time_format("rfc3339")


def test_cloudflare_numbers_are_seconds_up_to_sixty_thousand_million():
    read = time_format("cloudflare").read_number
    assert read("1632420001") == Moment(1_632_420_001 * 10**9)
    assert read("59999999999") == Moment(59_999_999_999 * 10**9)
    assert read("60000000000") == Moment(60 * 10**9)
    assert read("1632420001000000005") == Moment(1_632_420_001_000_000_005)
    assert read("-5") == Moment(-5 * 10**9)
    with pytest.raises(ValueError, match="not an integer"):
        read("1632420001.5")


def test_cloudflare_texts_are_rfc3339_and_lose_their_fraction_only_when_written():
    functions = time_format("cloudflare")
    moment = functions.read("2021-09-23T18:00:00.75+02:00")
    assert functions.write(moment) == '"2021-09-23T18:00:00+02:00"'
    assert functions.write_lake(moment) == '"2021-09-23 16:00:00.750000000"'
    with pytest.raises(ValueError, match="RFC 3339"):
        functions.read("1632420001")


def test_a_layout_is_not_strftime_even_with_percent_signs():
    functions = time_format("layout=%d/%m 2006")
    assert functions.write(Moment(SECOND)) == '"%d/%m 2022"'
    assert functions.read("%d/%m 1970") == Moment(0)


@pytest.mark.parametrize("text", ["RFC3339", "iso8601", "2006-01-02", "%s", "%F %T", "unix_s", "%"])
def test_an_unknown_format_is_refused_with_the_choice(text):
    with pytest.raises(ValueError, match=r"rfc3339, unix, unix_ms, .*layout=.*strftime"):
        time_format(text)


def test_event_and_parse_times():
    assert rfc3339_utc(SECOND + 500_000_000) == "2022-03-14T09:26:53.5Z"
    assert lake_time(SECOND) == "2022-03-14 09:26:53.000000000"


# ---- samples of whole log types --------------------------------------------

OWN_READERS = {"Fluentd.Syslog3164", "Lacework.Events", "Osquery.Differential", "Suricata.DNS"}


@cache
def sampled_times():
    """(log type, timeFormat, line's value, event's value, lake's value) of top-level fields."""
    types = json.loads((LOGS / "log_types.json").read_text())["logTypes"]
    found = []
    for folder in sorted((LOGS / "samples").iterdir()):
        if folder.name not in types or folder.name in OWN_READERS | {"Zeek.DNS"}:
            continue
        if not (folder / "input.jsonl").exists():
            continue
        formats = {
            field["name"]: field["timeFormat"]
            for field in types[folder.name]["fields"]
            if field.get("timeFormat")
        }
        lines = (folder / "input.jsonl").read_text().splitlines()
        found += [
            (folder.name, formats[name], json.loads(line)[name], event[name], row[name])
            for line, event, row in zip(
                lines, events_of(folder / "expected.jsonl"), events_of(folder / "datalake.jsonl"),
                strict=True,
            )
            for name in formats
            if name in event and name in json.loads(line)
        ]  # fmt: skip
    return found


def events_of(file):
    answers = [json.loads(line) for line in file.read_text().splitlines()]
    return [answer["events"][0] if answer.get("events") else {} for answer in answers]


@pytest.mark.skipif(not LOGS.exists(), reason="the sample lines are not on this machine")
def test_times_of_the_samples_come_out_as_expected():
    times = sampled_times()
    assert len(times) > 30
    for log_type, format, value, event, row in times:
        functions = time_format(format)
        text = value if isinstance(value, str) else json.dumps(value)
        read = functions.read if isinstance(value, str) else functions.read_number
        moment = read(text)
        assert json.loads(functions.write(moment)) == event, log_type
        assert json.loads(functions.write_lake(moment)) == row, log_type


@pytest.mark.parametrize(
    ("format", "text", "utc"),
    [
        ("%Y-%m-%d %H:%M:%S %z", "2021-03-29 16:14:06 +0000", "2021-03-29T16:14:06Z"),
        ("%d %b %Y %H:%M %Z", "14 Jul 2021 09:00 GMT", "2021-07-14T09:00:00Z"),
        ("layout=Mon Jan _2 15:04:05 2006 MST", "Mon Nov  1 06:08:26 2019 UTC",
         "2019-11-01T06:08:26Z"),
        ("layout=Mon Jan _2 15:04:05 2006 MST", "Mon Nov 11 06:08:26 2019 UTC",
         "2019-11-11T06:08:26Z"),
        ("layout=2006-01-02T15:04:05Z0700", "2016-10-27T06:31:06.520370+0000",
         "2016-10-27T06:31:06.52037Z"),
        ("layout=2006-01-02T15:04:05Z0700", "2016-10-27T06:31:06Z", "2016-10-27T06:31:06Z"),
    ],
)  # fmt: skip
def test_special_times_of_built_in_types_have_a_format(format, text, utc):
    assert rfc3339_utc(time_format(format).read(text).ns) == utc
