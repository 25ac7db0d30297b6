"""One file's bytes: everything about it follows from the seed and from which file it is."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from random import Random
from typing import NamedTuple

from tools.filegen.damage import damaged
from tools.filegen.draw import SECOND_NS, Batch
from tools.filegen.generators import RECORDS_HEAD, RECORDS_TAIL, Generator, known_generator
from tools.filegen.packing import packed

HOUR_SECONDS = 3600
BATCH_ROWS = 1000
_CLOUDTRAIL = "AWS.CloudTrail"


class Job(NamedTuple):
    """A file to be made: its number in the order of all files, its log type (with the file of its
    schema, "" for a built-in one), the start of its hour (seconds since 1970, UTC), its place among
    the files of that type and hour, and its rows."""

    number: int
    log_type: str
    schema_file: str
    hour: int
    place: int
    rows: int


class Settings(NamedTuple):
    """What all files of a run have in common. `compression` is "gzip", "zstd" or "none",
    `malformed` the share of rows that are damaged."""

    seed: int
    compression: str = "gzip"
    gzip_level: int = 1
    spread: bool = False
    malformed: float = 0.0
    realistic: bool = False


class Made(NamedTuple):
    """A file that is ready to be written. `name` is its key below the prefix; `raw_bytes` and
    `content_sha256` are of what was compressed; `malformed` numbers the damaged rows from 1."""

    job: Job
    name: str
    data: bytes
    raw_bytes: int
    sha256: str
    content_sha256: str
    malformed: Sequence[int]


def made(settings: Settings, job: Job) -> Made:
    """Make a file. Raises ValueError for a schema without a generator."""
    one = known_generator(job.log_type, job.schema_file, settings.realistic)
    content, malformed = content_of(settings, job, one)
    data = packed(content, settings.compression, settings.gzip_level)
    return Made(
        job,
        name_of(settings, job),
        data,
        len(content),
        hashlib.sha256(data).hexdigest(),
        hashlib.sha256(content).hexdigest(),
        malformed,
    )


# ---- the name --------------------------------------------------------------------------------

SUFFIXES = {"gzip": ".gz", "zstd": ".zst", "none": ""}


def name_of(settings: Settings, job: Job) -> str:
    """`LOGTYPE/YYYY-MM-DDThh/FILENAME`: a random UUID, and for CloudTrail a name such as AWS gives
    its files, by which the log processor knows them."""
    hour = datetime.fromtimestamp(job.hour, UTC)
    own = hashlib.sha256(_digest(settings, job) + b"name").digest()[:16]
    if job.log_type == _CLOUDTRAIL:
        name = f"111122223333_CloudTrail_us-east-2_{hour:%Y%m%dT%H%MZ}_{own.hex()}.json"
    else:
        name = str(uuid.UUID(bytes=own, version=4))
    return f"{job.log_type}/{hour:%Y-%m-%dT%H}/{name}{SUFFIXES[settings.compression]}"


def _digest(settings: Settings, job: Job) -> bytes:
    own = f"{settings.seed}\n{job.log_type}\n{job.hour}\n{job.place}"
    return hashlib.sha256(own.encode()).digest()


# ---- the content -----------------------------------------------------------------------------


def content_of(settings: Settings, job: Job, one: Generator) -> tuple[bytes, Sequence[int]]:
    """The content before compression, and which of its rows are damaged."""
    rng = Random(int.from_bytes(_digest(settings, job), "big"))
    rows: list[str] = []
    for batch in _batches(settings, job, rng):
        rows += one.rows(batch)
    malformed: Sequence[int] = ()
    if settings.malformed:
        malformed = damaged(rows, settings.malformed, one, rng, job)
    if one.has_records:
        return (RECORDS_HEAD + ",".join(rows) + RECORDS_TAIL).encode(), malformed
    lines = [one.header, *rows] if one.header else rows
    return ("\n".join(lines) + "\n").encode(), malformed


def _batches(settings: Settings, job: Job, rng: Random) -> Iterator[Batch]:
    start = job.hour * SECOND_NS
    # Files of even place have all members of their types, so that every column turns up.
    is_full = job.place % 2 == 0
    moments = [start] * job.rows
    if settings.spread:
        offsets = sorted(int(rng.random() * HOUR_SECONDS) for _ in range(job.rows))
        moments = [start + offset * SECOND_NS for offset in offsets]
    for first in range(0, job.rows, BATCH_ROWS):
        yield Batch(rng, moments[first : first + BATCH_ROWS], is_full)
