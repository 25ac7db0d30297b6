"""One message for each selected object: batches, retries entry by entry, failed file, progress."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common import work
from common.batch import Fate, Refusal, settle
from common.cli import DONE, SOME_FAILED
from common.errors import UsageError
from common.failed_file import FailedFile
from common.goflags import INTEGER, SWITCH, TEXT, Flag
from common.journal import Counts, Journal, Pending
from common.listing import Range
from common.output import clock, megabytes, plural
from common.s3xml import UNKNOWN_SIZE, Object
from common.selection import Chunk

if TYPE_CHECKING:
    from common.aws import Aws
    from common.cli import Args, Io
    from common.stop import Stop

BATCH_OBJECTS = 10

DELIVERY_FLAGS = (
    Flag("checkpoint", TEXT, "", "record progress in this file; a second run goes on after it"),
    Flag("restart", SWITCH, False, "begin again in spite of the checkpoint"),
    Flag("failed-file", TEXT, "", "append objects that could not be sent to this file"),
)
CONCURRENCY_FLAG = Flag("concurrency", INTEGER, 50, "number of parallel senders")

Post = Callable[[str, Sequence[Object]], Sequence[Refusal | None]]
LookUp = Callable[[str, Object], Object | Refusal]
LineOf = Callable[[str, Object], str | Refusal]


@dataclass(frozen=True)
class Settings:
    """How objects are sent: parallel senders, checkpoint and failed file."""

    workers: int
    checkpoint: Path | None
    restart: bool
    failed_file: Path | None


def settings_of(args: Args) -> Settings:
    """What -concurrency, -checkpoint, -restart and -failed-file ask for. Raises UsageError."""
    if args["concurrency"] < 1:
        raise UsageError("-concurrency must be at least 1")
    return Settings(
        workers=args["concurrency"],
        checkpoint=Path(args["checkpoint"]) if args["checkpoint"] else None,
        restart=args["restart"],
        failed_file=Path(args["failed-file"]) if args["failed-file"] else None,
    )


@dataclass(frozen=True)
class Batch:
    """At most BATCH_OBJECTS objects of one chunk."""

    pending: Pending
    objects: Sequence[Object]


def batches(
    chunks: Iterable[Chunk], journal: Journal, size: int = BATCH_OBJECTS
) -> Iterator[Batch]:
    """The chunks' objects in batches of `size`, in order; the journal is told of each chunk."""
    for chunk in chunks:
        pending = journal.start(chunk)
        for place in range(0, len(chunk.objects), size):
            yield Batch(pending, chunk.objects[place : place + size])
    journal.is_read = True


@dataclass(frozen=True)
class Sender:
    """Sends batches with `post`; `look_up` completes objects from lists that tell no size, and
    `kind_of` names what confirmed objects are counted as."""

    post: Post
    look_up: LookUp
    stop: Stop
    journal: Journal
    failed: FailedFile
    report: Callable[[str], None]
    kind_of: Callable[[Object], str] | None = None

    def send(self, batch: Batch) -> None:
        """Send one batch to its end. Raises when sending cannot work at all."""
        bucket = batch.pending.chunk.bucket
        counts = Counts()
        objects = []
        for found in batch.objects:
            known = _completed(bucket, found, self.look_up)
            if isinstance(known, Refusal):
                counts.failed += 1
                self._fail(bucket, found, known)
            elif known.size:
                objects.append(known)
            else:
                counts.skipped += 1
        fates = settle(objects, lambda part: self.post(bucket, part), self.stop) if objects else []
        done = []
        for found, fate in zip(objects, fates, strict=True):
            counts.doubtful += fate.is_doubtful
            if fate.refusal is None:
                done.append(found)
            elif not self._is_left(fate):
                counts.failed += 1
                self._fail(bucket, found, fate.refusal)
        counts.sent = len(done)
        counts.bytes = sum(found.size for found in done)
        if self.kind_of is not None:
            counts.kinds = dict(Counter(map(self.kind_of, done)))
        closed = len(batch.objects) - sum(map(self._is_left, fates))
        self.journal.finish(batch.pending, closed, counts, self.failed.is_kept)

    def _is_left(self, fate: Fate) -> bool:
        # After a stop request an entry is not tried to its end: it is left for the next run.
        is_open = fate.refusal is not None and not fate.refusal.is_final
        return is_open and self.stop.requested

    def _fail(self, bucket: str, found: Object, refusal: Refusal) -> None:
        self.failed.write(bucket, found, refusal)
        self.report(f"cannot send {url(bucket, found)}: {refusal}")


