"""Panther's names and key layouts."""

from datetime import UTC, datetime

import pytest

from common import panther

HOUR = datetime(2021, 2, 5, 9, tzinfo=UTC)
PARTITION = "year=2021/month=02/day=05/hour=09"


@pytest.mark.parametrize(
    ("log_type", "table"),
    [
        ("AWS.CloudTrail", "aws_cloudtrail"),
        ("Compliance.History", "compliance_history"),
        ("Custom.My.Deep_Type", "custom_my_deep_type"),
        ("Plain", "plain"),
    ],
)
def test_table_name_of_a_log_type(log_type, table):
    assert panther.table_name(log_type) == table


@pytest.mark.parametrize(
    ("key", "data_type", "table", "rule_id", "hour"),
    [
        (f"logs/aws_alb/{PARTITION}/f.json.gz", "LogData", "aws_alb", "", HOUR),
        (f"cloud_security/resource_history/{PARTITION}/f", "CloudSecurity", "resource_history",
         "", HOUR),
        (f"rules/aws_alb/{PARTITION}/rule_id=AWS.Root/f", "RuleMatches", "aws_alb", "AWS.Root",
         HOUR),
        (f"rule_errors/aws_alb/{PARTITION}/rule_id=R/f", "RuleErrors", "aws_alb", "R", HOUR),
        (f"rules/t/{PARTITION}/rule_id=My Rule=1/f", "RuleMatches", "t", "My Rule=1", HOUR),
        (f"rules/t/{PARTITION}/rule_id=My%20Rule%3D1+2/f", "RuleMatches", "t", "My Rule=1+2",
         HOUR),
        (f"rules/t/{PARTITION}/rule_id=100%/f", "RuleMatches", "t", "100%", HOUR),
        (f"logs/t/{PARTITION}/partition_time=1612515600/f", "LogData", "t", "", HOUR),
        (f"rules/t/{PARTITION}/partition_time=1612515600/rule_id=R/f", "RuleMatches", "t", "R",
         HOUR),
        (f"rules/t/{PARTITION}/rule_id=R/partition_time=1612515600/f", "RuleMatches", "t", "R",
         HOUR),
        ("logs/t/f", "LogData", "t", "", None),
        ("logs/t/year=2021/month=13/day=05/hour=09/f", "LogData", "t", "", None),
        ("rules/t/rule_id=file-name", "RuleMatches", "t", "", None),
    ],
)  # fmt: skip
def test_key_of_processed_data(key, data_type, table, rule_id, hour):
    found = panther.parse_processed_key(key)
    assert found == panther.ProcessedKey(data_type, table, rule_id, hour)


@pytest.mark.parametrize(
    "key", ["", "logs", "logs/", "logs/f", "logs//f", "other/t/f", "Logs/t/f", "/logs/t/f"]
)
def test_other_keys_are_no_processed_data(key):
    assert panther.parse_processed_key(key) is None


@pytest.mark.parametrize(
    ("key", "hour"),
    [
        (f"logs/t/{PARTITION}/f", HOUR),
        (f"any/where/{PARTITION}/deeper/f", HOUR),
        ("logs/t/year=2021/month=2/day=5/hour=9/f", HOUR),
        (f"logs/t/{PARTITION}", None),
        (f"{PARTITION}/f", None),
        ("logs/t/year=2021/month=02/day=05/f", None),
        ("logs/t/year=2021/month=02/day=31/hour=09/f", None),
        ("logs/t/year=2021/month=02/day=05/hour=24/f", None),
        ("", None),
    ],
)
def test_partition_hour_of_a_key(key, hour):
    assert panther.partition_hour(key) == hour


@pytest.mark.parametrize(
    ("queue", "dead_letters"),
    [
        ("panther-rules-engine-queue", "panther-rules-engine-queue-dlq"),
        ("with.dots", "with.dots-dlq"),
        ("name.fifo", "name-dlq.fifo"),
        ("panther-compactor-queue.fifo", "panther-compactor-queue-dlq.fifo"),
        ("two.dots.fifo", "two-dlq.fifo"),
    ],
)
def test_guessed_name_of_a_dead_letter_queue(queue, dead_letters):
    assert panther.dead_letter_name(queue) == dead_letters
