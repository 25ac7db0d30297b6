"""strftime notation: each directive reads and writes what it should."""

import json
from datetime import UTC, datetime

import pytest

from common.logs import strftime
from common.logs.moment import Moment

COMMON = "%d/%b/%Y:%H:%M:%S %z"


def ns(*parts, nanos=0):
    return (
        int((datetime(*parts, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
        * (10**9)
        + nanos
    )


@pytest.mark.parametrize(
    ("format", "text", "expected"),
    [
        ("%Y", "2022", ns(2022, 1, 1)),
        ("%Y", "7", ns(7, 1, 1)),
        ("%y", "68", ns(2068, 1, 1)),
        ("%y", "69", ns(1969, 1, 1)),
        ("%y", "5", ns(2005, 1, 1)),
        ("%C%y", "1868", ns(1868, 1, 1)),
        ("%C", "20", ns(2000, 1, 1)),
        ("%G %a", "2022 Mon", ns(2022, 1, 1)),
        ("%g %a", "99 Mon", ns(2099, 1, 1)),
        ("%Y%m%d", "20220314", ns(2022, 3, 14)),
        ("%d.%m.%Y", "4.3.2022", ns(2022, 3, 4)),
        ("%d %B %Y", "14 mAY 2022", ns(2022, 5, 14)),
        ("%d %b %Y", "14 SEP 2022", ns(2022, 9, 14)),
        ("%d %h %Y", "14 Dec 2022", ns(2022, 12, 14)),
        ("%b %e %Y", "Mar  4 2022", ns(2022, 3, 4)),
        ("%b %e %Y", "Mar 14 2022", ns(2022, 3, 14)),
        ("%Y %j", "2020 366", ns(2020, 12, 31)),
        ("%Y-%m-%d %j", "2021-05-05 1", ns(2021, 1, 1)),
        ("%H:%M", "9:05", ns(1900, 1, 1, 9, 5)),
        ("%k:%M", " 9:05", ns(1900, 1, 1, 9, 5)),
        ("%I:%M %p", "12:05 AM", ns(1900, 1, 1, 0, 5)),
        ("%I:%M %p", "12:05 pm", ns(1900, 1, 1, 12, 5)),
        ("%l:%M %P", " 9:05 Pm", ns(1900, 1, 1, 21, 5)),
        ("%p %I:%M", "PM 9:05", ns(1900, 1, 1, 21, 5)),
        ("%I:%M %d", "12:05 1", ns(1900, 1, 1, 0, 5)),
        ("%H:%M:%S", "23:59:60", ns(1900, 1, 2)),
        ("%S.%f", "5.5", ns(1900, 1, 1, 0, 0, 5, nanos=500_000_000)),
        ("%S,%f", "05,000001", ns(1900, 1, 1, 0, 0, 5, nanos=1_000)),
        ("%s %a", "1647250013 Mon", ns(2022, 3, 14, 9, 26, 53)),
        ("%s.%f %y", "1647250013.25 70", ns(2022, 3, 14, 9, 26, 53, nanos=250_000_000)),
        ("%A %a %w %u %U %W %V %Y", "friday FRI 6 7 0 53 1 2022", ns(2022, 1, 1)),
        ("%d%t%m%n%Y", "14 \t3\n2022", ns(2022, 3, 14)),
        ("100%% %d", "100% 14", ns(1900, 1, 14)),
        ("[%d] (a.b*)", "[14] (a.b*)", ns(1900, 1, 14)),
        ("%c", "Mon Mar 14 09:26:53 2022", ns(2022, 3, 14, 9, 26, 53)),
        ("%c%+", "Mon Mar 14 09:26:53 2022Mon Mar  4 09:26:53 UTC 2022",
         ns(2022, 3, 4, 9, 26, 53)),
        ("%F %d", "2022-03-14 14", ns(2022, 3, 14)),
        ("%D %d", "03/14/22 14", ns(2022, 3, 14)),
        ("%x", "03/14/22", ns(2022, 3, 14)),
        ("%v %d", " 4-Mar-2022 4", ns(2022, 3, 4)),
        ("%T %X", "09:26:53 09:26:53", ns(1900, 1, 1, 9, 26, 53)),
        ("%r %d", "09:26:53 PM 1", ns(1900, 1, 1, 21, 26, 53)),
        ("%R %d", "09:26 1", ns(1900, 1, 1, 9, 26)),
    ],
)  # fmt: skip
def test_directives_are_read(format, text, expected):
    assert strftime.reader(format)(text).ns == expected


@pytest.mark.parametrize(
    ("format", "text", "expected"),
    [
        (COMMON, "14/Mar/2022:09:26:53 +0200", Moment(ns(2022, 3, 14, 7, 26, 53), 7_200)),
        (COMMON, "4/mar/2022:9:26:53 -03:30", Moment(ns(2022, 3, 4, 12, 56, 53), -12_600)),
        (COMMON, "31/Dec/1969:23:59:59 +0000", Moment(-(10**9))),
        ("%H:%M:%S%z", "09:26:53Z", Moment(ns(1900, 1, 1, 9, 26, 53))),
        ("%S.%f000%z", "53.500000000Z", Moment(ns(1900, 1, 1, 0, 0, 53, nanos=500_000_000))),
        ("%H:%M %Z", "09:26 UTC", Moment(ns(1900, 1, 1, 9, 26), 0, "UTC")),
        ("%H:%M %Z", "09:26 CEST", Moment(ns(1900, 1, 1, 9, 26), 0, "CEST")),
        ("%H:%M %z (%Z)", "09:26 +0200 (CEST)", Moment(ns(1900, 1, 1, 7, 26), 7_200, "CEST")),
        ("%s %z %y", "0 +0100 22", Moment(0, 3_600)),
    ],
)
def test_zones_are_kept(format, text, expected):
    read = strftime.reader(format)
    assert read(text) == expected
    assert read(text) == expected


@pytest.mark.parametrize(
    ("format", "text"),
    [
        (COMMON, "14/Mar/2022:09:26:53"),
        (COMMON, "14/Mar/2022:09:26:53 Z"),
        (COMMON, "14/Mar/2022:09:26:53  +0200"),
        (COMMON, "14/Mar/2022:09:26:53 +0200 "),
        (COMMON, " 14/Mar/2022:09:26:53 +0200"),
        (COMMON, "014/Mar/2022:09:26:53 +0200"),
        (COMMON, "14/M\u00e4r/2022:09:26:53 +0200"),
        (COMMON, "14/Mar/2022:09:26:5\u0663 +0200"),
        (COMMON, "14/Mar/2022:09:26:53 +200"),
        ("%d %b", "14 \u017fep"),
        ("%Y", "20222"),
        ("%S.%f", "5.1234567"),
        ("%S.%f", "5."),
        ("%S%f", "05.5"),
        ("%s %y", "12345678901 1"),
        ("%Z %y", "A 1"),
        ("%Z %y", "EUROPE 1"),
        ("%w %y", "7 1"),
        ("%u %y", "0 1"),
    ],
)
def test_a_text_of_another_form_is_refused(format, text):
    with pytest.raises(ValueError, match=f"not a time of the form {format[:2]}"):
        strftime.reader(format)(text)


@pytest.mark.parametrize(
    ("format", "text", "part"),
    [
        ("%Y-%m-%d", "2022-13-01", "date"),
        ("%Y-%m-%d", "2022-00-01", "date"),
        ("%Y-%m-%d", "2021-02-29", "date"),
        ("%Y-%m-%d", "0000-01-01", "date"),
        ("%e%H:%M:%S", " 409:26:53", "date"),  # digits are taken while they last: the 40th
        ("%Y %j", "2021 366", "day of the year"),
        ("%Y %j", "2021 0", "day of the year"),
        ("%H:%M", "24:00", "hour"),
        ("%I:%M %p", "13:00 AM", "hour"),
        ("%H:%M", "00:60", "minute"),
        ("%H:%M:%S", "00:00:61", "second"),
        (COMMON, "31/Feb/2022:09:26:53 +0200", "date"),
        (COMMON, "14/Mar/2022:09:26:53 +2400", "zone offset"),
        (COMMON, "14/Mar/2022:09:26:53 +0260", "zone offset"),
        (COMMON, "01/Jan/0001:00:00:00 +0100", "year"),
        (COMMON, "31/Dec/9999:23:59:59 -0100", "year"),
        (COMMON, "31/Dec/9999:23:59:60 +0100", "year"),
    ],
)
def test_a_part_out_of_range_is_named(format, text, part):
    with pytest.raises(ValueError, match=f"^{part} out of range"):
        strftime.reader(format)(text)


@pytest.mark.parametrize(
    ("format", "problem"),
    [
        ("%Y %Q", "%Q in a time format: unknown directive"),
        ("%Y %", "% in a time format: unknown directive"),
        ("%Y %Ey", "%E in a time format: unknown directive"),
        ("%-d", "%d in a time format: flags and widths cannot be read"),
        ("%10Y", "%Y in a time format: flags and widths cannot be read"),
        ("%_F", "%_F in a time format: only ^ can change this directive"),
        ("100%%d", "a time format without directives"),
    ],
)
def test_a_format_that_cannot_be_read_is_refused_at_once(format, problem):
    with pytest.raises(ValueError, match=f"^{problem.replace('^', '.')}"):
        strftime.reader(format)


EVENING = Moment(ns(2022, 3, 4, 21, 6, 5, nanos=123_456_789))
MORNING = Moment(ns(2008, 12, 29, 0, 0, 0))


@pytest.mark.parametrize(
    ("format", "evening", "morning"),
    [
        ("%Y %y %C %G %g", "2022 22 20 2022 22", "2008 08 20 2009 09"),
        ("%m %d %e %j", "03 04  4 063", "12 29 29 364"),
        ("%B %b %h", "March Mar Mar", "December Dec Dec"),
        ("%A %a %w %u", "Friday Fri 5 5", "Monday Mon 1 1"),
        ("%U %W %V", "09 09 09", "52 52 01"),
        ("%H %k %I %l %p %P", "21 21 09  9 PM pm", "00  0 12 12 AM am"),
        ("%M:%S %S:%M %f", "06:05 05:06 123456", "00:00 00:00 000000"),
        ("%s", "1646427965", "1230508800"),
        ("%z %Z", "+0000 UTC", "+0000 UTC"),
        ("%t%n%%|\"\\\u00e9", "\t\n%|\"\\\u00e9", "\t\n%|\"\\\u00e9"),
        ("%c|%+", "Fri Mar  4 21:06:05 2022|Fri Mar  4 21:06:05 UTC 2022",
         "Mon Dec 29 00:00:00 2008|Mon Dec 29 00:00:00 UTC 2008"),
        ("%F %D %x %v", "2022-03-04 03/04/22 03/04/22  4-Mar-2022",
         "2008-12-29 12/29/08 12/29/08 29-Dec-2008"),
        ("%T %X %r %R", "21:06:05 21:06:05 09:06:05 PM 21:06",
         "00:00:00 00:00:00 12:00:00 AM 00:00"),
    ],
)  # fmt: skip
def test_directives_are_written(format, evening, morning):
    write = strftime.writer(format)
    assert json.loads(write(EVENING)) == evening
    assert json.loads(write(MORNING)) == morning


@pytest.mark.parametrize(
    ("format", "text"),
    [
        ("%-d %_d %0e %-e", "4  4 04 4"),
        ("%5Y %_5Y %-m %3d", "02022  2022 3 004"),
        ("%_M %-S %3S %_H", " 6 5 005 21"),
        ("%^b %^A %#B %#a", "MAR FRIDAY MARCH FRI"),
        ("%#p %#Z %^P", "pm utc PM"),
        ("%10B|%010B|%-10B", "     March|00000March|March"),
        ("%-0d %0_d", "04  4"),
        ("%12s %-f", "001646427965 123456"),
        ("%^c", "FRI MAR  4 21:06:05 2022"),
    ],
)
def test_flags_and_widths_are_written_as_gnu_date_does(format, text):
    assert json.loads(strftime.writer(format)(EVENING)) == text


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (Moment(ns(2022, 3, 14, 7, 26, 53), 7_200), "14/Mar/2022:09:26:53 +0200"),
        (Moment(ns(2022, 3, 14, 1, 0, 0), -12_600), "13/Mar/2022:21:30:00 -0330"),
        (Moment(-1), "31/Dec/1969:23:59:59 +0000"),
        (Moment(ns(5, 1, 1)), "01/Jan/0005:00:00:00 +0000"),
    ],
)
def test_a_time_is_written_at_its_offset(moment, text):
    assert strftime.writer(COMMON)(moment) == f'"{text}"'
    assert strftime.reader(COMMON)(text).ns == moment.ns // 10**9 * 10**9


def test_a_zone_name_is_written_back():
    write = strftime.writer("%H:%M %Z")
    assert write(Moment(0, 0, "PST")) == '"00:00 PST"'
    assert write(Moment(0)) == '"00:00 UTC"'
