"""Fixed formats give exact nanoseconds in UTC, and dates that do not exist give an error."""

from datetime import UTC, datetime

import pytest

from common.logs.moment import Moment
from common.logs.native import times


def ns(*parts, fraction=0):
    return int(datetime(*parts, tzinfo=UTC).timestamp()) * 10**9 + fraction


NOON = ns(2022, 3, 14, 12, 0, 5)
RFC3339 = [
    ("2022-03-14T12:00:05Z", NOON),
    ("2022-03-14T12:00:05.5Z", NOON + 500_000_000),
    ("2022-03-14T12:00:05.123456789999Z", NOON + 123_456_789),
    ("2022-03-14T12:00:05,25Z", NOON + 250_000_000),
    ("2022-03-14T14:30:05.1+02:30", NOON + 100_000_000),
    ("2022-03-14T07:00:05-05:00", NOON),
    ("1969-12-31T23:59:59.5Z", -500_000_000),
    ("0001-01-01T00:00:00Z", ns(1970, 1, 1) - 62_135_596_800 * 10**9),
    ("9999-12-31T23:59:59.999999999Z", 253_402_300_799_999_999_999),
]
NOT_RFC3339 = [
    "",
    "-",
    "2022-03-14 12:00:05Z",
    "2022-03-14T12:00:05",
    "2022-03-14T12:00:05.Z",
    "2022-03-14T12:00:05z",
    "2022-03-14T12:00:05+0200",
    "2022-03-14T12:00:05+24:00",
    "2022-03-14T12:00:05Z ",
    "2022-02-29T12:00:05Z",
    "2022-13-01T12:00:05Z",
    "2022-03-14T24:00:00Z",
    "2022-03-14T12:60:00Z",
    "2022-03-14T12:00:60Z",
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+01:00",
    "9999-12-31T23:59:59-00:01",
    "٢022-03-14T12:00:05Z",
]


@pytest.mark.parametrize(("text", "expected"), RFC3339)
def test_rfc3339_keeps_nine_digits_and_becomes_utc(text, expected):
    assert times.rfc3339(text) == Moment(expected)


@pytest.mark.parametrize("text", NOT_RFC3339)
def test_other_texts_are_not_rfc3339(text):
    with pytest.raises(ValueError) as caught:
        times.rfc3339(text)
    assert not text or text not in str(caught.value)


def test_plain_times_are_utc_and_have_a_space():
    assert times.plain("2022-03-14 12:00:05") == Moment(NOON)
    for text in ("2022-03-14T12:00:05", "2022-03-14", "2022-03-14 12:00:05.1", ""):
        with pytest.raises(ValueError):
            times.plain(text)


def test_plain_times_with_a_fraction():
    assert times.plain_with_fraction("2022-03-14 12:00:05") == Moment(NOON)
    assert times.plain_with_fraction("2022-03-14 12:00:05.0123") == Moment(NOON + 12_300_000)
    for text in ("2022-03-14 12:00:05.", "2022-03-14 12:00:05 ", "2022-03-14 12:00:5.1"):
        with pytest.raises(ValueError):
            times.plain_with_fraction(text)


def test_bracketed_times_have_a_month_by_name_and_an_offset():
    assert times.bracketed("[14/Mar/2022:12:00:05", "+0000]") == Moment(NOON)
    assert times.bracketed("[1/Apr/2022:00:00:07", "+0200]") == Moment(ns(2022, 3, 31, 22, 0, 7))
    for words in (
        ("[31/Feb/2022:12:00:05", "+0000]"),
        ("[14/Foo/2022:12:00:05", "+0000]"),
        ("14/Mar/2022:12:00:05", "+0000"),
        ("[14/Mar/2022:12:00:05", "Z]"),
        ("-", "-"),
    ):
        with pytest.raises(ValueError):
            times.bracketed(*words)


def test_epoch_times_are_whole_seconds_or_microseconds_in_years_that_can_be_written():
    assert times.epoch_seconds("1647250000") == Moment(1_647_250_000 * 10**9)
    assert times.epoch_microseconds("1572442650335480") == Moment(1_572_442_650_335_480_000)
    for text in ("", "1.5", "notatime", "253402300800", "-62135596801"):
        with pytest.raises(ValueError):
            times.epoch_seconds(text)
    for text in ("", "1.5", "253402300800000000"):
        with pytest.raises(ValueError):
            times.epoch_microseconds(text)


@pytest.mark.parametrize(
    ("now", "minds_new_year", "text", "expected"),
    [
        (ns(2022, 3, 20), True, "Mar 14 12:00:05", NOON),
        (ns(2022, 3, 20), True, "Mar  4 12:00:05", ns(2022, 3, 4, 12, 0, 5)),
        (ns(2022, 3, 20), True, "Dec 31 23:59:59", ns(2022, 12, 31, 23, 59, 59)),
        (ns(2022, 1, 31, 23, 59, 59), True, "Dec 31 23:59:59", ns(2021, 12, 31, 23, 59, 59)),
        (ns(2022, 1, 1), True, "Jan 31 00:00:00", ns(2022, 1, 31)),
        (ns(2022, 1, 1), False, "Dec 31 23:59:59", ns(2022, 12, 31, 23, 59, 59)),
        (ns(2022, 2, 1), True, "Dec 31 23:59:59", ns(2022, 12, 31, 23, 59, 59)),
        (ns(2021, 1, 1), True, "Feb 29 00:00:00", ns(2020, 2, 29)),
    ],
)
def test_a_time_without_a_year_takes_the_clocks(now, minds_new_year, text, expected):
    assert times.yearless(lambda: now, minds_new_year)(text) == Moment(expected)


def test_a_time_without_a_year_follows_the_clock_over_new_year():
    now = [ns(2021, 12, 31, 23, 59, 59)]
    read = times.yearless(lambda: now[0], True)
    assert read("Dec 31 23:59:59") == Moment(ns(2021, 12, 31, 23, 59, 59))
    now[0] = ns(2022, 1, 1)
    assert read("Dec 31 23:59:59") == Moment(ns(2021, 12, 31, 23, 59, 59))
    assert read("Jan 1 00:00:00") == Moment(ns(2022, 1, 1))


@pytest.mark.parametrize(
    "text", ["Feb 29 00:00:00", "Foo 1 00:00:00", "Mar 32 00:00:00", "Mar 1 24:00:00", "Mar 1"]
)
def test_a_time_without_a_year_must_exist_in_that_year(text):
    with pytest.raises(ValueError):
        times.yearless(lambda: ns(2022, 3, 20), True)(text)
