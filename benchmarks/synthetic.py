"""Synthetic data of any size without storing it: object keys by index, and how to know one again.

Every key and message body carries `-be4c-4a11-9d2e-` followed by its index in twelve hex digits
(the tail of a UUID), so that a receiver can tell in a microsecond which item arrived.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import NamedTuple, overload

ACCOUNT = "123456789012"
REGION = "us-east-1"
MARK = b"-be4c-4a11-9d2e-"
_INDEX_DIGITS = 12
_FIRST_HOUR = datetime.datetime(2021, 1, 1)


def uuid(position: float, index: int) -> str:
    """A UUID that sorts by `position` (0 to 1) and carries `index`."""
    return f"{int(position * 0xFFFFFFFF):08x}{MARK.decode()}{index:012x}"


def marks(data: bytes) -> list[bytes]:
    """The indexes, as hex digits, of all items that are mentioned in `data`."""
    return [part[:_INDEX_DIGITS] for part in data.split(MARK)[1:]]


def index_in(text: str) -> int:
    """The index of the one item that `text` mentions."""
    return int(text.rpartition(MARK.decode())[2][:_INDEX_DIGITS], 16)


class Bucket(NamedTuple):
    """What a bucket holds; its name says it: bench-<keys>-<hours>."""

    keys: int
    hours: int


def parse_bucket(name: str) -> Bucket | None:
    """The content that a bucket's name stands for, None when there is no such bucket."""
    parts = name.split("-")
    if len(parts) != 3 or parts[0] != "bench" or not (parts[1] + parts[2]).isdigit():
        return None
    return Bucket(int(parts[1]), max(1, int(parts[2])))


class Keys(Sequence[str]):
    """The keys of a bucket in S3's order: objects of CloudTrail, spread over hours evenly."""

    def __init__(self, bucket: Bucket) -> None:
        self._count = bucket.keys
        self._per_hour = -(-bucket.keys // bucket.hours) or 1

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(self._count))]
        if not 0 <= index < self._count:
            raise IndexError(index)
        hour, place = divmod(index, self._per_hour)
        folder, stamp = _hour_names(hour)
        return f"{folder}{stamp}-{uuid(place / self._per_hour, index)}.json.gz"


_NAMES: dict[int, tuple[str, str]] = {}


def _hour_names(hour: int) -> tuple[str, str]:
    if hour not in _NAMES:
        time = _FIRST_HOUR + datetime.timedelta(hours=hour)
        _NAMES[hour] = (
            f"{time:logs/aws_cloudtrail/year=%Y/month=%m/day=%d/hour=%H/}",
            f"{time:%Y%m%dT%H0000Z}",
        )
    return _NAMES[hour]


def size_of(index: int) -> int:
    """The size in bytes of an object, between 1 kB and 5 MB."""
    return 1000 + index * 7919 % 5_000_000


def etag_of(index: int) -> str:
    """An ETag that looks like an MD5."""
    return f"{index * 0x9E3779B97F4A7C15F39CC0605CEDC835 % (1 << 128):032x}"


def modified_of(index: int) -> str:
    """When an object was written, as S3 says it."""
    time = _FIRST_HOUR + datetime.timedelta(seconds=index % 2_592_000)
    return f"{time:%Y-%m-%dT%H:%M:%S}.000Z"


def entries_with_versions(keys: int) -> int:
    """Versions and delete markers of a bucket: every second key is deleted."""
    return keys + keys // 2
