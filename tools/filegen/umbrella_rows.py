"""Rows of Cisco Umbrella's logs: every value between double quotes."""

from __future__ import annotations

from tools.filegen import pools
from tools.filegen.columns import (
    constant,
    framed,
    hexes,
    joined,
    listed,
    number,
    pick,
    plain,
    sometimes,
    time,
)
from tools.filegen.draw import Column

_CATEGORIES = ("Chat", "Photo Sharing", "Social Networking", "Malware", "Business Services")
_DEVICES = ("AD Users", "Networks", "Roaming Computers", "Internal Networks")


def _row(*columns: Column) -> Column:
    return framed('"' + '","'.join(["%s"] * len(columns)) + '"', *columns)


def _stamp() -> Column:
    return time("layout=2006-01-02 15:04:05", plain)


def _identity() -> Column:
    return pick(pools.people())


def _identities() -> Column:
    return joined(",", _identity(), pick(("HQ", "Branch", "Home")))


def _address() -> Column:
    return pick(pools.addresses_v4())


def _categories() -> Column:
    return listed(pick(_CATEGORIES))


def dns() -> Column:
    """Queries for names."""
    return _row(
        _stamp(),
        _identity(),
        _identities(),
        _address(),
        _address(),
        pick(("Allowed", "Allowed", "Blocked")),
        pick(("1 (A)", "28 (AAAA)", "16 (TXT)")),
        pick(("NOERROR", "NOERROR", "NXDOMAIN")),
        framed("%s.", pick(pools.domains())),
        _categories(),
        pick(_DEVICES),
        listed(pick(_DEVICES)),
        _categories(),
    )


def ip() -> Column:
    """Connections by address."""
    return _row(
        _stamp(),
        _identity(),
        _address(),
        number(1024, 65535),
        _address(),
        number(1, 65535),
        _categories(),
        listed(pick(_DEVICES)),
    )


def cloud_firewall() -> Column:
    """Packets at the firewall."""
    return _row(
        _stamp(),
        hexes(8),
        _identity(),
        pick(_DEVICES),
        pick(("INBOUND", "OUTBOUND")),
        pick(("6", "17", "1")),
        number(40, 1500),
        _address(),
        sometimes(number(1024, 65535), ""),
        _address(),
        sometimes(number(1, 65535), ""),
        pick(("ams1.edc", "nyc1.edc", "sin1.edc")),
        number(1, 99),
        pick(("ALLOW", "ALLOW", "BLOCK")),
    )


def proxy() -> Column:
    """Requests through the web proxy."""
    size = number(0, 100_000)
    return _row(
        _stamp(),
        _identity(),
        _identities(),
        _address(),
        _address(),
        _address(),
        pick(("text/html", "application/json", "image/png", "")),
        pick(("ALLOWED", "ALLOWED", "BLOCKED")),
        pick(pools.urls()),
        sometimes(pick(pools.urls()), ""),
        pick(pools.AGENTS),
        pick(("200", "200", "201")),
        size,
        size,
        size,
        hexes(64),
        _categories(),
        constant(""),
        constant(""),
        pick(("Clean", "Unknown", "Malicious")),
        sometimes(constant("W32.Generic"), "", 0.1),
        number(0, 100),
        pick(_DEVICES),
        _categories(),
    )
