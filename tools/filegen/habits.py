"""What a log type's lines have by habit that its schema does not say, as changes of the schema.

A field is given the values that its parser insists on (native-type checks are code, not schema),
the format in which its time is read where columns are written in another, or is left out because
the parser fills it itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from common.logs.model import Field, Schema, Value

ALLOWED: Mapping[str, Mapping[str, Sequence[Any]]] = {
    "AWS.VPCDns": {
        "query_name": ("www.example.com.", "api.example.net.", "mail.example.org."),
        "answers.[].Type": ("A", "AAAA"),
    },
    "Crowdstrike.Unknown": {
        "event_simpleName": ("SensorHeartbeat", "AgentOnline", "EndOfProcess", "ImageHash"),
    },
    "Duo.Administrator": {"action": ("admin_login", "user_update", "group_create")},
    "GCP.AuditLog": {
        "logName": (
            "projects/acme/logs/cloudaudit.googleapis.com%2Factivity",
            "projects/acme/logs/cloudaudit.googleapis.com%2Fdata_access",
            "projects/acme/logs/cloudaudit.googleapis.com%2Fsystem_event",
        ),
    },
    "Microsoft365.Audit.General": {"RecordType": (5, 10, 12, 16, 18, 20, 24, 25, 40, 52)},
    "Osquery.Differential": {
        "action": ("added", "removed"),
        "logNumericsAsNumbers": ("true", "false"),
    },
}
TIME_FORMATS: Mapping[str, Mapping[str, str]] = {
    "Fluentd.Syslog3164": {"time": "layout=2006-01-02 15:04:05 -0700"},
    "Fluentd.Syslog5424": {"time": "layout=2006-01-02 15:04:05 -0700"},
    "Lacework.Events": {"START_TIME": "layout=02 Jan 2006 15:04 MST"},
    "Osquery.Batch": {"calendarTime": "layout=Mon Jan 2 15:04:05 2006 MST"},
    "Osquery.Differential": {"calendarTime": "layout=Mon Jan 2 15:04:05 2006 MST"},
    "Osquery.Snapshot": {"calendarTime": "layout=Mon Jan 2 15:04:05 2006 MST"},
    "Osquery.Status": {"calendarTime": "layout=Mon Jan 2 15:04:05 2006 MST"},
    "Suricata.Anomaly": {"timestamp": "layout=2006-01-02T15:04:05Z0700"},
    "Suricata.DNS": {"timestamp": "layout=2006-01-02T15:04:05Z0700"},
    "Zeek.DNS": {"ts": "unix"},
}
LEFT_OUT: Mapping[str, Sequence[str]] = {
    "Crowdstrike.Unknown": ("unknown_payload",),
    "Microsoft365.Audit.General": ("payload",),
}
NEEDED: Mapping[str, Sequence[str]] = {
    "Crowdstrike.Unknown": ("event_simpleName",),
    "GitLab.Production": ("action",),
}


def with_habits(schema: Schema) -> Schema:
    """The schema that describes the lines of a log type, not only its events."""
    name = schema.config["name"] if schema.parser == "native" else schema.name
    changes = _Changes(name, schema)
    return replace(schema, fields=changes.fields(schema.fields, ""))


class _Changes:
    """What changes in one log type, by path."""

    def __init__(self, name: str, schema: Schema) -> None:
        self._allowed = dict(ALLOWED.get(name, {}))
        if schema.discriminator is not None:
            self._allowed[schema.discriminator[0]] = schema.discriminator[1]
        self._needed = {*NEEDED.get(name, ()), *schema.event_time[:1]}
        if schema.discriminator is not None:
            self._needed.add(schema.discriminator[0])
        self._times = TIME_FORMATS.get(name, {})
        self._left_out = LEFT_OUT.get(name, ())

    def fields(self, fields: Sequence[Field], path: str) -> tuple[Field, ...]:
        """The fields of an object, changed."""
        return tuple(
            replace(
                one,
                value=self._value(one.value, path + one.name),
                required=one.required or path + one.name in self._needed or _gives_time(one),
            )
            for one in fields
            if path + one.name not in self._left_out
        )

    def _value(self, value: Value, path: str) -> Value:
        if allowed := self._allowed.get(path):
            native = replace(value.native, constraints={"oneOf": allowed})
            return replace(value, native=native, indicators=(), validate={})
        if form := self._times.get(path):
            return replace(value, time_format=form)
        return replace(
            value,
            fields=self.fields(value.fields, path + "."),
            element=value.element and self._value(value.element, path + ".[]"),
        )


def _gives_time(field: Field) -> bool:
    """Whether the event's time is in it: without one it would be the time of parsing."""
    value = field.value
    return value.is_event_time or any(_gives_time(one) for one in value.fields)
