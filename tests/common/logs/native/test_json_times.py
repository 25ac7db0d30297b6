"""Times of built-in JSON types are read as their lines write them, always to UTC."""

from datetime import UTC, datetime

import pytest

from common.logs.coerce import Number
from common.logs.moment import Moment
from common.logs.native.json_types import HOOKS


def utc(*parts, ns=0):
    return Moment(int(datetime(*parts, tzinfo=UTC).timestamp()) * 10**9 + ns)


READ = {
    "Fluentd.Syslog3164": ("time", [
        ("2021-03-29 16:14:06 +0000", utc(2021, 3, 29, 16, 14, 6)),
        ("2021-03-29 16:14:06 +0230", utc(2021, 3, 29, 13, 44, 6)),
        ("2021-12-31 23:14:06 -0800", utc(2022, 1, 1, 7, 14, 6)),
    ]),
    "Suricata.DNS": ("timestamp", [
        ("2016-10-27T06:31:06.520370+0000", utc(2016, 10, 27, 6, 31, 6, ns=520_370_000)),
        ("2016-10-27T06:31:06.123456789-0330", utc(2016, 10, 27, 10, 1, 6, ns=123_456_789)),
        ("2016-10-27T06:31:06Z", utc(2016, 10, 27, 6, 31, 6)),
    ]),
    "Lacework.Events": ("START_TIME", [
        ("14 Jul 2021 09:00 GMT", utc(2021, 7, 14, 9)),
        ("01 Jan 2022 23:59 UTC", utc(2022, 1, 1, 23, 59)),
    ]),
    "Osquery.Status": ("calendarTime", [
        ("Mon Nov 11 06:08:26 2019 UTC", utc(2019, 11, 11, 6, 8, 26)),
        ("Fri Nov  1 06:08:26 2019 UTC", utc(2019, 11, 1, 6, 8, 26)),
        ("Fri Nov 1 06:08:26 2019 UTC", utc(2019, 11, 1, 6, 8, 26)),
        ("Mon   Nov  1   06:08:26  2019 UTC", utc(2019, 11, 1, 6, 8, 26)),
    ]),
    "Zeek.DNS": ("ts", [
        (1541001600.580233, utc(2018, 10, 31, 16, ns=580_233_097)),
        (Number("1541001600.580233"), utc(2018, 10, 31, 16, ns=580_233_097)),
        (1541001600, utc(2018, 10, 31, 16)),
        (-1.5, utc(1969, 12, 31, 23, 59, 58, ns=500_000_000)),
    ]),
}  # fmt: skip
REFUSED = {
    "Fluentd.Syslog3164": ("time", [
        "2021-03-29T16:14:06+0000", "2021-03-29 16:14:06", "2021-03-29 16:14:06 +00:00",
        "2021-02-29 16:14:06 +0000", "", None, 5, Number("5"),
    ]),
    "Suricata.DNS": ("timestamp", [
        "2016-10-27 06:31:06Z", "2016-10-27T06:31:06", "2016-10-27T06:31:06+00:00", None,
    ]),
    "Lacework.Events": ("START_TIME", [
        "2021-07-14T09:00:00Z", "14 Jul 2021 09:00", "14 Jul 2021 09:00:00 GMT", None,
    ]),
    "Osquery.Status": ("calendarTime", [
        "Mon Nov 11 06:08:26 2019", "Nov 11 06:08:26 2019 UTC", "2019-11-11T06:08:26Z", "", None,
        Number("5"),
    ]),
    "Zeek.DNS": ("ts", [
        "1541001600.5", "", None, True, 1e300, Number("9" * 400), 253402300800,
    ]),
}  # fmt: skip


def cases(table):
    return [(name, field, case) for name, (field, rows) in table.items() for case in rows]


@pytest.mark.parametrize(("log_type", "field", "case"), cases(READ))
def test_a_time_is_read_to_utc(log_type, field, case):
    text, moment = case
    assert HOOKS[log_type].times[field](text) == moment


@pytest.mark.parametrize(("log_type", "field", "text"), cases(REFUSED))
def test_other_times_are_refused_without_quoting_them(log_type, field, text):
    with pytest.raises(ValueError) as error:
        HOOKS[log_type].times[field](text)
    assert not text or str(text) not in str(error.value)


def test_related_types_read_the_same_times():
    for names in (
        ("Fluentd.Syslog3164", "Fluentd.Syslog5424"),
        ("Suricata.DNS", "Suricata.Anomaly"),
        ("Osquery.Status", "Osquery.Snapshot", "Osquery.Batch", "Osquery.Differential"),
    ):
        times = [HOOKS[name].times for name in names]
        assert all(one == times[0] for one in times)
