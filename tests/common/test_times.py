"""Times are read as RFC 3339 or days, in UTC, and compare as S3 writes them."""

from datetime import UTC, datetime

import pytest

from common.times import parse_time, rfc3339, s3_time, stamp


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2021-02-05", "2021-02-05T00:00:00.000Z"),
        ("2021-02-05T09:08:07Z", "2021-02-05T09:08:07.000Z"),
        ("2021-02-05t09:08:07z", "2021-02-05T09:08:07.000Z"),
        ("2021-02-05T09:08:07.5Z", "2021-02-05T09:08:07.500Z"),
        ("2021-02-05T09:08:07+02:00", "2021-02-05T07:08:07.000Z"),
        ("2021-02-05 09:08:07-01:30", "2021-02-05T10:38:07.000Z"),
    ],
)
def test_time_is_read_as_utc(text, expected):
    assert s3_time(parse_time(text)) == expected


@pytest.mark.parametrize(
    "text",
    ["", "today", "2021-02-30", "2021-2-5", "2021-02-05T09:00", "2021-02-05T09:00:00", "1612"],
)
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError, match="want a time such as"):
        parse_time(text)


def test_forms_of_output():
    assert rfc3339("2021-02-05T09:08:07.000Z") == "2021-02-05T09:08:07Z"
    assert rfc3339("2021-02-05T09:08:07.120Z") == "2021-02-05T09:08:07.120Z"
    assert stamp(datetime(2021, 2, 5, 9, 8, 7, tzinfo=UTC)) == "20210205T090807Z"
