"""The attributes that s3sns publishes with, and who receives what because of them."""

import json
import uuid

import pytest

from scripts.sandbox import seed_names
from tests.tools.s3sns_place import (
    CLOUD,
    LOGS,
    PARTITION,
    RULE_ERRORS,
    RULES,
    new_log_type,
    publish,
    put_events,
    put_log_type,
    topic,
)

__all__ = ["publish", "topic"]  # fixtures

# ---- attributes ------------------------------------------------------------------------------


def test_attributes_of_the_four_kinds_of_data(publish, sandbox, bucket, topic):
    compliance = f"cloud_security/compliance_history/{PARTITION}/f"
    sandbox.bulk_objects(bucket, [LOGS, RULES, RULE_ERRORS, CLOUD, compliance])
    assert publish("-attributes").code == 0
    assert topic.attributes == {
        LOGS: {"type": "LogData", "id": "AWS.CloudTrail"},
        RULES: {"type": "RuleMatches", "id": "AWS.Console.RootLogin"},
        RULE_ERRORS: {"type": "RuleErrors", "id": "AWS.Console.RootLogin"},
        CLOUD: {"type": "CloudSecurity", "id": "Resource.History"},
        compliance: {"type": "CloudSecurity", "id": "Compliance.History"},
    }


@pytest.mark.parametrize(
    ("element", "rule_id"),
    [("My Rule=1", "My Rule=1"), ("My%20Rule%3D1", "My Rule=1"), ("A+B & \u00e9", "A+B & \u00e9")],
)
def test_id_of_rule_data_is_the_decoded_rule(publish, sandbox, bucket, topic, element, rule_id):
    key = f"rules/some_table/{PARTITION}/rule_id={element}/f"
    sandbox.bulk_objects(bucket, [key])
    assert publish("-attributes").code == 0
    assert topic.attributes == {key: {"type": "RuleMatches", "id": rule_id}}


def test_rule_data_needs_no_list_of_log_types(publish, sandbox, bucket, topic):
    sandbox.bulk_objects(bucket, [RULES])
    sandbox.faults({"service": "lambda", "operation": "Invoke", "kind": "deny"})
    assert publish("-attributes", path="rules/").code == 0
    assert sandbox.calls()["lambda.Invoke"] == 0
    assert len(topic.bodies) == 1


def test_log_types_are_asked_for_once_before_anything_is_published(publish, sandbox, bucket, topic):
    sandbox.bulk_objects(bucket, [f"logs/aws_alb/{PARTITION}/{number}" for number in range(300)])
    assert publish("-attributes", "-concurrency", "20").code == 0
    assert sandbox.calls()["lambda.Invoke"] == 1
    assert len(topic.bodies) == 300


def test_without_log_types_nothing_is_published(publish, sandbox, bucket, topic):
    sandbox.bulk_objects(bucket, [LOGS])
    sandbox.faults({"service": "lambda", "operation": "Invoke", "kind": "deny"})
    result = publish("-attributes")
    assert result.code == 1
    assert "lacks lambda:InvokeFunction" in result.stderr
    assert sandbox.calls()["sns.PublishBatch"] == 0


def test_failing_log_types_api_is_told_in_one_line(publish, sandbox, bucket, topic):
    sandbox.faults({"service": "lambda", "operation": "Invoke", "kind": "function_error",
                    "code": "InternalError", "message": "no table"})  # fmt: skip
    result = publish("-attributes")
    assert result.code == 1
    assert "panther-logtypes-api: ListAvailableLogTypes failed" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_deleted_log_type_is_found_without_reading_objects(publish, sandbox, bucket, topic):
    log_type = new_log_type(sandbox, deleted=True)
    key = f"logs/{log_type.replace('.', '_').lower()}/{PARTITION}/f"
    sandbox.bulk_objects(bucket, [key, key + "2"])
    assert publish("-attributes").code == 0
    assert topic.attributes[key] == {"type": "LogData", "id": log_type}
    assert sandbox.calls()["lambda.Invoke"] == 2
    assert sandbox.calls()["s3.GetObject"] == 0


def test_unknown_table_is_resolved_by_the_content_of_one_object(publish, sandbox, bucket, topic):
    table = f"custom_{uuid.uuid4().hex}"
    keys = [f"logs/{table}/{PARTITION}/{number:02}" for number in range(10)]
    put_events(sandbox, bucket, keys, {"p_log_type": table.replace("_", ".").title(), "n": 1})
    assert publish("-attributes").code == 0
    assert sandbox.calls()["s3.GetObject"] == 1
    assert [told["id"] for told in topic.attributes.values()] == [
        table.replace("_", ".").title()
    ] * 10


