"""A line of every built-in log type: as little as makes it one."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from common.logs import registry
from common.logs.instants import time_format
from common.logs.model import INTEGERS, Field, Value
from common.logs.moment import Moment
from tests.common.logs.native.test_text import LINES as TEXT_LINES

NOW_NS = 1_647_250_013_000_000_000
_ACCESS = '192.0.2.1 - dana [14/Mar/2022:09:26:53 +0000] "GET / HTTP/1.1" 200 5'
_OSQUERY_TIME = "Mon Mar 14 09:26:53 2022 UTC"
_FLUENTD_TIME = "2022-03-14 09:26:53 +0000"

_LINES = {
    **TEXT_LINES,
    "Apache.AccessCommon": _ACCESS,
    "Apache.AccessCombined": f'{_ACCESS} "-" "curl"',
    "Fastly.Access": _ACCESS,
    "Nginx.Access": f'{_ACCESS} "-" "curl"',
}
# What a schema does not tell of a type: members of a line as JSON.
_MEMBERS: dict[str, dict[str, Any]] = {
    "Crowdstrike.Unknown": {"event_simpleName": "New", "aid": "1", "cid": "2"},
    "Fluentd.Syslog3164": {"time": _FLUENTD_TIME},
    "Fluentd.Syslog5424": {"time": _FLUENTD_TIME},
    "GCP.AuditLog": {"logName": "projects/p/logs/cloudaudit.googleapis.com%2Factivity"},
    "GitLab.Production": {"action": "show"},
    "Lacework.Events": {"START_TIME": "14 Mar 2022 09:26 GMT"},
    "Microsoft365.Audit.General": {"RecordType": 25},
    "OneLogin.Events": {"uuid": "01234567-89ab-4def-8123-456789abcdef"},
    "Osquery.Batch": {"calendarTime": _OSQUERY_TIME},
    "Osquery.Differential": {"calendarTime": _OSQUERY_TIME},
    "Osquery.Snapshot": {"calendarTime": _OSQUERY_TIME},
    "Osquery.Status": {"calendarTime": _OSQUERY_TIME},
    "Zeek.DNS": {"ts": 1_647_250_013.5},
}


@cache
def lines_of(log_type: str) -> tuple[bytes, ...]:
    """One line, or a header and a line."""
    schema = registry.schema(log_type)
    if log_type in _LINES:
        return (_LINES[log_type].encode(),)
    if schema.parser == "csv":
        known = {one.name: str(_value(one.value)) for one in schema.fields if one.required}
        columns = schema.config["columns"]
        return tuple(
            ",".join(f'"{text}"' for text in row).encode()
            for row in (columns, [known.get(name, "") for name in columns])
        )
    members = _members(schema.fields)
    if schema.discriminator:
        name, allowed = schema.discriminator
        members[name] = allowed[0]
    line = json.dumps(members | _MEMBERS.get(log_type, {}))
    return (f'{{"Records":[{line}]}}'.encode() if schema.wire == "json-records" else line.encode(),)


def _members(fields: tuple[Field, ...]) -> dict[str, Any]:
    return {
        one.value.native.input_name or one.name: _value(one.value) for one in fields if one.required
    }


def _value(value: Value) -> Any:
    rules = value.native.constraints
    if allowed := rules.get("oneOf") or value.validate.get("allow"):
        return next(iter(allowed))
    if "equals" in rules:
        return rules["equals"]
    if value.native.kind.startswith("map<"):
        return {"k": "v"}
    if value.element is not None:
        return [_value(value.element)]
    if value.type == "object":
        return _members(value.fields)
    if value.type == "timestamp":
        return json.loads(time_format(value.time_format).write(Moment(NOW_NS, 0, "UTC")))
    if value.type == "string":
        return "1" * rules.get("len", 1)
    known = {"float": 1.5, "boolean": True, "json": {"k": 1}}
    return 1 if value.type in INTEGERS else known[value.type]
