"""Listed objects as rows of CSV or JSON lines, or as the columns of a page (pure).

A page is rendered at once: what is the same for all of its rows is prepared, and its keys are
searched together for characters that need quoting. Which rows stand together on a page never
shows in the result.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from common.errors import UsageError
from common.s3xml import Object
from tools.s3list.places import Owner, Place

COLUMNS = (
    "bucket", "key", "size", "last_modified", "etag", "storage_class", "source_id",
    "source_label", "source_type", "log_types", "prefix", "account_id", "region",
)  # fmt: skip
SHARED = (
    "bucket", "source_id", "source_label", "source_type", "log_types", "prefix", "account_id",
    "region",
)  # fmt: skip
CSV = "csv"
JSONL = "jsonl"
PARQUET = "parquet"

FORMATS = (CSV, JSONL, PARQUET, f"{CSV}.gz", f"{JSONL}.gz")
EXTENSIONS = {".csv": CSV, ".jsonl": JSONL, ".ndjson": JSONL, ".parquet": PARQUET}

Render = Callable[[Sequence[Object]], str]

_NEEDS_QUOTES = ('"', ",", "\n", "\r")


class Format(NamedTuple):
    """CSV, JSONL or PARQUET, and whether the whole file is compressed."""

    kind: str
    is_gzip: bool = False


def format_of(asked: str, out: str) -> Format:
    """The format that -format asks for, or else the name of the file; CSV when neither tells.

    Raises UsageError for a format that there is not.
    """
    if asked and asked not in FORMATS:
        raise UsageError(f"-format {asked!r} is not one of {', '.join(FORMATS)}")
    plain_out = out.removesuffix(".gz")
    kind = asked.removesuffix(".gz") or EXTENSIONS.get(Path(plain_out).suffix.lower(), CSV)
    is_gzip = asked.endswith(".gz") or plain_out != out
    if is_gzip and kind == PARQUET:
        raise UsageError(f"-out {out}: Parquet is compressed inside", "Leave out .gz.")
    return Format(kind, is_gzip)


def renderer(kind: str, place: Place, owner: Owner, region: str) -> Render:
    """A function that renders objects of one owner in one of the formats CSV, JSONL, PARQUET."""
    make = {CSV: _csv, JSONL: _jsonl, PARQUET: _columns}[kind]
    return make(place.bucket, owner, region)


def head(kind: str) -> str:
    """What stands before the first row."""
    return ",".join(COLUMNS) + "\n" if kind == CSV else ""


def constants(bucket: str, owner: Owner, region: str) -> dict[str, str]:
    """The columns SHARED, which are the same in all rows of an owner; log types joined by `|`."""
    values = (
        bucket, owner.source_id, owner.label, owner.type, "|".join(owner.log_types), owner.prefix,
        owner.account, region,
    )  # fmt: skip
    return dict(zip(SHARED, values, strict=True))


# ---- CSV (RFC 4180, but lines end with \n) -----------------------------------------------------


def quoted(text: str) -> str:
    """A CSV field; quotes only where they are needed."""
    if any(character in text for character in _NEEDS_QUOTES):
        return '"' + text.replace('"', '""') + '"'
    return text


def _csv(bucket: str, owner: Owner, region: str) -> Render:
    same = constants(bucket, owner, region)
    start = quoted(same.pop("bucket")) + ","
    end = "," + ",".join(map(quoted, same.values())) + "\n"

    def render(objects: Sequence[Object]) -> str:
        keys = "".join([found[0] for found in objects])
        if any(character in keys for character in _NEEDS_QUOTES):
            objects = [found._replace(key=quoted(found.key)) for found in objects]
        return "".join(
            [
                f"{start}{key},{size},{modified},{etag},{storage}{end}"
                for key, modified, etag, size, storage in objects
            ]
        )

    return render


# ---- JSON lines ------------------------------------------------------------------------------


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _jsonl(bucket: str, owner: Owner, region: str) -> Render:
    same: dict[str, str | tuple[str, ...]] = {**constants(bucket, owner, region)}
    same["log_types"] = owner.log_types
    start = f'{{"bucket":{_text(bucket)},"key":"'
    del same["bucket"]
    end = '",' + json.dumps(same, ensure_ascii=False, separators=(",", ":"))[1:] + "\n"

    def render(objects: Sequence[Object]) -> str:
        keys = "".join([found[0] for found in objects])
        if not keys.isprintable() or '"' in keys or "\\" in keys:
            objects = [found._replace(key=_text(found.key)[1:-1]) for found in objects]
        return "".join(
            [
                f'{start}{key}","size":{size},"last_modified":"{modified}","etag":"{etag}"'
                f',"storage_class":"{storage}{end}'
                for key, modified, etag, size, storage in objects
            ]
        )

    return render


# ---- columns: what part files hold until they become Parquet -----------------------------------


def _columns(bucket: str, owner: Owner, region: str) -> Render:
    same = list(constants(bucket, owner, region).values())

    def render(objects: Sequence[Object]) -> str:
        # One JSON line: the constants, then keys, times, etags, sizes and storage classes.
        return json.dumps([same, *zip(*objects, strict=True)], ensure_ascii=False) + "\n"

    return render
