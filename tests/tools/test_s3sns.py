"""s3sns as a user runs it: what it publishes, what it selects, what a dry run shows."""

import pytest

from tests.tools.s3sns_place import CLOUD, LOGS, RULES, publish, topic

__all__ = ["publish", "topic"]  # fixtures

GOLDEN = (
    '{"Records":[{"eventVersion":"2.0","eventSource":"aws:s3","awsRegion":"",'
    '"eventTime":"0001-01-01T00:00:00Z","eventName":"ObjectCreated:Put",'
    '"userIdentity":{"principalId":""},"requestParameters":{"sourceIPAddress":""},'
    '"responseElements":null,"s3":{"s3SchemaVersion":"","configurationId":"",'
    '"bucket":{"name":"BUCKET","ownerIdentity":{"principalId":""},"arn":""},'
    '"object":{"key":"KEY","size":123,"urlDecodedKey":"","versionId":"","eTag":"",'
    '"sequencer":""}}}]}'
)
# ---- the message -----------------------------------------------------------------------------


def test_message_is_what_the_log_processor_publishes_byte_for_byte(publish, sandbox, bucket, topic):
    sandbox.bulk_objects(bucket, ["KEY"], size=123)
    result = publish()
    assert result.code == 0
    assert topic.bodies == [GOLDEN.replace("BUCKET", bucket)]
    assert topic.attributes == {"KEY": {}}
    assert f"sent 1 files (0.00 MB) to {topic.name} (us-east-1) in " in result.stderr


@pytest.mark.parametrize(
    "key", ["a b+c=d%e/\u00e9.gz", 'quote"back\\slash', "<&>", "100%", "\u65e5/x=1/~*'"]
)
def test_key_is_published_as_it_is(publish, sandbox, bucket, topic, key):
    sandbox.bulk_objects(bucket, [key])
    assert publish().code == 0
    assert topic.keys == [key]


def test_key_is_escaped_as_go_does(publish, sandbox, bucket, topic):
    sandbox.bulk_objects(bucket, ["a&b<c>"], size=123)
    publish()
    expected = GOLDEN.replace("BUCKET", bucket).replace("KEY", r"a\u0026b\u003cc\u003e")
    assert topic.bodies == [expected]


# ---- what is selected ------------------------------------------------------------------------


def test_report_counts_what_was_confirmed_by_type(publish, sandbox, bucket, topic):
    sandbox.bulk_objects(bucket, [LOGS, LOGS + "2", RULES, CLOUD, "other/f"], size=5)
    sandbox.bulk_objects(bucket, [LOGS + "0"], size=0)
    sandbox.bulk_objects(bucket, ["logs/folder/"])
    sandbox.faults({"service": "sns", "operation": "PublishBatch", "kind": "fail_entries",
                    "contains": "f.json.gz2", "sender_fault": True})  # fmt: skip
    result = publish("-output", "json")
    report = result.records[0]
    assert report.pop("seconds") > 0
    assert report == {
        "listed": 7, "sent": 4, "skipped_empty": 2, "failed": 1, "bytes": 20, "topic": topic.name,
        "by_type": {"CloudSecurity": 1, "LogData": 1, "Other": 1, "RuleMatches": 1},
        "region": "us-east-1",
    }  # fmt: skip
    assert len(result.stdout.splitlines()) == 1


def test_twenty_one_objects_are_three_requests(publish, sandbox, bucket, topic):
    sandbox.bulk_objects(bucket, [f"k{number:02}" for number in range(21)])
    assert publish().code == 0
    assert sandbox.calls()["sns.PublishBatch"] == 3
    assert len(set(topic.keys)) == 21


def test_pages_of_a_listing_are_published_once_each(publish, sandbox, bucket, topic):
    keys = [f"logs/t{number % 7}/k{number:04}" for number in range(2003)]
    sandbox.bulk_objects(bucket, keys)
    assert publish().code == 0
    assert sorted(topic.keys) == sorted(keys)


def test_limit_publishes_the_first_objects_in_key_order(publish, sandbox, bucket, topic):
    sandbox.bulk_objects(bucket, ["c", "b", "a"])
    assert publish("-limit=2").code == 0
    assert sorted(topic.keys) == ["a", "b"]


@pytest.mark.parametrize("prefix", ["a#b/", "a?b=c/", "a%20b/", "100%", "\u00e9/"])
def test_prefix_is_taken_literally(publish, sandbox, bucket, topic, prefix):
    sandbox.bulk_objects(bucket, [prefix + "in", "other/out"])
    assert publish(path=prefix).code == 0
    assert topic.keys == [prefix + "in"]


