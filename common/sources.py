"""Panther's log sources: reading them, where their data lies, which of them owns an object."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common import lambdas, panther
from common.errors import UsageError
from common.goflags import SWITCH, TEXT, Flag

if TYPE_CHECKING:
    from common.aws import Aws
    from common.cli import Args

S3 = "aws-s3"
SQS = "aws-sqs"
SCAN = "aws-scan"
SQS_PREFIX = "forwarder"
SCAN_PREFIX = "cloudsecurity"

ORIGIN_FLAGS = (
    Flag("sources-file", TEXT, "", "read the sources from this JSON file, not from Panther"),
    Flag(
        "from-dynamodb", SWITCH, False,
        f"read table {panther.SOURCES_TABLE} (the API leaves out what is beyond 1 MB)",
    ),
)  # fmt: skip
FILTER_FLAGS = (
    Flag("source-id", TEXT, "", "only these source ids (comma list)"),
    Flag("label", TEXT, "", "only sources with these labels (comma list, any case)"),
)


@dataclass(frozen=True)
class Source:
    """One log source. `prefixes` are (prefix, log types); `raw` is the record as Panther has it."""

    id: str
    label: str
    type: str
    account: str
    bucket: str
    prefixes: tuple[tuple[str, tuple[str, ...]], ...]
    role_arn: str
    kms_key: str
    queue_url: str
    created_at: str
    created_by: str
    panther_version: str
    last_event: str
    raw: Mapping[str, Any] = field(repr=False)

    def longest_prefix(self, key: str) -> str | None:
        """The longest of its prefixes that `key` starts with, None when it starts with none."""
        found = [prefix for prefix, _ in self.prefixes if key.startswith(prefix)]
        return max(found, key=len) if found else None

    def log_types(self, prefix: str) -> tuple[str, ...]:
        """The log types that are expected below one of its prefixes."""
        return next((types for known, types in self.prefixes if known == prefix), ())


def parse(item: Mapping[str, Any]) -> Source:
    """A source from the shape that panther-source-api answers and DynamoDB stores.

    Items from before prefixes had log types of their own carry s3Prefix and logTypes instead.
    Unknown types and missing fields give empty values, never an error.
    """
    kind = str(item.get("integrationType") or "")
    queue = _mapping(item.get("sqsConfig"))
    if kind == SQS:
        bucket, role = queue.get("s3Bucket"), queue.get("logProcessingRole")
        prefixes = [(SQS_PREFIX, _texts(queue.get("logTypes")))]
    else:
        bucket, role = item.get("s3Bucket"), item.get("logProcessingRole")
        prefixes = [(SCAN_PREFIX, ())] if kind == SCAN else list(_prefixes(item))
    return Source(
        id=str(item.get("integrationId") or ""),
        label=str(item.get("integrationLabel") or ""),
        type=kind,
        account=str(item.get("awsAccountId") or ""),
        bucket=str(bucket or ""),
        prefixes=tuple(prefixes) if bucket else (),
        role_arn=str(role or ""),
        kms_key=str(item.get("kmsKey") or ""),
        queue_url=str(queue.get("queueUrl") or ""),
        created_at=str(item.get("createdAtTime") or ""),
        created_by=str(item.get("createdBy") or ""),
        panther_version=str(item.get("pantherVersion") or ""),
        last_event=str(item.get("lastEventReceived") or ""),
        raw=item,
    )


def _prefixes(item: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    listed = item.get("s3PrefixLogTypes")
    if isinstance(listed, list) and listed:
        for entry in listed:
            if isinstance(entry, Mapping):
                yield str(entry.get("prefix") or ""), _texts(entry.get("logTypes"))
    else:
        yield str(item.get("s3Prefix") or ""), _texts(item.get("logTypes"))


def _texts(values: Any) -> tuple[str, ...]:
    listed = sorted(values) if isinstance(values, set) else values
    return tuple(map(str, listed)) if isinstance(listed, list | tuple) else ()


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


# ---- choosing --------------------------------------------------------------------------------


def comma_list(text: str) -> frozenset[str]:
    """The words of `a, b,c`."""
    return frozenset(word.strip() for word in text.split(",") if word.strip())


def choose(sources: Iterable[Source], args: Args) -> list[Source]:
    """The sources that -type, -source-id and -label ask for, by type and label.

    Raises UsageError for an id or label that no source has.
    """
    found = list(sources)
    types, ids = comma_list(args["type"]), comma_list(args["source-id"])
    labels = frozenset(label.lower() for label in comma_list(args["label"]))
    for flag, wanted, known in (
        ("source-id", ids, {source.id for source in found}),
        ("label", labels, {source.label.lower() for source in found}),
    ):
        unknown = sorted(wanted - known)
        if unknown:
            raise UsageError(
                f"-{flag}: no source is called {', '.join(unknown)}", "See: sources -output csv"
            )
    chosen = [
        source
        for source in found
        if (not types or source.type in types)
        and (not ids or source.id in ids)
        and (not labels or source.label.lower() in labels)
    ]
    return sorted(chosen, key=lambda source: (source.type, source.label, source.id))


def owner(sources: Iterable[Source], bucket: str, key: str) -> tuple[Source, str] | None:
    """Which source the log processor reads an object for, and by which of its prefixes: the
    longest prefix wins, then the older source."""
    best: tuple[int, str, Source, str] | None = None
    for source in sources:
        prefix = source.longest_prefix(key) if source.bucket == bucket else None
        if prefix is None:
            continue
        rank = (-len(prefix), source.created_at, source, prefix)
        if best is None or rank[:2] < best[:2]:
            best = rank
    return (best[2], best[3]) if best else None


def claims(sources: Iterable[Source], bucket: str, prefix: str) -> bool:
    """True when some source reads at least a part of `prefix` in `bucket`."""
    return any(
        prefix.startswith(own) or own.startswith(prefix)
        for source in sources
        if source.bucket == bucket
        for own, _ in source.prefixes
    )


def outermost(prefixes: Iterable[str]) -> list[str]:
    """The prefixes that lie below no other one, so that each object is listed once."""
    kept: list[str] = []
    for prefix in sorted(set(prefixes)):
        if not kept or not prefix.startswith(kept[-1]):
            kept.append(prefix)
    return kept


# ---- reading ---------------------------------------------------------------------------------


def load(aws: Aws, args: Args) -> list[Source]:
    """All sources, from where -sources-file or -from-dynamodb say, otherwise from Panther's API.

    Raises UsageError for a file that is no list of sources, ToolError or the SDK's errors when
    they cannot be read.
    """
    if args["sources-file"]:
        return [parse(item) for item in _from_file(Path(args["sources-file"]))]
    if args["from-dynamodb"]:
        return [parse(item) for item in _from_table(aws)]
    return from_api(aws)


def from_api(aws: Aws) -> list[Source]:
    """The sources that panther-source-api lists. Raises as lambdas.call()."""
    listed = lambdas.call(aws, panther.SOURCE_API, "listIntegrations")
    return [parse(item) for item in listed or ()]


def _from_file(path: Path) -> Sequence[Mapping[str, Any]]:
    try:
        items = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"-sources-file {path} cannot be opened: {error.strerror}") from None
    except ValueError as error:
        raise UsageError(
            f"-sources-file {path} is no JSON: {error}", "It holds a JSON array of sources."
        ) from None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise UsageError(f"-sources-file {path} is no JSON array of objects")
    return items


def _from_table(aws: Aws) -> Iterator[Mapping[str, Any]]:
    pages = aws.client("dynamodb").get_paginator("scan").paginate(TableName=panther.SOURCES_TABLE)
    for page in pages:
        for item in page["Items"]:
            yield {name: _plain(value) for name, value in item.items()}


def _plain(value: Mapping[str, Any]) -> Any:
    """A DynamoDB AttributeValue as JSON has it: lists for sets, None for NULL.

    boto3 has a converter, but with it comes all of boto3, which no tool uses otherwise.
    """
    [(kind, content)] = value.items()
    if kind == "N":
        return int(content) if content.lstrip("-").isdigit() else float(content)
    if kind == "M":
        return {name: _plain(inner) for name, inner in content.items()}
    if kind == "L":
        return [_plain(inner) for inner in content]
    if kind in ("SS", "NS", "BS"):
        return sorted(_plain({kind[0]: inner}) for inner in content)
    return None if kind == "NULL" else content