def test_table_of_two_log_types_is_resolved_object_by_object(publish, sandbox, bucket, topic):
    name = uuid.uuid4().hex[:8]
    types = [f"Custom.{name}_X", f"Custom.{name}.X"]
    keys = [f"logs/custom_{name}_x/{PARTITION}/{number}" for number in (0, 1)]
    for key, log_type in zip(keys, types, strict=True):
        put_log_type(sandbox, log_type)
        put_events(sandbox, bucket, [key], {"p_log_type": log_type})
    assert publish("-attributes").code == 0
    assert [topic.attributes[key]["id"] for key in keys] == types


def test_objects_without_a_log_type_fail_and_the_others_go_on(
    publish, run_tool, sandbox, bucket, topic, tmp_path
):
    table = f"custom_{uuid.uuid4().hex}"
    bad = [f"logs/{table}/{PARTITION}/f", "elsewhere/f", f"rules/t/{PARTITION}/no-rule"]
    sandbox.bulk_objects(bucket, [*bad, LOGS, RULES])
    failed = tmp_path / "failed.jsonl"
    result = publish("-attributes", "-failed-file", str(failed), "-output", "json")
    assert result.code == 3
    assert sorted(topic.keys) == sorted([LOGS, RULES])
    assert (result.records[0]["sent"], result.records[0]["failed"]) == (2, 3)
    rows = {row["key"]: row["code"] for row in map(json.loads, failed.read_text().splitlines())}
    assert rows == dict(zip(bad, ["NoLogType", "NoDataType", "NoRuleId"], strict=True))
    for key in bad:
        assert f"cannot send s3://{bucket}/{key}: " in result.stderr
    assert run_tool("s3sns", "-topic", topic.name, "-from-file", str(failed)).code == 0
    assert sorted(topic.keys) == sorted([*bad, LOGS, RULES])


@pytest.mark.parametrize("fault", ["deny", "error", "drop"])
def test_object_that_cannot_be_read_fails_alone(publish, sandbox, bucket, topic, fault):
    put_events(sandbox, bucket, [f"logs/custom_no/{PARTITION}/f"], {"p_log_type": "Custom.No"})
    sandbox.bulk_objects(bucket, [LOGS])
    sandbox.faults({"service": "s3", "operation": "GetObject", "kind": fault})
    assert publish("-attributes").code == 3
    assert topic.keys == [LOGS]


def test_denied_list_of_deleted_types_leaves_the_content(publish, sandbox, bucket, topic):
    table = f"custom_{uuid.uuid4().hex}"
    key = f"logs/{table}/{PARTITION}/f"
    put_events(sandbox, bucket, [key], {"p_log_type": table.replace("_", ".")})
    sandbox.faults({"service": "lambda", "operation": "Invoke", "kind": "deny", "skip": 1})
    result = publish("-attributes")
    assert result.code == 0
    assert "cannot list deleted log types" in result.stderr
    assert topic.attributes[key]["id"] == table.replace("_", ".")


# ---- who receives it -------------------------------------------------------------------------


@pytest.fixture
def received(run_tool, sandbox, bucket):
    """Publishes one object of each kind, and a VPC flow log, to the seeded processed-data topic;
    gives the data types that each of Panther's queues received."""
    flow_logs = f"logs/aws_vpcflow/{PARTITION}/f"

    def run(*flags):
        sandbox.bulk_objects(bucket, [LOGS, RULES, RULE_ERRORS, CLOUD, flow_logs])
        assert run_tool("s3sns", "-s3path", f"s3://{bucket}/", *flags).code == 0
        names = {
            LOGS: "CloudTrail", RULES: "rules", RULE_ERRORS: "rule errors", CLOUD: "cloud",
            flow_logs: "flow logs",
        }  # fmt: skip
        return {
            queue: sorted(
                names[json.loads(body)["Records"][0]["s3"]["object"]["key"]]
                for body in sandbox.bodies(queue)
                if f'"{bucket}"' in body
            )
            for queue in seed_names.SUBSCRIPTIONS
        }

    return run


def test_with_attributes_panthers_queues_receive_what_their_policies_say(received):
    assert received("-attributes") == {
        "panther-datacatalog-updater-queue": [
            "CloudTrail", "cloud", "flow logs", "rule errors", "rules",
        ],
        "panther-rules-engine-queue": ["CloudTrail", "cloud", "flow logs"],
        "panther-aws-events-queue": ["CloudTrail"],
    }  # fmt: skip


def test_without_attributes_only_unfiltered_listeners_receive_anything(
    received, publish, topic, sandbox, bucket
):
    assert received() == {queue: [] for queue in seed_names.SUBSCRIPTIONS}
    publish()
    assert len(topic.bodies) == 5
