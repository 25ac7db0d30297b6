"""Flow logs of a VPC: words between spaces, in the order that the first line of a file names.

The format: Amazon VPC User Guide, "Flow log records".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from common.logs.found import ACCOUNT_ID, INSTANCE_ID, Found
from common.logs.native.addresses import add_ip
from common.logs.native.fields import INT16_MAX, integer, unsigned
from common.logs.native.lines import Clock, Parse, Values, Warn, ignore
from common.logs.native.times import epoch_seconds
from common.logs.refused import Refused
from common.output import plural

_FIELDS = {
    "version": "version",
    "account-id": "account",
    "interface-id": "interfaceId",
    "srcaddr": "srcAddr",
    "dstaddr": "dstAddr",
    "srcport": "srcPort",
    "dstport": "dstPort",
    "protocol": "protocol",
    "packets": "packets",
    "bytes": "bytes",
    "start": "start",
    "end": "end",
    "action": "action",
    "log-status": "status",
    "vpc-id": "vpcId",
    "subnet-id": "subNetId",
    "instance-id": "instanceId",
    "tcp-flags": "tcpFlags",
    "type": "trafficType",
    "pkt-srcaddr": "pktSrcAddr",
    "pkt-dstaddr": "pktDstAddr",
    "pkt-src-aws-service": "pktSrcAwsService",
    "pkt-dst-aws-service": "pktDstAwsService",
    "flow-direction": "flowDirection",
    "traffic-path": "trafficPath",
}
_ADDRESSES = ("srcAddr", "dstAddr", "pktSrcAddr", "pktDstAddr")
_MIN_KNOWN = 5
_COLUMN_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_NAMED = 10


def _traffic_path(word: str) -> int | None:
    return unsigned(word, INT16_MAX)


def _account(word: str) -> str | None:
    return None if word == "unknown" else word


_READERS: dict[str, Callable[[str], Any]] = {
    "version": integer,
    "srcPort": integer,
    "dstPort": integer,
    "protocol": integer,
    "packets": integer,
    "bytes": integer,
    "start": epoch_seconds,
    "end": epoch_seconds,
    "tcpFlags": integer,
    "trafficPath": _traffic_path,
    "account": _account,
}
_Column = tuple[str, Callable[[str], Any] | None]


def parser(clock: Clock, warn: Warn = ignore) -> Parse:
    """A parser for one file: it consumes the header, and warns of columns that it does not know.

    The parser raises ValueError for lines before a header, and for times that cannot be read.
    """
    columns: list[_Column] = []

    def parse(line: str) -> Values | None:
        words = line.split(" ")
        if not columns:
            columns.extend(_columns(words, warn))
            return None
        values: Values = {}
        try:
            for (field, read), word in zip(columns, words, strict=False):
                if word != "-":
                    values[field] = read(word) if read else word
        except ValueError as error:
            raise Refused(str(error), field) from None
        values.pop("", None)
        return values

    return parse


def _columns(names: list[str], warn: Warn) -> list[_Column]:
    """What each column of a header fills, "" for nothing, and how its words are read."""
    unknown = [name for name in names if name not in _FIELDS]
    if len(names) - len(unknown) < _MIN_KNOWN:
        raise ValueError(f"not a header of flow logs: fewer than {_MIN_KNOWN} known columns")
    if unknown:
        warn(_ignored(unknown))
    fields = [_FIELDS.get(name, "") for name in names]
    return [(field, _READERS.get(field)) for field in fields]


def _ignored(names: list[str]) -> str:
    """Only what looks like a column is named: the line may be something else than a header."""
    shown = [name for name in names if _COLUMN_NAME.fullmatch(name)][:_NAMED]
    listed = f": {', '.join(shown)}" if shown else ""
    return f"AWS.VPCFlow: ignoring {plural(len(names), 'unknown column')}{listed}"


def collect(values: Values, found: Found) -> None:
    """The account, the instance, and the addresses of the flow and of its packets."""
    for name in _ADDRESSES:
        if text := values.get(name):
            add_ip(text, found)
    if account := values.get("account"):
        found[ACCOUNT_ID].add(account)
    if instance := values.get("instanceId"):
        found[INSTANCE_ID].add(instance)
