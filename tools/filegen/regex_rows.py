"""Rows for a schema's own expression, where that is literal text and tags of built-in patterns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any, NamedTuple

from common.logs.grok import BUILTIN
from common.logs.model import Schema
from common.logs.patterns import engine, expression_of
from tools.filegen import pools
from tools.filegen.columns import (
    constant,
    framed,
    hexes,
    number,
    pick,
    plain,
    time,
    uuids,
)
from tools.filegen.csv_rows import text_value
from tools.filegen.draw import Batch, Column
from tools.filegen.expanding import parts_of_fields

CANNOT = "cannot generate for this expression"
_TAG = re.compile(r"%\{\s*([A-Z][A-Z0-9_]*)\s*(?::\s*([^}]*?)\s*)?\}")
# An escaped mark, white space with or without a count, or a character that means itself.
_LITERAL = re.compile(
    r"\\([\[\](){}.*+?^$|/\\\"'#<>=&:;,@!% -])|\\s[*+]?|( )[*+]?|([^\\\[\](){}.*+?^$|])"
)
_SAMPLES = 64


class Part(NamedTuple):
    """Literal text, or a pattern with the field that it fills ("" for none)."""

    text: str
    pattern: str = ""
    field: str = ""


def regex_rows(schema: Schema) -> Column:
    """Rows that the expression matches. Raises ValueError for an expression with anything but
    literals and tags."""
    expression = "".join(schema.config["match"])
    if schema.config.get("patternDefinitions"):
        raise ValueError(CANNOT)
    fields = {one.name: one for one in schema.fields}
    parts, form, columns = parts_of_fields(schema), "", []
    for part in parts_of(expression):
        form += "%s" if part.pattern else part.text.replace("%", "%%")
        if part.pattern:
            field = fields.get(part.field)
            own = text_value(field, plain) if field is not None else None
            columns.append(_column(part.pattern, parts.get(part.field, own)))
    return framed(form, *columns)


def parts_of(expression: str) -> Iterator[Part]:
    """The parts of an expression, from the first to the last. Raises ValueError."""
    end = len(expression)
    position = 1 if expression.startswith("^") else 0
    end -= 1 if expression.endswith("$") and not expression.endswith(r"\$") else 0
    while position < end:
        tag = _TAG.match(expression, position)
        found = tag or _LITERAL.match(expression, position)
        if found is None or (tag and tag[1] not in BUILTIN):
            raise ValueError(CANNOT)
        if tag:
            yield Part("", tag[1], tag[2] or "")
        else:
            yield Part(found[1] or found[3] or " ")
        position = found.end()


def _column(pattern: str, own: Column | None) -> Column:
    """The field's own values where the pattern matches them all, otherwise the pattern's."""
    return own if own is not None and _all_match(pattern, own) else pattern_column(pattern)


def _all_match(pattern: str, column: Column) -> bool:
    expression = engine()(expression_of([f"%{{{pattern}}}"], {})[0])
    samples = column(Batch(Random(pattern), [0] * _SAMPLES, True))
    # A value with a blank could run into what follows a pattern that takes anything.
    if pattern == "DATA":
        return all(" " not in text for text in samples)
    return all(expression.fullmatch(text) for text in samples)


def pattern_column(name: str) -> Column:
    """Texts that a built-in pattern matches. Raises ValueError for one that nothing is known of."""
    if name in _FORMATS:
        return time(_FORMATS[name], plain)
    make = _MADE.get(name)
    if make is None:
        raise ValueError(CANNOT)
    return make()


def _of(items: Any) -> Callable[[], Column]:
    return lambda: pick(items() if callable(items) else items)


def _two_words() -> tuple[Column, Column]:
    return pick(pools.WORDS), pick(pools.WORDS)


_FORMATS: Mapping[str, str] = {
    "TIMESTAMP_ISO8601": "rfc3339",
    "HTTPDATE": "%d/%b/%Y:%H:%M:%S %z",
    "SYSLOGTIMESTAMP": "%b %e %H:%M:%S",
    "TIMESTAMP_RFC822": "%a %b %d %Y %H:%M:%S UTC",
    "TIMESTAMP_RFC2822": "%a, %d %b %Y %H:%M:%S %z",
    "TIMESTAMP_OTHER": "%a %b %d %H:%M:%S UTC %Y",
    "TIMESTAMP_EVENTLOG": "%Y%m%d%H%M%S",
    "TIME": "%H:%M:%S",
    "KITCHEN": "%H:%M",
    "DATE": "%m/%d/%Y",
    "DATE_US": "%m/%d/%Y",
    "DATE_EU": "%d.%m.%Y",
    "DATETIME": "%m/%d/%Y %H:%M:%S",
    "YEAR": "%Y",
    "MONTH": "%b",
    "MONTHNUM": "%m",
    "MONTHNUM2": "%m",
    "MONTHDAY": "%d",
    "DAY": "%a",
    "HOUR": "%H",
    "MINUTE": "%M",
    "SECOND": "%S",
    "ISO8601_SECOND": "%S",
}
_MADE: Mapping[str, Callable[[], Column]] = {
    "DATA": _of(pools.WORDS),
    "GREEDYDATA": _of(pools.phrases),
    "NOTSPACE": _of(pools.WORDS),
    "NS": _of(pools.WORDS),
    "SPACE": lambda: constant(" "),
    "WORD": _of(pools.WORDS),
    "QUOTEDSTRING": lambda: framed('"%s"', pick(pools.phrases())),
    "QS": lambda: framed('"%s"', pick(pools.phrases())),
    "HEXDIGIT": lambda: hexes(1),
    "UUID": uuids,
    **dict.fromkeys(
        ("INT", "BASE10NUM", "NUMBER", "POSINT", "NONNEGINT", "PID"), lambda: number(1, 32_000)
    ),
    "BASE16NUM": lambda: framed("0x%s", hexes(8)),
    "CISCOMAC": lambda: framed("%s.%s.%s", hexes(4), hexes(4), hexes(4)),
    "WINDOWSMAC": lambda: framed("-".join(["%s"] * 6), *[hexes(2)] * 6),
    **dict.fromkeys(
        ("COMMONMAC", "MAC"), lambda: framed(":".join(["%s"] * 6), *[hexes(2)] * 6)
    ),
    "IPV6": lambda: pick(pools.addresses()[-400:]),
    "IPV4": _of(pools.addresses_v4),
    "IPV4INT": lambda: number(0, 255),
    "IP": _of(pools.addresses_v4),
    **dict.fromkeys(("HOSTNAME", "HOST", "IPORHOST", "URIHOST"), _of(pools.domains)),
    "HOSTPORT": _of(pools.network_addresses),
    **dict.fromkeys(("USERNAME", "USER"), _of(pools.people)),
    **dict.fromkeys(("UNIXPATH", "PATH", "URIPATH"), lambda: framed("/%s/%s", *_two_words())),
    "WINPATH": lambda: framed("C:\\%s\\%s", *_two_words()),
    "TTY": lambda: framed("/dev/pts/%s", number(0, 9)),
    "URIPROTO": lambda: constant("https"),
    "URIPARAM": lambda: framed("?%s=%s", *_two_words()),
    "URIPATHPARAM": _of(pools.paths),
    "URI": _of(pools.urls),
    "TZ": lambda: constant("UTC"),
    "ISO8601_TIMEZONE": lambda: constant("Z"),
    "TZOFFSET": lambda: constant("+0000"),
}  # fmt: skip
RENDERED = frozenset((*_FORMATS, *_MADE))
"""The names of the patterns that texts are known for."""
