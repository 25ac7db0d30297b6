"""Network addresses as built-in types collect them: the value unchanged, only if it is one."""

from __future__ import annotations

import re

from common.logs.found import DOMAIN, IP, Found
from common.logs.indicators import is_ip

_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_runs_of_digits = re.compile(r"[0-9][0-9.]{5,}").finditer
_address_like = re.compile(rf"(?:{_OCTET}\.){{3}}[0-9]*").finditer


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
            if not is_ip(match[0]):
                return
            found[IP].add(match[0])
