"""s3undelete: bring deleted objects back by removing their delete markers, and nothing else."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common import cli, consent, s3, selection
from common.aws import connect
from common.cli import Args, Io
from common.errors import ToolError, UsageError
from common.goflags import INTEGER, SWITCH, TEXT, Flag
from common.output import plural
from common.s3xml import Object
from common.times import TIME, s3_time
from tools.s3undelete import record, report, stacks
from tools.s3undelete.decide import Decision, Rules, decide
from tools.s3undelete.record import Record
from tools.s3undelete.report import Plan, Tally
from tools.s3undelete.stacks import Keys

if TYPE_CHECKING:
    from common.aws import Aws
    from common.s3 import Bucket

# More listing requests at once do not list faster: reading their replies keeps one core busy.
MOST_LISTERS = 4

# ---- what the user can ask -------------------------------------------------------------------

TOOL = cli.Tool(
    name="s3undelete",
    summary="bring deleted objects back by removing their delete markers",
    usage="s3undelete -s3path s3://BUCKET/PREFIX [flags]",
    flags=(
        Flag("s3path", TEXT, "", "s3://bucket/prefix to restore"),
        Flag("bucket", TEXT, "", "bucket to restore, instead of -s3path"),
        Flag("prefix", TEXT, "", "prefix of the keys to restore, with -bucket"),
        Flag("start", TIME, None, "only markers made at or after this time (UTC)"),
        Flag("end", TIME, None, "only markers made before this time (UTC)"),
        Flag(
            "keys-file", TEXT, "",
            "only these keys: one a line, CSV or JSON lines of s3list, or a record of s3undelete; "
            "- reads stdin",
        ),
        *selection.GLOB_FLAGS,
        Flag("all-markers", SWITCH, False, "also remove older markers below data versions"),
        Flag(
            "include-orphans", SWITCH, False,
            "also remove markers of keys that have no data version left",
        ),
        Flag("concurrency", INTEGER, 16, "parallel DeleteObjects requests"),
        Flag("limit", INTEGER, 0, "remove at most this many markers, 0 = all"),
        Flag(
            "out", TEXT, "",
            "CSV record of the removed markers (default: s3undelete-<UTC time>.csv)",
        ),
        cli.INTERACTIVE_FLAG,
        *cli.PLAN_FLAGS,
        *cli.AWS_FLAGS,
        *cli.OUTPUT_FLAGS,
    ),
    examples=(
        "s3undelete -s3path s3://acme-logs/cloudtrail/ -dry-run",
        "s3undelete -s3path s3://acme-logs/ -start 2021-02-05 -end 2021-02-06",
        "s3undelete -bucket acme-logs -keys-file keys.txt -out restored.csv -yes",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Options:
    """A checked command line; limit 0 stands for no limit."""

    path: s3.Path
    rules: Rules
    is_wanted: Callable[[Object], bool] | None
    keys_file: str
    workers: int
    limit: int
    out: str
    dry_run: bool


def options(args: Args, io: Io) -> Options:
    """Check the command line. Raises UsageError naming the flag and the remedy."""
    if args["limit"] < 0:
        raise UsageError("-limit is negative", "0 means all markers.")
    if args["concurrency"] < 1:
        raise UsageError("-concurrency must be at least 1")
    if args["out"] == "-":
        raise UsageError("-out - is no file", "The record must outlive the run: name a file.")
    chosen = selection.filter_of(args)
    path = _path(args, io)
    if not (args["dry-run"] or args["yes"] or io.can_ask):
        # Listing may take an hour: that is no time to find out that nobody can agree.
        raise UsageError(
            "nobody is there to confirm this",
            "Add -yes to go ahead without asking, or -dry-run to see what would be done.",
        )
    return Options(
        path=path,
        rules=Rules(
            start=s3_time(chosen.start) if chosen.start else "",
            end=s3_time(chosen.end) if chosen.end else "",
            all_markers=args["all-markers"],
            include_orphans=args["include-orphans"],
        ),
        is_wanted=replace(chosen, start=None, end=None).test(),
        keys_file=args["keys-file"],
        workers=args["concurrency"],
        limit=args["limit"],
        out=args["out"],
        dry_run=args["dry-run"],
    )


def _path(args: Args, io: Io) -> s3.Path:
    if args["bucket"]:
        if args["s3path"]:
            raise UsageError("-s3path and -bucket exclude each other", "Give one of them.")
        if "/" in args["bucket"]:
            raise UsageError("-bucket is no bucket name", "Give -s3path s3://bucket/prefix.")
        return s3.Path(args["bucket"], args["prefix"])
    if args["prefix"]:
        raise UsageError("-prefix needs -bucket", "Give -bucket NAME, or -s3path for both.")
    return s3.parse_path(cli.require_text(args, io, "s3path", "S3 path"))


# ---- deciding: pure --------------------------------------------------------------------------


def limited(decisions: Iterable[Decision], limit: int, plan: Plan) -> Iterator[Decision]:
    """The decisions counted into `plan`, up to `limit` markers in total (0 = all); a key's markers
    are never divided. What lies behind is not even read."""
    for decision in decisions:
        plan.is_cut = bool(limit) and plan.markers + len(decision.markers) > limit
        if plan.is_cut:
            return
        plan.add(decision)
        yield decision
        plan.is_cut = bool(limit) and plan.markers == limit
        if plan.is_cut:
            return


def cautions(versioning: Mapping[str, Any], bucket: str) -> Iterator[str]:
    """What to warn about a bucket, from a GetBucketVersioning reply. Raises ToolError when the
    bucket has no versions."""
    if versioning.get("Status") not in ("Enabled", "Suspended"):
        raise ToolError(
            f"bucket {bucket} is not versioned",
            "What was deleted there is gone: look for a replica or a backup.",
        )
    if versioning.get("MFADelete") == "Enabled":
        yield (
            f"bucket {bucket} has MFA Delete enabled: S3 will refuse to remove markers until "
            "the bucket's owner turns it off"
        )


# ---- doing -----------------------------------------------------------------------------------


def open_bucket(aws: Aws, wanted: Options, io: Io) -> Bucket:
    """The bucket, wherever it is, after warnings about its versioning. Raises ToolError when it
    does not exist or has no versions, the SDK's errors when it cannot be read."""
    bucket = s3.open_bucket(aws, wanted.path.bucket, io.stop)
    client = aws.client("s3", region=bucket.region)
    for caution in cautions(client.get_bucket_versioning(Bucket=bucket.name), bucket.name):
        io.out.warn(caution)
    return bucket


