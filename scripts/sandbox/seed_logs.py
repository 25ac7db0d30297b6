"""Small log files of our own making: raw as customers' services write them, and as Panther
stores them (pure)."""

from __future__ import annotations

import gzip
import json
import uuid
from typing import Any, NamedTuple

from scripts.sandbox.seed_names import SOURCE_ACCOUNT

DAY = "2021-02-05"
HOURS = (8, 9, 10)
PARTITION_SECONDS = {8: 1612512000, 9: 1612515600, 10: 1612519200}
RULE_ID = "AWS.Console.RootLogin"
_NAMESPACE = uuid.UUID("7b1f0a52-5a4c-4bb1-9a0e-1d2c3b4a5968")
_EVENTS = (
    ("signin.amazonaws.com", "ConsoleLogin", "Root"),
    ("s3.amazonaws.com", "PutBucketPolicy", "IAMUser"),
    ("ec2.amazonaws.com", "RunInstances", "AssumedRole"),
    ("iam.amazonaws.com", "CreateAccessKey", "IAMUser"),
    ("kms.amazonaws.com", "Decrypt", "AssumedRole"),
)


class LogFile(NamedTuple):
    """A key below its bucket and the gzip-compressed content."""

    key: str
    content: bytes


def _id(*parts: object) -> str:
    return str(uuid.uuid5(_NAMESPACE, "/".join(map(str, parts))))


def _zipped(text: str) -> bytes:
    # A fixed time in the header: the same seed gives the same bytes.
    return gzip.compress(text.encode(), mtime=0)


def cloudtrail_event(hour: int, number: int) -> dict[str, Any]:
    """One CloudTrail record."""
    source, name, user_type = _EVENTS[number % len(_EVENTS)]
    return {
        "eventVersion": "1.08",
        "userIdentity": {
            "type": user_type,
            "principalId": f"AIDA{number:016d}",
            "arn": f"arn:aws:iam::{SOURCE_ACCOUNT}:user/user-{number}",
            "accountId": SOURCE_ACCOUNT,
        },
        "eventTime": f"{DAY}T{hour:02}:{number:02}:07Z",
        "eventSource": source,
        "eventName": name,
        "awsRegion": "us-east-1",
        "sourceIPAddress": f"203.0.113.{number + 1}",
        "userAgent": "console.amazonaws.com",
        "requestParameters": None,
        "responseElements": {"ConsoleLogin": "Success"} if name == "ConsoleLogin" else None,
        "requestID": _id("request", hour, number),
        "eventID": _id("event", hour, number),
        "eventType": "AwsApiCall",
        "recipientAccountId": SOURCE_ACCOUNT,
    }


def raw_cloudtrail() -> list[LogFile]:
    """CloudTrail files as the service delivers them, two an hour."""
    day = DAY.replace("-", "/")
    files = []
    for hour in HOURS:
        for part in range(2):
            records = [cloudtrail_event(hour, number) for number in range(part, 10, 2)]
            name = f"{SOURCE_ACCOUNT}_CloudTrail_us-east-1_{DAY.replace('-', '')}T{hour:02}{part * 5:02}Z"  # noqa: E501
            key = f"AWSLogs/{SOURCE_ACCOUNT}/CloudTrail/us-east-1/{day}/{name}_{_id(hour, part)[:8]}.json.gz"  # noqa: E501
            files.append(LogFile(key, _zipped(json.dumps({"Records": records}))))
    return files


def raw_flow_logs() -> list[LogFile]:
    """VPC flow log files with the default fields, one an hour."""
    header = (
        "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes "
        "start end action log-status"
    )
    files = []
    for hour in HOURS:
        lines = [header]
        for number in range(20):
            start = PARTITION_SECONDS[hour] + 60 * number
            action = "REJECT" if number % 7 == 0 else "ACCEPT"
            lines.append(
                f"2 {SOURCE_ACCOUNT} eni-0a1b2c3d4e5f60718 10.0.0.{number} 198.51.100.{number + 1} "
                f"{40000 + number} 443 6 {number + 1} {840 * (number + 1)} {start} {start + 59} "
                f"{action} OK"
            )
        key = (
            f"AWSLogs/{SOURCE_ACCOUNT}/vpcflowlogs/us-east-1/{DAY.replace('-', '/')}/"
            f"{SOURCE_ACCOUNT}_vpcflowlogs_us-east-1_fl-0123456789abcdef0_"
            f"{DAY.replace('-', '')}T{hour:02}00Z_{_id('flow', hour)[:8]}.log.gz"
        )
        files.append(LogFile(key, _zipped("\n".join(lines) + "\n")))
    return files


def _lines(rows: list[dict[str, Any]]) -> bytes:
    return _zipped("".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows))


def raw_app_logs() -> list[LogFile]:
    """JSON lines of a customer's application, one file an hour; nothing below app/access/."""
    levels = ("INFO", "WARN", "ERROR")
    files = []
    for hour in HOURS:
        rows = [
            {
                "time": f"{DAY}T{hour:02}:{number:02}:30Z",
                "level": levels[number % 3],
                "message": f"order {hour * 100 + number} paid",
                "tags": ["shop", "eu"],
            }
            for number in range(8)
        ]
        files.append(LogFile(f"app/{DAY.replace('-', '/')}/events-{hour:02}.json.gz", _lines(rows)))
    return files


