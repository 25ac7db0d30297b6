"""Generators by log type: which function makes the rows, and what goes around them in a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import NamedTuple

from common.errors import UsageError
from common.logs import registry
from common.logs.load import load
from common.logs.logtype import log_type as log_type_of
from common.logs.model import Schema
from tools.filegen import (
    aws_rows,
    juniper_rows,
    reference,
    syslog_rows,
    umbrella_rows,
)
from tools.filegen.csv_rows import csv_header, csv_rows
from tools.filegen.draw import SECOND_NS, Batch, Column
from tools.filegen.fastmatch_rows import fastmatch_rows
from tools.filegen.habits import with_habits
from tools.filegen.json_rows import json_rows
from tools.filegen.regex_rows import regex_rows

RECORDS_HEAD, RECORDS_TAIL = '{"Records": [', "]}"
_TRIED = 200
_WITH_RECORDS = ("AWS.CloudTrail", "AWS.CloudTrailInsight")

_REFERENCE: Mapping[str, Callable[[], Column]] = {
    "AWS.S3ServerAccess": reference.s3_access,
    "AWS.CloudTrail": reference.cloudtrail,
    "Gravitational.TeleportAudit": reference.teleport,
}
_TEXTS: Mapping[str, Callable[[], Column]] = {
    "AWS.ALB": aws_rows.alb,
    "AWS.AuroraMySQLAudit": aws_rows.aurora,
    "AWS.S3ServerAccess": aws_rows.s3_access,
    "AWS.VPCFlow": aws_rows.vpc_flow,
    "CiscoUmbrella.CloudFirewall": umbrella_rows.cloud_firewall,
    "CiscoUmbrella.DNS": umbrella_rows.dns,
    "CiscoUmbrella.IP": umbrella_rows.ip,
    "CiscoUmbrella.Proxy": umbrella_rows.proxy,
    "Juniper.Access": juniper_rows.access,
    "Juniper.Audit": juniper_rows.audit,
    "Juniper.Firewall": juniper_rows.firewall,
    "Juniper.MWS": juniper_rows.mws,
    "Juniper.Postgres": juniper_rows.postgres,
    "Juniper.Security": juniper_rows.security,
    "Syslog.RFC3164": syslog_rows.rfc3164,
    "Syslog.RFC5424": syslog_rows.rfc5424,
}


class Generator(NamedTuple):
    """What makes the files of a log type: `rows` without line ends, below the `header` if that is
    not "". `has_records`: the rows are the elements of one JSON document; `is_json`: each is an
    object."""

    rows: Column
    header: str = ""
    has_records: bool = False
    is_json: bool = True


def generator(schema: Schema, is_realistic: bool) -> Generator:
    """The generator for a schema. Raises ValueError when there is none for it."""
    full = with_habits(schema)
    native = schema.config["name"] if schema.parser == "native" else ""
    name = native or ("" if schema.file else schema.name)
    if name in _REFERENCE and not is_realistic:
        return Generator(_REFERENCE[name](), "", name in _WITH_RECORDS, name not in _TEXTS)
    if name in _TEXTS:
        header = aws_rows.VPC_FLOW_HEADER if name == "AWS.VPCFlow" else ""
        return Generator(_TEXTS[name](), header, is_json=False)
    if schema.parser == "csv":
        return Generator(csv_rows(full), csv_header(schema), is_json=False)
    if schema.parser == "fastmatch":
        return Generator(fastmatch_rows(full), is_json=False)
    if schema.parser == "regex":
        return Generator(regex_rows(full), is_json=False)
    return Generator(json_rows(full.fields), "", name in _WITH_RECORDS)


def schema_of(log_type: str, file: str) -> Schema:
    """The schema of a built-in log type, or the one in a file. Raises UsageError for a file that
    holds none."""
    if not file:
        return registry.schema(log_type)
    try:
        text = Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not in UTF-8"
        raise UsageError(f"-schema {file} cannot be read: {reason}") from None
    loaded = load(text, file)
    if loaded.schema is None:
        wrong = next(one for one in loaded.problems if not one.is_warning)
        raise UsageError(
            f"-schema {file}: {wrong.path}: {wrong.text}",
            "Run pantherlog test on it for all problems.",
        )
    return loaded.schema


@lru_cache(maxsize=256)
def known_generator(log_type: str, file: str, is_realistic: bool) -> Generator:
    """The generator of a log type, made once in each process. Raises as those above."""
    return generator(schema_of(log_type, file), is_realistic)


def check(log_type: str, file: str, is_realistic: bool, hour: int) -> None:
    """Try a generator on the parser of its own schema. Raises UsageError when it has none, or when
    a row is not of the type: nobody can promise that for any schema."""
    try:
        one = known_generator(log_type, file, is_realistic)
        refusal = first_refusal(one, schema_of(log_type, file), hour)
    except UsageError:
        raise
    except ValueError as error:
        refusal = str(error)
    if refusal:
        raise UsageError(
            f"-schema {file}: no rows of {log_type} can be made: {refusal}",
            "Simplify its patterns, or leave it out.",
        )


def first_refusal(one: Generator, schema: Schema, hour: int) -> str:
    """Why the parser refuses one of some rows, "" when it takes them all."""
    now = hour * SECOND_NS
    parse = log_type_of(schema, True, lambda: now, lambda _: None).new()
    batch = Batch(Random(schema.name), [now] * _TRIED, is_full=False)
    for line in [one.header] * bool(one.header) + list(one.rows(batch)):
        text = RECORDS_HEAD + line + RECORDS_TAIL if one.has_records else line
        try:
            events = parse(text.encode())
        except ValueError as error:
            return str(error)
        if line is not one.header and not events:
            return "its lines give no event"
    return ""
