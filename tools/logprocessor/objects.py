"""Data-lake objects: their keys, and the notifications that announce them (pure)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from common import notify, panther
from common.logs.civil import day_of
from tools.logprocessor.batching import Full

LOG_DATA = "LogData"
CLOUD_SECURITY = "CloudSecurity"
_FOLDERS = {data_type: folder for folder, data_type in panther.DATA_TYPES.items()}


@dataclass(frozen=True)
class LakeObject:
    """An object to be written; `cause` is why it was time to."""

    key: str
    log_type: str
    events: int
    data: bytes
    cause: str


def data_type(log_type: str) -> str:
    """The `type` of the notifications of a log type's objects."""
    return CLOUD_SECURITY if log_type in panther.CLOUD_SECURITY_LOG_TYPES else LOG_DATA


def key_of(log_type: str, hour: int, name: str) -> str:
    """The key of an object with the events of an hour, counted from 1970. `name` tells it from
    others of that hour. The time in the file's name is the hour, whenever it is written."""
    day = day_of(hour)
    year, month, number = f"{day.year:04d}", f"{day.month:02d}", f"{hour % 24:02d}"
    return (
        f"{_FOLDERS[data_type(log_type)]}/{panther.table_name(log_type)}/"
        f"year={year}/month={month}/day={day.day:02d}/hour={number}/"
        f"{year}{month}{day.day:02d}T{number}0000Z-{name}.json.gz"
    )


def object_of(full: Full) -> LakeObject:
    """The object that a full buffer becomes, under a name of its own."""
    log_type, hour = full.place
    key = key_of(log_type, hour, str(uuid.uuid4()))
    return LakeObject(key, log_type, full.events, full.data, full.cause)


def message(bucket: str, written: LakeObject) -> str:
    """The notification of an object in a bucket."""
    return notify.processed_event(bucket, written.key, len(written.data))


def attributes(log_type: str) -> dict[str, str]:
    """The message attributes by which subscribers choose notifications."""
    return {"type": data_type(log_type), "id": log_type}
