"""What the seeded Panther consists of: names, settings and relations, as plain data."""

from __future__ import annotations

from typing import Any, NamedTuple

REGION = "us-east-1"
PANTHER_ACCOUNT = "123456789012"
SOURCE_ACCOUNT = "111122223333"
VERSION = "1.16.0"
STACK = "panther-bootstrap"
TAGS = {
    "Application": "Panther",
    "PantherEdition": "Community",
    "PantherVersion": VERSION,
    "Stack": STACK,
}

PROCESSED_BUCKET = "panther-bootstrap-processeddata-1k7q0vd3m9x2"
INPUT_BUCKET = "panther-bootstrap-inputdata-0r4t8yz5b6c1"
ATHENA_BUCKET = "panther-bootstrap-athenaresults-9w2e5h7j3n4p"
ANALYSIS_BUCKET = "panther-bootstrap-analysisversions-6s8d1f0g2l5u"
AUDIT_BUCKET = "panther-bootstrap-auditlogs-3c9v7a4i8o0m"
BUCKET_OUTPUTS = {
    "ProcessedDataBucket": PROCESSED_BUCKET,
    "InputDataBucket": INPUT_BUCKET,
    "AthenaResultsBucket": ATHENA_BUCKET,
    "AnalysisVersionsBucket": ANALYSIS_BUCKET,
    "AuditLogsBucket": AUDIT_BUCKET,
}
CLOUDTRAIL_BUCKET = "acme-cloudtrail-logs"
FLOWLOG_BUCKET = "acme-vpc-flow-logs"
EUROPEAN_BUCKET = "acme-app-logs-eu"

PROCESSED_TOPIC = "panther-processed-data-notifications"
INPUT_TOPIC = "panther-boostrap-input-data-notifications"  # Panther's own spelling
ALARM_TOPIC = "panther-cw-alarms"
TOPICS = (PROCESSED_TOPIC, INPUT_TOPIC, ALARM_TOPIC, "panther-auditlog-processing")
CUSTOMER_TOPIC = "panther-notifications-topic"
INPUT_QUEUE = "panther-input-data-notifications-queue"
SQS_SOURCE_ID = "5c1d7d5e-2f8b-4a55-8a2f-6f6d3d1b9e44"


class QueueSpec(NamedTuple):
    """A main queue and its dead-letter queue."""

    name: str
    visibility_seconds: int
    dead_letter: str
    max_receive: int
    retention_days: int


QUEUES = (
    QueueSpec(INPUT_QUEUE, 900, f"{INPUT_QUEUE}-dlq", 4, 4),
    QueueSpec("panther-rules-engine-queue", 900, "panther-rules-engine-queue-dlq", 10, 4),
    QueueSpec("panther-datacatalog-updater-queue", 900, "panther-datacatalog-updater-dlq", 10, 4),
    QueueSpec("panther-alerts-queue", 60, "panther-alerts-queue-dlq", 10, 3),
    QueueSpec("panther-layer-manager-queue", 60, "panther-layer-manager-queue-dlq", 10, 1),
    QueueSpec("panther-alert-processor-queue", 60, "panther-alert-processor-queue-dlq", 10, 14),
    QueueSpec("panther-aws-events-queue", 120, "panther-aws-events-queue-dlq", 10, 1),
    QueueSpec("panther-remediation-queue", 120, "panther-remediation-queue-dlq", 10, 14),
    QueueSpec("panther-resources-queue", 180, "panther-resources-queue-dlq", 10, 1),
    QueueSpec("panther-snapshot-queue", 900, "panther-snapshot-queue-dlq", 10, 4),
    QueueSpec(
        "panther-datacatalog-compactor-queue.fifo",
        900,
        "panther-datacatalog-compactor-dlq.fifo",
        10,
        4,
    ),
    QueueSpec(
        "panther-datacatalog-compactor-reaper-queue",
        900,
        "panther-datacatalog-compactor-reaper-dlq",
        10,
        4,
    ),
)
# Queues that listen to the processed-data topic, with their filter policies.
SUBSCRIPTIONS: dict[str, dict[str, list[str]]] = {
    "panther-datacatalog-updater-queue": {
        "type": ["LogData", "RuleMatches", "RuleErrors", "CloudSecurity"]
    },
    "panther-rules-engine-queue": {"type": ["LogData", "CloudSecurity"]},
    "panther-aws-events-queue": {"type": ["LogData"], "id": ["AWS.CloudTrail"]},
}

# DynamoDB tables and their keys (hash, then range).
TABLES: dict[str, tuple[str, ...]] = {
    "panther-source-integrations": ("integrationId",),
    "panther-resources": ("id",),
    "panther-compliance": ("resourceId", "policyId"),
    "panther-analysis": ("id",),
    "panther-analysis-packs": ("id",),
    "panther-log-alert-info": ("id",),
    "panther-log-alert-dedup": ("partitionKey",),
    "panther-alert-forwarder": ("policyId",),
    "panther-organization": ("id",),
    "panther-outputs": ("outputId",),
    "panther-logtypes": ("RecordKind", "RecordID"),
    "panther-kv-store": ("key",),
}
# Global secondary indexes: table -> index name -> keys.
INDEXES: dict[str, dict[str, tuple[str, ...]]] = {
    "panther-compliance": {"policy-index": ("policyId",)},
    "panther-log-alert-info": {
        "ruleId-creationTime-index": ("ruleId", "creationTime"),
        "timePartition-creationTime-index": ("timePartition", "creationTime"),
    },
    "panther-outputs": {"displayName-index": ("displayName",)},
}

