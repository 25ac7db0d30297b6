"""Which objects a command line selects, as a stream of chunks that can be resumed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fnmatch import translate
from itertools import groupby, islice
from operator import attrgetter
from typing import TYPE_CHECKING

from common import cli
from common.errors import UsageError
from common.goflags import INTEGER, TEXT, Flag
from common.listing import ObjectLister, Range, Walk
from common.s3 import Bucket, Path, open_bucket, parse_path
from common.s3xml import Object
from common.times import TIME, s3_time

if TYPE_CHECKING:
    from common.aws import Aws
    from common.cli import Args, Io
    from common.stop import Stop

CHUNK_ENTRIES = 1000

WINDOW_FLAGS = (
    Flag("start", TIME, None, "only objects modified at or after this time (UTC)"),
    Flag("end", TIME, None, "only objects modified before this time (UTC)"),
)
GLOB_FLAGS = (
    Flag("include", TEXT, "", "only keys that match one of these globs (comma list)"),
    Flag("exclude", TEXT, "", "no keys that match one of these globs (comma list)"),
)
FROM_FILE_FLAGS = (
    Flag(
        "from-file", TEXT, "",
        "take the objects from this list, not from S3: CSV or JSON lines of s3list, S3 Inventory "
        "CSV, or s3:// URLs; - reads stdin",
    ),
    Flag("list-concurrency", INTEGER, 16, "parallel listing requests"),
)  # fmt: skip


@dataclass(frozen=True)
class Filter:
    """What an object must be like to be selected; times are compared as S3 writes them."""

    start: datetime | None = None
    end: datetime | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    also: Callable[[str], bool] | None = None

    def test(self) -> Callable[[Object], bool] | None:
        """A function that is true for objects that are wanted; None when all are."""
        first, last = self.start and s3_time(self.start), self.end and s3_time(self.end)
        wanted, unwanted = _matcher(self.include), _matcher(self.exclude)
        also = self.also
        if not (first or last or wanted or unwanted or also):
            return None

        def is_wanted(found: Object) -> bool:
            return (
                (not first or found.last_modified >= first)
                and (not last or found.last_modified < last)
                and (not wanted or wanted(found.key) is not None)
                and (not unwanted or unwanted(found.key) is None)
                and (not also or also(found.key))
            )

        return is_wanted


def filter_of(args: Args) -> Filter:
    """The filter that -start, -end and, where a tool has them, -include and -exclude ask for.

    Raises UsageError.
    """
    start, end = args["start"], args["end"]
    if start and end and start >= end:
        raise UsageError("-start is not before -end", "No object can lie between them.")
    include, exclude = (args.values.get(name, "") for name in ("include", "exclude"))
    return Filter(start, end, _globs(include), _globs(exclude))


def _globs(text: str) -> tuple[str, ...]:
    return tuple(word for word in text.split(",") if word)


def _matcher(globs: Sequence[str]) -> Callable[[str], re.Match[str] | None] | None:
    return re.compile("|".join(map(translate, globs))).match if globs else None


@dataclass(frozen=True)
class Selection:
    """The objects of `path`, or of the list `from_file`, that pass `filter`; 0 = no limit."""

    path: Path | None
    from_file: str
    filter: Filter
    limit: int
    workers: int

    @property
    def identity(self) -> dict[str, object]:
        """The arguments that make it this selection and no other: a checkpoint belongs to them."""
        return {
            "s3path": str(self.path or ""),
            "from-file": self.from_file,
            "limit": self.limit,
            "start": self.filter.start,
            "end": self.filter.end,
            "include": ",".join(self.filter.include),
            "exclude": ",".join(self.filter.exclude),
        }


def selection_of(args: Args, io: Io) -> Selection:
    """The selection that a command line asks for; a missing -s3path is asked for on a terminal.

    Raises UsageError naming the wrong flag.
    """
    s3path = "" if args["from-file"] else cli.require_text(args, io, "s3path", "S3 path")
    if args["from-file"] and args["s3path"]:
        raise UsageError("-from-file and -s3path exclude each other", "Give one of them.")
    if args["limit"] < 0:
        raise UsageError("-limit is negative", "0 means all objects.")
    if args["list-concurrency"] < 1:
        raise UsageError("-list-concurrency must be at least 1")
    return Selection(
        path=parse_path(s3path) if s3path else None,
        from_file=args["from-file"],
        filter=filter_of(args),
        limit=args["limit"],
        # One listing keeps the keys in order, so that a limit means the first ones.
        workers=1 if args["limit"] else args["list-concurrency"],
    )


@dataclass(frozen=True)
class Chunk:
    """Selected objects of one bucket. Everything of `origin` up to `mark` lies in this chunk or
    in earlier ones ("" = a limit cut it short); `listed` and `skipped` count what was seen and what
    was empty or a folder."""

    origin: Range
    bucket: str
    objects: Sequence[Object]
    listed: int
    skipped: int
    mark: str
    is_end: bool


class Objects:
    """A stream of the selected objects; `ranges` may be read at any time for a checkpoint."""

    def __init__(
        self, wanted: Selection, bucket: Bucket | None, stop: Stop, ranges: Iterable[Range] = ()
    ) -> None:
        self._wanted = wanted
        self._test = wanted.filter.test()
        self._stop = stop
        self._start = list(ranges) or [Range()]
        self._bucket = bucket
        self._walk: Walk | None = None

    def ranges(self) -> list[tuple[Range, str]]:
        """Each range with its end at this moment; together they cover the selection once."""
        if self._walk is None:
            return [(part, part.upto) for part in self._start]
        with self._walk.lock:
            return [(part, part.upto) for part in self._walk.ranges]

    def chunks(self) -> Iterator[Chunk]:
        """The selected objects, from the start. Raises the SDK's errors, UsageError for a bad
        list file."""
        if self._bucket is None or self._wanted.path is None:
            return self._from_file()
        return self._listed(self._bucket, self._wanted.path.prefix)

    def _listed(self, bucket: Bucket, prefix: str) -> Iterator[Chunk]:
        ranges = [replace(part) for part in self._start]
        lister = ObjectLister(bucket, prefix)
        self._walk = Walk(lister, self._wanted.workers, self._stop, ranges)
        pages = self._walk.pages()
        try:
            for origin, entries, is_end in pages:
                objects, skipped = self._select(entries)
                mark = entries[-1].key if entries else ""
                yield Chunk(origin, bucket.name, objects, len(entries), skipped, mark, is_end)
        finally:
            pages.close()  # type: ignore[attr-defined]

    def _from_file(self) -> Iterator[Chunk]:
        from common import manifest

        origin = self._start[0]
        number = int(origin.after or 0)
        entries = manifest.read(self._wanted.from_file, "from-file")
        for _ in range(number):
            next(entries, None)
        for bucket, group in groupby(entries, key=attrgetter("bucket")):
            while rows := list(islice(group, CHUNK_ENTRIES)):
                if self._stop.requested:
                    return
                number += len(rows)
                found = [Object(row.key, row.last_modified, "", row.size, "") for row in rows]
                objects, skipped = self._select(found)
                yield Chunk(origin, bucket, objects, len(rows), skipped, str(number), False)

    def _select(self, entries: Sequence[Object]) -> tuple[list[Object], int]:
        # The log processor and its siblings ignore empty objects and folder markers.
        filled = [found for found in entries if found.size and found.key[-1:] != "/"]
        skipped = len(entries) - len(filled)
        if self._test is None:
            return filled, skipped
        return [found for found in filled if self._test(found)], skipped


def open_objects(aws: Aws, wanted: Selection, stop: Stop, ranges: Iterable[Range] = ()) -> Objects:
    """The stream of a selection, or of these `ranges` of it, from its bucket wherever that is.

    Raises ToolError when the bucket does not exist, the SDK's errors when it cannot be read.
    """
    bucket = open_bucket(aws, wanted.path.bucket, stop) if wanted.path else None
    return Objects(wanted, bucket, stop, ranges)


def limited(chunks: Iterable[Chunk], limit: int, before: int = 0) -> Iterator[Chunk]:
    """The chunks up to exactly `limit` objects in total, `before` of them in earlier runs; 0 =
    all."""
    left = limit - before
    if limit and left <= 0:
        return
    for chunk in chunks:
        if not limit or len(chunk.objects) <= left:
            yield chunk
        else:
            yield replace(chunk, objects=chunk.objects[:left], mark="", is_end=False)
        left -= len(chunk.objects)
        if limit and left <= 0:
            return
