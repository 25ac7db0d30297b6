"""filegen: write synthetic log files of any log type, for benchmarks and tests."""

from __future__ import annotations

import os
import secrets
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from common import cli
from common.cli import Args, Io
from common.errors import ToolError, UsageError
from common.goflags import FLOAT, INTEGER, NAMES, SWITCH, TEXT, Flag
from common.output import plural
from tools.filegen import log_types

if TYPE_CHECKING:
    from tools.filegen.destination import Write
    from tools.filegen.files import Job, Made, Settings
    from tools.filegen.report import Manifest, Totals
    from tools.filegen.walk import Kind

# Above these a run to S3 asks first.
ASK_ABOVE_FILES = 1_000_000
ASK_ABOVE_BYTES = 1024**4
ROW_BYTES = 700

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
    """A checked command line; `size_bytes` 0 means numbers of files, "" no bucket or folder."""

    kinds: Sequence[Kind]
    start: int
    end: int
    size_bytes: int
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
    from tools.filegen import choosing, destination, files, generators, walk

    _check(args)
    start, end = choosing.span(args, time.time())
    kinds = choosing.kinds(args)
    size = choosing.size_of(args["bytes"], "bytes") if args["bytes"] else 0
    if args["tbPerDay"]:
        size = walk.bytes_for(args["tbPerDay"], start, end)
    for kind in kinds if args["schema"] else ():
        generators.check(kind.log_type, kind.schema_file, args["realistic"], start)
    seed = secrets.randbits(48) if args["seed"] is None else args["seed"]
    return Options(
        kinds=kinds,
        start=start,
        end=end,
        size_bytes=size,
        settings=files.Settings(
            seed,
            args["compression"],
            args["gzip-level"],
            args["spread"],
            args["malformed"],
            args["realistic"],
        ),
        bucket=args["bucket"],
        out=destination.checked_folder(args["out"]) if args["out"] else None,
        prefix=args["prefix"],
        uploads=args["concurrency"],
        workers=args["workers"] or min(args["concurrency"], os.cpu_count() or 1),
        manifest=Path(args["manifest"]) if args["manifest"] else None,
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
    if args["workers"] < 0:
        raise UsageError("-workers must be >= 0", "0 means one for each processor.")
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


def jobs(wanted: Options) -> Iterator[Job]:
    """The files to make, without end where a size is asked for."""
    from tools.filegen import walk

    make = walk.without_end if wanted.size_bytes else walk.by_number
    return make(wanted.kinds, wanted.start, wanted.end)


def first_jobs(wanted: Options) -> dict[str, Job]:
    """The first file of each log type."""
    found: dict[str, Job] = {}
    for job in islice(jobs(wanted), sum(max(kind.files, 1) for kind in wanted.kinds)):
        found.setdefault(job.log_type, job)
    return found


def place_of(wanted: Options) -> str:
    """Where the files go, for messages."""
    from tools.filegen.destination import key_of

    places = [f"s3://{wanted.bucket}/{key_of(wanted.prefix, '')}"] if wanted.bucket else []
    return " and ".join([*places, str(wanted.out)] if wanted.out else places)


def is_large(wanted: Options) -> bool:
    """Whether a run is one that should be confirmed: much data, to S3."""
    from tools.filegen.walk import hours, total_files

    count = 0 if wanted.size_bytes else total_files(wanted.kinds, wanted.start, wanted.end)
    rows = sum(kind.files * kind.rows for kind in wanted.kinds)
    size = wanted.size_bytes or rows * ROW_BYTES * len(hours(wanted.start, wanted.end))
    return bool(wanted.bucket) and (count > ASK_ABOVE_FILES or size > ASK_ABOVE_BYTES)


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
    from tools.filegen.files import name_of

    writers = []
    if wanted.out is not None:
        if not wanted.may_overwrite:
            whole = len(wanted.kinds) if wanted.size_bytes else None
            keys = (
                destination.key_of(wanted.prefix, name_of(wanted.settings, job))
                for job in islice(jobs(wanted), whole)
            )
            if found := destination.existing(wanted.out, keys):
                raise ToolError(
                    f"{wanted.out / found} exists and is of another run",
                    "Nothing was written. Choose another folder or give -force.",
                )
        writers.append(destination.folder_writer(wanted.out))
    if wanted.bucket:
        from common.aws import connect

        region = io.args["region"]
        writers.append(destination.bucket_writer(connect(io), wanted.bucket, region, io.out.warn))
    return destination.writer_to(writers)


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
    from tools.filegen import crew, report
    from tools.filegen.walk import total_files

    if is_large(wanted):
        consent.ask(io, f"this writes a lot to {place_of(wanted)}", "Go ahead?")
    write = writer_of(wanted, io)
    stream = wanted.manifest.open("w", encoding="utf-8") if wanted.manifest else None
    totals, manifest = report.Totals(), report.Manifest(stream)
    io.out.info(f"seed {wanted.settings.seed}")
    total = None
    if not wanted.size_bytes:
        total = total_files(wanted.kinds, wanted.start, wanted.end)
    started = time.monotonic()
    with crew.Makers(wanted.settings, wanted.workers) as makers, io.stop.deferred():
        files = makers.files(jobs(wanted))
        if wanted.size_bytes:
            files = crew.up_to(files, wanted.size_bytes)
        try:
            with io.out.progress("wrote", lambda: totals.files, total, unit="files"):
                write_all(files, write, totals, manifest, wanted, io)
        finally:
            manifest.close()
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
    """What would be written, without writing it. Where a size is asked for, the first file of each
    type is made, and its size taken for that of all."""
    from tools.filegen import destination, report
    from tools.filegen.files import name_of

    first = first_jobs(wanted)
    keys = [
        destination.key_of(wanted.prefix, name_of(wanted.settings, first[kind.log_type]))
        if kind.log_type in first
        else "-"
        for kind in wanted.kinds
    ]
    counts = plan_counts(wanted, list(first.values()))
    if io.out.is_json:
        for kind, count, key in zip(wanted.kinds, counts, keys, strict=True):
            io.out.record(
                {"logType": kind.log_type, "files": count, "rows": count * kind.rows, "first": key}
            )
    else:
        io.out.table(report.PLAN_HEADER, report.plan_rows(wanted.kinds, counts, keys))
    about = "about " if wanted.size_bytes else ""
    io.out.info(
        f"would write {about}{plural(sum(counts), 'file')} to {place_of(wanted)}"
        f" (seed {wanted.settings.seed})"
    )
    return cli.DONE


def plan_counts(wanted: Options, first: Sequence[Job]) -> list[int]:
    """How many files of each type a run makes."""
    from tools.filegen.files import made
    from tools.filegen.walk import hours

    span = len(hours(wanted.start, wanted.end))
    if not wanted.size_bytes:
        return [kind.files * span for kind in wanted.kinds]
    each = sum(made(wanted.settings, job).raw_bytes for job in first)
    rounds = -(-wanted.size_bytes // each)
    return [rounds] * len(wanted.kinds)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the tool; returns its exit code."""
    return cli.run(TOOL, options, run, argv)


if __name__ == "__main__":
    sys.exit(main())
