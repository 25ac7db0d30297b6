"""Log lines of five kinds, any number of them, the same ones every time."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

START = datetime(2022, 3, 14, 9, tzinfo=UTC)
CUSTOM_FIELDS = 60
CUSTOM_TYPE = "Custom.Wide"
SEED = 1


def cloudtrail(choice: random.Random, number: int) -> str:
    """A CloudTrail record of about 1.3 kB."""
    second = (START + timedelta(seconds=number % 3600)).strftime("%Y-%m-%dT%H:%M:%SZ")
    session = f"session-{choice.randrange(200)}"
    account = f"{111111111111 * choice.randrange(1, 6):012}"
    instance = f"i-{choice.randrange(5000):017x}"
    role = f"arn:aws:iam::{account}:role/ops"
    issuer = {
        "type": "Role", "principalId": "AROAEXAMPLE", "arn": role, "accountId": account,
        "userName": "ops",
    }  # fmt: skip
    record = {
        "eventVersion": "1.08",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": f"AROAEXAMPLE:{session}",
            "arn": f"arn:aws:sts::{account}:assumed-role/ops/{session}",
            "accountId": account,
            "accessKeyId": f"ASIA{choice.getrandbits(60):016X}",
            "sessionContext": {
                "sessionIssuer": issuer,
                "attributes": {"creationDate": second, "mfaAuthenticated": "false"},
            },
        },
        "eventTime": second,
        "eventSource": "ec2.amazonaws.com",
        "eventName": choice.choice(["DescribeInstances", "StartInstances", "StopInstances"]),
        "awsRegion": "us-east-1",
        "sourceIPAddress": address(choice),
        "userAgent": "aws-cli/2.7.1 Python/3.9.11 Linux/5.4.0-1068-aws exe/x86_64 prompt/off",
        "requestParameters": {
            "instancesSet": {"items": [{"instanceId": instance}]}, "filterSet": {}, "maxResults": 9,
        },
        "responseElements": None,
        "requestID": f"{choice.getrandbits(128):032x}",
        "eventID": f"{choice.getrandbits(128):032x}",
        "readOnly": True,
        "resources": [
            {
                "accountId": account, "type": "AWS::EC2::Instance",
                "ARN": f"arn:aws:ec2:us-east-1:{account}:instance/{instance}",
            }
        ],
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": account,
        "eventCategory": "Management",
        "tlsDetails": {
            "tlsVersion": "TLSv1.2", "cipherSuite": "ECDHE-RSA-AES128-GCM-SHA256",
            "clientProvidedHostHeader": "ec2.us-east-1.amazonaws.com",
        },
    }  # fmt: skip
    return json.dumps(record, separators=(",", ":"))


def vpc_flow(choice: random.Random, number: int) -> str:
    """A VPC flow row of version 2; the first line is the header."""
    if number == 0:
        return (
            "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets "
            "bytes start end action log-status"
        )
    start = int(START.timestamp()) + number % 3600
    return (
        f"2 123456789012 eni-{choice.randrange(400):017x} {address(choice)} {address(choice)} "
        f"{choice.randrange(65536)} 443 6 {choice.randrange(1, 99)} {choice.randrange(40, 99999)} "
        f"{start} {start + 60} ACCEPT OK"
    )


def s3_access(choice: random.Random, number: int) -> str:
    """An S3 server access row of 25 columns."""
    when = (START + timedelta(seconds=number % 3600)).strftime("%d/%b/%Y:%H:%M:%S +0000")
    owner = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"
    key = f"photos/{choice.getrandbits(64):016x}.jpg"
    return (
        f"{owner} example-bucket [{when}] {address(choice)} arn:aws:iam::123456789012:user/ann "
        f'{choice.getrandbits(64):016X} REST.GET.OBJECT {key} "GET /{key} HTTP/1.1" 200 - '
        f'{choice.randrange(99999)} 99999 {choice.randrange(99)} {choice.randrange(99)} "-" '
        f'"aws-sdk-java/1.12.1 Linux/5.4" - {choice.getrandbits(256):064x} SigV4 '
        f"ECDHE-RSA-AES128-GCM-SHA256 AuthHeader example-bucket.s3.amazonaws.com TLSv1.2"
    )


def apache(choice: random.Random, number: int) -> str:
    """An Apache access row in the common format."""
    when = (START + timedelta(seconds=number % 3600)).strftime("%d/%b/%Y:%H:%M:%S +0000")
    return (
        f'{address(choice)} - user{choice.randrange(100)} [{when}] "GET '
        f'/shop/{choice.randrange(9999)}?page={choice.randrange(9)} HTTP/1.1" 200 '
        f"{choice.randrange(99999)}"
    )


def custom(choice: random.Random, number: int) -> str:
    """A line of the 60 fields of CUSTOM_SCHEMA, about 1.2 kB."""
    when = (START + timedelta(milliseconds=number * 7)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
    record: dict[str, object] = {"time": when + "Z", "client": address(choice)}
    for place in range(CUSTOM_FIELDS - 2):
        kind = place % 4
        name = f"field{place}"
        if kind == 0:
            record[name] = f"{choice.getrandbits(64):016x}"
        elif kind == 1:
            record[name] = choice.randrange(1 << 31)
        elif kind == 2:
            record[name] = choice.random()
        else:
            record[name] = place % 8 == 3
    return json.dumps(record, separators=(",", ":"))


def custom_schema() -> str:
    """The schema of the custom lines, as YAML."""
    types = ("string", "bigint", "float", "boolean")
    fields = [
        {"name": "time", "type": "timestamp", "timeFormat": "rfc3339", "isEventTime": True},
        {"name": "client", "type": "string", "indicators": ["ip"]},
    ]
    for place in range(CUSTOM_FIELDS - 2):
        fields.append({"name": f"field{place}", "type": types[place % 4]})
    return json.dumps({"version": 0, "schema": CUSTOM_TYPE, "fields": fields})


def address(choice: random.Random) -> str:
    """One of some thousand addresses."""
    return f"10.{choice.randrange(4)}.{choice.randrange(8)}.{choice.randrange(1, 255)}"


LINES: dict[str, Callable[[random.Random, int], str]] = {
    "AWS.CloudTrail": cloudtrail,
    "AWS.VPCFlow": vpc_flow,
    "AWS.S3ServerAccess": s3_access,
    "Apache.AccessCommon": apache,
    CUSTOM_TYPE: custom,
}


def write(log_type: str, count: int, file: Path) -> int:
    """Write a file of `count` lines; its size in bytes."""
    with file.open("w", encoding="utf-8") as lines:
        lines.writelines(_lines(log_type, count))
    return file.stat().st_size


def _lines(log_type: str, count: int) -> Iterator[str]:
    choice = random.Random(SEED)
    make = LINES[log_type]
    return (make(choice, number) + "\n" for number in range(count))
