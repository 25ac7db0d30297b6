"""s3list: write the list of all objects of all log sources to a file."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from common import cli, selection, sources, work
from common.aws import connect
from common.cli import Args, Io
from common.errors import UsageError
from common.goflags import INTEGER, SWITCH, TEXT, Flag
from common.output import Output, clock, plural
from common.s3 import Path as S3Path
from common.s3 import open_bucket, parse_path
from common.s3xml import Object
from common.selection import Filter
from common.sources import Source
from common.stop import Interrupted
from common.times import stamp
from tools.s3list import places, report, result, rows
from tools.s3list.access import PlaceLister, Roles, allow_many_connections, code_of
from tools.s3list.job import Job, Wanted, to_stdout
from tools.s3list.parts import Parts, Store, fresh_parts
from tools.s3list.places import Place
from tools.s3list.report import Failure, Outcome

if TYPE_CHECKING:
    from common.aws import Aws

# ---- what the user can ask -------------------------------------------------------------------

TOOL = cli.Tool(
    name="s3list",
    summary="write the list of all objects of all log sources to a file",
    usage="s3list [-out FILE] [flags]",
    flags=(
        Flag("out", TEXT, "", "file to write, - = stdout (default: s3list-<UTC time>.csv)"),
        Flag(
            "format", TEXT, "",
            "csv, jsonl or parquet; csv.gz and jsonl.gz are compressed (default: by -out's name)",
        ),
        Flag("type", TEXT, ",".join(places.TYPES), "types of sources (comma list)"),
        *sources.FILTER_FLAGS,
        Flag("s3path", TEXT, "", "list s3://bucket/prefix with your own credentials, no sources"),
        *selection.WINDOW_FLAGS,
        Flag("skip-empty", SWITCH, False, "leave out empty objects and keys that end with /"),
        Flag("limit", INTEGER, 0, "stop after this many objects in total, 0 = all"),
        Flag("concurrency", INTEGER, 32, "parallel listing requests"),
        Flag("assume-role", SWITCH, True, "read each source with its own role"),
        *sources.ORIGIN_FLAGS,
        Flag("checkpoint", TEXT, "", "file that keeps progress (default: <out>.state)"),
        Flag("restart", SWITCH, False, "begin again in spite of the checkpoint"),
        *cli.AWS_FLAGS,
        *cli.OUTPUT_FLAGS,
    ),
    examples=(
        "s3list -out objects.csv",
        "s3list -label 'CloudTrail Prod' -start 2021-02-01 -out february.parquet",
        "s3list -s3path s3://acme-logs/cloudtrail/ -out - -format jsonl",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Options:
    """A checked command line; `out` None is stdout, `path` None means the sources."""

    out: Path | None
    format: rows.Format
    path: S3Path | None
    filter: Filter
    skip_empty: bool
    limit: int
    workers: int
    assume_role: bool
    checkpoint: Path
    restart: bool
    identity: Mapping[str, object]


def options(args: Args, io: Io) -> Options:
    """Check the command line. Raises UsageError naming the flag and the remedy."""
    _check_combinations(args)
    if args["limit"] < 0:
        raise UsageError("-limit is negative", "0 means all objects.")
    if args["concurrency"] < 1:
        raise UsageError("-concurrency must be at least 1")
    unknown = sorted(sources.comma_list(args["type"]) - {*places.TYPES})
    if unknown:
        raise UsageError(
            f"-type {', '.join(unknown)}: no such type of source",
            f"There are {', '.join(places.TYPES)}.",
        )
    wanted = rows.format_of(args["format"], args["out"])
    name = args["out"] or f"s3list-{stamp(datetime.now(UTC))}.{args['format'] or rows.CSV}"
    out = None if name == "-" else _checked_out(Path(name))
    if out is None and wanted.kind == rows.PARQUET:
        raise UsageError("-format parquet cannot go to stdout", "Name a file with -out.")
    kept = (
        "type source-id label s3path start end skip-empty limit assume-role sources-file "
        "from-dynamodb"
    ).split()
    return Options(
        out=out,
        format=wanted,
        path=parse_path(args["s3path"]) if args["s3path"] else None,
        filter=selection.filter_of(args),
        skip_empty=args["skip-empty"],
        # One listing keeps the keys in order, so that a limit means the first ones.
        workers=1 if args["limit"] else args["concurrency"],
        limit=args["limit"],
        assume_role=args["assume-role"],
        checkpoint=Path(args["checkpoint"] or f"{name}.state"),
        restart=args["restart"],
        identity={
            "out": name,
            "format": [*wanted],
            **{flag: args[flag] for flag in kept},
        },
    )


def _check_combinations(args: Args) -> None:
    if args["s3path"]:
        for flag in ("type", "source-id", "label", "sources-file", "from-dynamodb", "assume-role"):
            if flag in args.given:
                raise UsageError(
                    f"-s3path and -{flag} exclude each other", "A path has no log sources."
                )
    if args["sources-file"] and args["from-dynamodb"]:
        raise UsageError("-sources-file and -from-dynamodb exclude each other", "Give one of them.")
    if args["checkpoint"] and args["out"] in ("", "-"):
        raise UsageError("-checkpoint needs a file to go on with", "Name it with -out FILE.")


def _checked_out(out: Path) -> Path:
    if not out.parent.is_dir():
        raise UsageError(f"-out {out}: there is no folder {out.parent}", "Create it first.")
    if out.exists() and not out.is_file():
        raise UsageError(f"-out {out} is no ordinary file", "Name a file, or - for stdout.")
    return out


# ---- deciding: pure --------------------------------------------------------------------------


def chooser(wanted: Options) -> Callable[[Sequence[Object]], Sequence[Object]] | None:
    """A function that picks the objects that are asked for; None when all are."""
    is_in_time, skip_empty = wanted.filter.test(), wanted.skip_empty
    if is_in_time is None and not skip_empty:
        return None

    def choose(page: Sequence[Object]) -> Sequence[Object]:
        found = page if is_in_time is None else list(filter(is_in_time, page))
        return [one for one in found if one.size and one.key[-1:] != "/"] if skip_empty else found

    return choose


# ---- doing -----------------------------------------------------------------------------------


def find_sources(aws: Aws, io: Io) -> tuple[list[Source], list[Place]]:
    """The sources to list and the places that hold their objects; tells what is left out."""
    known = sources.load(aws, io.args)
    chosen = sources.choose(known, io.args)
    named = sources.choose(known, replace(io.args, values={**io.args.values, "type": ""}))
    for reason in places.left_out(named, chosen):
        io.out.warn(reason)
    listed = [source for source in chosen if source.bucket]
    return listed, places.of_sources(listed, known, io.args["assume-role"])


def listers_of(aws: Aws, found: Sequence[Place], io: Io) -> list[PlaceLister]:
    """What reads the places; nothing is asked yet. A failure is told when it happens."""
    roles = Roles(aws)

    def tell(place: Place, error: Exception) -> None:
        if any(owner.source_id for owner in place.owners):
            io.out.warn(f"cannot read {place}: {cli.explain(error)}")

    return [
        PlaceLister(place, roles, lambda session, name: open_bucket(session, name, io.stop), tell)
        for place in found
    ]


def list_all(job: Job, store: Store | None, io: Io) -> None:
    """List everything, keeping the state.

    Raises Interrupted after a stop request, and the first error that concerns more than one place.
    """

    def tick() -> None:
        job.close_finished()
        if store is not None:
            store.save_if_due(job.records)

    try:
        with io.stop.deferred(), io.out.progress("listed", lambda: job.parts.objects):
            work.spread([job], lambda one: one.run(io.stop), 1, io.stop, tick)
    except BaseException:
        job.end()
        with suppress(OSError):
            if store is not None:
                store.save(job.records)
        raise
    if store is not None:
        store.save(job.records)
    if io.stop.requested:
        raise Interrupted(io.stop.signum)


def tell_outcomes(outcomes: Sequence[Outcome], to_stderr: bool, io: Io) -> None:
    """One line for each source: data on stdout, unless that carries the objects."""
    out = io.out
    if to_stderr:
        if sys.stderr is None:
            return
        out = Output(TOOL.name, io.out.style, stdout=sys.stderr)
    if out.is_json:
        for outcome in outcomes:
            out.record(outcome.record())
    else:
        out.table(report.HEADER, [outcome.cells() for outcome in outcomes])
    out.flush()


def tell_how_to_go_on(wanted: Options, store: Store, written: int, io: Io) -> None:
    """What is kept of a run that did not end, and the command that goes on with it."""
    more = "" if "out" in io.args.given else f" with -out {wanted.out}"
    io.out.info(
        f"{plural(written, 'object')} listed so far are kept in {store.folder} and {store.state}; "
        f"run the same command again{more} to go on"
    )


# ---- joining ---------------------------------------------------------------------------------


def run(wanted: Options, io: Io) -> int:
    """Find the places, list them, make the file, report; the exit code."""
    started = time.monotonic()
    store = None
    if wanted.out is not None:
        store = Store(wanted.out, wanted.checkpoint, TOOL.name, wanted.identity, wanted.restart)
    aws = connect(io)
    if wanted.path is None:
        chosen, found = find_sources(aws, io)
    else:
        chosen, found = [], [places.of_path(wanted.path)]
    allow_many_connections()
    if store is None:
        parts, append = Parts(fresh_parts(len(found))), to_stdout(wanted.format)
    else:
        parts, append = store.open(places.fingerprint(found), len(found)), store.append
    job = Job(
        Wanted(wanted.format, chooser(wanted), wanted.limit, wanted.workers),
        listers_of(aws, found, io),
        parts,
        append,
    )
    try:
        list_all(job, store, io)
        if wanted.path is not None and job.listers[0].error is not None:
            raise job.listers[0].error
        if store is not None and wanted.out is not None:
            files = [store.path(part) for part in parts.all() if part.bytes]
            result.write(wanted.out, wanted.format, files, store.folder)
    except BaseException:
        if store is not None and parts.objects:
            tell_how_to_go_on(wanted, store, parts.objects, io)
        elif store is not None:
            store.remove(parts.all())
        raise
    if store is not None:
        store.remove(parts.all())
    return conclude(wanted, chosen, job, started, io)


def conclude(wanted: Options, chosen: Sequence[Source], job: Job, started: float, io: Io) -> int:
    """Tell what became of each source; the exit code."""
    found = [lister.place for lister in job.listers]
    failures = {
        number: Failure(code_of(lister.error), cli.explain(lister.error).message)
        for number, lister in enumerate(job.listers)
        if lister.error is not None
    }
    if wanted.path is None:
        outcomes = report.of_sources(chosen, found, job.parts.all(), failures)
    else:
        outcomes = [report.of_path(found[0], job.parts.all())]
    tell_outcomes(outcomes, wanted.out is None, io)
    failed = sum(outcome.status == report.FAILED for outcome in outcomes)
    io.out.info(
        f"{plural(job.parts.objects, 'object')}"
        + (f" of {plural(len(outcomes), 'source')}" if wanted.path is None else "")
        + f" written to {wanted.out or 'standard output'} in {clock(time.monotonic() - started)}"
        + (f"; {plural(failed, 'source')} could not be read" if failed else "")
    )
    return cli.SOME_FAILED if failed else cli.DONE


def main(argv: Sequence[str] | None = None) -> int:
    """Run the tool; returns its exit code."""
    return cli.run(TOOL, options, run, argv)


if __name__ == "__main__":
    sys.exit(main())
