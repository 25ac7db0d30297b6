"""requeue: move messages between queues, such as from a dead-letter queue back."""

from __future__ import annotations

import re
import sys
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from common import cli, consent, sqs, work
from common.aws import connect
from common.cli import Args, Io
from common.errors import UsageError
from common.goflags import INTEGER, SWITCH, TEXT, Flag
from common.output import plural
from common.stop import Stop
from tools.requeue import queues
from tools.requeue.queues import Counts

if TYPE_CHECKING:
    from common.aws import Aws
    from common.sqs import Queue
    from tools.requeue.mover import Mover

LONGEST_VISIBILITY_SECONDS = 43_200
RELEASERS = 10

# ---- what the user can ask -------------------------------------------------------------------

TOOL = cli.Tool(
    name="requeue",
    summary="move messages between queues, such as from a dead-letter queue back",
    usage="requeue -to.q QUEUE [-from.q QUEUE] [flags]",
    flags=(
        Flag("from.q", TEXT, "", "queue to move from (default: the dead-letter queue of -to.q)"),
        Flag("to.q", TEXT, "", "queue to move to: a name, URL or ARN"),
        Flag("limit", INTEGER, 0, "move at most this many messages, 0 = all"),
        Flag("concurrency", INTEGER, 10, "number of parallel movers; one for FIFO queues"),
        Flag("visibility-timeout", INTEGER, 120, "seconds that a received message is reserved"),
        Flag("match", TEXT, "", "regular expression; other bodies stay in the source"),
        Flag("keep-dedup-id", SWITCH, False, "FIFO: send with the original deduplication id"),
        Flag("copy", SWITCH, False, "leave the messages in the source too"),
        Flag("dump", TEXT, "", "append every message to this file before it is sent"),
        Flag("verbose", SWITCH, False, "the same as -debug"),
        cli.INTERACTIVE_FLAG,
        *cli.PLAN_FLAGS,
        *cli.AWS_FLAGS,
        *cli.OUTPUT_FLAGS,
    ),
    examples=(
        "requeue -to.q panther-input-data-notifications-queue",
        "requeue -to.q panther-layer-manager-queue -limit 1",
        "requeue -from.q my-dlq -to.q my-queue -match AWS.CloudTrail -dump moved.jsonl",
        "requeue -to.q panther-alerts-queue -dry-run",
    ),
)


@dataclass(frozen=True)
class Options:
    """A checked command line; "" stands for the default source, 0 for no limit."""

    source: str
    destination: str
    limit: int
    movers: int
    visibility_seconds: int
    match: re.Pattern[str] | None
    keep_dedup_id: bool
    copy: bool
    dump: Path | None
    dry_run: bool


def options(args: Args, io: Io) -> Options:
    """Check the command line. Raises UsageError naming the flag and the remedy."""
    if args["limit"] < 0:
        raise UsageError("-limit is negative", "0 means all messages.")
    if args["concurrency"] < 1:
        raise UsageError("-concurrency must be at least 1")
    visibility = args["visibility-timeout"]
    if not 1 <= visibility <= LONGEST_VISIBILITY_SECONDS:
        raise UsageError(
            f"-visibility-timeout {visibility} is not possible",
            f"SQS reserves messages for 1 to {LONGEST_VISIBILITY_SECONDS} seconds.",
        )
    try:
        match = re.compile(args["match"]) if args["match"] else None
    except re.error as error:
        raise UsageError(
            f"-match {args['match']!r} is no regular expression: {error}",
            "Put a backslash before special characters.",
        ) from None
    source = str(args["from.q"]).strip()
    destination = cli.require_text(args, io, "to.q", "Queue to move messages to")
    if source == destination:
        raise UsageError(_same(source), "Name two queues.")
    return Options(
        source=source,
        destination=destination,
        limit=args["limit"],
        movers=args["concurrency"],
        visibility_seconds=visibility,
        match=match,
        keep_dedup_id=args["keep-dedup-id"],
        copy=args["copy"],
        dump=Path(args["dump"]) if args["dump"] else None,
        dry_run=args["dry-run"],
    )


def _same(name: str) -> str:
    return f"-from.q and -to.q are the same queue, {name}"


# ---- deciding: pure --------------------------------------------------------------------------


def returned_from(source: Queue, found_at: float, now: float) -> int:
    """From which moment on (server time, milliseconds since the epoch) a message came back after
    the start. `found_at` and `now` are times of this machine, whose clock may be wrong."""
    return int((source.read_at + (now - found_at) + 1) * 1000)


# ---- doing -----------------------------------------------------------------------------------


def find(aws: Aws, wanted: Options, io: Io) -> tuple[Queue, Queue]:
    """Both queues, the source by default the dead-letter queue of the destination.

    Raises ToolError for a queue that does not exist and UsageError when both are the same.
    """
    destination = sqs.find(aws, wanted.destination)
    text = wanted.source
    if not text:
        text, note = queues.default_source(destination)
        io.out.info(note)
    source = sqs.find(aws, text)
    if (source.url, source.region) == (destination.url, destination.region):
        raise UsageError(_same(source.name), "Name two queues.")
    return source, destination


def show(source: Queue, destination: Queue, io: Io) -> int:
    """What is known of both queues, without receiving anything."""
    if io.out.is_json:
        io.out.record({"from": queues.record(source), "to": queues.record(destination)})
    else:
        io.out.table(queues.HEADER, [queues.row(source), queues.row(destination)])
    return cli.DONE