def test_partition_window_compares_the_hour_of_the_key(publish, sandbox, bucket, topic):
    hours = [f"logs/t/year=2021/month=02/day=05/hour={hour:02}/f" for hour in (8, 9, 10, 11)]
    sandbox.bulk_objects(bucket, [*hours, "logs/t/no-hour"])
    window = ("-partition-start", "2021-02-05T09:00:00Z", "-partition-end", "2021-02-05T11:00:00Z")
    result = publish(*window)
    assert result.code == 0
    assert sorted(topic.keys) == hours[1:3]
    assert "objects whose keys name no hour are left out" in result.stderr


def test_window_and_globs_select_too(publish, sandbox, bucket, topic):
    sandbox.bulk_objects(bucket, ["a.gz", "a.txt", "b.gz"], last_modified="2021-02-05T00:00:00Z")
    sandbox.bulk_objects(bucket, ["c.gz"], last_modified="2021-02-06T00:00:00Z")
    flags = ("-include", "*.gz", "-exclude", "b*", "-start", "2021-02-05", "-end", "2021-02-06")
    assert publish(*flags).code == 0
    assert topic.keys == ["a.gz"]


def test_objects_come_from_a_list_of_urls_with_sizes_looked_up(run_tool, sandbox, bucket, topic):
    sandbox.bulk_objects(bucket, [LOGS, "a b"], size=9)
    urls = f"s3://{bucket}/{LOGS}\ns3://{bucket}/a b\ns3://{bucket}/gone\n"
    result = run_tool("s3sns", "-topic", topic.name, "-from-file", "-", stdin=urls)
    assert result.code == 3
    assert f"cannot send s3://{bucket}/gone: NotFound" in result.stderr
    assert sorted(topic.keys) == ["a b", LOGS]
    assert all('"size":9,' in body for body in topic.bodies)


@pytest.mark.parametrize(("modified", "days"), [("2021-02-05T00:00:00Z", 64), (None, 0)])
def test_files_that_snowflake_has_forgotten_are_warned_about(
    publish, sandbox, bucket, topic, modified, days
):
    sandbox.bulk_objects(bucket, [LOGS], **({"last_modified": modified} if modified else {}))
    result = publish()
    assert result.code == 0
    assert (f"some files are older than {days} days" in result.stderr) is bool(days)
    assert ("older than" in result.stderr) is bool(days)


# ---- dry run ---------------------------------------------------------------------------------


def test_dry_run_prints_urls_and_publishes_nothing(publish, sandbox, bucket, topic):
    sandbox.bulk_objects(bucket, ["a b", "c"])
    result = publish("-dry-run")
    assert (result.code, result.stdout) == (0, f"s3://{bucket}/a b\ns3://{bucket}/c\n")
    assert f"dry run: 2 files would be sent to {topic.name}" in result.stderr
    assert topic.bodies == []


def test_dry_run_in_json_prints_the_messages_that_a_run_publishes(publish, sandbox, bucket, topic):
    sandbox.bulk_objects(bucket, ["a b", "c&d"])
    dry = publish("-dry-run", "-output", "json")
    publish()
    assert sorted(dry.stdout.splitlines()) == sorted(topic.bodies)


def test_dry_run_looks_up_sizes_as_a_run_does(run_tool, sandbox, bucket, topic):
    sandbox.bulk_objects(bucket, ["full"], size=9)
    sandbox.bulk_objects(bucket, ["empty"], size=0)
    urls = f"s3://{bucket}/full\ns3://{bucket}/empty\ns3://{bucket}/gone\n"
    flags = ("-topic", topic.name, "-from-file", "-", "-dry-run", "-output", "json")
    result = run_tool("s3sns", *flags, stdin=urls)
    assert result.code == 3
    assert [row["Records"][0]["s3"]["object"]["size"] for row in result.records] == [9]


def test_dry_run_with_attributes_shows_them_and_what_would_fail(publish, sandbox, bucket, topic):
    sandbox.bulk_objects(bucket, [LOGS, RULES, "elsewhere"])
    result = publish("-dry-run", "-attributes", "-output", "json")
    assert result.code == 3
    assert f"cannot send s3://{bucket}/elsewhere: NoDataType" in result.stderr
    assert [row["attributes"] for row in result.records] == [
        {"type": "LogData", "id": "AWS.CloudTrail"},
        {"type": "RuleMatches", "id": "AWS.Console.RootLogin"},
    ]
    assert topic.bodies == []
    publish("-attributes")
    assert sorted(row["message"] for row in result.records) == sorted(topic.bodies)
