"""Syslog lines of RFC 3164 and RFC 5424."""

from __future__ import annotations

from tools.filegen import pools
from tools.filegen.columns import (
    choice,
    framed,
    hexes,
    number,
    pick,
    plain,
    sometimes,
    time,
)
from tools.filegen.draw import Column

_TAGS = ("sshd", "cron", "kernel", "nginx", "systemd", "dockerd", "postfix")


def rfc3164() -> Column:
    """Lines with the time that has no year, some with one of RFC 3339."""
    return framed(
        "<%s>%s %s %s%s: %s",
        number(0, 191),
        choice(0.9, time("%b %e %H:%M:%S", plain), time("rfc3339", plain)),
        pick(pools.hostnames()),
        pick(_TAGS),
        choice(0.7, framed("[%s]", number(1, 32_768)), pick([""])),
        choice(0.3, framed("Failed password from %s port %s", pick(pools.addresses_v4()),
                           number(1024, 65535)), pick(pools.phrases())),
    )  # fmt: skip


def rfc5424() -> Column:
    """Lines with structured data in some."""
    pair = framed('%s="%s"', pick(("eventID", "eventSource", "iut", "user")), pick(pools.phrases()))
    element = framed("[%s@32473 %s]", pick(("example", "origin", "meta")), pair)
    return framed(
        "<%s>1 %s %s %s %s %s %s %s",
        number(0, 191),
        time("rfc3339", plain),
        pick(pools.hostnames()),
        pick(_TAGS),
        sometimes(number(1, 32_768)),
        sometimes(framed("ID%s", hexes(2))),
        choice(0.5, element, pick(["-"])),
        pick(pools.phrases()),
    )
