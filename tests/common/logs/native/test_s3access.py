"""S3's access log: places of words, times, numbers, and what goes to additionalFields."""

from datetime import UTC, datetime

import pytest

from common.logs.found import ARN, IP, Found
from common.logs.moment import Moment
from common.logs.native import s3access

OWNER = "a" * 64
LINE = (
    f"{OWNER} reports [14/Mar/2022:09:26:53 +0000] 192.0.2.44 arn:aws:iam::210987654321:user/lena"
    ' 7B4A REST.GET.OBJECT q1/sales.csv "GET /q1/sales.csv HTTP/1.1" 200 - 5120 5121 41 38'
    ' "-" "agent/2.0 (a b)" v1 host= SigV4 CIPHER AuthHeader reports.example.com TLSv1.2'
)
TIME = Moment(int(datetime(2022, 3, 14, 9, 26, 53, tzinfo=UTC).timestamp()) * 10**9)


def said(line):
    return {name: value for name, value in s3access.parse(line).items() if value not in (None, [])}


def test_every_word_has_its_field_and_a_hyphen_is_no_value():
    assert said(LINE) == {
        "bucketowner": OWNER,
        "bucket": "reports",
        "time": TIME,
        "remoteip": "192.0.2.44",
        "requester": "arn:aws:iam::210987654321:user/lena",
        "requestid": "7B4A",
        "operation": "REST.GET.OBJECT",
        "key": "q1/sales.csv",
        "requesturi": "GET /q1/sales.csv HTTP/1.1",
        "httpstatus": 200,
        "bytessent": 5120,
        "objectsize": 5121,
        "totaltime": 41,
        "turnaroundtime": 38,
        "useragent": "agent/2.0 (a b)",
        "versionid": "v1",
        "hostid": "host=",
        "signatureversion": "SigV4",
        "ciphersuite": "CIPHER",
        "authenticationtype": "AuthHeader",
        "hostheader": "reports.example.com",
        "tlsVersion": "TLSv1.2",
    }


def test_words_behind_the_last_name_are_additional_as_they_are():
    assert said(LINE + " - arn Yes")["additionalFields"] == ["-", "arn", "Yes"]


def test_quotes_are_lazy():
    line = LINE.replace('"agent/2.0 (a b)"', '"agent "x"y"')
    assert said(line)["useragent"] == 'agent "x"y'
    assert said(LINE.replace("q1/sales.csv ", 'q1/a"b ', 1))["key"] == 'q1/a"b'


def test_a_number_that_cannot_be_read_is_no_value():
    values = said(LINE.replace(" 200 ", " 2xx ").replace(" 41 ", " 4.1 "))
    assert "httpstatus" not in values and "totaltime" not in values


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (LINE.removesuffix(" TLSv1.2"), "fewer than 25 words"),
        ('{"a":1}', "brace"),
        ("{" + LINE, "brace"),
        (LINE.replace("14/Mar", "32/Mar"), "a date or time of day that does not exist"),
        (LINE.replace("[14/Mar/2022:09:26:53 +0000]", "- -"), "not a time"),
        ("", "fewer than 25 words"),
    ],
)
def test_other_lines_are_refused(line, reason):
    with pytest.raises(ValueError, match=reason):
        s3access.parse(line)


@pytest.mark.parametrize(
    ("address", "requester", "expected"),
    [
        ("192.0.2.44", "arn:aws:iam::1:u", {IP: {"192.0.2.44"}, ARN: {"arn:aws:iam::1:u"}}),
        ("2001:db8::1", "canonical", {IP: {"2001:db8::1"}}),
        ("example.com", "-", {}),
    ],
)
def test_the_callers_address_and_arn_are_found(address, requester, expected):
    line = LINE.replace("192.0.2.44", address)
    line = line.replace("arn:aws:iam::210987654321:user/lena", requester)
    found = Found()
    s3access.collect(s3access.parse(line), found)
    assert found == expected
