"""Security alerts of Juniper's web application firewall: pairs whose keys depend on the category.

The format: Junos WebApp Secure documentation, "Security Alert Log Format".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from common.logs.found import Found
from common.logs.moment import Moment
from common.logs.native.addresses import add_domain, add_ip
from common.logs.native.fields import INT32_MAX, UINT8_MAX, boolean, unsigned
from common.logs.native.juniper import head_reader, line_pattern
from common.logs.native.lines import Clock, Parse, Values, Warn, ignore
from common.logs.native.times import plain_with_fraction
from common.logs.refused import Refused

_Field = tuple[str, Callable[[str], Any]]

# Pairs may be separated by escaped characters; in a value a backslash hides the next character.
_GAP = r"(?:\s|\\.)*"
_VALUE = r'[^"\\]*(?:\\.[^"\\]*)*'
_LINE = line_pattern(
    r"\[([^\]]*)\]\s*\[mws-security-alert\]\s*\[([^\]]*)\]"
    rf'{_GAP}MKS_Category="([^"\\]*)"((?:{_GAP}MKS_\w+="{_VALUE}")*){_GAP}',
    host=r"\w+",
)
_PAIR = re.compile(rf'MKS_(\w+)="({_VALUE})"', re.ASCII)


def _text(value: str) -> str:
    return value


def _number(largest: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        number = unsigned(value, largest)
        if number is None:
            raise ValueError("not a number in range")
        return number

    return read


def _flag(value: str) -> bool:
    flag = boolean(value)
    if flag is None:
        raise ValueError("neither true nor false")
    return flag


def _date(value: str) -> Moment | None:
    return None if value == "null" else plain_with_fraction(value)


_PROFILE_ID = ("profile_id", _text)
_PROFILE_NAME = ("profile_name", _text)
_CATEGORIES: dict[str, dict[str, _Field]] = {
    "New Profile": {
        "ProfileId": _PROFILE_ID,
        "ProfileName": _PROFILE_NAME,
        "PubKey": ("pubkey", _text),
    },
    "Security Incident": {
        "Type": ("incident", _text),
        "Severity": ("severity", _number(UINT8_MAX)),
        "ProfileName": _PROFILE_NAME,
        "SrcIP": ("source_ip", _text),
        "pubkey": ("pubkey", _text),
        "useragent": ("user_agent", _text),
        "url": ("url", _text),
        "count": ("count", _number(INT32_MAX)),
        "fakeresponse": ("fake_response", _flag),
    },
    "New Counter Response": {
        "ResponseCode": ("response_code", _text),
        "ResponseName": ("response_name", _text),
        "ProfileId": _PROFILE_ID,
        "ProfileName": _PROFILE_NAME,
        "ResponseCreated": ("created_date", _date),
        "ResponseDelayed": ("delay_date", _date),
        "ResponseExpires": ("expiration_date", _date),
        "ResponseConfig": ("response_config", _text),
        "SilentRunning": ("silent_running", _flag),
    },
}


def parser(clock: Clock, warn: Warn = ignore) -> Parse:
    """Alerts. The parser raises ValueError for categories and keys that are not known, and for
    values that cannot be read."""
    read = head_reader(_LINE, "security alert", clock)

    def parse(line: str) -> Values:
        values, (level, service, category, pairs) = read(line)
        values["log_level"] = level
        values["service"] = service
        values["category"] = category
        fields = _CATEGORIES.get(category)
        if fields is None:
            raise Refused("not one that is known", "category")
        for key, value in _PAIR.findall(pairs):
            if key not in fields:
                raise ValueError("a key that the category does not have")
            name, read_value = fields[key]
            try:
                values[name] = read_value(value)
            except ValueError as error:
                raise Refused(str(error), name) from None
        return values

    return parse


def collect(values: Values, found: Found) -> None:
    """The host as a domain, and the attacker's address."""
    add_domain(values.get("hostname"), found)
    add_ip(values.get("source_ip"), found)
