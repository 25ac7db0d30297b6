"""The command-line grammar of Go's `flag` package, for argument lists written for the Go tools.

Source of the rules: the documentation of Go's package flag, section "Command line flag syntax".
argparse cannot be used as it is: it accepts abbreviations of single-dash flags even with
allow_abbrev=False, rejects `-verbose=false`, and takes a value that begins with `-` for a flag.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from common.errors import UsageError

_BOOLEANS = {
    **dict.fromkeys(("1", "t", "T", "true", "TRUE", "True"), True),
    **dict.fromkeys(("0", "f", "F", "false", "FALSE", "False"), False),
}
_DURATION_UNITS = {
    "ns": 1e-9,
    "us": 1e-6,
    "\u00b5s": 1e-6,
    "\u03bcs": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
}
_DURATION_PART = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)", re.ASCII)
_INTEGER = re.compile(r"([+-]?)(0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO]?[0-7_]+|0|[1-9][0-9_]*)")
_INT64 = range(-(1 << 63), 1 << 63)


def parse_bool(text: str) -> bool:
    """A boolean as Go's strconv.ParseBool reads it. Raises ValueError."""
    if text not in _BOOLEANS:
        raise ValueError("want true or false")
    return _BOOLEANS[text]


def parse_int(text: str) -> int:
    """A 64-bit integer as Go's strconv.ParseInt reads it with base 0. Raises ValueError."""
    match = _INTEGER.fullmatch(text)
    if not match:
        raise ValueError("want a whole number")
    sign, digits = match.groups()
    digits = digits.replace("_", "")
    octal = len(digits) > 1 and digits[0] == "0" and digits[1].isdigit()
    value = int(digits, 8 if octal else 0)
    value = -value if sign == "-" else value
    if value not in _INT64:
        raise ValueError("the number does not fit in 64 bits")
    return value


def parse_float(text: str) -> float:
    """A floating point number. Raises ValueError."""
    try:
        return float(text)
    except ValueError:
        raise ValueError("want a number") from None


def parse_duration(text: str) -> float:
    """Seconds of a duration as Go's time.ParseDuration reads it: `90s`, `1h30m`, `1.5h`, `0`.

    Raises ValueError for anything else, a number without unit included.
    """
    unsigned = text[1:] if text[:1] in ("+", "-") else text
    if unsigned == "0":
        return 0.0
    parts = _DURATION_PART.findall(unsigned)
    if not parts or "".join(number + unit for number, unit in parts) != unsigned:
        raise ValueError("want a duration such as 90s, 15m or 1h30m")
    seconds = sum(float(number) * _DURATION_UNITS[unit] for number, unit in parts)
    return -seconds if text[0] == "-" else seconds


def parse_names(text: str) -> tuple[str, ...]:
    """Names with commas between them."""
    return tuple(name for part in text.split(",") if (name := part.strip()))


@dataclass(frozen=True)
class Kind:
    """How the words of a flag become a value; a switch never takes the next word. Of a flag that
    `adds`, values come together when it is repeated."""

    name: str
    parse: Callable[[str], Any]
    is_switch: bool = False
    adds: bool = False


TEXT = Kind("text", str)
SWITCH = Kind("switch", parse_bool, is_switch=True)
INTEGER = Kind("integer", parse_int)
FLOAT = Kind("number", parse_float)
DURATION = Kind("duration", parse_duration)
NAMES = Kind("names", parse_names, adds=True)


@dataclass(frozen=True)
class Flag:
    """One flag as data: what the parser, the help text and the manual are made from."""

    name: str
    kind: Kind
    default: Any
    help: str


@dataclass(frozen=True)
class Parsed:
    """The value of every flag, which flags the user wrote, and the words after the flags."""

    values: Mapping[str, Any]
    given: frozenset[str]
    arguments: tuple[str, ...]


def parse(flags: Sequence[Flag], argv: Sequence[str]) -> Parsed:
    """Read `argv` as Go's flag package does: the last of repeated flags wins (but for those that
    add), and the first word that is no flag ends the flags. Raises UsageError naming the flag and
    the remedy.
    """
    known = {flag.name: flag for flag in flags}
    values = {flag.name: flag.default for flag in flags}
    given = set()
    words = list(argv)
    position = 0
    while position < len(words):
        word = words[position]
        if len(word) < 2 or word[0] != "-":
            break
        position += 1
        if word == "--":
            break
        name, equals, text = word[2 if word.startswith("--") else 1 :].partition("=")
        if not name or name[0] == "-":
            raise UsageError(f"bad flag syntax: {word}", "Flags are written -name value.")
        if name not in known:
            raise UsageError(f"flag provided but not defined: -{name}", "See -h for all flags.")
        flag = known[name]
        if not equals:
            if flag.kind.is_switch:
                text = "true"
            elif position < len(words):
                text = words[position]
                position += 1
            else:
                raise UsageError(f"flag needs an argument: -{name}", f"Write -{name} VALUE.")
        try:
            value = flag.kind.parse(text)
        except ValueError as error:
            raise UsageError(f'invalid value "{text}" for flag -{name}: {error}') from None
        values[name] = values[name] + value if flag.kind.adds and name in given else value
        given.add(name)
    return Parsed(values, frozenset(given), tuple(words[position:]))
