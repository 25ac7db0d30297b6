"""Fastmatch patterns: literal text with `%{name}` tags, as the schema language describes them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from common.logs.problems import Problem
from common.logs.refused import Refused
from common.logs.textlines import Matcher, Pairs

SHORTEST = 4
_ESCAPES, _MEANINGS = "\\ntrabfv", "\\\n\t\r\a\b\f\v"
_CODES = {"x": (16, 2), "u": (16, 4), "U": (16, 8)}  # base and digits; octal has no letter
_DIGITS = "0123456789abcdef"


class Tag(NamedTuple):
    """A field, the text that ends it ("" for the rest of the line), and the quote around it."""

    name: str
    delimiter: str
    quote: str


class Pattern(NamedTuple):
    """A pattern: the literal text that a line begins with, then its fields."""

    prefix: str
    tags: tuple[Tag, ...]


def pattern_of(text: str) -> Pattern:
    """Read a pattern. Raises ValueError saying what is wrong with it."""
    text = text.rstrip("\n")
    if len(text) < SHORTEST:
        raise ValueError(f"Does not match pattern: it needs {SHORTEST} characters or more")
    if "\n" in text:
        raise ValueError("Does not match pattern: a line has no line break")
    prefix, *rest = text.split("%{")
    if not rest:
        raise ValueError("Does not match pattern: it needs a tag such as %{name}")
    tags: list[Tag] = []
    before = prefix
    for place, part in enumerate(rest):
        name, closing, delimiter = part.partition("}")
        if not closing:
            raise ValueError("%{ without a closing }")
        if not delimiter and place < len(rest) - 1:
            raise ValueError(f"no text between %{{{name}}} and the next tag")
        last = before[-1:]
        quote = last if last in ('"', "'") and delimiter[:1] == last and last else ""
        tags.append(Tag(name.strip(), delimiter, quote))
        before = delimiter
    return Pattern(prefix, tuple(tags))


def pattern_problems(config: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with the patterns of a schema."""
    found = []
    for place, text in enumerate(config["match"]):
        try:
            pattern_of(text)
        except ValueError as error:
            found.append(Problem(f"parser.fastmatch.match.{place}", str(error)))
    return found


def fast_matcher(config: Mapping[str, Any]) -> Matcher:
    """Matches lines with the first pattern that fits. Raises Refused when none does."""
    patterns = [pattern_of(text) for text in config["match"]]
    compiled = [
        (_expression(one), one, [tag.name for tag in one.tags if tag.name]) for one in patterns
    ]

    def match(line: str) -> Pairs:
        has_backslash = "\\" in line
        for expression, pattern, names in compiled:
            if has_backslash and any(tag.quote for tag in pattern.tags):
                pairs = _walk(line, pattern)
                if pairs is not None:
                    return pairs
            else:
                found = expression.match(line)
                if found is not None:
                    return list(zip(names, found.groups(), strict=True))
        raise Refused("does not match the pattern" if len(compiled) == 1 else "matches no pattern")

    return match


def _expression(pattern: Pattern) -> re.Pattern[str]:
    """Atomic groups keep each field at its shortest: no backtracking, linear time."""
    parts = [re.escape(pattern.prefix)]
    for tag in pattern.tags:
        opening = "(" if tag.name else "(?:"
        if tag.delimiter:
            parts.append(f"(?>{opening}.*?){re.escape(tag.delimiter)})")
        else:
            parts.append(f"{opening}.*)")
    return re.compile("".join(parts), re.DOTALL)


def _walk(line: str, pattern: Pattern) -> list[tuple[str, str]] | None:
    """The same field by field, with escapes in quoted fields."""
    if not line.startswith(pattern.prefix):
        return None
    position = len(pattern.prefix)
    pairs = []
    for tag in pattern.tags:
        if not tag.delimiter:
            text, position = line[position:], len(line)
        elif tag.quote and "\\" in line[position:]:
            found = _quoted(line, position, tag.quote)
            if found is None or not line.startswith(tag.delimiter, found[1]):
                return None
            text, position = found[0], found[1] + len(tag.delimiter)
        else:
            end = line.find(tag.delimiter, position)
            if end < 0:
                return None
            text, position = line[position:end], end + len(tag.delimiter)
        if tag.name:
            pairs.append((tag.name, text))
    return pairs


def _quoted(line: str, start: int, quote: str) -> tuple[str, int] | None:
    """The decoded text up to the first quote that is not escaped, and where that stands."""
    parts: list[bytes] = []
    position = start
    while position < len(line):
        character = line[position]
        if character == quote:
            return b"".join(parts).decode("utf-8", "replace"), position
        if character != "\\":
            parts.append(character.encode())
            position += 1
            continue
        escape = _escape(line, position + 1, quote)
        if escape is None:
            return None
        parts.append(escape[0])
        position = escape[1]
    return None


def _escape(line: str, position: int, quote: str) -> tuple[bytes, int] | None:
    """The bytes that an escape stands for, and where it ends; None for an unknown one."""
    kind = line[position : position + 1]
    if kind and kind in _ESCAPES + quote:
        return (
            _MEANINGS[_ESCAPES.index(kind)] if kind in _ESCAPES else quote
        ).encode(), position + 1
    base, width = _CODES.get(kind, (8, 3))
    start = position + (base == 16)
    digits = line[start : start + width]
    if len(digits) != width or not set(digits) <= set(_DIGITS[:base] + _DIGITS[10:base].upper()):
        return None
    code = int(digits, base)
    if width <= 3:
        return (bytes([code]), start + width) if code <= 0xFF else None
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        return None
    return chr(code).encode(), start + width


def names_of(patterns: Sequence[str]) -> list[str]:
    """The names of the fields that patterns capture, in order of appearance."""
    return [tag.name for text in patterns for tag in pattern_of(text).tags if tag.name]
