"""filegen: write synthetic log files of any log type, for benchmarks and tests."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from common import cli
from common.cli import Args, Io
from common.errors import ToolError, UsageError
from common.goflags import FLOAT, INTEGER, NAMES, SWITCH, TEXT, Flag
from common.output import plural
from common.targets import file_to_write, folder_to_fill
from tools.filegen import log_types

if TYPE_CHECKING:
    from tools.filegen.destination import Write
    from tools.filegen.files import Made, Settings
    from tools.filegen.report import Manifest, Totals
    from tools.filegen.walk import Plan

# ---- what the user can ask -------------------------------------------------------------------

TOOL = cli.Tool(
    name="filegen",
    summary="write synthetic log files of any log type, for benchmarks and tests",
    usage="filegen -LOGTYPE -start HOUR (-bucket NAME | -out DIR) [flags]",
    flags=(
        Flag("logtype", NAMES, (), "log types to generate; -AWS.CloudTrail asks for that one"),
        Flag("schema", NAMES, (), "schema files or folders: generate their log types"),
        Flag(
            "numfiles", INTEGER, 100,
            "files for each hour of each type; -AWS.CloudTrail.numfiles N for that one",
        ),
        Flag(
            "file.numrows", INTEGER, 1000,
            "rows of each file; -AWS.CloudTrail.file.numrows N for that type",
        ),
        Flag("start", TEXT, "", "first hour in UTC, such as 2022-03-14T09"),
        Flag("end", TEXT, "", "last hour, included (default: now)"),
        Flag("tbPerDay", FLOAT, 0.0, "write so many TB a day before compression, not -numfiles"),
        Flag("bytes", TEXT, "", "write so many bytes before compression: 500M, 2G, 1T"),
        Flag("bucket", TEXT, "", "bucket to write to"),
        Flag("out", TEXT, "", "folder to write to"),
        Flag("prefix", TEXT, "", "prefix of all keys"),
        Flag("seed", INTEGER, None, "makes the same files again (default: random, printed)"),
        Flag("spread", SWITCH, False, "spread the times over the hour, not all at its start"),
        Flag("realistic", SWITCH, False, "likely values in the types of random text, too"),
        Flag("malformed", FLOAT, 0.0, "share of rows to damage, 0 to 1"),
        Flag("manifest", TEXT, "", "write a JSON line for each file to this file"),
        Flag("compression", TEXT, "gzip", "gzip, zstd or none"),
        Flag("gzip-level", INTEGER, 1, "0 to 9"),
        Flag("concurrency", INTEGER, 10, "parallel uploads"),
        Flag("workers", INTEGER, 0, "processes that make files (default: a processor each)"),
        Flag("force", SWITCH, False, "overwrite files of other runs"),
        Flag("list", SWITCH, False, "list the log types and exit"),
        *cli.PLAN_FLAGS,
        *cli.AWS_FLAGS,
        *cli.OUTPUT_FLAGS,
    ),
    examples=(
        "filegen -AWS.CloudTrail -start 2022-03-14T09 -bucket my-test-bucket",
        "filegen -logtype AWS.VPCFlow,AWS.ALB -start 2022-03-14T00 -spread -out logs",
        "filegen -schema acme.yml -start 2022-03-14T09 -bytes 2G -seed 1 -out logs",
        "filegen -list",
    ),
    hidden=log_types.flags(),
)  # fmt: skip


@dataclass(frozen=True)
class Options:
    """A checked command line; `bucket` "" and `out` None for no such place."""

    plan: Plan
    settings: Settings
    bucket: str
    out: Path | None
    prefix: str
    uploads: int
    workers: int
    manifest: Path | None
    dry_run: bool
    may_overwrite: bool


def options(args: Args, io: Io) -> Options | None:
    """Check the command line; None asks for the list only. Raises UsageError naming the flag and
    the remedy."""
    if args["list"]:
        return None
    from common.processes import worker_count
    from tools.filegen import choosing, files, generators, walk

    _check(args)
    start, end = choosing.span(args, time.time())
    kinds = choosing.kinds(args)
    size = choosing.size_of(args["bytes"], "bytes") if args["bytes"] else 0
    if args["tbPerDay"]:
        size = walk.bytes_for(args["tbPerDay"], start, end)
    for kind in kinds:
        if kind.schema_file:
            generators.check(kind.log_type, kind.schema_file, args["realistic"], start)
    seed = int.from_bytes(os.urandom(6)) if args["seed"] is None else args["seed"]
    return Options(
        plan=walk.Plan(kinds, start, end, size),
        settings=files.Settings(
            seed,
            args["compression"],
            args["gzip-level"],
            args["spread"],
            args["malformed"],
            args["realistic"],
        ),
        bucket=args["bucket"],
        out=folder_to_fill(args["out"], "out") if args["out"] else None,
        prefix=args["prefix"],
        uploads=args["concurrency"],
        workers=worker_count(args["workers"] or min(args["concurrency"], worker_count(0))),
        manifest=file_to_write(args["manifest"], "manifest"),
        dry_run=args["dry-run"],
        may_overwrite=args["force"] or args["seed"] is not None,
    )


def _check(args: Args) -> None:
    from tools.filegen.packing import COMPRESSIONS

    if not args["bucket"] and not args["out"]:
        raise UsageError("-bucket not set", "Give -bucket NAME, or -out DIR for a folder.")
    if args["out"] and ".." in args["prefix"].split("/"):
        raise UsageError("-prefix leads out of -out", "Leave .. out of it.")
    if args["concurrency"] < 1:
        raise UsageError("-concurrency must be >= 1")
    if args["tbPerDay"] and args["bytes"]:
        raise UsageError("-tbPerDay and -bytes exclude each other", "Give one of them.")
    if not 0 <= args["tbPerDay"] < float("inf"):
        raise UsageError("-tbPerDay is no size")
    if not 0 <= args["malformed"] <= 1:
        raise UsageError("-malformed must be from 0 to 1", "0.01 damages one row in a hundred.")
    if args["compression"] not in COMPRESSIONS:
        raise UsageError(f"-compression {args['compression']} is none of {', '.join(COMPRESSIONS)}")
    if not 0 <= args["gzip-level"] <= 9:
        raise UsageError("-gzip-level must be from 0 to 9")


# ---- deciding: pure --------------------------------------------------------------------------


def place_of(wanted: Options) -> str:
    """Where the files go, for messages."""
    from tools.filegen.destination import key_of

    places = [f"s3://{wanted.bucket}/{key_of(wanted.prefix, '')}"] if wanted.bucket else []
    return " and ".join([*places, str(wanted.out)] if wanted.out else places)


# ---- doing -----------------------------------------------------------------------------------


def list_types(io: Io) -> int:
    """The log types that can be generated."""
    for name in log_types.names():
        io.out.record({"logType": name}, name)
    return cli.DONE


def writer_of(wanted: Options, io: Io) -> Write:
    """What puts files in their places. Raises ToolError when a place is not there, or for files in
    a folder that another run has made."""
    from tools.filegen import destination

    writers = []
    if wanted.out is not None:
        if not wanted.may_overwrite:
            refuse_to_overwrite(wanted.out, wanted)
        writers.append(destination.folder_writer(wanted.out))
    if wanted.bucket:
        from common.aws import connect

        region = io.args["region"]
        writers.append(destination.bucket_writer(connect(io), wanted.bucket, region, io.out.warn))
    return destination.writer_to(writers)


def refuse_to_overwrite(folder: Path, wanted: Options) -> None:
    """Raise ToolError when one of the files is there: names follow from the seed, so that with a
    seed given it is of the same run, and without one of another."""
    from tools.filegen import destination, walk
    from tools.filegen.files import name_of

    # Where sizes decide, one file of each type and hour is surely made.
    sure = len(wanted.plan.kinds) * len(wanted.plan.hours) if wanted.plan.size_bytes else None
    keys = (
        destination.key_of(wanted.prefix, name_of(wanted.settings, job))
        for job in islice(walk.jobs(wanted.plan), sure)
    )
    if found := destination.existing(folder, keys):
        raise ToolError(
            f"{folder / found} exists and is of another run",
            "Nothing was written. Choose another folder or give -force.",
        )


def write_all(
    files: Iterator[Made], write: Write, totals: Totals, manifest: Manifest, wanted: Options, io: Io
) -> None:
    """Write the files as they come, several at a time. Raises the first error that lasted."""
    from common import work
    from tools.filegen.destination import key_of

    def put(one: Made) -> None:
        key = key_of(wanted.prefix, one.name)
        write(key, one.data)
        totals.add(one)
        manifest.add(key, one)

    work.spread(files, put, wanted.uploads, io.stop)


# ---- joining ---------------------------------------------------------------------------------


def run(wanted: Options | None, io: Io) -> int:
    """Make the files and write them; the exit code."""
    if wanted is None:
        return list_types(io)
    if wanted.dry_run:
        return show_plan(wanted, io)
    from common import consent
    from tools.filegen import crew, preview, report, walk

    plan = wanted.plan
    if wanted.bucket and preview.is_large(plan):
        consent.ask(io, f"this writes very much to {place_of(wanted)}", "Go ahead?")
    write = writer_of(wanted, io)
    totals, manifest = report.Totals(), report.Manifest(wanted.manifest)
    io.out.info(f"seed {wanted.settings.seed}")
    started = time.monotonic()
    with crew.Makers(wanted.settings, wanted.workers, io.stop) as makers, io.stop.deferred():
        files = makers.files(walk.jobs(plan))
        if plan.size_bytes:
            files = crew.up_to(files, plan.size_bytes)
        try:
            with (
                closing(manifest),
                io.out.progress("wrote", lambda: totals.files, plan.files, unit="files"),
            ):
                write_all(files, write, totals, manifest, wanted, io)
        finally:
            conclude(totals, time.monotonic() - started, wanted, io)
    return io.stop.exit_code if io.stop.requested else cli.DONE


def conclude(totals: Totals, seconds: float, wanted: Options, io: Io) -> None:
    """Tell what has been written, also before an error is told."""
    from tools.filegen import report

    place = place_of(wanted)
    io.out.info(report.summary(totals, seconds, place))
    if io.out.is_json:
        io.out.record(report.record(totals, seconds, place, wanted.settings.seed))


def show_plan(wanted: Options, io: Io) -> int:
    """What would be written, without writing it. Raises ToolError for a bucket that is missing."""
    from tools.filegen import preview

    if wanted.bucket:
        from common.aws import connect
        from common.s3 import bucket_region

        bucket_region(connect(io), wanted.bucket)

    lines = preview.lines(wanted.plan, wanted.settings, wanted.prefix)
    if io.out.is_json:
        for line in lines:
            io.out.record(
                {"logType": line.log_type, "files": line.files, "rows": line.rows,
                 "first": line.first}
            )  # fmt: skip
    else:
        io.out.table(preview.HEADER, [[str(cell) for cell in line] for line in lines])
    files = plural(sum(line.files for line in lines), "file")
    io.out.info(
        f"would write {'about ' if wanted.plan.size_bytes else ''}{files} to {place_of(wanted)}"
        f" (seed {wanted.settings.seed})"
    )
    return cli.DONE


def main(argv: Sequence[str] | None = None) -> int:
    """Run the tool; returns its exit code."""
    return cli.run(TOOL, options, run, argv)


if __name__ == "__main__":
    sys.exit(main())
