"""sources: list log sources and check that their roles and data can be reached."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from common import checkpoint, cli, s3, sources, work
from common.aws import connect
from common.cli import Args, Io
from common.errors import UsageError
from common.goflags import INTEGER, SWITCH, TEXT, Flag
from common.output import plural
from common.sources import Source
from tools.sources import checks, findings, rows, rules
from tools.sources.findings import Report
from tools.sources.visit import CALL_SETTINGS, Bench

if TYPE_CHECKING:
    from common.aws import Aws

# ---- what the user can ask -------------------------------------------------------------------

MOST_WORKERS = 128
MOST_SAMPLES = 50
STYLES = ("text", "json", "csv")
EXTENSIONS = {".csv": "csv", ".json": "json", ".jsonl": "jsonl"}

TOOL = cli.Tool(
    name="sources",
    summary="list log sources and check that their roles and data can be reached",
    usage="sources [-validate] [flags]",
    flags=(
        Flag("validate", SWITCH, False, "check each source: role, bucket, key, objects, queue"),
        Flag("type", TEXT, "", "only sources of these types (comma list), such as aws-s3"),
        *sources.FILTER_FLAGS,
        Flag("concurrency", INTEGER, 16, "check this many sources at once"),
        Flag("samples", INTEGER, 1, "read this many objects below each prefix, 1 to 50"),
        Flag("key", TEXT, "", "s3://bucket/key to read, for a role that may not list"),
        Flag("check-notifications", SWITCH, False, "check the bucket's notifications as well"),
        *sources.ORIGIN_FLAGS,
        Flag("out", TEXT, "", "also write to this file: .csv, .json, .jsonl, or as -output says"),
        *cli.AWS_FLAGS,
        Flag("output", TEXT, "text", "text, json or csv: what stdout carries"),
        *(flag for flag in cli.OUTPUT_FLAGS if flag.name != "output"),
    ),
    examples=(
        "sources",
        "sources -validate -type aws-s3,aws-sqs",
        "sources -validate -check-notifications -out report.csv",
    ),
    output_styles=STYLES,
)


@dataclass(frozen=True)
class Options:
    """A checked command line."""

    validate: bool
    workers: int
    samples: int
    named: s3.Path | None
    with_notifications: bool
    out: Path | None
    out_style: str


def options(args: Args, io: Io) -> Options:
    """Check the command line. Raises UsageError naming the flag and the remedy."""
    if not 1 <= args["concurrency"] <= MOST_WORKERS:
        raise UsageError(f"-concurrency {args['concurrency']} is not in 1 to {MOST_WORKERS}")
    if not 1 <= args["samples"] <= MOST_SAMPLES:
        raise UsageError(f"-samples {args['samples']} is not in 1 to {MOST_SAMPLES}")
    if args["sources-file"] and args["from-dynamodb"]:
        raise UsageError("-sources-file and -from-dynamodb exclude each other", "Give one of them.")
    for flag in ("key", "check-notifications"):
        if args[flag] and not args["validate"]:
            raise UsageError(f"-{flag} only works with -validate", "Add -validate.")
    named = s3.parse_path(args["key"], "key") if args["key"] else None
    if named is not None and not named.prefix:
        raise UsageError(f"-key {args['key']} names no object", "Write it as s3://bucket/key.")
    out = Path(args["out"]) if args["out"] else None
    return Options(
        validate=args["validate"],
        workers=args["concurrency"],
        samples=args["samples"],
        named=named,
        with_notifications=args["check-notifications"],
        out=out,
        out_style=out_style(out, args["output"]) if out else "",
    )


def out_style(path: Path, output: str) -> str:
    """csv, json or jsonl: what -out holds. Raises UsageError for a place that cannot be written."""
    style = EXTENSIONS.get(path.suffix.lower()) or {"json": "jsonl", "csv": "csv"}.get(output)
    if style is None:
        raise UsageError(f"-out {path}: CSV or JSON?", "Let its name end in .csv, .json or .jsonl.")
    if path.is_dir():
        raise UsageError(f"-out {path} is a folder", "Name a file.")
    if not path.parent.is_dir():
        raise UsageError(f"-out {path}: there is no folder {path.parent}", "Create it first.")
    return style


# ---- deciding: pure --------------------------------------------------------------------------


def exit_code(reports: Sequence[Report]) -> int:
    """0 unless a source failed."""
    is_failed = any(report.result == findings.FAILED for report in reports)
    return cli.SOME_FAILED if is_failed else cli.DONE


def summary(reports: Sequence[Report]) -> str:
    """`3 sources: 2 healthy, 1 failed`."""
    counts = ", ".join(f"{count} {result}" for result, count in findings.tally(reports).items())
    return f"{plural(len(reports), 'source')}: {counts}" if counts else "no sources"


def reads_named_key(named: s3.Path, chosen: Sequence[Source]) -> bool:
    """True when some source reads the object of -key."""
    return any(
        source.bucket == named.bucket and source.longest_prefix(named.prefix) is not None
        for source in chosen
    )


# ---- doing -----------------------------------------------------------------------------------


def validate(
    aws: Aws, known: Sequence[Source], chosen: Sequence[Source], wanted: Options, io: Io
) -> list[Report]:
    """The reports of the chosen sources, in their order; after a stop, of those that were done."""
    from tools.sources.roles import Roles

    aws = replace(aws, settings=CALL_SETTINGS)
    caller = aws.account()
    bench = Bench(
        aws=aws,
        roles=Roles(aws),
        caller=caller,
        # Whoever may read Panther's own list is in Panther's account.
        panther=rules.panther_account(known) if io.args["sources-file"] else caller,
        samples=wanted.samples,
        named=wanted.named,
        with_notifications=wanted.with_notifications,
        stop=io.stop,
    )
    done: dict[int, Report] = {}

    def check(item: tuple[int, Source]) -> None:
        number, source = item
        report = checks.inspect(source, bench)
        if report is not None:
            done[number] = report

    workers = min(wanted.workers, len(chosen))
    with (
        io.stop.deferred(),
        io.out.progress("checked", lambda: len(done), len(chosen), "sources"),
    ):
        work.spread(enumerate(chosen), check, workers, io.stop)
    return [done[number] for number in sorted(done)]


def show(reports: Sequence[Report], is_checked: bool, io: Io) -> None:
    """The reports on stdout."""
    if io.out.is_json:
        for report in reports:
            io.out.record(rows.fields(report))
    elif io.out.style == "csv":
        io.out.line(rows.as_csv(reports, is_checked).removesuffix("\n"))
    else:
        io.out.table(*rows.table(reports, is_checked))
        for report in reports if is_checked else ():
            io.out.lines(["", *rows.check_lines(report)])


def save(reports: Sequence[Report], wanted: Options) -> None:
    """The reports in the file of -out, which is replaced as a whole."""
    if wanted.out is None:
        return
    if wanted.out_style == "csv":
        text = rows.as_csv(reports, wanted.validate)
    else:
        text = (rows.as_json if wanted.out_style == "json" else rows.as_json_lines)(reports)
    checkpoint.replace_file(wanted.out, text.encode())


# ---- joining ---------------------------------------------------------------------------------


def run(wanted: Options, io: Io) -> int:
    """List, choose, check, show; the exit code."""
    aws = connect(io)
    known = sources.load(aws, io.args)
    chosen = sources.choose(known, io.args)
    if wanted.named is not None and not reads_named_key(wanted.named, chosen):
        raise UsageError(
            f"-key {wanted.named}: none of these sources reads that object",
            "Name one below a source's prefix; see: sources -output csv",
        )
    if not wanted.validate:
        reports = [Report(source) for source in chosen]
        show(reports, False, io)
        save(reports, wanted)
        io.out.info(f"{len(chosen)} of {plural(len(known), 'source')}")
        return cli.DONE
    reports = validate(aws, known, chosen, wanted, io)
    show(reports, True, io)
    if io.stop.requested:
        io.out.info(f"stopped: {len(reports)} of {plural(len(chosen), 'source')} checked")
        if wanted.out is not None:
            io.out.info(f"{wanted.out} was not written")
        return io.stop.exit_code
    save(reports, wanted)
    io.out.info(summary(reports))
    return exit_code(reports)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the tool; returns its exit code."""
    return cli.run(TOOL, options, run, argv)


if __name__ == "__main__":
    sys.exit(main())
