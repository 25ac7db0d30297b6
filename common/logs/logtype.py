"""Log types ready to parse: from a schema to functions from a line to events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from common.logs import registry
from common.logs.codec import Codec, Event
from common.logs.fastmatch import fast_matcher
from common.logs.instants import TimeFormat, time_format
from common.logs.model import Schema, walk
from common.logs.moment import Moment
from common.logs.native.hooks import Hooks
from common.logs.native.json_types import HOOKS
from common.logs.native.lines import Clock
from common.logs.native.text import PARSERS, TextType
from common.logs.patterns import regex_matcher
from common.logs.rows import in_steps, row_matcher
from common.logs.textlines import Matcher, text_parser

Parse = Callable[[bytes], Sequence[Event]]
Warn = Callable[[str], None]
# Native types with a header, or with lines that are swallowed once another has been seen.
STATEFUL = frozenset(("AWS.VPCFlow", "Juniper.Access"))
# Which lines are swallowed may change at every line.
NEVER_SETTLED = frozenset(("Juniper.Access",))
# Built-in types whose schemas say how their lines are cut, by patterns and into columns.
MATCHED = frozenset(
    ("Apache.AccessCombined", "Apache.AccessCommon", "Fastly.Access", "Nginx.Access")
)
COLUMNS = frozenset(
    ("Salesforce.Login", "Salesforce.LoginAs", "Salesforce.Logout", "Salesforce.URI")
)


@dataclass(frozen=True)
class LogType:
    """A log type that parses lines. `new` makes the parser of one stream: from a trimmed, non-empty
    line to its events, none for a header or a skipped line; it raises ValueError with the reason
    when the line is not of the type. `is_stateful` when lines depend on those before them, with
    `settles` on none behind the first event: headers are read, widths known by then. `members`
    gives top-level names without which a JSON line cannot be of the type."""

    name: str
    new: Callable[[], Parse]
    is_json: bool
    is_stateful: bool
    members: Callable[[], frozenset[str]] = frozenset
    settles: bool = True


def builtin_type(name: str, is_lake: bool, clock: Clock, warn: Warn) -> LogType:
    """A built-in log type, as `log_type` makes it. Its schema is read when a line may be of it."""
    known = cache(lambda: log_type(registry.schema(name), is_lake, clock, warn))
    return LogType(
        name,
        lambda: known().new(),
        is_json=name not in PARSERS and name not in MATCHED | COLUMNS,
        is_stateful=name in STATEFUL | COLUMNS,
        members=lambda: known().members(),
        settles=name not in NEVER_SETTLED,
    )


def log_type(schema: Schema, is_lake: bool, clock: Clock, warn: Warn) -> LogType:
    """Compile a schema, for event JSON or data-lake JSON. `clock` tells now in nanoseconds since
    1970, for formats without a year; `warn` is told what was ignored."""
    if schema.parser == "native" and schema.file:
        return _described(schema, is_lake, clock, warn)
    hooks = None if schema.file else HOOKS.get(schema.name)
    codec = cache(lambda: Codec(schema, is_lake, hooks))
    if schema.parser == "native" and schema.name in PARSERS:
        text_type = PARSERS[schema.name]
        return LogType(
            schema.name,
            lambda: _native_text(codec(), text_type, clock, warn),
            is_json=False,
            is_stateful=schema.name in STATEFUL,
            settles=schema.name not in NEVER_SETTLED,
        )
    if schema.parser in ("csv", "fastmatch", "regex"):
        texts = cache(lambda: _texts(codec(), schema))
        return LogType(
            schema.name,
            lambda: texts()(),
            is_json=False,
            is_stateful=schema.parser == "csv" or bool(schema.config.get("skipLines")),
        )
    return LogType(
        schema.name,
        lambda: codec().from_line,
        is_json=True,
        is_stateful=False,
        members=cache(lambda: _needed_members(schema, hooks)),
    )


def _described(schema: Schema, is_lake: bool, clock: Clock, warn: Warn) -> LogType:
    """A user's schema for a built-in parser says only how columns are written: it reads the events
    of the built-in type, whose times and indicators they keep."""
    known = registry.schema(schema.config["name"])
    base = log_type(known, False, clock, warn)
    codec = cache(lambda: Codec(replace(schema, parser="json"), is_lake, _written_times(known)))

    def new() -> Parse:
        parse = base.new()
        described = codec().from_line

        def parse_described(line: bytes) -> Sequence[Event]:
            return [
                event._replace(log_type=schema.name, body=described(event.body)[0].body)
                for event in parse(line)
            ]

        return parse_described

    return replace(base, name=schema.name, new=new)


def _written_times(schema: Schema) -> Hooks:
    """Reads the timestamps of a type's events as they are written, by path."""
    readers = {}
    for path, value in walk(schema.fields):
        if value.type == "timestamp":
            form = time_format(value.time_format)
            readers[path.replace(".[]", "[]")] = _either(form)
    return Hooks(times=readers)


def _either(form: TimeFormat) -> Callable[[object], Moment]:
    of_number = form.read_number or form.read
    return lambda given: form.read(given) if type(given) is str else of_number(str(given))


def _needed_members(schema: Schema, hooks: Hooks | None) -> frozenset[str]:
    if schema.is_any_case or (hooks and hooks.split):
        return frozenset()
    return frozenset(
        one.value.native.input_name or one.name
        for one in schema.fields
        if one.required and not (hooks and hooks.prepare)
    )


def _native_text(codec: Codec, text_type: TextType, clock: Clock, warn: Warn) -> Parse:
    read = text_type.parser(clock, warn)
    collect = text_type.collect

    def parse(line: bytes) -> Sequence[Event]:
        values = read(line.decode("utf-8", "replace"))
        if values is None:
            return ()
        return (codec.from_values(values, collect),)

    return parse


def _texts(codec: Codec, schema: Schema) -> Callable[[], Parse]:
    config = schema.config
    if schema.parser == "csv" and schema.file:
        config = in_steps(config)
    names = frozenset(one.name for one in schema.fields)
    if schema.parser == "fastmatch":
        shared = fast_matcher(config)
    elif schema.parser == "regex":
        shared = regex_matcher(config)

    def matcher() -> Matcher:
        return row_matcher(config, names) if schema.parser == "csv" else shared

    def new() -> Parse:
        read = text_parser(config, matcher)

        def parse(line: bytes) -> Sequence[Event]:
            pairs = read(line.decode("utf-8", "replace"))
            return () if pairs is None else (codec.from_texts(pairs),)

        return parse

    return new
