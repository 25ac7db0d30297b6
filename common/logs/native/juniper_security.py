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
from common.logs.native.fields import INT32_MAX, UINT8_MAX, boolean, needed, unsigned
from common.logs.native.juniper import head_reader, line_pattern
from common.logs.native.lines import Clock, Parse, Values, Warn, ignore
from common.logs.native.times import plain_with_fraction

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


def _severity(value: str) -> int:
    return needed(unsigned(value, UINT8_MAX), "severity")


def _count(value: str) -> int:
    return needed(unsigned(value, INT32_MAX), "count")


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
        "Severity": ("severity", _severity),
        "ProfileName": _PROFILE_NAME,
        "SrcIP": ("source_ip", _text),
        "pubkey": ("pubkey", _text),
        "useragent": ("user_agent", _text),
        "url": ("url", _text),
        "count": ("count", _count),
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
            raise ValueError("category is not one of the known ones")
        for key, value in _PAIR.findall(pairs):
            if key not in fields:
                raise ValueError("a key that the category does not have")
            name, read_value = fields[key]
            values[name] = read_value(value)
        return values

    return parse


def collect(values: Values, found: Found) -> None:
    """The host as a domain, and the attacker's address."""
    add_domain(values.get("hostname"), found)
    add_ip(values.get("source_ip"), found)