def own_input() -> list[LogFile]:
    """What Panther feeds itself: events of the SQS source and snapshots of resources."""
    login = {
        "uuid": _id("okta"),
        "eventType": "user.session.start",
        "published": f"{DAY}T09:15:00.000Z",
        "actor": {"alternateId": "jane@example.com"},
        "outcome": {"result": "SUCCESS"},
    }
    resource = {
        "id": f"arn:aws:s3:::{SOURCE_ACCOUNT}-backups",
        "resourceType": "AWS.S3.Bucket",
        "changeType": "modified",
        "accountId": SOURCE_ACCOUNT,
    }
    folder = DAY.replace("-", "/")
    return [
        LogFile(f"forwarder/{folder}/09/{_id('forwarder')}.gz", _lines([login])),
        LogFile(f"cloudsecurity/{folder}/09/{_id('snapshot')}.gz", _lines([resource])),
    ]


def _stored(event: dict[str, Any], log_type: str, hour: int) -> dict[str, Any]:
    kept = {name: value for name, value in event.items() if value is not None}
    return kept | {
        "p_event_time": f"{event['eventTime'][:10]} {event['eventTime'][11:19]}.000000000",
        "p_parse_time": f"{DAY} {hour:02}:59:00.000000000",
        "p_log_type": log_type,
        "p_row_id": _id("row", event["eventID"]).replace("-", ""),
        "p_source_id": "0aa0b5a5-1c5a-4b7e-9a36-5a4f1c0d7e01",
        "p_source_label": "CloudTrail Prod",
        "p_any_ip_addresses": [event["sourceIPAddress"]],
        "p_any_aws_account_ids": [SOURCE_ACCOUNT],
    }


def _folder(prefix: str, table: str, hour: int) -> str:
    year, month, day = DAY.split("-")
    return f"{prefix}/{table}/year={year}/month={month}/day={day}/hour={hour:02}"


def processed() -> list[LogFile]:
    """Objects of the processed-data bucket: logs, rule matches, rule errors, cloud security."""
    compact = DAY.replace("-", "")
    files = []
    for hour in HOURS:
        for part in range(2):
            events = [cloudtrail_event(hour, number) for number in range(part, 10, 2)]
            rows = [_stored(event, "AWS.CloudTrail", hour) for event in events]
            name = f"{compact}T{hour:02}0000Z-{_id('logs', hour, part)}.json.gz"
            files.append(LogFile(f"{_folder('logs', 'aws_cloudtrail', hour)}/{name}", _lines(rows)))
        match = _stored(cloudtrail_event(hour, 0), "AWS.CloudTrail", hour) | {
            "p_rule_id": RULE_ID,
            "p_alert_id": _id("alert", hour).replace("-", ""),
            "p_alert_creation_time": f"{DAY} {hour:02}:59:30.000000000",
            "p_alert_update_time": f"{DAY} {hour:02}:59:30.000000000",
            "p_rule_tags": ["CIS"],
        }
        folder = f"{_folder('rules', 'aws_cloudtrail', hour)}/rule_id={RULE_ID}"
        name = f"{compact}T{hour:02}5930Z-{_id('rules', hour)}.json.gz"
        files.append(LogFile(f"{folder}/{name}", _lines([match])))
    failed = _stored(cloudtrail_event(9, 1), "AWS.CloudTrail", 9) | {
        "p_rule_id": "AWS.S3.PolicyChanged",
        "p_rule_error": "KeyError: 'bucketName'",
    }
    folder = f"{_folder('rule_errors', 'aws_cloudtrail', 9)}/rule_id=AWS.S3.PolicyChanged"
    files.append(
        LogFile(f"{folder}/{compact}T095931Z-{_id('errors', 9)}.json.gz", _lines([failed]))
    )
    resource = {
        "id": f"arn:aws:s3:::{SOURCE_ACCOUNT}-backups",
        "resourceType": "AWS.S3.Bucket",
        "changeType": "modified",
        "p_event_time": f"{DAY} 09:12:00.000000000",
        "p_log_type": "Resource.History",
        "p_row_id": _id("row", "resource").replace("-", ""),
    }
    folder = _folder("cloud_security", "resource_history", 9)
    files.append(
        LogFile(f"{folder}/{compact}T090000Z-{_id('resource', 9)}.json.gz", _lines([resource]))
    )
    return files


def deleted_by_mistake() -> list[LogFile]:
    """Processed objects that the seed deletes again, so that there is something to bring back."""
    files = []
    for part in range(3):
        rows = [_stored(cloudtrail_event(10, 10 + part), "AWS.CloudTrail", 10)]
        name = f"{DAY.replace('-', '')}T100000Z-{_id('deleted', part)}.json.gz"
        files.append(LogFile(f"{_folder('logs', 'aws_cloudtrail', 10)}/{name}", _lines(rows)))
    return files


def notification(bucket: str, key: str, size: int) -> str:
    """The SQS body of one notification of raw data: an SNS envelope around an S3 event."""
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "us-east-1",
        "eventTime": f"{DAY}T09:06:00.000Z",
        "eventName": "ObjectCreated:Put",
        "s3": {
            "s3SchemaVersion": "1.0",
            "bucket": {"name": bucket, "arn": f"arn:aws:s3:::{bucket}"},
            "object": {"key": key, "size": size},
        },
    }
    envelope = {
        "Type": "Notification",
        "MessageId": _id("envelope", key),
        "TopicArn": f"arn:aws:sns:us-east-1:{SOURCE_ACCOUNT}:panther-notifications-topic",
        "Subject": "Amazon S3 Notification",
        "Message": json.dumps({"Records": [record]}),
        "Timestamp": f"{DAY}T09:06:01.000Z",
    }
    return json.dumps(envelope)
