"""What a text in a sample line looks like: the type that inference gives to it."""

from __future__ import annotations

import math
import re

from common.logs import rfc3339
from common.logs.indicators import is_ip

# Numbers as Go's strconv.ParseInt and ParseFloat read them, but for underscores, which no parser of
# ours takes.
_INTEGER = "[+-]?[0-9]+"
_FLOAT = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_HEX_FLOAT = r"[+-]?0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][+-]?[0-9]+"
_NO_NUMBER = "[+-]?(?i:inf|infinity)|(?i:nan)"
_BOOLEAN = "[tTfF]|true|TRUE|True|false|FALSE|False"
_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T.*"
_ADDRESS = "[0-9a-fA-F:][0-9a-fA-F:.]*"
# RFC 3986, section 3; beyond it spaces and letters that are not ASCII, which are common in logs.
_ESCAPED = "%[0-9A-Fa-f]{2}"
_PART = rf"(?:[^%?#\x00-\x1f\x7f]|{_ESCAPED})*+"
_USER = r"(?:[\w.~!$&'()*+,;=:%-]*@)?+"
_HOST = rf"(?:\[[0-9A-Fa-f:.]*\]|(?:[^%:@/?#\[\]\\^{{|}}`\x00-\x20\x7f]|{_ESCAPED})*+)(?::[0-9]*)?"
_AUTHORITY = rf"//{_USER}{_HOST}(?=[/?#]|\Z)"
_HTTP = rf"(?i:https?):(?:{_AUTHORITY}|(?!//))"
_URL = rf"{_HTTP}{_PART}(?:\?[^#\x00-\x1f\x7f]*)?(?:#{_PART})?"
_ARN = r"arn:(?:[^:]*:){4}.*"

_look = re.compile(
    f"(?P<integer>{_INTEGER})|(?P<float>{_FLOAT})|(?P<hex_float>{_HEX_FLOAT})"
    f"|(?P<no_number>{_NO_NUMBER})|(?P<boolean>{_BOOLEAN})|(?P<timestamp>{_TIME})"
    f"|(?P<ip>{_ADDRESS})|(?P<url>{_URL})|(?P<aws_arn>{_ARN})",
    re.DOTALL,
).fullmatch
_INTEGER_DIGITS = 19
_LIMIT = 1 << 63
_MOST_KEPT = 4096
_LONGEST_KEPT = 100


def look(text: str) -> str:
    """The first that fits: "bigint" (64 bits), "float" (also NaN and Inf), "boolean", "timestamp"
    (RFC 3339), "ip", "url" (of http or https), "aws_arn", else "string"."""
    found = _look(text)
    kind = found.lastgroup if found else None
    match kind:
        case None:
            return "string"
        case "integer" if _fits_64_bits(text):
            return "bigint"
        case "integer" | "float":
            return "string" if math.isinf(float(text)) else "float"
        case "hex_float":
            return _hex_float(text)
        case "no_number":
            return "float"
        case "timestamp":
            return _time(text)
        case "ip":
            return "ip" if is_ip(text) else "string"
    return kind


def _fits_64_bits(text: str) -> bool:
    digits = text.lstrip("+-0")
    if len(digits) != _INTEGER_DIGITS:
        return len(digits) < _INTEGER_DIGITS
    return int(digits) < _LIMIT + (text[0] == "-")


def _hex_float(text: str) -> str:
    try:
        float.fromhex(text)
    except OverflowError:
        return "string"
    return "float"


def _time(text: str) -> str:
    try:
        rfc3339.read(text)
    except ValueError:
        return "string"
    return "timestamp"


class _Looks(dict[str, str]):
    def __missing__(self, text: str) -> str:
        kind = look(text)
        if len(text) <= _LONGEST_KEPT:
            if len(self) >= _MOST_KEPT:
                self.clear()
            self[text] = kind
        return kind


LOOKS = _Looks()
"""`LOOKS[text]` is `look(text)`, kept for texts that are not long: most come again and again."""
