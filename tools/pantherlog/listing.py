"""The built-in log types: a list of them, or one as YAML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common import cli
from common.cli import Args, Io
from common.errors import UsageError

if TYPE_CHECKING:
    from common.logs.model import Schema


def wanted(args: Args) -> str:
    """The log type to print, "" for the list. Raises UsageError."""
    if len(args.arguments) > 1:
        raise UsageError("more than one log type is named", "Name one, or none for the list.")
    return args.arguments[0] if args.arguments else ""


def run(name: str, io: Io) -> int:
    """Print the list or the schema."""
    from common.logs import registry

    if name:
        if name not in registry.names():
            raise UsageError(f"there is no log type {name!r}", "See pantherlog schemas.")
        return show(registry.schema(name), io)
    schemas = [registry.schema(one) for one in registry.names()]
    if io.out.is_json:
        for one in schemas:
            io.out.record(record(one))
    else:
        rows = [(one.name, parser(one), str(len(one.fields)), one.description) for one in schemas]
        io.out.table(("LOG TYPE", "PARSER", "FIELDS", "DESCRIPTION"), rows)
    return cli.DONE


def show(schema: Schema, io: Io) -> int:
    """A schema as YAML, or as an object of the list with -output json."""
    from common.logs.schema_yaml import schema_yaml

    text = schema_yaml(schema)
    if io.out.is_json:
        io.out.record({**record(schema), "schema": text})
    else:
        io.out.lines(text.splitlines())
    return cli.DONE


def record(schema: Schema) -> dict[str, object]:
    """What the list tells of a type."""
    return {
        "logType": schema.name,
        "parser": parser(schema),
        "fields": len(schema.fields),
        "description": schema.description,
    }


def parser(schema: Schema) -> str:
    """The kind of lines: the wire format of native parsers, else the parser."""
    return schema.wire if schema.parser == "native" else schema.parser