def decisions(
    bucket: Bucket, wanted: Options, keys: Keys | None, plan: Plan, io: Io
) -> Iterator[Decision]:
    """What to do with each key, decided while keys are listed. Raises the SDK's errors."""
    # One listing keeps the keys in order, so that a limit means the first ones.
    workers = 1 if wanted.limit else min(wanted.workers, MOST_LISTERS)
    walk = stacks.walk_of(bucket, wanted.path.prefix, keys, workers, io.stop)
    for stack in stacks.stacks(walk.pages()):
        plan.entries += len(stack)
        key = stack[0].key
        if keys is not None and key not in keys.names:
            continue
        plan.found += 1
        if wanted.is_wanted is None or wanted.is_wanted(Object(key, "", "", 0, "")):
            yield decide(stack, wanted.rules)


def show(found: Iterable[Decision], plan: Plan, bucket: Bucket, io: Io) -> None:
    """Print every marker that a run would remove."""
    line_of = report.planned_json if io.out.is_json else report.planned_line
    for decision in found:
        io.out.lines([line_of(bucket.name, marker) for marker in decision.markers])
    io.out.info(f"dry run: bucket {bucket.name}: {plan.text}")


def spool(found: Iterable[Decision], kept: Record, bucket: Bucket, io: Io, plan: Plan) -> None:
    """Have the plan on disk, however long it is."""
    with io.out.progress("listed", lambda: plan.entries, unit="versions"):
        for decision in found:
            if decision.markers:
                kept.add(bucket.name, decision.markers)
    kept.seal()


def remove(aws: Aws, bucket: Bucket, kept: Record, plan: Plan, wanted: Options, io: Io) -> int:
    """Remove what is recorded and report it; the exit code. Raises the first fatal error."""
    from tools.s3undelete.delete_objects import Remover
    from tools.s3undelete.removal import Removal

    started = time.monotonic()
    tally = Tally()
    remover = Remover(bucket, lambda: aws.client("s3", region=bucket.region))
    removal = Removal(remover, kept, tally, io.stop, io.out.warn)
    with io.stop.deferred():
        try:
            with io.out.progress("removed", lambda: tally.markers_removed, plan.markers, "markers"):
                removal.run(plan.markers, wanted.workers)
        finally:
            kept.close()
            conclude(io, plan, tally, bucket, kept.path, started)
    if io.stop.requested:
        return io.stop.exit_code
    return cli.SOME_FAILED if tally.failed else cli.DONE


def conclude(
    io: Io, plan: Plan, tally: Tally, bucket: Bucket, kept: Path | None, started: float
) -> None:
    """Print what became of the plan; `started` is a time.monotonic()."""
    seconds = time.monotonic() - started
    io.out.info(report.summary(tally, f"{bucket.name} ({bucket.region})", seconds))
    for line in report.aftermath(tally, plan, kept, io.stop.requested):
        io.out.info(line)
    if io.out.is_json:
        io.out.record(
            {
                **report.fields(tally, plan),
                "bucket": bucket.name,
                "region": bucket.region,
                "record": str(kept) if kept else None,
                "seconds": round(seconds, 3),
            }
        )


# ---- joining ---------------------------------------------------------------------------------


def run(wanted: Options, io: Io) -> int:
    """List, decide, record, ask, remove, report; the exit code."""
    started = time.monotonic()
    keys = stacks.read_keys(wanted.keys_file, wanted.path.prefix) if wanted.keys_file else None
    aws = connect(io)
    account = aws.account()
    bucket = open_bucket(aws, wanted, io)
    plan = Plan()
    found = limited(decisions(bucket, wanted, keys, plan, io), wanted.limit, plan)
    if wanted.dry_run:
        show(found, plan, bucket, io)
        tell(report.remarks(plan, keys, wanted.keys_file, wanted.limit), io)
        return cli.DONE
    with record.planning(record.open_record(wanted.out, datetime.now(UTC))) as kept:
        spool(found, kept, bucket, io, plan)
        tell(report.remarks(plan, keys, wanted.keys_file, wanted.limit), io)
        if not plan.markers:
            kept.discard()
            conclude(io, plan, Tally(), bucket, None, started)
            return cli.DONE
        text = report.plan_text(plan, bucket.name, account, bucket.region, kept.path)
        consent.ask(io, text, f"Remove {plural(plan.markers, 'delete marker')}?")
    return remove(aws, bucket, kept, plan, wanted, io)


def tell(lines: Iterable[str], io: Io) -> None:
    """Log some lines."""
    for line in lines:
        io.out.info(line)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the tool; returns its exit code."""
    return cli.run(TOOL, options, run, argv)


if __name__ == "__main__":
    sys.exit(main())
