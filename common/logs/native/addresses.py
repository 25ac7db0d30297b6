"""Network addresses as built-in types collect them: the value unchanged, only if it is one."""

from __future__ import annotations

import re
from functools import lru_cache

from common.logs.found import DOMAIN, IP, Found

_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_is_ipv4 = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}").fullmatch
_is_groups = re.compile(r"[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4})*").fullmatch
_GROUPS = 8
_LONGEST_IPV6 = len("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255")
_runs_of_digits = re.compile(r"[0-9][0-9.]{5,}").finditer
_address_like = re.compile(rf"(?:{_OCTET}\.){{3}}[0-9]*").finditer


def is_ip(text: str) -> bool:
    """Whether `text` is an IPv4 address of four decimal parts without leading zeros, or an IPv6
    address (RFC 4291 section 2.2); no zone, port, mask or white space."""
    if _is_ipv4(text):
        return True
    return ":" in text and len(text) <= _LONGEST_IPV6 and _is_ipv6(text)


@lru_cache(maxsize=4096)
def _is_ipv6(text: str) -> bool:
    if "." in text:
        text, _, embedded = text.rpartition(":")
        if not _is_ipv4(embedded):
            return False
        text += ":0:0"
    left, gap, right = text.partition("::")
    sides = [side for side in (left, right) if side]
    if not all(map(_is_groups, sides)):
        return False
    groups = len(sides) + left.count(":") + right.count(":")
    return groups < _GROUPS if gap else groups == _GROUPS


def add_ip(text: str | None, found: Found) -> None:
    """Collect an address; anything else is left out."""
    if text and is_ip(text):
        found[IP].add(text)


def add_domain(text: str | None, found: Found) -> None:
    """Collect any text that is not empty as a domain name."""
    if text:
        found[DOMAIN].add(text)


def add_host(text: str | None, found: Found) -> None:
    """Collect an address as such, any other text that is not empty as a domain name."""
    if text:
        found[IP if is_ip(text) else DOMAIN].add(text)


def add_ips_in(text: str | None, found: Found) -> None:
    """Collect the IPv4 addresses in free text, up to the first thing that only begins like one
    (`1.2.3.456`, `1.2.3.`)."""
    if not text or text.count(".") < 3:
        return
    # The runs are found ten times as fast as the addresses, of which most texts have none.
    for run in _runs_of_digits(text):
        for match in _address_like(run[0]):
            if not _is_ipv4(match[0]):
                return
            found[IP].add(match[0])
