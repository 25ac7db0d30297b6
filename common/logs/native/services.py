"""Rules of cloud services and collectors whose log types have only one or two of them."""

from __future__ import annotations

from typing import Any

from msgspec import Raw

from common.logs.coerce import members
from common.logs.found import Found
from common.logs.native.addresses import add_host, add_ip, add_ips_in
from common.logs.native.fields import integer

_AUDIT_LOGS = frozenset(
    f"cloudaudit.googleapis.com%2F{name}" for name in ("activity", "data_access", "system_event")
)
OTHER_RECORD_TYPES = frozenset((1, 2, 3, 4, 6, 7, 8, 9, 11, 13, 14, 15, 33, 36, 50))
"""The record types that Microsoft365 log types other than General take."""
_NULL = Raw(b"null")


def collect_box(event: Any, found: Found) -> None:
    """Where a Box event came from."""
    add_ip(event.ip_address, found)


def collect_syslog(event: Any, found: Found) -> None:
    """The host of a syslog message and the addresses in its text."""
    add_host(event.host, found)
    add_ips_in(event.message, found)


def accept_audit_log(event: Any) -> None:
    """Google Cloud's audit logs by their name, `projects/NAME/logs/KIND`. Raises ValueError."""
    name = event.logName
    if name is not None and name.rpartition("/")[2] not in _AUDIT_LOGS:
        raise ValueError("logName: is not that of an audit log")


def collect_audit_log(event: Any, found: Found) -> None:
    """The addresses of a request's two ends and of its caller."""
    request, payload = event.httpRequest, event.protoPayload
    if request is not None:
        add_ip(request.remoteIP, found)
        add_ip(request.serverIP, found)
    if payload is not None and payload.requestMetadata is not None:
        add_ip(payload.requestMetadata.callerIP, found)


def accept_single_activity(line: bytes) -> None:
    """One activity with its own name and parameters, and no list of several, which a report has:
    as a single one it would lose them. Raises ValueError."""
    if b'"events"' in line and bytes(members(line).get("events", _NULL)) != b"null":
        raise ValueError("events: is that of a report")


def accept_gitlab_production(event: Any) -> None:
    """Requests to GitLab's pages have an action or an entity tag's route, those to its API have
    neither. Raises ValueError."""
    if event.action is None and event.etag_route is None:
        raise ValueError("action: is needed where there is no etag_route")


def accept_microsoft365_general(event: Any) -> None:
    """Records of a kind that has no log type of its own. Raises ValueError."""
    kind = event.RecordType
    # Numbers may come as texts, which become numbers only when the event is complete.
    if (integer(kind) if type(kind) is str else kind) in OTHER_RECORD_TYPES:
        raise ValueError("RecordType: is that of another log type")


def keep_payload(event: Any, line: bytes) -> None:
    """The whole line is the payload: records of many shapes come together here."""
    event.payload = Raw(line)
