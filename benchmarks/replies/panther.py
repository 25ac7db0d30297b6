"""Lambda Invoke of the two Panther APIs that the measured tools ask."""

from __future__ import annotations

from typing import Any

import orjson

from benchmarks import synthetic
from benchmarks.serving import Reply

LOG_TYPES = ["AWS.ALB", "AWS.CloudTrail", "AWS.S3ServerAccess", "AWS.VPCFlow", "Okta.SystemLog"]
_JSON = "application/json"


def invoke(function: str, payload: bytes, buckets: list[str]) -> Reply:
    """The reply to Invoke; every bucket is the source of one integration."""
    request = orjson.loads(payload)
    if function == "panther-source-api" and "listIntegrations" in request:
        wanted = (request["listIntegrations"] or {}).get("integrationType")
        sources = [_source(at, bucket) for at, bucket in enumerate(buckets)]
        return _answer([one for one in sources if wanted in (None, one["integrationType"])])
    if function == "panther-logtypes-api" and "ListAvailableLogTypes" in request:
        return _answer({"logTypes": LOG_TYPES})
    if function == "panther-logtypes-api" and "ListDeletedCustomLogs" in request:
        return _answer({"logTypes": []})
    error = {"errorMessage": f"{function}: unknown operation", "errorType": "InvalidInputError"}
    return Reply(orjson.dumps(error), _JSON, headers="X-Amz-Function-Error: Unhandled\r\n")


def _answer(result: Any) -> Reply:
    return Reply(orjson.dumps(result), _JSON, headers="X-Amz-Executed-Version: $LATEST\r\n")


def _source(number: int, bucket: str) -> dict[str, Any]:
    role = f"arn:aws:iam::{synthetic.ACCOUNT}:role/PantherLogProcessingRole-bench-{number}"
    return {
        "integrationId": f"{number:08x}-0000-4000-8000-000000000000",
        "integrationLabel": f"Bench {number}",
        "integrationType": "aws-s3",
        "createdAtTime": "2021-01-01T00:00:00Z",
        "createdBy": "00000000-0000-4000-8000-000000000000",
        "pantherVersion": "1.16.0",
        "awsAccountId": synthetic.ACCOUNT,
        "s3Bucket": bucket,
        "s3PrefixLogTypes": [{"prefix": "", "logTypes": ["AWS.CloudTrail"]}],
        "logProcessingRole": role,
        "managedBucketNotifications": True,
        "notificationsConfigurationSucceeded": True,
    }
