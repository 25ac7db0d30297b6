"""Inferring a schema from samples: the fields that their lines need, checked by parsing them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, BinaryIO

from common import cli
from common.cli import Args, Io
from common.errors import ToolError, UsageError
from common.output import plural
from common.stop import Interrupted
from tools.pantherlog import asked
from tools.pantherlog.inputs import blocks, check_readable, opened, rereadable, shown

if TYPE_CHECKING:
    from common.logs.model import Schema
    from common.logs.suggest import Possible

DELIMITERS = {"tab": "\t", r"\t": "\t", "space": " ", ",": ",", "\t": "\t", " ": " "}
SKIP = "-skip-test leaves out this check."

Read = Callable[[bytes], Mapping[str, Any]]


@dataclass(frozen=True)
class Options:
    """A checked command line; `delimiter` "" for files that are not CSV."""

    files: tuple[str, ...]
    log_type: str
    framing: str
    delimiter: str
    is_tested: bool
    suggests: bool
    marks_event_time: bool


def options(args: Args) -> Options:
    """Check the command line. Raises UsageError naming the flag and the remedy, ToolError for a
    file that cannot be read."""
    if not args.arguments:
        raise UsageError("no file is named", "Name files after the flags, - is stdin.")
    if args["delimiter"] not in DELIMITERS:
        raise UsageError(f"-delimiter {args['delimiter']!r} is not one of , tab space")
    if "delimiter" in args.given and not args["csv"]:
        raise UsageError("-delimiter goes with -csv", "Add -csv, or leave it out.")
    if args["csv"] and args["format"] not in ("auto", "lines"):
        raise UsageError(f"-csv has lines, not -format {args['format']}", "Leave out one.")
    check_readable(args.arguments)
    return Options(
        files=args.arguments,
        log_type=asked.log_type(args["name"]),
        framing="lines" if args["csv"] else asked.framing(args["format"]),
        delimiter=DELIMITERS[args["delimiter"]] if args["csv"] else "",
        is_tested=not args["skip-test"],
        suggests=args["indicators"],
        marks_event_time=args["event-time"],
    )


def run(wanted: Options, io: Io) -> int:
    """Infer, check, write the schema, return the exit code."""
    open_one = rereadable if wanted.is_tested else opened
    with ExitStack() as open_files:
        files = {name: open_files.enter_context(open_one(name)) for name in wanted.files}
        text = inferred(wanted, files, io)
        if wanted.is_tested:
            check(wanted, files, text)
    if io.out.is_json:
        import yaml

        io.out.record(yaml.safe_load(text))
    else:
        io.out.lines(text.splitlines())
    return cli.DONE


# ---- the schema --------------------------------------------------------------------------------


def inferred(wanted: Options, files: Mapping[str, BinaryIO], io: Io) -> str:
    """The schema that fits all records of the files, as YAML. Raises ToolError."""
    from common.logs.infer import Place, finish, gathered, note
    from common.logs.model import Schema
    from common.logs.schema_yaml import schema_yaml
    from common.logs.suggest import observe, suggestions, with_event_time

    top = Place()
    possible: Possible = {}

    def read(name: str, stream: BinaryIO) -> None:
        for number, members in _all_members(wanted, name, stream):
            try:
                note(top, members)
            except ValueError as error:
                raise ToolError(f"{shown(name)}:{number}: {error}") from None
            if wanted.suggests:
                observe(possible, members)

    def tell() -> None:
        io.out.info(f"{plural(top.count, 'record')} read")

    try:
        for name, stream in files.items():
            read(name, stream)
    except Interrupted:
        tell()
        raise
    tell()
    try:
        fields = finish(gathered(top))
    except ValueError as error:
        raise ToolError(f"{', '.join(map(shown, files))}: {error}") from None
    if wanted.marks_event_time:
        fields = with_event_time(fields)
    schema = Schema(wanted.log_type, fields)
    if wanted.delimiter:
        config = {"delimiter": wanted.delimiter, "hasHeader": True}
        schema = replace(schema, parser="csv", config=config)
    return schema_yaml(schema, suggestions(fields, possible))


def _all_members(
    wanted: Options, name: str, stream: BinaryIO
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The records of a file that are not blank, decoded, with their numbers. Raises ToolError for
    the first one that is not what it must be."""
    from common.logs.infer import members_of, row_reader

    read: Read | None = None if wanted.delimiter else members_of
    _, all_blocks = blocks(name, stream, wanted.framing)
    for block in all_blocks:
        for number, record in enumerate(block.records, block.first):
            line = record.strip()
            if not line:
                continue
            try:
                if read is None:
                    read = row_reader(record, wanted.delimiter)
                else:
                    yield number, read(record if wanted.delimiter else line)
            except ValueError as error:
                raise ToolError(f"{shown(name)}:{number}: {error}") from None


# ---- the check ---------------------------------------------------------------------------------


def check(wanted: Options, files: Mapping[str, BinaryIO], text: str) -> None:
    """Load the schema and parse every record with it. Raises ToolError for the first that fails."""
    from common.logs.classifier import Classifier
    from common.logs.engine import Engine, Spec

    engine = Engine(Spec((_loaded(text),), is_lake=False))
    for name, stream in files.items():
        stream.seek(0)
        classifier = Classifier(engine.types)
        _, all_blocks = blocks(name, stream, wanted.framing)
        for block in all_blocks:
            for parsed in engine.parse(classifier, block):
                if parsed.reason:
                    where = f"{shown(name)}:{parsed.number}"
                    raise ToolError(
                        f"{where}: the inferred schema does not fit: {parsed.reason}", SKIP
                    )


def _loaded(text: str) -> Schema:
    from common.logs.load import load

    schema, problems = load(text, "inferred schema")
    if schema is None:
        found = "; ".join(f"{one.path}: {one.text}" for one in problems if not one.is_warning)
        raise ToolError(f"the inferred schema is not valid: {found}", SKIP)
    return schema
