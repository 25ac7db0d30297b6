"""Panther's names and layouts: functions, queues, tables, databases, partitions (pure)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import unquote

SOURCE_API = "panther-source-api"
LOGTYPES_API = "panther-logtypes-api"
SOURCES_TABLE = "panther-source-integrations"
INPUT_QUEUE = "panther-input-data-notifications-queue"
PROCESSED_TOPIC = "panther-processed-data-notifications"
CLOUD_SECURITY_LOG_TYPES = ("Compliance.History", "Resource.History")

# The first element of a processed object's key -> the `type` of its notification.
DATA_TYPES = {
    "logs": "LogData",
    "rules": "RuleMatches",
    "rule_errors": "RuleErrors",
    "cloud_security": "CloudSecurity",
}

# Rules run on what is below these; rule data is known by its rule, not by its log type.
LOG_FOLDERS = ("logs/", "cloud_security/")
RULE_DATA_TYPES = ("RuleMatches", "RuleErrors")

_HOUR = re.compile(r"/year=(\d+)/month=(\d+)/day=(\d+)/hour=(\d+)/")


def table_name(log_type: str) -> str:
    """The Glue table of a log type: `AWS.CloudTrail` -> `aws_cloudtrail`. Not reversible."""
    return log_type.replace(".", "_").lower()


@dataclass(frozen=True)
class ProcessedKey:
    """What the key of a processed object says; `rule_id` is decoded, "" outside rule data."""

    data_type: str
    table: str
    rule_id: str
    hour: datetime | None


def parse_processed_key(key: str) -> ProcessedKey | None:
    """Data type, table, rule id and partition hour (UTC) of a key such as
    `rules/aws_cloudtrail/year=2021/month=02/day=05/hour=09/rule_id=X/file.json.gz`.

    None when the first element is no data type or there is no table.
    """
    parts = key.split("/")
    data_type = DATA_TYPES.get(parts[0])
    if data_type is None or len(parts) < 3 or not parts[1]:
        return None
    rule_id = next((part[8:] for part in parts[2:-1] if part.startswith("rule_id=")), "")
    return ProcessedKey(data_type, parts[1], unquote(rule_id), partition_hour(key))


def partition_hour(key: str) -> datetime | None:
    """The hour (UTC) of a key's year=/month=/day=/hour= elements; None when it has none."""
    match = _HOUR.search(key)
    if not match:
        return None
    try:
        year, month, day, hour = map(int, match.groups())
        return datetime(year, month, day, hour, tzinfo=UTC)
    except ValueError:
        return None


def dead_letter_name(queue: str) -> str:
    """The Go tools' guess for a dead-letter queue: `NAME-dlq`; FIFO: the part before the first
    dot and `-dlq.fifo`. Three real queues are named otherwise: ask the redrive policy first."""
    if queue.endswith(".fifo"):
        return queue.partition(".")[0] + "-dlq.fifo"
    return queue + "-dlq"
