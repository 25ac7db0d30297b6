"""logprocessor: process log files as the deployed log processor does, measured and profiled."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from common import cli
from common.aws import connect
from common.cli import Args, Io
from common.errors import UsageError
from common.goflags import DURATION, INTEGER, NAMES, SWITCH, TEXT, Flag
from common.output import plural
from common.s3 import parse_path
from common.targets import file_to_write, folder_to_fill
from tools.logprocessor.batching import Limits, limits_of
from tools.logprocessor.destinations import topic_region
from tools.logprocessor.inputs import STDIN, is_s3

if TYPE_CHECKING:
    from common.aws import Aws
    from common.logs.engine import Spec
    from common.logs.parallel import Pool
    from tools.logprocessor.profiles import Collect
    from tools.logprocessor.report import Numbers
    from tools.logprocessor.sinks import Sink

# ---- what the user can ask -------------------------------------------------------------------

STDOUT, NOWHERE = "-", "none"
FRAMINGS = ("auto", "lines", "json-array", "records", "cloudwatch")
DRY_RUN = next(flag for flag in cli.PLAN_FLAGS if flag.name == "dry-run")

TOOL = cli.Tool(
    name="logprocessor",
    summary="process log files as the log processor does, measured and profiled",
    usage="logprocessor [flags] [FILE...]",
    arguments="[FILE...]",
    flags=(
        Flag("file", TEXT, "", "file to process, as a FILE after the flags; - = stdin"),
        Flag("logtype", NAMES, (), "only these log types (comma list; default: all)"),
        Flag("schemas", TEXT, "", "schema file, or folder with schema files, to use as well"),
        Flag("source-id", TEXT, "", "p_source_id of every event"),
        Flag("source-label", TEXT, "", "p_source_label of every event"),
        Flag(
            "format", TEXT, "auto", "what a record is: auto, lines, json-array, records, cloudwatch"
        ),
        Flag(
            "out", TEXT, "./processed", "folder for objects; - = events to stdout, none = discard"
        ),
        Flag("bucket", TEXT, "", "write objects to this bucket instead"),
        Flag("topic", TEXT, "", "ARN of the SNS topic that is told of objects in the bucket"),
        Flag("queue", TEXT, "", "accepted for older command lines; does nothing"),
        Flag("timeout", INTEGER, 900, "seconds until a run ends, 0 = never"),
        Flag("lambdaSize", INTEGER, 1024, "memory in MB by which events are batched"),
        Flag("flush-age", DURATION, 60.0, "write events at the latest after this (default: 60s)"),
        Flag("workers", INTEGER, 1, "processes that parse; 1 = as the deployed processor"),
        Flag("repeat", INTEGER, 1, "process the files this many times"),
        Flag("stats", TEXT, "", "write statistics to this file, a JSON object for each run"),
        Flag("cpuprofile", TEXT, "", "write a CPU profile to this file, for go tool pprof"),
        Flag("memprofile", TEXT, "", "write a memory profile to this file (slow: 30 times)"),
        Flag("profile-hz", INTEGER, 100, "CPU samples per second"),
        Flag("verbose", SWITCH, False, "the same as -debug"),
        DRY_RUN,
        *cli.AWS_FLAGS,
        *cli.OUTPUT_FLAGS,
    ),
    examples=(
        "logprocessor -logtype AWS.CloudTrail cloudtrail.json.gz",
        "logprocessor -out none -repeat 5 -cpuprofile cpu.prof flows.log.gz",
        "logprocessor -bucket acme-processed s3://acme-raw/app/2021-02-05.log.gz",
    ),
)


@dataclass(frozen=True)
class Options:
    """A checked command line. `out` is a folder, STDOUT or NOWHERE; unused when there is a
    `bucket`. `timeout_seconds` 0 means never."""

    files: tuple[str, ...]
    log_types: tuple[str, ...]
    schemas: Path | None
    source_id: str
    source_label: str
    framing: str
    out: str
    bucket: str
    topic: str
    limits: Limits
    timeout_seconds: int
    workers: int
    repeat: int
    stats: Path | None
    cpu_profile: Path | None
    memory_profile: Path | None
    profile_hz: int
    dry_run: bool

    @property
    def gives_events(self) -> bool:
        """Whether stdout carries events."""
        return self.out == STDOUT and not self.bucket and not self.dry_run


def options(args: Args, io: Io) -> Options:
    """Check the command line. Raises UsageError naming the flag and the remedy."""
    from common.processes import worker_count

    files = (*((args["file"],) if args["file"] else ()), *args.arguments)
    _check_files(files, args["repeat"])
    if args["format"] not in FRAMINGS:
        raise UsageError(f"-format {args['format']!r} is not one of {', '.join(FRAMINGS)}")
    for flag, least in {"repeat": 1, "timeout": 0}.items():
        if args[flag] < least:
            raise UsageError(f"-{flag} must be at least {least}")
    if not 1 <= args["profile-hz"] <= 1000:
        raise UsageError("-profile-hz must be between 1 and 1000")
    if args["flush-age"] <= 0:
        raise UsageError("-flush-age must be more than 0", "Write it as 60s.")
    _check_destination(args)
    return Options(
        files=files,
        log_types=args["logtype"],
        schemas=Path(args["schemas"]) if args["schemas"] else None,
        source_id=args["source-id"],
        source_label=args["source-label"],
        framing=args["format"],
        out=args["out"],
        bucket=args["bucket"],
        topic=args["topic"],
        limits=limits_of(args["lambdaSize"], args["flush-age"]),
        timeout_seconds=args["timeout"],
        workers=worker_count(args["workers"], least=1),
        repeat=args["repeat"],
        stats=file_to_write(args["stats"], "stats"),
        cpu_profile=file_to_write(args["cpuprofile"], "cpuprofile"),
        memory_profile=file_to_write(args["memprofile"], "memprofile"),
        profile_hz=args["profile-hz"],
        dry_run=args["dry-run"],
    )


def _check_files(files: Sequence[str], repeat: int) -> None:
    if not files:
        raise UsageError("there is no file to process", "Name files after the flags, - is stdin.")
    for name in files:
        if not name:
            raise UsageError("a FILE has no name", "Leave it out, or write - for stdin.")
        if name.startswith("-") and name != STDIN:
            raise UsageError(
                f"{name} comes after a FILE", f"Write flags before files, a file as ./{name}."
            )
    if files.count(STDIN) > 1 or (STDIN in files and repeat > 1):
        raise UsageError("stdin can be read only once", "Save it to a file first.")
    for name in files:
        if is_s3(name) and not parse_path(name, "file").prefix:
            raise UsageError(f"{name} names a bucket, not an object", "Write s3://bucket/key.")


def _check_destination(args: Args) -> None:
    if args["bucket"] and "out" in args.given:
        raise UsageError("-bucket and -out exclude each other", "Give one of them.")
    if args["topic"] and not args["bucket"]:
        raise UsageError("-topic needs -bucket", "Only objects in a bucket are announced.")
    if args["topic"]:
        topic_region(args["topic"])
    if not args["bucket"] and not args["out"]:
        raise UsageError("-out is empty", "Name a folder, - for stdout, or none.")
    if not args["bucket"] and args["out"] not in (STDOUT, NOWHERE) and not args["dry-run"]:
        folder_to_fill(args["out"], "out")


# ---- deciding --------------------------------------------------------------------------------


def spec_of(wanted: Options, io: Io) -> Spec:
    """What is made of lines. Raises UsageError for unknown log types, ToolError for bad schemas."""
    from common.logs.engine import Spec
    from tools.logprocessor import log_types

    schemas = log_types.chosen(wanted.log_types, wanted.schemas, io.out)
    return Spec(schemas, True, wanted.source_id, wanted.source_label)


def source_note(wanted: Options) -> str:
    """What messages about records say of their source."""
    facts = [fact for fact in (wanted.source_id, wanted.source_label) if fact]
    return f" (source {', '.join(facts)})" if facts else ""


def exit_code(runs: Sequence[Numbers], io: Io) -> int:
    """Of all runs together."""
    if io.stop.requested:
        return io.stop.exit_code
    if any(one.error or one.unreadable for one in runs):
        return cli.FAILED
    return cli.SOME_FAILED if any(one.failed for one in runs) else cli.DONE


# ---- doing -----------------------------------------------------------------------------------


def sink_of(wanted: Options, aws: Aws | None, io: Io) -> Callable[[], Sink]:
    """What makes the place where a run's events go."""
    from tools.logprocessor import destinations, sinks

    if wanted.dry_run or (not wanted.bucket and wanted.out == NOWHERE):
        return sinks.Nothing
    if wanted.gives_events:
        return lambda: sinks.Lines(io.out.write)
    if wanted.bucket:
        assert aws is not None
        write = destinations.in_bucket(aws, wanted.bucket, wanted.topic, io.stop)
    else:
        write = destinations.local(Path(wanted.out))
    return lambda: sinks.Lake(wanted.limits, write)