LOG_TYPES = (
    "AWS.ALB AWS.CloudTrail AWS.S3ServerAccess AWS.VPCFlow Custom.AppEvents GSuite.Reports "
    "Okta.SystemLog"
).split()
DELETED_LOG_TYPES = ("Custom.Retired",)

ROLES = {
    PANTHER_ACCOUNT: (f"PantherInputDataLogProcessingRole-{REGION}",),
    SOURCE_ACCOUNT: (
        "PantherLogProcessingRole-cloudtrail-prod",
        "PantherLogProcessingRole-vpc-flow",
        "PantherLogProcessingRole-app-logs-europe",
        f"PantherAuditRole-{REGION}",
        f"PantherCloudFormationStackSetExecutionRole-{REGION}",
        f"PantherRemediationRole-{REGION}",
    ),
}


def role_arn(name: str, account: str = SOURCE_ACCOUNT) -> str:
    """The ARN of one of the seeded roles."""
    return f"arn:aws:iam::{account}:role/{name}"


def sources(kms_key_arn: str, queue_url: str) -> list[dict[str, Any]]:
    """The items of panther-source-integrations: the three types of v1.16, one of an old release
    (s3Prefix and logTypes) and one of a type that v1.16 does not know."""
    common = {"createdBy": "00000000-0000-4000-8000-000000000000", "pantherVersion": VERSION}
    from_s3 = {
        "integrationType": "aws-s3",
        "awsAccountId": SOURCE_ACCOUNT,
        "managedBucketNotifications": True,
        "notificationsConfigurationSucceeded": True,
        **common,
    }
    input_role = role_arn(ROLES[PANTHER_ACCOUNT][0], PANTHER_ACCOUNT)
    return [
        from_s3
        | {
            "integrationId": "0aa0b5a5-1c5a-4b7e-9a36-5a4f1c0d7e01",
            "integrationLabel": "CloudTrail Prod",
            "createdAtTime": "2021-01-04T10:00:00Z",
            "lastEventReceived": "2021-02-05T09:58:12Z",
            "s3Bucket": CLOUDTRAIL_BUCKET,
            "s3PrefixLogTypes": [{"prefix": "AWSLogs/", "logTypes": ["AWS.CloudTrail"]}],
            "kmsKey": kms_key_arn,
            "stackName": "panther-log-analysis-setup-cloudtrail-prod",
            "logProcessingRole": role_arn("PantherLogProcessingRole-cloudtrail-prod"),
        },
        {name: value for name, value in from_s3.items() if not name.startswith("managed")}
        | {
            "integrationId": "0aa0b5a5-1c5a-4b7e-9a36-5a4f1c0d7e02",
            "integrationLabel": "VPC Flow",
            "createdAtTime": "2020-06-01T08:30:00Z",
            "pantherVersion": "1.4.0",
            "s3Bucket": FLOWLOG_BUCKET,
            "s3Prefix": "AWSLogs/",
            "logTypes": ["AWS.VPCFlow"],
            "stackName": "panther-log-analysis-setup-vpc-flow",
            "logProcessingRole": role_arn("PantherLogProcessingRole-vpc-flow"),
        },
        from_s3
        | {
            "integrationId": "0aa0b5a5-1c5a-4b7e-9a36-5a4f1c0d7e03",
            "integrationLabel": "App Logs Europe",
            "createdAtTime": "2021-01-20T15:45:00Z",
            "s3Bucket": EUROPEAN_BUCKET,
            "s3PrefixLogTypes": [
                {"prefix": "app/", "logTypes": ["Custom.AppEvents"]},
                {"prefix": "app/access/", "logTypes": ["AWS.S3ServerAccess"]},
            ],
            "stackName": "panther-log-analysis-setup-app-logs-europe",
            "logProcessingRole": role_arn("PantherLogProcessingRole-app-logs-europe"),
        },
        {
            "integrationId": SQS_SOURCE_ID,
            "integrationLabel": "Okta Events",
            "integrationType": "aws-sqs",
            "createdAtTime": "2021-01-11T09:00:00Z",
            "sqsConfig": {
                "logTypes": ["Okta.SystemLog"],
                "allowedPrincipalArns": [f"arn:aws:iam::{SOURCE_ACCOUNT}:root"],
                "allowedSourceArns": [],
                "s3Bucket": INPUT_BUCKET,
                "logProcessingRole": input_role,
                "queueUrl": queue_url,
            },
            **common,
        },
        {
            "integrationId": "0aa0b5a5-1c5a-4b7e-9a36-5a4f1c0d7e05",
            "integrationLabel": "Acme Account",
            "integrationType": "aws-scan",
            "createdAtTime": "2021-01-04T09:30:00Z",
            "awsAccountId": SOURCE_ACCOUNT,
            "s3Bucket": INPUT_BUCKET,
            "logProcessingRole": input_role,
            "remediationEnabled": True,
            "cweEnabled": True,
            "scanIntervalMins": 1440,
            "enabled": True,
            "scanStatus": "ok",
            "stackName": "panther-cloudsec-setup",
            **common,
        },
        {
            "integrationId": "0aa0b5a5-1c5a-4b7e-9a36-5a4f1c0d7e06",
            "integrationLabel": "Slack Audit",
            "integrationType": "slack-puller",
            "createdAtTime": "2021-02-01T12:00:00Z",
            **common,
            "pantherVersion": "1.20.0",
        },
    ]
