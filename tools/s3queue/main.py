"""s3queue: send S3 objects to the log processor again, one notification for each."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from common import cli, consent, delivery, panther, s3, selection, sources, sqs
from common.aws import connect
from common.batch import Refusal
from common.cli import Args, Io
from common.errors import ToolError, UsageError
from common.goflags import DURATION, FLOAT, INTEGER, SWITCH, TEXT, Flag
from common.journal import Journal
from common.s3xml import Object
from common.selection import Chunk, Selection
from common.sources import Source
from tools.s3queue import messages, pace

if TYPE_CHECKING:
    from common.aws import Aws

# ---- what the user can ask -------------------------------------------------------------------

TOOL = cli.Tool(
    name="s3queue",
    summary="send S3 objects to the log processor again, one notification for each",
    usage="s3queue -s3path s3://BUCKET/PREFIX [flags]",
    flags=(
        Flag("s3path", TEXT, "", "s3://bucket/prefix whose objects to send"),
        Flag("queue", TEXT, panther.INPUT_QUEUE, "name of the queue to send to"),
        Flag("account", TEXT, "", "account id in the notifications (default: the caller's)"),
        Flag("limit", INTEGER, 0, "send at most this many objects, 0 = all"),
        Flag("loop", SWITCH, False, "start over when the listing ends"),
        delivery.CONCURRENCY_FLAG,
        Flag("files-per-second", FLOAT, 0.0, "send at this rate, 0 = as fast as possible"),
        Flag("duration", DURATION, 0.0, "stop after this long (90s, 2h45m), 0 = no limit"),
        *selection.WINDOW_FLAGS,
        *selection.GLOB_FLAGS,
        *selection.FROM_FILE_FLAGS,
        *delivery.DELIVERY_FLAGS,
        Flag("check-source", SWITCH, True, "warn when no log source claims the path"),
        cli.INTERACTIVE_FLAG,
        *cli.PLAN_FLAGS,
        *cli.AWS_FLAGS,
        *cli.OUTPUT_FLAGS,
    ),
    hidden=(Flag("raw-keys", SWITCH, False, "leave keys unencoded, as the Go tool did"),),
    examples=(
        "s3queue -s3path s3://acme-logs/cloudtrail/2021/02/05/ -dry-run",
        "s3queue -s3path s3://acme-logs/cloudtrail/ -checkpoint backfill.json",
        "s3queue -s3path s3://acme-logs/ -files-per-second 100 -duration 2h",
    ),
)


@dataclass(frozen=True)
class Options:
    """A checked command line; 0 stands for no limit."""

    objects: Selection
    queue: str
    account: str
    loop: bool
    files_per_second: float
    duration_seconds: float
    delivery: delivery.Settings
    check_source: bool
    raw_keys: bool
    dry_run: bool

    @property
    def identity(self) -> dict[str, object]:
        """The arguments that a checkpoint belongs to."""
        return {**self.objects.identity, "queue": self.queue}


def options(args: Args, io: Io) -> Options:
    """Check the command line. Raises UsageError naming the flag and the remedy."""
    if args["files-per-second"] < 0:
        raise UsageError("-files-per-second is negative", "0 means as fast as possible.")
    if args["duration"] < 0:
        raise UsageError("-duration is negative", "0 means until everything is sent.")
    if args["loop"] and args["checkpoint"]:
        raise UsageError("-loop sends everything again and again", "Leave out -checkpoint.")
    if args["from-file"] == "-" and args["loop"]:
        raise UsageError("-loop cannot read stdin twice", "Save the list to a file.")
    objects = selection.selection_of(args, io)
    queue = cli.require_text(args, io, "queue", "Queue name")
    if queue.endswith(".fifo"):
        raise UsageError(f"-queue {queue} is a FIFO queue", "The input queue is a standard one.")
    return Options(
        objects=objects,
        queue=queue,
        account=args["account"],
        loop=args["loop"],
        files_per_second=args["files-per-second"],
        duration_seconds=args["duration"],
        delivery=delivery.settings_of(args),
        check_source=args["check-source"],
        raw_keys=args["raw-keys"],
        dry_run=args["dry-run"],
    )


# ---- deciding: pure --------------------------------------------------------------------------


def rounds(chunks: Callable[[], Iterator[Chunk]], is_loop: bool) -> Iterator[Chunk]:
    """The chunks once, or again and again; a round without objects is the last one."""
    is_first = True
    while is_first or is_loop:
        is_first = False
        has_objects = False
        for chunk in chunks():
            has_objects |= bool(chunk.objects)
            yield chunk
        if not has_objects:
            return


def unclaimed(path: s3.Path, known: Sequence[Source]) -> str:
    """What to tell the user when no source claims any part of `path`, "" when one does."""
    if sources.claims(known, path.bucket, path.prefix):
        return ""
    return f"no log source claims {path}: the log processor drops such objects without an error"


# ---- doing -----------------------------------------------------------------------------------


def check_source(aws: Aws, wanted: Options, io: Io) -> None:
    """Warn and ask when the log processor would drop what is about to be sent."""
    from botocore.exceptions import ClientError

    if not wanted.check_source or wanted.objects.path is None:
        return
    try:
        warning = unclaimed(wanted.objects.path, sources.from_api(aws))
    except (ClientError, ToolError) as error:
        io.out.warn(f"cannot check the log sources: {cli.explain(error).message}")
        return
    if warning:
        consent.ask(io, f"warning: {warning}", "Send them anyway?", unattended_is_fine=True)


def poster(wire: sqs.QueueWire, account: str, raw_keys: bool) -> delivery.Post:
    """A function that sends one batch of objects of one bucket.

    Ten bodies of at most about 4 KB (a key is at most 1 KB) stay far below a batch's limit.
    """
    renderer = lru_cache(maxsize=None)(messages.entry_renderer)

    def post(bucket: str, objects: Sequence[Object]) -> Sequence[Refusal | None]:
        render = renderer(account, bucket, raw_keys)
        return wire.send([render(found) for found in objects])

    return post


def show(aws: Aws, chunks: Iterator[Chunk], account: str, wanted: Options, io: Io) -> int:
    """What a run would send: URLs, or with -output json the message bodies."""

    def body(bucket: str, found: Object) -> str:
        return messages.body(account, bucket, found, wanted.raw_keys)

    line_of = body if io.out.is_json else delivery.url
    return delivery.show(io, aws, chunks, wanted.queue, line_of)


# ---- joining ---------------------------------------------------------------------------------


def run(wanted: Options, io: Io) -> int:
    """List, filter, batch, send, report; the exit code."""
    started = time.monotonic()
    keep = wanted.delivery
    journal = Journal(keep.checkpoint, TOOL.name, wanted.identity, keep.restart)
    if journal.is_complete:
        io.out.info(f"everything was sent before, says {keep.checkpoint}; -restart sends it again")
        return cli.DONE
    aws = connect(io)
    queue = sqs.find(aws, wanted.queue)
    account = wanted.account or aws.account()
    objects = selection.open_objects(aws, wanted.objects, io.stop, journal.resumed)
    found = selection.limited(
        rounds(objects.chunks, wanted.loop), wanted.objects.limit, journal.total.sent
    )
    if wanted.dry_run:
        return show(aws, found, account, wanted, io)
    check_source(aws, wanted, io)
    size = pace.batch_size(wanted.files_per_second)
    deadline = time.monotonic() + (wanted.duration_seconds or float("inf"))
    batches = pace.paced(
        delivery.batches(found, journal, size),
        wanted.files_per_second,
        time.monotonic,
        io.stop.wait,
        deadline,
    )
    post = poster(sqs.QueueWire(aws, queue), account, wanted.raw_keys)
    sender = delivery.sender(io, aws, keep, journal, post)
    try:
        delivery.deliver(sender, batches, objects.ranges, keep.workers, io)
    finally:
        code = delivery.conclude(
            io, journal, keep, queue.name, queue.region, started, queue=queue.name
        )
    return code


def main(argv: Sequence[str] | None = None) -> int:
    """Run the tool; returns its exit code."""
    return cli.run(TOOL, options, run, argv)


if __name__ == "__main__":
    sys.exit(main())
