"""Row ids (`p_row_id`): hex of 6 bytes of node id, a varint of the start and a varint that counts.

Varints are those of protocol buffers: groups of 7 bits, lowest first, the high bit set on all but
the last byte.
"""

from __future__ import annotations

import secrets
import socket
import sys
import time
import uuid
from collections.abc import Callable
from itertools import count
from pathlib import Path

_NODE_BYTES = 6
_START_OF_2020_US = 1_577_836_800_000_000
_LAST = tuple(f"{group:02x}" for group in range(0x80))
_MORE = tuple(f"{group | 0x80:02x}" for group in range(0x80))


def row_ids(worker: int = 0, start_us: int | None = None) -> Callable[[], str]:
    """A function that gives the next row id, safe to call from several threads.

    Call it once in a process, and in a worker process after the fork: ids are distinct because each
    process starts at a microsecond of its own. Workers that may start within the same one have
    different numbers, which are added to the start. Workers of one run cannot meet at all when all
    are given the same `start_us`, which `now_us()` tells.
    """
    start = now_us() if start_us is None else start_us
    prefix = node_id().hex() + _varint(start + worker)
    numbers = count(1)

    # The loop of _varint takes twice as long.
    def next_id() -> str:
        number = next(numbers)
        if number < 1 << 7:
            return f"{prefix}{_LAST[number]}"
        first = _MORE[number & 127]
        if number < 1 << 14:
            return f"{prefix}{first}{_LAST[number >> 7]}"
        if number < 1 << 21:
            return f"{prefix}{first}{_MORE[number >> 7 & 127]}{_LAST[number >> 14]}"
        if number < 1 << 28:
            second, third = _MORE[number >> 7 & 127], _MORE[number >> 14 & 127]
            return f"{prefix}{first}{second}{third}{_LAST[number >> 21]}"
        return prefix + _varint(number)

    return next_id


def now_us() -> int:
    """Whole microseconds since 2020-01-01T00:00:00Z."""
    return time.time_ns() // 1000 - _START_OF_2020_US


def node_id() -> bytes:
    """Six bytes that tell this host from others: the hardware address of its first network
    interface that has one, or else random bytes."""
    # uuid.getnode() chooses by other rules, and elsewhere than on Linux nothing better is at hand.
    address = _first_address() if sys.platform == "linux" else uuid.getnode().to_bytes(_NODE_BYTES)
    return address or secrets.token_bytes(_NODE_BYTES)


def _first_address() -> bytes:
    for _, name in socket.if_nameindex():
        address = _address_of(name)
        if len(address) >= _NODE_BYTES and any(address):
            return address[:_NODE_BYTES]
    return b""


def _address_of(interface: str) -> bytes:
    try:
        text = Path("/sys/class/net", interface, "address").read_text(encoding="ascii")
        return bytes.fromhex(text.replace(":", ""))
    except (OSError, ValueError):
        return b""


def _varint(number: int) -> str:
    groups = []
    while number >= 0x80:
        groups.append(_MORE[number & 127])
        number >>= 7
    return "".join(groups) + _LAST[number]
