"""Times as users write them and as S3 lists them."""

import re
from datetime import UTC, datetime

from common.goflags import Kind

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_RFC3339 = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)


def parse_time(text: str) -> datetime:
    """A moment in UTC from RFC 3339 (`2021-02-05T09:00:00Z`) or a day (`2021-02-05`, its start).

    Raises ValueError for anything else.
    """
    try:
        if _DAY.fullmatch(text):
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
        if _RFC3339.fullmatch(text):
            return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except ValueError:
        pass
    raise ValueError("want a time such as 2021-02-05T09:00:00Z or a day such as 2021-02-05 (UTC)")


def _optional_time(text: str) -> datetime | None:
    return parse_time(text) if text else None


TIME = Kind("time", _optional_time)


def s3_time(moment: datetime) -> str:
    """A moment as S3 lists it (`2021-02-05T09:00:00.000Z`): such texts sort by time."""
    text = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{moment.microsecond // 1000:03}Z"


def rfc3339(s3_text: str) -> str:
    """S3's `2021-02-05T09:00:00.000Z` without an empty fraction."""
    return s3_text.replace(".000Z", "Z")


def stamp(moment: datetime) -> str:
    """`20210205T090000Z`, for file names."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
