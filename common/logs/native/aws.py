"""What AWS log types of JSON lines do beyond their schemas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import UNSET, Raw, UnsetType

from common.logs.coerce import without_lone_surrogates
from common.logs.found import ACCOUNT_ID, ARN, Found
from common.logs.indicators import SCANNERS
from common.logs.native.aws_extract import collect_anywhere, collect_by_key

_scan_account = SCANNERS["aws_account_id"]
_scan_domain = SCANNERS["domain"]
_scan_ip = SCANNERS["ip"]
_ADDRESS_ANSWERS = ("A", "AAAA")
_NAME_ANSWERS = ("CNAME", "MX", "NS", "PTR")


class _Holder(msgspec.Struct):
    Records: list[Raw] | UnsetType = UNSET


_holder = msgspec.json.Decoder(_Holder).decode


# ---- CloudTrail --------------------------------------------------------------------------------


def split_records(line: bytes) -> Sequence[bytes]:
    """The records of a CloudTrail line, which is one of them or an object with the list `Records`.
    A line that is neither is handed back whole, for the schema to refuse."""
    # Nearly all lines are single records, and nearly none of those have this name anywhere.
    if b'"Records"' not in line:
        return (line,)
    records = _records(line)
    return (line,) if records is None else records


def split_insights(line: bytes) -> Sequence[bytes]:
    """The records of a line of CloudTrail insights, always an object with the list `Records`.
    Raises ValueError for any other line."""
    records = _records(line)
    if records is None:
        raise ValueError("Records: a list is needed")
    return records


def _records(line: bytes) -> list[bytes] | None:
    try:
        records = _holder(line).Records
    except msgspec.DecodeError:
        # One half of a surrogate pair, which stands for itself, must not cost all records.
        cleaned = without_lone_surrogates(line)
        return _records(cleaned) if cleaned != line else None
    except (UnicodeDecodeError, RecursionError):
        return None
    return None if records is UNSET else [bytes(record) for record in records]


def collect_cloudtrail(event: Any, found: Found) -> None:
    """What is in the free-form members of a record. Raises ValueError where one of them is nested
    too deeply."""
    if event.requestParameters is not None:
        collect_by_key(event.requestParameters, found)
    if event.responseElements is not None:
        collect_by_key(event.responseElements, found)
    if event.additionalEventData is not None:
        collect_by_key(event.additionalEventData, found)
    if event.serviceEventDetails is not None:
        collect_by_key(event.serviceEventDetails, found)
    identity = event.userIdentity
    if identity is not None and identity.sessionContext is not None:
        federation = identity.sessionContext.webIdFederationData
        if federation is not None and federation.attributes is not None:
            collect_by_key(federation.attributes, found)


# ---- other types -------------------------------------------------------------------------------


def collect_cloudwatch_event(event: Any, found: Found) -> None:
    """The account, the resources as ARNs (unchecked), and what is in the detail. Raises ValueError
    where that is nested too deeply."""
    _scan_account(event.account or "", found)
    found[ARN].update(filter(None, event.resources or ()))
    if event.detail is not None:
        collect_anywhere(event.detail, found)


def collect_guardduty(event: Any, found: Found) -> None:
    """The account, the finding's ARN (unchecked), and what is in its free-form members. Raises
    ValueError where one of them is nested too deeply."""
    if event.arn:
        found[ARN].add(event.arn)
    if event.accountId:
        found[ACCOUNT_ID].add(event.accountId)
    if event.resource is not None:
        collect_anywhere(event.resource, found)
    service = event.service
    if service is not None:
        if service.additionalInfo is not None:
            collect_anywhere(service.additionalInfo, found)
        if service.action is not None:
            collect_anywhere(service.action, found)


def collect_vpc_dns(event: Any, found: Found) -> None:
    """The name asked for and the answers; names are written with the dot of the root."""
    _scan_domain((event.query_name or "")[:-1], found)
    for answer in event.answers or ():
        if answer is None or not answer.Rdata:
            continue
        if answer.Type in _ADDRESS_ANSWERS:
            _scan_ip(answer.Rdata, found)
        elif answer.Type in _NAME_ANSWERS:
            _scan_domain(answer.Rdata[:-1], found)
