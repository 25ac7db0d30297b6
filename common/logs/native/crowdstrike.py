"""Crowdstrike events that no type of their own is known for."""

from __future__ import annotations

from typing import Any

from msgspec import Raw

NAMED = frozenset(
    (
        "CriticalFileAccessed",
        "CriticalFileModified",
        "DnsRequest",
        "GroupIdentity",
        "NetworkConnectIP4",
        "NetworkConnectIP6",
        "NetworkListenIP4",
        "NetworkListenIP6",
        "ProcessRollup2",
        "ProcessRollup2Stats",
        "SyntheticProcessRollup2",
        "UserIdentity",
        "UserLogoff",
        "UserLogon",
    )
)
"""The values of event_simpleName that other log types take."""


def keep_unknown_payload(event: Any, line: bytes) -> None:
    """The whole line is the payload: nothing else is known of its members."""
    event.unknown_payload = Raw(line)


def accept_unknown(event: Any) -> None:
    """Any event that no other type takes. Without an event_simpleName it must come from a sensor
    (aid) or a customer (cid), or every JSON object with a `name` would belong here. Raises
    ValueError."""
    name = event.event_simpleName
    if name in NAMED:
        raise ValueError("event_simpleName: is that of another log type")
    if not name and not event.aid and not event.cid:
        raise ValueError("event_simpleName: is needed where neither aid nor cid is there")
