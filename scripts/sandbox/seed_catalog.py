"""The seeded Glue catalog: databases, tables and partitions as request parameters (pure)."""

from __future__ import annotations

from typing import Any

from scripts.sandbox.seed_logs import DAY, HOURS, PARTITION_SECONDS
from scripts.sandbox.seed_names import PROCESSED_BUCKET

DATABASES = {
    "panther_logs": "Parsed log data",
    "panther_rule_matches": "Events that matched a rule",
    "panther_rule_errors": "Events whose rule failed",
    "panther_cloudsecurity": "History of resources and compliance",
    "panther_views": "Views over all log types",
    "panther_temp": "Scratch tables",
}
PREFIXES = {
    "panther_logs": "logs",
    "panther_rule_matches": "rules",
    "panther_rule_errors": "rule_errors",
    "panther_cloudsecurity": "cloud_security",
}
_CORE = (
    ("p_event_time", "timestamp"),
    ("p_parse_time", "timestamp"),
    ("p_log_type", "string"),
    ("p_row_id", "string"),
    ("p_source_id", "string"),
    ("p_source_label", "string"),
    ("p_any_ip_addresses", "array<string>"),
)
_RULE = (
    ("p_rule_id", "string"),
    ("p_alert_id", "string"),
    ("p_alert_context", "string"),
    ("p_alert_creation_time", "timestamp"),
    ("p_alert_update_time", "timestamp"),
    ("p_rule_tags", "array<string>"),
    ("p_rule_reports", "map<string,array<string>>"),
)
_COLUMNS: dict[str, tuple[tuple[str, str], ...]] = {
    "aws_cloudtrail": (
        ("eventVersion", "string"),
        ("userIdentity", "struct<type:string,principalId:string,arn:string,accountId:string>"),
        ("eventTime", "timestamp"),
        ("eventSource", "string"),
        ("eventName", "string"),
        ("awsRegion", "string"),
        ("sourceIPAddress", "string"),
        ("requestParameters", "string"),
    ),
    "aws_vpcflow": (
        ("version", "int"),
        ("accountId", "string"),
        ("srcAddr", "string"),
        ("dstAddr", "string"),
        ("bytes", "bigint"),
        ("action", "string"),
    ),
    "custom_appevents": (("level", "string"), ("message", "string"), ("tags", "array<string>")),
    "okta_systemlog": (("uuid", "string"), ("eventType", "string"), ("actor", "string")),
    "resource_history": (("id", "string"), ("resourceType", "string"), ("changeType", "string")),
    "compliance_history": (("policyId", "string"), ("resourceId", "string"), ("status", "string")),
}
# A table that an older release made: without partition_time.
_OLD = "okta_systemlog"
_KEYS = (("year", "int"), ("month", "int"), ("day", "int"), ("hour", "int"))


def _columns(pairs: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [{"Name": name, "Type": kind, "Comment": f"{name} of the event"} for name, kind in pairs]


def descriptor(database: str, table: str) -> dict[str, Any]:
    """The StorageDescriptor of a table of JSON data."""
    columns = _COLUMNS[table] + _CORE
    if database.startswith("panther_rule"):
        columns += _RULE
    if database == "panther_rule_errors":
        columns += (("p_rule_error", "string"),)
    mapping = {f"mapping.{name.lower()}": name for name, _ in columns}
    return {
        "Columns": _columns(columns),
        "Location": f"s3://{PROCESSED_BUCKET}/{PREFIXES[database]}/{table}/",
        "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
        "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "SerdeInfo": {
            "SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe",
            "Parameters": {"serialization.format": "1", "case.insensitive": "false", **mapping},
        },
    }


def tables() -> list[tuple[str, dict[str, Any]]]:
    """(database, TableInput) of every table."""
    cloud = ("resource_history", "compliance_history")
    found = []
    for database in PREFIXES:
        names = cloud if database == "panther_cloudsecurity" else set(_COLUMNS) - set(cloud)
        for name in sorted(names):
            keys = _KEYS if name == _OLD else (*_KEYS, ("partition_time", "bigint"))
            table = {
                "Name": name,
                "TableType": "EXTERNAL_TABLE",
                "StorageDescriptor": descriptor(database, name),
                "PartitionKeys": [{"Name": key, "Type": kind} for key, kind in keys],
            }
            found.append((database, table))
    for name in ("resources", "compliance"):
        found.append(("panther_cloudsecurity", _over_dynamodb(name)))
    return found


def _over_dynamodb(name: str) -> dict[str, Any]:
    source = f"panther-{name}"
    return {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"sourceTable": source, "classification": "dynamodb"},
        "StorageDescriptor": {
            "Columns": [{"Name": "id", "Type": "string"}],
            "Location": f"arn:aws:dynamodb:us-east-1:123456789012:table/{source}",
        },
        "PartitionKeys": [],
    }


def partition(database: str, table: str, hour: int) -> dict[str, Any]:
    """The PartitionInput of one hour of the seeded day."""
    year, month, day = DAY.split("-")
    place = descriptor(database, table)
    folder = f"year={year}/month={month}/day={day}/hour={hour:02}/"
    values = [year, month, day, f"{hour:02}"]
    if table != _OLD:
        values.append(str(PARTITION_SECONDS[hour]))
    return {"Values": values, "StorageDescriptor": place | {"Location": place["Location"] + folder}}


def partitions() -> list[tuple[str, str, list[dict[str, Any]]]]:
    """(database, table, PartitionInputs): the hours that have data."""
    hours = {"panther_rule_errors": (9,), "panther_cloudsecurity": (9,)}
    found = []
    for database in PREFIXES:
        table = "resource_history" if database == "panther_cloudsecurity" else "aws_cloudtrail"
        inputs = [partition(database, table, hour) for hour in hours.get(database, HOURS)]
        found.append((database, table, inputs))
    old = [partition("panther_logs", _OLD, hour) for hour in HOURS]
    return [*found, ("panther_logs", _OLD, old)]