def _completed(bucket: str, found: Object, look_up: LookUp) -> Object | Refusal:
    return found if found.size != UNKNOWN_SIZE else look_up(bucket, found)


def sender(
    io: Io,
    aws: Aws,
    settings: Settings,
    journal: Journal,
    post: Post,
    kind_of: Callable[[Object], str] | None = None,
) -> Sender:
    """The sender of a run, as its settings ask for."""
    return Sender(
        post=post,
        look_up=look_up(aws),
        stop=io.stop,
        journal=journal,
        failed=FailedFile(settings.failed_file),
        report=io.out.warn,
        kind_of=kind_of,
    )


def deliver(
    sender: Sender,
    items: Iterable[Batch],
    ranges: Callable[[], Sequence[tuple[Range, str]]],
    workers: int,
    io: Io,
) -> None:
    """Send every batch, showing progress and saving the checkpoint for `ranges`.

    A stop request ends it early, after the batches in flight. Raises the first fatal error, after
    the checkpoint was saved.
    """
    journal = sender.journal
    try:
        with io.stop.deferred(), io.out.progress("sent", lambda: journal.total.sent, unit="files"):
            all_ended = work.spread(
                items, sender.send, workers, io.stop, lambda: journal.save(ranges)
            )
        if not all_ended:
            io.out.warn("some requests were still unanswered: their objects may be sent again")
    finally:
        journal.save(ranges, now=True)


def look_up(aws: Aws) -> LookUp:
    """A function that asks S3 for the size and time of an object from a list without them."""
    from botocore.exceptions import ClientError

    from common import awserrors

    def head(bucket: str, found: Object) -> Object | Refusal:
        try:
            # Made at the first look-up and then kept: most runs need none.
            reply = aws.client("s3").head_object(Bucket=bucket, Key=found.key)
        except ClientError as error:
            if awserrors.code_of(error) in ("404", "NoSuchKey", "NotFound"):
                return Refusal("NotFound", "there is no such object", is_final=True)
            raise
        return found._replace(size=reply["ContentLength"])

    return head


def url(bucket: str, found: Object) -> str:
    """An object as users write it."""
    return f"s3://{bucket}/{found.key}"


def show(io: Io, aws: Aws, chunks: Iterable[Chunk], target: str, line_of: LineOf) -> int:
    """A dry run: print one line for each object that a run would send; the exit code."""
    complete = look_up(aws)
    shown = refused = 0
    for chunk in chunks:
        lines = []
        for found in chunk.objects:
            known = _completed(chunk.bucket, found, complete)
            if not isinstance(known, Refusal) and not known.size:
                continue
            line = known if isinstance(known, Refusal) else line_of(chunk.bucket, known)
            if isinstance(line, str):
                lines.append(line)
            else:
                refused += 1
                io.out.warn(f"cannot send {url(chunk.bucket, found)}: {line}")
        io.out.lines(lines)
        shown += len(lines)
    io.out.info(f"dry run: {plural(shown, 'file')} would be sent to {target}")
    return SOME_FAILED if refused else DONE


def conclude(
    io: Io,
    journal: Journal,
    settings: Settings,
    target: str,
    region: str,
    started: float,
    **more: Any,
) -> int:
    """Print the summary and return the exit code; `started` is a time.monotonic()."""
    counts = journal.total
    seconds = time.monotonic() - started
    io.out.info(
        f"sent {counts.sent} files ({megabytes(counts.bytes)}) to {target} ({region}) "
        f"in {clock(seconds)}"
    )
    if counts.skipped:
        io.out.info(f"left out {plural(counts.skipped, 'empty object')} (or folder markers)")
    if counts.doubtful:
        io.out.warn(
            f"{plural(counts.doubtful, 'file')} may have been sent twice: replies were lost"
        )
    if counts.failed:
        kept = settings.failed_file
        again = (
            f"see {kept}; send them with -from-file {kept}" if kept else "rerun with -failed-file"
        )
        io.out.warn(f"{plural(counts.failed, 'file')} could not be sent: {again}")
    if io.stop.requested and settings.checkpoint:
        io.out.info("run the same command again to go on where this one stopped")
    if io.out.is_json:
        io.out.record(
            {
                "listed": counts.listed,
                "sent": counts.sent,
                "skipped_empty": counts.skipped,
                "failed": counts.failed,
                "bytes": counts.bytes,
                **more,
                "region": region,
                "seconds": round(seconds, 3),
            }
        )
    if io.stop.requested:
        return io.stop.exit_code
    return SOME_FAILED if counts.failed else DONE
