"""Events of the Suricata network sensor."""

from __future__ import annotations

from typing import Any

from common.logs.found import Found
from common.logs.native.addresses import add_domain, add_ip

_ADDRESS_RECORDS = ("A", "AAAA")
_NAME_RECORDS = ("CNAME", "MX")


def collect_ends(event: Any, found: Found) -> None:
    """The two ends of a flow."""
    add_ip(event.src_ip, found)
    add_ip(event.dest_ip, found)


def collect_dns(event: Any, found: Found) -> None:
    """The two ends, and the names and addresses that were asked for and answered."""
    collect_ends(event, found)
    dns = event.dns
    if dns is None:
        return
    add_ip(dns.rdata, found)
    add_domain(dns.rrname, found)
    for answer in dns.answers or ():
        if answer is not None:
            _collect_answer(answer, found)
    if dns.grouped is not None:
        _collect_grouped(dns.grouped, found)


def _collect_answer(answer: Any, found: Found) -> None:
    kind = answer.rrtype
    if kind in _ADDRESS_RECORDS:
        add_ip(answer.rdata, found)
        add_domain(answer.rrname, found)
    elif kind in _NAME_RECORDS:
        add_domain(answer.rdata, found)
        add_domain(answer.rrname, found)
    elif kind == "PTR":
        add_domain(answer.rdata, found)
    elif kind == "TXT":
        add_domain(answer.rrname, found)


def _collect_grouped(grouped: Any, found: Found) -> None:
    for kind in _ADDRESS_RECORDS:
        for address in getattr(grouped, kind) or ():
            add_ip(address, found)
    for kind in _NAME_RECORDS:
        for name in getattr(grouped, kind) or ():
            add_domain(name, found)
