"""s3sns's command line: topics, consent, wrong usage, prompts."""

import pytest

from tests.tools.s3sns_place import LOGS, RULES, Topic, publish, put_events, topic

__all__ = ["publish", "topic"]  # fixtures

ASKED = "Publish it?"
WARNED = "with -attributes every rule runs again"


# ---- the topic -------------------------------------------------------------------------------


def test_topic_is_checked_before_anything_is_listed(run_tool, sandbox, bucket):
    result = run_tool("s3sns", "-s3path", f"s3://{bucket}/", "-topic", "no-such-topic")
    assert result.code == 1
    assert result.stderr == (
        "s3sns: topic arn:aws:sns:us-east-1:123456789012:no-such-topic does not exist. "
        "Check -topic, -region and -account.\n"
    )
    assert sandbox.calls()["s3.ListObjectsV2"] == 0


def test_denied_check_of_the_topic_is_only_a_warning(publish, sandbox, bucket, topic):
    sandbox.bulk_objects(bucket, [LOGS])
    sandbox.faults({"service": "sns", "operation": "GetTopicAttributes", "kind": "deny"})
    result = publish()
    assert result.code == 0
    assert f"warning: cannot check topic {topic.name}: " in result.stderr
    assert topic.keys == [LOGS]
    assert sandbox.calls()["sns.GetTopicAttributes"] == 1


def test_default_topic_is_the_processed_data_topic(run_tool, bucket):
    result = run_tool("s3sns", "-s3path", f"s3://{bucket}/", "-dry-run")
    assert result.code == 0
    assert "would be sent to panther-processed-data-notifications" in result.stderr


@pytest.mark.parametrize("flags", [(), ("-region", "us-east-1", "-account", "999999999999")])
@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_arn_says_where_the_topic_is(run_tool, sandbox, bucket, region, flags):
    sandbox.bulk_objects(bucket, [LOGS])
    there = Topic(sandbox, region)
    result = run_tool("s3sns", "-s3path", f"s3://{bucket}/", "-topic", there.arn, *flags)
    assert result.code == 0
    assert f"to {there.name} ({region}) in" in result.stderr
    assert there.keys == [LOGS]
    assert sandbox.calls()["sts.GetCallerIdentity"] == 0


def test_arn_needs_no_configured_region(run_tool, sandbox, bucket, topic):
    sandbox.bulk_objects(bucket, [LOGS])
    nowhere = {"AWS_REGION": None, "AWS_DEFAULT_REGION": None}
    place = ("-s3path", f"s3://{bucket}/", "-topic")
    assert run_tool("s3sns", *place, topic.arn, env=nowhere).code == 0
    assert topic.keys == [LOGS]
    result = run_tool("s3sns", *place, topic.name, env=nowhere)
    assert result.code == 1
    assert "no AWS region is configured" in result.stderr


def test_account_is_where_the_topic_is_looked_for(run_tool, bucket):
    result = run_tool("s3sns", "-s3path", f"s3://{bucket}/", "-account", "111122223333")
    assert result.code == 1
    assert "arn:aws:sns:us-east-1:111122223333:panther-processed-data-notifications" in (
        result.stderr
    )


def test_region_decides_where_a_name_is_looked_for(publish, sandbox, topic):
    result = publish("-region", "eu-west-1")
    assert result.code == 1
    assert f"arn:aws:sns:eu-west-1:123456789012:{topic.name} does not exist" in result.stderr


# ---- consent ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "code", "keys"), [("y", 0, [LOGS]), ("n", 1, []), ("\x04", 1, [])]
)
def test_running_rules_again_needs_consent_on_a_terminal(
    run_in_terminal, sandbox, bucket, topic, answer, code, keys
):
    sandbox.bulk_objects(bucket, [LOGS])
    place = ("-s3path", f"s3://{bucket}/", "-topic", topic.name, "-attributes")
    result = run_in_terminal("s3sns", *place, answers=[(ASKED, answer)])
    assert result.code == code
    assert WARNED in " ".join(result.stdout.split())
    assert topic.keys == keys


@pytest.mark.parametrize("flag", ["-yes", "-confirm-rules"])
def test_consent_can_be_given_beforehand(run_in_terminal, sandbox, bucket, topic, flag):
    sandbox.bulk_objects(bucket, [LOGS])
    place = ("-s3path", f"s3://{bucket}/", "-topic", topic.name, "-attributes", flag)
    result = run_in_terminal("s3sns", *place)
    assert result.code == 0
    assert ASKED not in result.stdout and WARNED in " ".join(result.stdout.split())
    assert topic.keys == [LOGS]


def test_without_a_terminal_the_plan_is_told_and_carried_out(publish, sandbox, bucket, topic):
    sandbox.bulk_objects(bucket, [LOGS])
    result = publish("-attributes")
    assert result.code == 0
    assert f"{WARNED} on the log data of s3://{bucket}/, published to {topic.arn}" in result.stderr
    assert topic.keys == [LOGS]