def pool_of(spec: Spec, workers: int) -> Pool:
    """Processes that parse."""
    from common.logs.parallel import Pool

    return Pool(spec, workers)


# ---- joining ---------------------------------------------------------------------------------


def run(wanted: Options, io: Io) -> int:
    """Process the files as often as asked, report each time; the exit code."""
    # All that is needed, now: importing under a memory profile takes half a minute.
    from common.logs import engine, parallel  # noqa: F401
    from tools.logprocessor import destinations, job, log_types, sinks, telling  # noqa: F401
    from tools.logprocessor.profiles import profiled

    if wanted.memory_profile is not None:
        io.out.info("-memprofile: runs take about 30 times as long")
    with (
        io.stop.deferred(),
        profiled(wanted.cpu_profile, wanted.memory_profile, wanted.profile_hz) as collect,
    ):
        return process(wanted, collect, io)


def process(wanted: Options, collect: Collect, io: Io) -> int:
    """Everything between the start of the profiles and their end; the exit code."""
    from common.logs.engine import Engine
    from tools.logprocessor import job, telling

    spec = spec_of(wanted, io)
    is_written = bool(wanted.bucket) and not wanted.dry_run
    aws = connect(io) if is_written or any(map(is_s3, wanted.files)) else None
    new_sink = sink_of(wanted, aws, io)
    if wanted.stats is not None:
        wanted.stats.write_bytes(b"")
    teller = telling.Teller(io, wanted.stats, wanted.repeat, wanted.gives_events)
    runs: list[Numbers] = []
    with ExitStack() as open_things:
        pool = None
        if wanted.workers > 1:
            pool = open_things.enter_context(pool_of(spec, wanted.workers))
        work = job.Job(
            files=wanted.files,
            framing=wanted.framing,
            timeout_seconds=wanted.timeout_seconds,
            profile_hz=wanted.profile_hz if wanted.cpu_profile else 0,
            source=source_note(wanted),
            engine=Engine(spec, io.out.warn),
            pool=pool,
            aws=aws,
            collect=collect,
            io=io,
        )
        for number in range(1, wanted.repeat + 1):
            runs.append(job.process(work, new_sink(), number))
            teller.tell(runs[-1])
            if runs[-1].error or io.stop.requested:
                break
    if wanted.dry_run:
        least = max(len(one.places) for one in runs)
        io.out.info(f"dry run: nothing written; a run writes {plural(least, 'object')} or more")
    return exit_code(runs, io)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the tool; returns its exit code."""
    return cli.run(TOOL, options, run, argv)


if __name__ == "__main__":
    sys.exit(main())