def mover_of(
    aws: Aws, source: Queue, destination: Queue, wanted: Options, returned_ms: int, io: Io
) -> Mover:
    """What moves batches between the queues, as the options ask for. Raises OSError when the dump
    file cannot be written."""
    from tools.requeue.dump import Dump
    from tools.requeue.ledger import Ledger
    from tools.requeue.messages import Rules
    from tools.requeue.mover import Mover

    return Mover(
        source=source,
        destination=destination,
        inlet=sqs.QueueWire(aws, source),
        outlet=sqs.QueueWire(aws, destination),
        rules=Rules(
            from_fifo=source.is_fifo,
            to_fifo=destination.is_fifo,
            most_bytes=destination.message_bytes,
            returned_ms=returned_ms,
            run_id=uuid.uuid4().hex,
            match=wanted.match,
            keep_dedup_id=wanted.keep_dedup_id,
        ),
        ledger=Ledger(wanted.limit, io.out.warn, io.out.debug),
        dump=Dump(wanted.dump),
        stop=io.stop,
        visibility_seconds=wanted.visibility_seconds,
        copies=wanted.copy,
        debug=io.out.debug,
    )


def give_back(mover: Mover, handles: Sequence[str]) -> None:
    """Make messages visible that were kept reserved, also after a stop request."""
    size = sqs.BATCH_ENTRIES
    parts = [handles[place : place + size] for place in range(0, len(handles), size)]
    work.spread(parts, mover.release, min(RELEASERS, len(parts)), Stop())


def move(mover: Mover, movers: int, io: Io) -> None:
    """Move until the source is empty, the limit reached or a stop asked for; then give back what
    stays. Raises what made moving impossible."""
    from tools.requeue.crew import LANES, Crew, Ending

    in_order = mover.source.is_fifo or mover.destination.is_fifo
    ending = Ending(
        count=lambda: count(mover, io.stop),
        release=lambda handles: give_back(mover, handles),
        ledger=mover.ledger,
        stop=io.stop,
        in_order=mover.source.is_fifo,
        copies=mover.copies,
        started=time.monotonic(),
        visibility_seconds=mover.visibility_seconds,
    )
    crew = Crew(mover, ending, 1 if in_order else movers * LANES, io.stop)
    try:
        if not crew.run():
            io.out.warn(
                "some requests were still unanswered: their messages come back after "
                f"{mover.visibility_seconds} s and may then be in both queues"
            )
    finally:
        give_back(mover, mover.ledger.end_pass()[0])


def count(mover: Mover, stop: Stop) -> Counts:
    """How many messages the source has now. Raises the SDK's errors."""
    from common import backoff

    found = backoff.retrying(lambda: mover.inlet.attributes(*queues.COUNTS), stop)
    return queues.counts(found)


def conclude(io: Io, mover: Mover, started: float) -> int:
    """Print the summary and return the exit code; `started` is a time.monotonic()."""
    from botocore.exceptions import BotoCoreError, ClientError

    from tools.requeue import report

    try:
        left = count(mover, Stop())
    except (ClientError, BotoCoreError) as error:
        io.out.debug(f"cannot count what is left: {error}")
        left = None
    ledger = mover.ledger
    target = mover.destination
    result = report.fields(
        mover.source.name, target.name, target.region, mover.copies, ledger, left
    ) | {"seconds": round(time.monotonic() - started, 3)}
    for message_id in ledger.doubtful_ids[: report.SHOWN_IDS]:
        io.out.warn(f"message {message_id} may be in both queues or twice in {target.name}")
    if ledger.maybe_duplicate > report.SHOWN_IDS:
        more = plural(ledger.maybe_duplicate - report.SHOWN_IDS, "more message")
        io.out.warn(f"and {more}: -debug and -dump tell all ids")
    if ledger.unmatched:
        io.out.info(f"left in the source by -match: {plural(ledger.unmatched, 'message')}")
    if ledger.complaint:
        io.out.warn(ledger.complaint)
    io.out.info(report.summary(result))
    if io.out.is_json:
        io.out.record(result)
    if io.stop.requested:
        return io.stop.exit_code
    return report.exit_code(result, is_complete=not ledger.complaint)


# ---- joining ---------------------------------------------------------------------------------


def run(wanted: Options, io: Io) -> int:
    """Find both queues, move, report; the exit code."""
    aws = connect(io)
    source, destination = find(aws, wanted, io)
    found_at = time.time()
    if wanted.dry_run:
        return show(source, destination, io)
    for caution in queues.cautions(source, destination, wanted.keep_dedup_id):
        io.out.warn(caution)
    movers = 1 if source.is_fifo or destination.is_fifo else wanted.movers
    pattern = wanted.match.pattern if wanted.match else ""
    plan = queues.plan(source, destination, wanted.limit, pattern, movers, wanted.copy)
    consent.ask(io, plan, "Go ahead?", unattended_is_fine=True)
    started = time.monotonic()
    returned_ms = returned_from(source, found_at, time.time())
    mover = mover_of(aws, source, destination, wanted, returned_ms, io)
    about = queues.counts(source.attributes).visible
    total = min(wanted.limit, about) if wanted.limit else about
    verb = "copied" if wanted.copy else "moved"
    with io.stop.deferred():
        try:
            with io.out.progress(verb, lambda: mover.ledger.moved, total, unit="messages"):
                move(mover, movers, io)
        finally:
            mover.dump.close()
            code = conclude(io, mover, started)
    return code


def main(argv: Sequence[str] | None = None) -> int:
    """Run the tool; returns its exit code."""
    return cli.run(TOOL, options, run, argv)


if __name__ == "__main__":
    sys.exit(main())
