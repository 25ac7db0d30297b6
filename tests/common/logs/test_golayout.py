"""Go's reference layouts: each element reads and writes what Go's does."""

import json

import pytest

from common.logs import golayout
from common.logs.instants import rfc3339_utc
from common.logs.moment import Moment

SECOND = 1_646_427_965 * 10**9  # 2022-03-04T21:06:05Z


def shown(moment):
    return rfc3339_utc(moment.ns)


@pytest.mark.parametrize(
    ("layout", "text", "expected"),
    [
        ("2006-01-02T15:04:05", "2022-03-02T01:22:10", "2022-03-02T01:22:10Z"),
        ("2006-01-02T15:04:05", "2022-03-02T01:22:10.25", "2022-03-02T01:22:10.25Z"),
        ("2006-01-02T15:04:05", "2022-03-02T01:22:10,1234567891", "2022-03-02T01:22:10.123456789Z"),
        ("01/02/2006 15:04:05.999", "03/14/2022 09:26:53.5", "2022-03-14T09:26:53.5Z"),
        ("01/02/2006 15:04:05.999", "03/14/2022 09:26:53", "2022-03-14T09:26:53Z"),
        ("01/02/2006 15:04:05.999", "03/14/2022 09:26:53.123456", "2022-03-14T09:26:53.123456Z"),
        ("15:04:05.000", "09:26:53.120", "1900-01-01T09:26:53.12Z"),
        ("15:04:05,000", "09:26:53.120", "1900-01-01T09:26:53.12Z"),
        ("2006 __2", "2022  63", "2022-03-04T00:00:00Z"),
        ("2006 002", "2022 063", "2022-03-04T00:00:00Z"),
        ("_2006-1-2", "_2022-3-14", "2022-03-14T00:00:00Z"),
        ("06-Jan-_2", "22-mar- 4", "2022-03-04T00:00:00Z"),
        ("Monday January 2 2006", "friday MARCH 4 2022", "2022-03-04T00:00:00Z"),
        ("Mon Jan _2 2006", "Fri Mar  4 2022", "2022-03-04T00:00:00Z"),
        ("Mon Jan _2 2006", "Fri   Mar    4 2022", "2022-03-04T00:00:00Z"),
        ("3:04PM", "9:06PM", "1900-01-01T21:06:00Z"),
        ("03:04 pm", "12:06 am", "1900-01-01T00:06:00Z"),
        ("3:04", "12:06", "1900-01-01T12:06:00Z"),
        ("15:4:5", "9:6:5", "1900-01-01T09:06:05Z"),
        ("15:04 Z07:00", "21:06 Z", "1900-01-01T21:06:00Z"),
        ("15:04 Z07:00", "21:06 -03:30", "1900-01-02T00:36:00Z"),
        ("15:04 Z0700", "21:06 +0200", "1900-01-01T19:06:00Z"),
        ("15:04 -0700", "21:06 +0200", "1900-01-01T19:06:00Z"),
        ("15:04 -07:00", "21:06 +02:00", "1900-01-01T19:06:00Z"),
        ("15:04 -07", "21:06 +02", "1900-01-01T19:06:00Z"),
        ("15:04 Z07", "21:06 Z", "1900-01-01T21:06:00Z"),
        ("15:04 -07:00:00", "21:06 +02:00:05", "1900-01-01T19:05:55Z"),
        ("15:04 -070000", "21:06 +020005", "1900-01-01T19:05:55Z"),
    ],
)
def test_elements_are_read(layout, text, expected):
    assert shown(golayout.reader(layout)(text)) == expected


@pytest.mark.parametrize(
    ("layout", "text"),
    [
        ("2006-01-02", "22-03-04"),
        ("2006-01-02", "2022-3-04"),
        ("2006-01-02", "2022-03-04 "),
        ("2006-01-02", "x2022-03-04"),
        ("15:04:05", "09:06:5"),
        ("15:04:05", "09:06:05."),
        ("15:04:05.000", "09:06:05.12"),
        ("15:04:05.000", "09:06:05.1234"),
        ("15:04:05.000", "09:06:05"),
        ("15:04:05.999", "09:06:05.x"),
        ("3:04", "13:06"),
        ("03:04", "9:06"),
        ("3:04PM", "9:06pm"),
        ("3:04pm", "9:06PM"),
        ("15:04 -0700", "21:06 Z"),
        ("15:04 -0700", "21:06 +02:00"),
        ("15:04 MST", "21:06 Utc"),
        ("15:04 MST", "21:06 UT"),
        ("15:04 MST", "21:06 EUROPE"),
        ("Mon 2006", "Fry 2022"),
        ("Mon 2006", "Fri2022"),
    ],
)
def test_a_text_of_another_form_is_refused(layout, text):
    with pytest.raises(ValueError, match="not a time of the form"):
        golayout.reader(layout)(text)


@pytest.mark.parametrize(
    "text", ["2022-02-29 00:00", "2022-13-01 00:00", "2022-03-04 24:00", "2022-03-04 00:60"]
)
def test_a_part_out_of_range_is_refused(text):
    with pytest.raises(ValueError, match="out of range"):
        golayout.reader("2006-01-02 15:04")(text)


def test_a_zone_name_is_kept_and_means_utc():
    layout = "Mon, 02 Jan 2006 15:04:05 MST"
    read, write = golayout.reader(layout), golayout.writer(layout)
    for zone in ("GMT", "UTC", "PST", "CEST"):
        text = f"Fri, 04 Mar 2022 21:06:05 {zone}"
        assert read(text) == Moment(SECOND, 0, zone)
        assert write(read(text)) == f'"{text}"'


@pytest.mark.parametrize(
    ("layout", "text"),
    [
        ("2006 06 01 1 02 _2 2 002 __2", "2022 22 03 3 04  4 4 063  63"),
        ("Jan January Mon Monday", "Mar March Fri Friday"),
        ("15 03 3 PM pm", "21 09 9 PM pm"),
        ("04:05 4:5", "06:05 6:5"),
        ("05.000 05.9999 05,999999999 05.0", "05.120 05.12 05,120000003 05.1"),
        ("Z0700 Z07:00 -0700 -07:00 -07 Z07", "Z Z +0000 +00:00 +00 Z"),
        ("Janus Money .2006 _2006 2006.", "Janus Money .2022 _2022 2022."),
        ('"2006" %\\', '"2022" %\\'),
        ("MST", "UTC"),
    ],
)
def test_elements_are_written(layout, text):
    assert json.loads(golayout.writer(layout)(Moment(SECOND + 120_000_003))) == text


@pytest.mark.parametrize(
    ("layout", "text"),
    [
        ("15:04 Z0700 Z07:00 -07:00 -07 MST", "23:36 +0230 +02:30 +02:30 +02 +0230"),
        ("15:04 -070000 -07:00:00", "23:36 +023000 +02:30:00"),
    ],
)
def test_a_time_is_written_at_its_offset(layout, text):
    assert golayout.writer(layout)(Moment(SECOND, 9_000)) == f'"{text}"'


def test_a_fraction_of_zero_leaves_no_mark_behind():
    write = golayout.writer("05.999|05.000")
    assert write(Moment(SECOND)) == '"05|05.000"'
    assert write(Moment(SECOND + 999_999)) == '"05|05.000"'


@pytest.mark.parametrize("layout", ["", "yyyy-mm-dd", "%d"])
def test_a_layout_without_elements_is_refused(layout):
    with pytest.raises(ValueError, match="no element of Go's reference time"):
        golayout.reader(layout)
