"""RFC 3339 times keep their nanoseconds and their offset, in both ways of writing them."""

import pytest

from common.logs import rfc3339
from common.logs.moment import Moment

SECOND = 1_647_250_013 * 10**9  # 2022-03-14T09:26:53Z
FIRST = -62_135_596_800 * 10**9
LAST = 253_402_300_800 * 10**9 - 1


@pytest.mark.parametrize(
    ("text", "ns", "offset_s"),
    [
        ("2022-03-14T09:26:53Z", SECOND, 0),
        ("2022-03-14T09:26:53+00:00", SECOND, 0),
        ("2022-03-14T09:26:53-00:00", SECOND, 0),
        ("2022-03-14T09:26:53+02:00", SECOND - 7_200 * 10**9, 7_200),
        ("2022-03-14T09:26:53-03:30", SECOND + 12_600 * 10**9, -12_600),
        ("2022-03-14T09:26:53.5+02:00", SECOND - 7_200 * 10**9 + 500_000_000, 7_200),
        ("2022-03-14T09:26:53.123Z", SECOND + 123_000_000, 0),
        ("2022-03-14T09:26:53.123456Z", SECOND + 123_456_000, 0),
        ("2022-03-14T09:26:53,123456Z", SECOND + 123_456_000, 0),
        ("2022-03-14T09:26:53.5+00:00", SECOND + 500_000_000, 0),
        ("2022-03-14T09:26:53.000000001Z", SECOND + 1, 0),
        ("2022-03-14T09:26:53.9999999999999Z", SECOND + 999_999_999, 0),
        ("2022-03-14T09:26:53,9999999999999-03:30", SECOND + 12_600 * 10**9 + 999_999_999, -12_600),
        ("1969-12-31T23:59:59.999999999Z", -1, 0),
        ("2000-02-29T00:00:00Z", 951_782_400 * 10**9, 0),
        ("0001-01-01T00:00:00Z", FIRST, 0),
        ("9999-12-31T23:59:59.999999999Z", LAST, 0),
        ("9999-12-31T23:59:59.999999999+02:00", LAST - 7_200 * 10**9, 7_200),
    ],
)
def test_text_is_read_to_the_nanosecond(text, ns, offset_s):
    assert rfc3339.read(text) == Moment(ns, offset_s)
    assert rfc3339.read(text) == Moment(ns, offset_s)  # also when the hour is known


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "2022-03-14",
        "2022-03-14T09:26:53",
        "2022-03-14 09:26:53Z",
        "2022-03-14t09:26:53Z",
        "2022-03-14T09:26:53z",
        "2022-03-14T9:26:53Z",
        "2022-03-14T09:26Z",
        "2022-3-14T09:26:53Z",
        "22-03-14T09:26:53Z",
        "2022-03-14T09:26:53.Z",
        "2022-03-14T09:26:53.1_2Z",
        "2022-03-14T09:26:53. 1Z",
        "2022-03-14T09:26:53.+1Z",
        "2022-03-14T09:26:53;1Z",
        "2022-03-14T09:26:53+0200",
        "2022-03-14T09:26:53+02",
        "2022-03-14T09:26:53ZZ",
        "2022-03-14T09:26:53Z\n",
        " 2022-03-14T09:26:53Z",
        "2022-03-14T09:26:53.\u0663Z",
        "\u0662022-03-14T09:26:53Z",
    ],
)
def test_any_other_form_is_refused(text):
    rfc3339.read("2022-03-14T09:26:53Z")
    with pytest.raises(ValueError, match="not an RFC 3339 time"):
        rfc3339.read(text)


@pytest.mark.parametrize(
    "text",
    [
        "2022-13-14T09:26:53Z",
        "2022-00-14T09:26:53Z",
        "2022-02-29T09:26:53Z",
        "2022-04-31T09:26:53Z",
        "2022-03-14T24:00:00Z",
        "2022-03-14T09:60:00Z",
        "2022-03-14T09:26:60Z",
        "2022-03-14T09:26:53+24:00",
        "2022-03-14T09:26:53+02:60",
        "0000-12-31T09:26:53Z",
        "0001-01-01T00:00:00+02:00",
        "9999-12-31T23:59:59-02:00",
    ],
)
def test_a_part_out_of_range_is_refused(text):
    with pytest.raises(ValueError, match="out of range"):
        rfc3339.read(text)


@pytest.mark.parametrize(
    ("moment", "text", "lake"),
    [
        (Moment(SECOND), "2022-03-14T09:26:53Z", "2022-03-14 09:26:53.000000000"),
        (Moment(SECOND + 500_000_000), "2022-03-14T09:26:53.5Z", "2022-03-14 09:26:53.500000000"),
        (Moment(SECOND + 1), "2022-03-14T09:26:53.000000001Z", "2022-03-14 09:26:53.000000001"),
        (Moment(SECOND, 7_200), "2022-03-14T11:26:53+02:00", "2022-03-14 09:26:53.000000000"),
        (Moment(SECOND, -12_600), "2022-03-14T05:56:53-03:30", "2022-03-14 09:26:53.000000000"),
        (Moment(SECOND, 0, "GMT"), "2022-03-14T09:26:53Z", "2022-03-14 09:26:53.000000000"),
        (Moment(-1), "1969-12-31T23:59:59.999999999Z", "1969-12-31 23:59:59.999999999"),
        (Moment(FIRST), "0001-01-01T00:00:00Z", "0001-01-01 00:00:00.000000000"),
        (Moment(LAST), "9999-12-31T23:59:59.999999999Z", "9999-12-31 23:59:59.999999999"),
    ],
)
def test_a_moment_is_written_at_its_offset_and_for_the_lake_in_utc(moment, text, lake):
    assert rfc3339.write(moment) == f'"{text}"'
    assert rfc3339.write_lake(moment) == f'"{lake}"'
    assert rfc3339.lake_time(moment.ns) == lake
    assert rfc3339.read(text)[:2] == moment[:2]


def test_utc_leaves_out_zeros_at_the_end_of_a_fraction():
    assert rfc3339.utc(SECOND) == "2022-03-14T09:26:53Z"
    assert rfc3339.utc(SECOND + 120_000_000) == "2022-03-14T09:26:53.12Z"
    assert rfc3339.utc(SECOND + 10) == "2022-03-14T09:26:53.00000001Z"


def test_whole_seconds_are_cut_not_rounded_also_before_1970():
    assert rfc3339.write_whole_seconds(Moment(SECOND + 999_999_999)) == '"2022-03-14T09:26:53Z"'
    assert rfc3339.write_whole_seconds(Moment(-1, 3_600)) == '"1970-01-01T00:59:59+01:00"'
