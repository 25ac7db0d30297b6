"""Results and status lines of osquery."""

from __future__ import annotations

from typing import Any

from common.logs.found import Found
from common.logs.native.addresses import add_domain, add_host, add_ip

_ADDRESS_COLUMNS = ("local_address", "remote_address", "address", "host_ip", "ipv4_address")
_FLAG_TEXTS = ("true", "false")


def collect_host(event: Any, found: Found) -> None:
    """The reporting host."""
    add_domain(event.hostIdentifier, found)


def collect_batch(event: Any, found: Found) -> None:
    """The reporting host of a batch."""
    add_domain(event.hostname, found)


def collect_differential(event: Any, found: Found) -> None:
    """The reporting host, and the addresses and hosts in a row of a table."""
    add_domain(event.hostIdentifier, found)
    columns = event.columns
    if columns:
        for name in _ADDRESS_COLUMNS:
            if name in columns:
                add_ip(columns[name], found)
        add_host(columns.get("host"), found)


def spell_flag(event: Any, line: bytes) -> None:
    """osquery writes logNumericsAsNumbers as a text, and so do we where it came as a boolean."""
    flag = event.logNumericsAsNumbers
    if flag.__class__ is bool:
        event.logNumericsAsNumbers = "true" if flag else "false"


def accept_differential(event: Any) -> None:
    """logNumericsAsNumbers is the text of a boolean. Raises ValueError."""
    flag = event.logNumericsAsNumbers
    if flag is not None and flag not in _FLAG_TEXTS:
        raise ValueError("logNumericsAsNumbers: is neither true nor false")
