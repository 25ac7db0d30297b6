"""What CSV, fastmatch and regex lines have in common: skipping, trimming, emptying, expanding.

A matcher turns a line into named texts. The parsers made here put the shared steps of the schema
language (section "Text parsers") around it, in the order given there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from common.logs.refused import Refused

Pairs = Sequence[tuple[str, str]]
Matcher = Callable[[str], Pairs | None]


def text_parser(config: Mapping[str, Any], make_matcher: Callable[[], Matcher]) -> Matcher:
    """A fresh parser of one stream: the named texts of a line, None for a line that is consumed.

    Raises Refused for a line that does not match.
    """
    match = make_matcher()
    prefix = config.get("skipPrefix") or ""
    empty = frozenset(config.get("emptyValues") or ())
    expand = [
        (name, template_of(text)) for name, text in (config.get("expandFields") or {}).items()
    ]
    trims = bool(config.get("trimSpace"))
    lines_left = config.get("skipLines") or 0

    def parse(line: str) -> Pairs | None:
        nonlocal lines_left
        if lines_left:
            lines_left -= 1
            return None
        if prefix and line.startswith(prefix):
            return None
        pairs = match(line)
        if pairs is None:
            return None
        if trims:
            pairs = [(name, text.strip()) for name, text in pairs]
        if empty:
            pairs = [pair for pair in pairs if pair[1] not in empty]
        return _expanded(pairs, expand, empty) if expand else pairs

    return parse


def _expanded(
    pairs: Pairs,
    expand: Sequence[tuple[str, Callable[[Mapping[str, str]], str]]],
    empty: frozenset[str],
) -> Pairs:
    known = dict(pairs)
    added = {}
    for name, render in expand:
        text = render(known)
        if text and text not in empty:
            added[name] = text
    return [*((known | added).items())]


def template_of(text: str) -> Callable[[Mapping[str, str]], str]:
    """A template such as `%{host}:%{port}` as a function of the named texts; names that are not
    there give nothing."""
    parts: list[tuple[str, str]] = []
    rest = text
    while "%{" in rest:
        literal, _, rest = rest.partition("%{")
        tag, _, rest = rest.partition("}")
        parts.append((literal, tag.strip()))
    return lambda known: "".join([lit + known.get(tag, "") for lit, tag in parts]) + rest


def refuse(reason: str) -> Refused:
    """The error for a line as a whole."""
    return Refused(reason)
