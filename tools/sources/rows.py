"""Sources and their checks as JSON objects, CSV and text (pure)."""

from __future__ import annotations

import csv
import io
import json
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from common.sources import S3, SCAN, Source
from tools.sources.findings import OK, Check, Report

COLUMNS = (
    "label", "type", "id", "account", "bucket", "prefixes", "log_types", "role_arn", "kms_key",
    "queue_url", "managed_notifications", "created_at", "created_by", "panther_version",
    "last_event_received", "status",
)  # fmt: skip
CHECK_COLUMNS = ("result", "failed_checks")
TEXT_HEADER = ("LABEL", "TYPE", "BUCKET", "LAST EVENT")
WIDTH = 100
_INDENT = " " * 11


def status(source: Source) -> str:
    """What Panther itself has noted about a source; "" when nothing."""
    raw = source.raw
    if source.type == SCAN:
        states = ["disabled"] if raw.get("enabled") is False else []
        states += [str(raw[name]) for name in ("scanStatus", "eventStatus") if raw.get(name)]
        return ", ".join(dict.fromkeys(states))
    if source.type == S3 and raw.get("managedBucketNotifications") is True:
        is_set_up = raw.get("notificationsConfigurationSucceeded") is not False
        return "" if is_set_up else "notifications not set up"
    return ""


def fields(report: Report) -> dict[str, Any]:
    """A source as a JSON object: COLUMNS and, once it was checked, result and checks."""
    source = report.source
    managed = source.raw.get("managedBucketNotifications")
    row: dict[str, Any] = {
        "label": source.label,
        "type": source.type,
        "id": source.id,
        "account": source.account,
        "bucket": source.bucket,
        "prefixes": [
            {"prefix": prefix, "log_types": list(types)} for prefix, types in source.prefixes
        ],
        "log_types": sorted({one for _, types in source.prefixes for one in types}),
        "role_arn": source.role_arn,
        "kms_key": source.kms_key,
        "queue_url": source.queue_url,
        "managed_notifications": managed if isinstance(managed, bool) else None,
        "created_at": source.created_at,
        "created_by": source.created_by,
        "panther_version": source.panther_version,
        "last_event_received": source.last_event,
        "status": status(source),
    }
    if report.result:
        row["result"] = report.result
        row["checks"] = [check._asdict() for check in report.checks]
    return row


def as_json(reports: Sequence[Report]) -> str:
    """A JSON array with a source a line."""
    return "[\n" + ",\n".join(map(_json, reports)) + "\n]\n" if reports else "[]\n"


def as_json_lines(reports: Iterable[Report]) -> str:
    """A JSON object a line."""
    return "".join(_json(report) + "\n" for report in reports)


def _json(report: Report) -> str:
    return json.dumps(fields(report), ensure_ascii=False, separators=(",", ":"), default=str)


def as_csv(reports: Iterable[Report], is_checked: bool) -> str:
    """A header and a row for each source (RFC 4180 with \\n); lists are joined by `|`."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((*COLUMNS, *(CHECK_COLUMNS if is_checked else ())))
    for report in reports:
        row = fields(report)
        row["prefixes"] = "|".join(entry["prefix"] for entry in row["prefixes"])
        row["log_types"] = "|".join(row["log_types"])
        row["managed_notifications"] = {True: "true", False: "false"}.get(
            row["managed_notifications"], ""
        )
        cells = [row[name] for name in COLUMNS]
        if is_checked:
            told = "|".join(f"{check.name} {check.code}" for check in report.failed)
            cells += [report.result, told]
        writer.writerow(cells)
    return text.getvalue()


# ---- text ------------------------------------------------------------------------------------


def table(reports: Iterable[Report], is_checked: bool) -> tuple[Sequence[str], list[list[str]]]:
    """Header and rows of the short table."""
    rows = [
        [
            *([report.result] if is_checked else []),
            printable(report.source.label),
            printable(report.source.type),
            printable(report.source.bucket) or "-",
            printable(report.source.last_event) or "-",
        ]
        for report in reports
    ]
    return (("RESULT", *TEXT_HEADER) if is_checked else TEXT_HEADER), rows


def check_lines(report: Report) -> Iterator[str]:
    """A source's heading and its checks; neighbours that found nothing to say about the same
    thing share a line, what there is to say goes on lines below."""
    source = report.source
    yield printable(f"{source.label} ({source.type}, {source.id}): {report.result}")
    for is_plain, run in groupby(report.checks, key=_is_plain):
        if is_plain:
            for target, checks in groupby(run, key=lambda check: check.target):
                yield _plain_line(target, list(checks))
        else:
            for check in run:
                yield from _remark_lines(check)


def _is_plain(check: Check) -> bool:
    return check.result == OK and not check.code


def _plain_line(target: str, checks: Sequence[Check]) -> str:
    names = ", ".join(check.name for check in checks)
    remarks = "; ".join(check.message for check in checks if check.message)
    return _head(OK, names, target + (f" ({remarks})" if remarks else ""))


def _remark_lines(check: Check) -> Iterator[str]:
    yield _head(check.result, check.name, check.target)
    yield from textwrap.wrap(
        printable(f"{check.code}: {check.message}"),
        WIDTH,
        initial_indent=_INDENT,
        subsequent_indent=_INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _head(result: str, name: str, target: str) -> str:
    return printable(f"  {result:7}  {name}: {target}".rstrip())


def printable(text: str) -> str:
    """The text with control characters escaped, as keys and labels may hold any."""
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode() for one in text
    )
