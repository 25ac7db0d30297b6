"""CSV: rows of a file with or without a header, quoted as RFC 4180 says, leniently."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from operator import eq
from typing import Any

from common.logs.refused import Refused
from common.logs.textlines import Matcher, Pairs


@lru_cache(maxsize=8)
def splitter(delimiter: str) -> Callable[[str], list[str]]:
    """Splits a row into fields. A quote in the middle of a field is literal, a quoted field that
    is not closed runs to the end of the line."""
    end = rf"(?:{re.escape(delimiter)}|\Z)"
    quoted = rf'"((?:[^"]+|""|"(?!{end}))*+)"?'
    field = re.compile(rf"(?:{quoted}|([^{re.escape(delimiter)}]*))({end})", re.DOTALL)

    def split(row: str) -> list[str]:
        if '"' not in row:
            return row.split(delimiter)
        fields = []
        position = 0
        while True:
            match = field.match(row, position)
            assert match is not None
            inner, plain, ending = match.groups()
            fields.append(plain if inner is None else inner.replace('""', '"'))
            if not ending:
                return fields
            position = match.end()

    return split


def in_steps(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """The configuration of a user's schema with the header as a line to skip where the columns are
    known without it: it may be anything then, and is dropped before all other steps."""
    has_header = bool(config.get("hasHeader"))
    is_skipped = has_header and bool(config.get("columns"))
    return {**config, "skipLines": int(is_skipped), "hasHeader": has_header and not is_skipped}


def row_matcher(config: Mapping[str, Any], names: Collection[str]) -> Matcher:
    """A fresh matcher of one file's rows. Raises Refused.

    A header that is looked at must be one of these rows and not of something else: it begins with
    the columns that are known, or else has at least one of the schema's field `names`.
    """
    split = splitter(config.get("delimiter") or ",")
    columns: Sequence[str] = config.get("columns") or ()
    is_named_by_header = not columns
    awaits_header = bool(config.get("hasHeader"))
    width = 0

    def match(row: str) -> Pairs | None:
        nonlocal columns, awaits_header, width
        fields = split(row)
        if awaits_header:
            if not is_named_by_header and not all(map(eq, fields, columns)):
                raise Refused("the header has other columns")
            if is_named_by_header and not any(name in names for name in fields):
                raise Refused("the header names no field of the schema")
            awaits_header = False
            if is_named_by_header:
                columns, width = fields, len(fields)
            return None
        if not width:
            width = len(fields)
        elif len(fields) != width:
            raise Refused(f"has {len(fields)} columns, not {width}")
        if len(fields) < len(columns):
            fields += [""] * (len(columns) - len(fields))
        return [pair for pair in zip(columns, fields, strict=False) if pair[0]]

    return match
