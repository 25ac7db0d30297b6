"""Events of the Zeek network sensor."""

from __future__ import annotations

from typing import Any

from common.logs.found import Found
from common.logs.native.addresses import add_domain, add_host, add_ip

# Record types of RFC 1035 and RFC 3596: an address is asked for, so that the query is a name.
_ADDRESS_QUERIES = (1, 28)


def collect_dns(event: Any, found: Found) -> None:
    """The two ends of a query, the name asked for, and the answers."""
    add_ip(event.id_orig_h, found)
    add_ip(event.id_resp_h, found)
    if event.qtype in _ADDRESS_QUERIES:
        add_domain(event.query, found)
    for answer in event.answers or ():
        add_host(answer, found)