@pytest.mark.parametrize(("path", "flags"), [("", ()), ("rules/", ("-attributes",))])
def test_nobody_is_asked_when_no_rule_can_run(run_in_terminal, sandbox, bucket, topic, path, flags):
    sandbox.bulk_objects(bucket, [RULES])
    place = ("-s3path", f"s3://{bucket}/{path}", "-topic", topic.name)
    result = run_in_terminal("s3sns", *place, *flags)
    assert result.code == 0
    assert ASKED not in result.stdout and WARNED not in " ".join(result.stdout.split())
    assert topic.keys == [RULES]


def test_dry_run_asks_nobody(run_in_terminal, sandbox, bucket, topic):
    sandbox.bulk_objects(bucket, [LOGS])
    place = ("-s3path", f"s3://{bucket}/", "-topic", topic.name, "-attributes", "-dry-run")
    result = run_in_terminal("s3sns", *place)
    assert result.code == 0
    assert ASKED not in result.stdout
    assert topic.keys == []


# ---- usage -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["-concurrency", "0"], "-concurrency must be at least 1"),
        (["-limit", "-1"], "-limit is negative"),
        (["-list-concurrency", "0"], "-list-concurrency must be at least 1"),
        (["-s3path", "bucket/prefix"], "is no S3 path"),
        (["-topic", ""], "-topic is missing"),
        (["-topic", "processed.fifo"], "is a FIFO topic"),
        (["-topic", "arn:aws:sns:us-east-1:123456789012:t.fifo"], "is a FIFO topic"),
        (["-topic", "arn:aws:sqs:us-east-1:123456789012:q"], "is no topic ARN"),
        (["-topic", "my topic"], "is no topic name"),
        (["-partition-start", "2021-02-05T9"], "want a time such as"),
        (["-partition-start", "2021-02-06", "-partition-end", "2021-02-06"],
         "-partition-start is not before -partition-end"),
        (["-start", "2021-02-06", "-end", "2021-02-05"], "-start is not before -end"),
        (["-from-file", "list.csv"], "exclude each other"),
        (["-output", "csv"], "-output 'csv' is not one of text, json"),
        (["-attribute"], "flag provided but not defined: -attribute"),
        (["-attributes", "false"], "unexpected argument 'false'"),
    ],
)  # fmt: skip
def test_wrong_command_line_is_one_line_and_exit_code_2(run_tool, flags, message):
    result = run_tool("s3sns", "-s3path", "s3://b/p", *flags)
    assert (result.code, result.stdout) == (2, "")
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("flags", [[], ["-interactive=false"], ["--interactive"]])
def test_missing_path_without_a_terminal_is_exit_code_2_at_once(run_tool, flags):
    result = run_tool("s3sns", *flags)
    assert (result.code, result.stderr) == (2, "s3sns: -s3path is missing. Give -s3path VALUE.\n")


def test_missing_path_is_asked_for_on_a_terminal(run_in_terminal, sandbox, bucket, topic):
    sandbox.bulk_objects(bucket, [LOGS])
    answers = [("S3 path", f"s3://{bucket}/")]
    assert run_in_terminal("s3sns", "-topic", topic.name, answers=answers).code == 0
    assert topic.keys == [LOGS]


def test_go_spellings_of_flags_work(publish, sandbox, bucket, topic):
    sandbox.bulk_objects(bucket, [f"k{number}" for number in range(9)])
    assert publish("--limit=5", "-attributes=f", "--concurrency", "7", "-interactive=1").code == 0
    assert len(topic.keys) == 5


def test_debug_shows_what_was_decided(publish, sandbox, bucket, topic):
    sandbox.bulk_objects(bucket, [LOGS])
    result = publish("-debug", "-attributes")
    assert result.code == 0
    assert f"s3sns: debug: topic {topic.arn}" in result.stderr
    assert "tables have a log type" in result.stderr
    assert "debug:" not in publish().stderr


def test_missing_bucket_is_told(run_tool, topic):
    result = run_tool("s3sns", "-s3path", "s3://no-such-bucket-0/", "-topic", topic.name)
    assert result.code == 1
    assert "bucket no-such-bucket-0 does not exist" in result.stderr


def test_bucket_in_another_region_is_listed_and_read_there(run_tool, sandbox, topic):
    bucket = sandbox.create_bucket(region="eu-west-1")
    key = "logs/custom_elsewhere/f"
    put_events(sandbox, bucket, [key], {"p_log_type": "Custom.Elsewhere"})
    place = ("-s3path", f"s3://{bucket}/", "-topic", topic.name)
    assert run_tool("s3sns", *place, "-attributes").code == 0
    assert topic.attributes[key]["id"] == "Custom.Elsewhere"
