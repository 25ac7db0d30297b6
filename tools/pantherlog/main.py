"""pantherlog: parse logs, try schemas on them, test schemas and infer new ones."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from common import cli
from common.cli import Args, Io, Tool
from common.goflags import INTEGER, NAMES, SWITCH, TEXT, Flag

NAME = "pantherlog"

# ---- what the user can ask -------------------------------------------------------------------

FRAMING = Flag(
    "format", TEXT, "auto", "what a record is: auto, lines, json-array, records or cloudwatch"
)
NOW = Flag("now", TEXT, "", "RFC 3339 time that counts as now, for output that repeats")
WORKERS = Flag("workers", INTEGER, 0, "number of parallel parsers, 0 = one for each processor")
SOURCE = (
    Flag("source-id", TEXT, "", "p_source_id of every event"),
    Flag("source-label", TEXT, "", "p_source_label of every event"),
)
STRICT = Flag("strict", SWITCH, False, "stop at the first line that fails")
LOG_TYPE = Flag("name", TEXT, "", "log type of a schema that does not say it")

PARSE = Tool(
    name=NAME,
    command="parse",
    summary="show the events in files, as one or more schemas read them",
    usage="pantherlog parse [flags] [FILE...]",
    arguments="[FILE...]",
    flags=(
        Flag("path", TEXT, "", "schema file, or folder with schema files"),
        Flag("schemas", NAMES, (), "log types to use, of -path and built in (default: all)"),
        LOG_TYPE,
        FRAMING,
        Flag("datalake", SWITCH, False, "write data-lake JSON instead of event JSON"),
        Flag("o", TEXT, "", "write the events to this file"),
        NOW,
        Flag("max-errors", INTEGER, 0, "stop after this many failed lines, 0 = never"),
        STRICT,
        WORKERS,
        *SOURCE,
        *cli.OUTPUT_FLAGS,
    ),
    examples=(
        "pantherlog parse -path acme.yml acme.log",
        "pantherlog parse -schemas AWS.VPCFlow,AWS.ALB flows.log.gz",
        "pantherlog parse -path schemas/ -output json -strict - < sample.log",
    ),
)
TEST = Tool(
    name=NAME,
    command="test",
    summary="run the tests of schemas",
    usage="pantherlog test [flags] SCHEMA_FILE_OR_FOLDER [TEST_FILE...]",
    arguments="SCHEMA [TEST_FILE...]",
    flags=(
        Flag("run", TEXT, "", "regular expression: only tests whose name it matches"),
        NOW,
        Flag("s", TEXT, "", "old form: parse the files given with this schema file"),
        Flag("o", TEXT, "", "old form: write the events to this file"),
        *cli.OUTPUT_FLAGS,
    ),
    examples=(
        "pantherlog test schemas/",
        "pantherlog test -run login acme.yml acme_tests.yml",
        "pantherlog test -s acme.yml acme.log",
    ),
)
INFER = Tool(
    name=NAME,
    command="infer",
    summary="write a schema that fits the JSON lines in files",
    usage="pantherlog infer [flags] FILE...",
    arguments="FILE...",
    flags=(
        Flag("skip-test", SWITCH, False, "do not parse the files with the schema found"),
        LOG_TYPE,
        FRAMING,
        Flag("csv", SWITCH, False, "the files are CSV with a header"),
        Flag("delimiter", TEXT, ",", "what separates columns: , or tab or space"),
        Flag("indicators", SWITCH, False, "suggest indicators as comments"),
        Flag("event-time", SWITCH, False, "mark the likeliest time of the event"),
        *cli.OUTPUT_FLAGS,
    ),
    examples=(
        "pantherlog infer sample.jsonl > acme.yml",
        "pantherlog infer -csv -delimiter , export.csv",
    ),
)
SCHEMAS = Tool(
    name=NAME,
    command="schemas",
    summary="list the built-in log types, or print the schema of one",
    usage="pantherlog schemas [flags] [LOGTYPE]",
    arguments="[LOGTYPE]",
    flags=(*cli.OUTPUT_FLAGS,),
    examples=("pantherlog schemas", "pantherlog schemas AWS.CloudTrail"),
)
TOOL = Tool(
    name=NAME,
    summary="parse logs, try schemas on them, test schemas and infer new ones",
    usage="pantherlog [flags] < LOG, or pantherlog COMMAND [flags] [FILE...]",
    flags=(
        *SOURCE,
        Flag("datalake", SWITCH, True, "write data-lake JSON; -datalake=false: event JSON"),
        FRAMING,
        NOW,
        STRICT,
        WORKERS,
        *cli.OUTPUT_FLAGS,
    ),
    examples=(
        "pantherlog < mixed.log",
        "pantherlog -source-label edge -datalake=false < mixed.log",
        "pantherlog schemas AWS.CloudTrail",
    ),
    commands=(PARSE, TEST, INFER, SCHEMAS),
)

# ---- joining ---------------------------------------------------------------------------------


def classify(args: Args, io: Io) -> int:
    """Parse stdin with every built-in log type."""
    from tools.pantherlog import asked, parsing

    return parsing.run(asked.classify_options(args), io)


def parse(args: Args, io: Io) -> int:
    """Parse files with some schemas."""
    from tools.pantherlog import asked, parsing

    return parsing.run(asked.options(args), io)


def test(args: Args, io: Io) -> int:
    """Run the tests of schemas, or parse as the older form of the command did."""
    if args["s"]:
        from tools.pantherlog import asked, parsing

        return parsing.run(asked.older_form(args), io)
    from tools.pantherlog import testing

    return testing.run(testing.options(args), io)


def infer(args: Args, io: Io) -> int:
    """Infer a schema from samples."""
    from tools.pantherlog import inferring

    return inferring.run(inferring.options(args), io)


def schemas(args: Args, io: Io) -> int:
    """List the built-in schemas or print one."""
    from tools.pantherlog import listing

    return listing.run(listing.wanted(args), io)


COMMANDS: Mapping[str, Callable[[Args, Io], int]] = {
    "": classify,
    "parse": parse,
    "test": test,
    "infer": infer,
    "schemas": schemas,
}


def as_given(args: Args, io: Io) -> Args:
    """The command line itself: each command checks its own."""
    return args


def main(argv: Sequence[str] | None = None) -> int:
    """Run the tool; returns its exit code."""
    tool, words = cli.chosen(TOOL, argv)
    command: Callable[[Any, Io], int] = COMMANDS[tool.command]
    return cli.run(tool, as_given, command, words)


if __name__ == "__main__":
    sys.exit(main())
