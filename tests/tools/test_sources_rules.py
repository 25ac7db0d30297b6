"""What sources decides without asking anybody: names of roles, verdicts, notifications, rows."""

import csv
import json

import pytest

from common import sources
from tools.sources import notifications, rows, rules
from tools.sources.findings import Check, Report, tally, verdict

ROLE = "arn:aws:iam::111122223333:role/PantherLogProcessingRole-my-logs"
INPUT_ROLE = "arn:aws:iam::123456789012:role/PantherInputDataLogProcessingRole-us-east-1"
TOPIC = "arn:aws:sns:eu-west-1:111122223333:panther-notifications-topic"


def source(**item):
    item = {"integrationType": "aws-s3", "integrationLabel": "My Logs", "s3Bucket": "b"} | item
    return sources.parse(item)


def check(result, code="", name="list", target="s3://b/", message=""):
    return Check(name, target, result, code, message, 5)


# ---- roles -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "partition", "arn"),
    [
        ({"awsAccountId": "111122223333"}, "aws", ROLE),
        ({"awsAccountId": "111122223333"}, "aws-cn", ROLE.replace("arn:aws:", "arn:aws-cn:")),
        ({"awsAccountId": "1", "integrationLabel": "A  b-C"}, "aws",
         "arn:aws:iam::1:role/PantherLogProcessingRole-a--b-c"),
        ({}, "aws", ""),
        ({"awsAccountId": "1", "integrationLabel": ""}, "aws", ""),
        ({"integrationType": "aws-sqs"}, "aws", INPUT_ROLE),
        ({"integrationType": "aws-scan", "awsAccountId": "1"}, "aws", INPUT_ROLE),
    ],
)  # fmt: skip
def test_usual_role_follows_from_type_label_account_and_partition(item, partition, arn):
    assert rules.ruled_role(source(**item), partition, "us-east-1", "123456789012") == arn


def test_usual_input_role_is_unknown_without_panthers_account():
    assert rules.ruled_role(source(integrationType="aws-sqs"), "aws", "us-east-1", "") == ""


@pytest.mark.parametrize(
    ("stored", "ruled", "code"),
    [
        (ROLE, ROLE, ""),
        (ROLE, "", ""),
        ("arn:aws:iam::1:role/mine", ROLE, "unusual_arn"),
        ("", ROLE, "arn_from_rule"),
    ],
)
def test_unusual_role_name_is_information_and_no_failure(stored, ruled, code):
    found = rules.role_finding(stored, ruled)
    assert (found.result, found.code) == ("ok", code)
    assert ruled in found.message if code == "unusual_arn" else True


@pytest.mark.parametrize(
    ("item", "names"),
    [
        ({}, ["PantherAuditRole"]),
        ({"cweEnabled": True},
         ["PantherAuditRole", "PantherCloudFormationStackSetExecutionRole"]),
        ({"remediationEnabled": True}, ["PantherAuditRole", "PantherRemediationRole"]),
        ({"cweEnabled": False, "remediationEnabled": "true"}, ["PantherAuditRole"]),
    ],
)  # fmt: skip
def test_cloud_security_roles_follow_from_what_is_enabled(item, names):
    found = rules.cloud_roles(source(awsAccountId="1", **item), "aws", "eu-west-1")
    assert [arn for _, arn in found] == [f"arn:aws:iam::1:role/{name}-eu-west-1" for name in names]


def test_panthers_account_is_that_of_the_role_on_its_own_bucket():
    queue = source(integrationType="aws-sqs", sqsConfig={"logProcessingRole": INPUT_ROLE})
    scan = source(integrationType="aws-scan", logProcessingRole=INPUT_ROLE)
    customer = source(logProcessingRole=ROLE)
    assert rules.panther_account([customer, queue]) == "123456789012"
    assert rules.panther_account([scan]) == "123456789012"
    assert rules.panther_account([customer]) == ""
    assert rules.panther_account([source(integrationType="aws-scan", logProcessingRole="x")]) == ""


NOT_AUTHORIZED = "User: arn:aws:iam::1:user/u is not authorized to perform: sts:AssumeRole on r"


@pytest.mark.parametrize(
    ("said", "panther", "told"),
    [
        ("", "2", "the caller is in account 1, not in the Panther account 2"),
        (f"{NOT_AUTHORIZED} because no identity-based policy allows the sts:AssumeRole action",
         "1", "the caller's own policies lack sts:AssumeRole"),
        (f"{NOT_AUTHORIZED} because no resource-based policy allows the sts:AssumeRole action",
         "", "the role's trust policy does not let account 1 in"),
        (f"{NOT_AUTHORIZED} with an explicit deny in a service control policy", "1",
         "a policy forbids it: User: arn:aws:iam::1:user/u"),
        (NOT_AUTHORIZED, "1", "does not exist or its trust policy does not let account 1 in, or"),
    ],
)  # fmt: skip
def test_refused_role_is_explained_in_one_line(said, panther, told):
    found = rules.refused_role(said, "1", panther)
    assert told in found
    assert "\n" not in found


def test_keys_of_another_account_fail_the_identity():
    assert rules.identity_finding(ROLE, "111122223333").result == "ok"
    assert rules.identity_finding(ROLE, "9")[:2] == ("failed", "other_account")


# ---- replies ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "region"),
    [
        ("arn:aws:kms:eu-west-1:1:key/k", "eu-west-1"),
        ("arn:aws-cn:kms:cn-north-1:1:alias/a", "cn-north-1"),
        ("1234-abcd", "us-east-1"),
        ("arn:aws:kms::1:key/k", "us-east-1"),
    ],
)
def test_region_of_a_key(key, region):
    assert rules.key_region(key, "us-east-1") == region


@pytest.mark.parametrize(
    ("url", "region"),
    [
        ("https://sqs.eu-west-1.amazonaws.com/1/q", "eu-west-1"),
        ("https://sqs.cn-north-1.amazonaws.com.cn/1/q", "cn-north-1"),
        ("http://127.0.0.1:5000/1/q", "us-east-1"),
        ("https://queue.amazonaws.com/1/q", "us-east-1"),
        ("http://[bad/1/q", "us-east-1"),
    ],
)
def test_region_of_a_queue(url, region):
    assert rules.queue_region(url, "us-east-1") == region


@pytest.mark.parametrize(
    ("metadata", "finding"),
    [
        ({"Enabled": True, "KeyState": "Enabled"}, ("ok", "")),
        ({"Enabled": False, "KeyState": "Disabled"}, ("failed", "Disabled")),
        ({"Enabled": False, "KeyState": "PendingDeletion"}, ("failed", "PendingDeletion")),
        ({}, ("failed", "Disabled")),
    ],
)
def test_key_must_be_enabled(metadata, finding):
    assert rules.key_finding(metadata)[:2] == finding


def test_samples_are_neither_empty_nor_folders():
    listed = [{"Key": "a/", "Size": 3}, {"Key": "a/0", "Size": 0}]
    listed += [{"Key": f"a/{number}", "Size": 1} for number in (1, 2, 3)]
    assert rules.sample_keys(listed, 2) == ["a/1", "a/2"]
    assert rules.sample_keys(listed[:2], 2) == []


# ---- verdicts --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("results", "result"),
    [
        ([], "unsupported"),
        (["ok", "ok"], "healthy"),
        (["ok", "skipped"], "degraded"),
        (["skipped", "failed", "ok"], "failed"),
    ],
)
def test_verdict_is_the_worst_check(results, result):
    assert verdict([check(one) for one in results]) == result


def test_tally_is_ordered_and_without_zeros():
    reports = [Report(source(), result) for result in ("failed", "healthy", "failed")]
    assert list(tally(reports).items()) == [("healthy", 1), ("failed", 2)]


# ---- notifications ---------------------------------------------------------------------------


def topic(arn=TOPIC, events=("s3:ObjectCreated:*",), **filters):
    pairs = [{"Name": name.capitalize(), "Value": value} for name, value in filters.items()]
    entry = {"TopicArn": arn, "Events": list(events)}
    return entry | ({"Filter": {"Key": {"FilterRules": pairs}}} if pairs else {})


EACH = [f"s3:ObjectCreated:{way}" for way in ("Put", "Post", "Copy", "CompleteMultipartUpload")]


@pytest.mark.parametrize(
    ("configuration", "result", "code"),
    [
        ({}, "failed", "no_notification"),
        ({"TopicConfigurations": [topic()]}, "ok", ""),
        ({"TopicConfigurations": [topic(prefix="a/")]}, "ok", ""),
        ({"TopicConfigurations": [topic(prefix="a/b/")]}, "ok", ""),
        ({"TopicConfigurations": [topic(prefix="a/b/c")]}, "failed", "no_notification"),
        ({"TopicConfigurations": [topic(prefix="z/")]}, "failed", "no_notification"),
        ({"TopicConfigurations": [topic(events=["s3:ObjectRemoved:*"])]},
         "failed", "no_notification"),
        ({"TopicConfigurations": [topic(events=["s3:ObjectCreated:Put"])]},
         "failed", "partial_notification"),
        ({"TopicConfigurations": [topic(events=EACH)]}, "ok", ""),
        ({"TopicConfigurations": [topic(events=EACH[:2]), topic(events=EACH[2:])]}, "ok", ""),
        ({"TopicConfigurations": [topic(suffix=".gz")]}, "failed", "partial_notification"),
        ({"TopicConfigurations": [topic(arn="arn:aws:sns:eu-west-1:9:other")]},
         "ok", "other_target"),
        ({"TopicConfigurations": [topic(arn="other"), topic()]}, "ok", ""),
        ({"QueueConfigurations": [{"QueueArn": "q", "Events": ["s3:ObjectCreated:*"]}]},
         "ok", "other_target"),
        ({"LambdaFunctionConfigurations": [
            {"LambdaFunctionArn": "f", "Events": ["s3:ObjectCreated:*"]}]}, "ok", "other_target"),
        ({"EventBridgeConfiguration": {}}, "ok", "other_target"),
    ],
)  # fmt: skip
def test_notifications_must_tell_of_every_new_object_below_the_prefix(configuration, result, code):
    assert notifications.coverage(configuration, "a/b/", TOPIC)[:2] == (result, code)


def test_panthers_topic_is_in_the_buckets_region_and_the_sources_account():
    found = notifications.own_topic("aws", "eu-west-1", source(awsAccountId="111122223333"))
    assert found == TOPIC


# ---- rows ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "status"),
    [
        ({}, ""),
        ({"managedBucketNotifications": True, "notificationsConfigurationSucceeded": True}, ""),
        ({"managedBucketNotifications": True, "notificationsConfigurationSucceeded": False},
         "notifications not set up"),
        ({"managedBucketNotifications": False, "notificationsConfigurationSucceeded": False}, ""),
        ({"integrationType": "aws-scan", "scanStatus": "ok", "eventStatus": "ok"}, "ok"),
        ({"integrationType": "aws-scan", "scanStatus": "scanning", "eventStatus": "ok",
          "enabled": False}, "disabled, scanning, ok"),
        ({"integrationType": "slack-puller"}, ""),
    ],
)  # fmt: skip
def test_status_is_what_panther_has_noted(item, status):
    assert rows.status(source(**item)) == status


def test_csv_survives_commas_quotes_and_line_ends():
    nasty = 'a,"b\nc'
    text = rows.as_csv([Report(source(integrationLabel=nasty))], False)
    header, row = csv.reader(text.splitlines(keepends=True))
    assert header == list(rows.COLUMNS)
    assert row[0] == nasty
    assert "\r" not in text


def test_csv_joins_failed_checks_only():
    checks = (check("failed", "Disabled", "kms key"), check("skipped", "empty", "read"),
              check("failed", "AccessDenied", "read"))  # fmt: skip
    text = rows.as_csv([Report(source(), "failed", checks)], True)
    [row] = csv.DictReader(text.splitlines())
    assert row["result"] == "failed"
    assert row["failed_checks"] == "kms key Disabled|read AccessDenied"


def test_json_array_and_json_lines_hold_the_same_objects():
    reports = [Report(source(integrationLabel=name)) for name in ("A", "B")]
    objects = json.loads(rows.as_json(reports))
    assert [one["label"] for one in objects] == ["A", "B"]
    assert [json.loads(line) for line in rows.as_json_lines(reports).splitlines()] == objects
    assert (rows.as_json([]), rows.as_json_lines([])) == ("[]\n", "")


def test_nothing_of_the_raw_record_reaches_a_row():
    report = Report(source(integrationType="saas", clientSecret="hunter2", apiToken="t0ken"))
    for text in (
        rows.as_json([report]),
        rows.as_csv([report], False),
        str(rows.table([report], False)),
    ):
        assert "hunter2" not in text
        assert "t0ken" not in text


def test_checks_that_found_nothing_share_a_line_and_remarks_follow_below():
    checks = (
        check("ok", name="head", target="s3://b/k"),
        check("ok", name="read", target="s3://b/k"),
        check("ok", name="bucket", target="b", message="in eu-west-1"),
        check("failed", "AccessDenied", "read", "s3://b/x", "word " * 40),
    )
    lines = list(rows.check_lines(Report(source(integrationId="7"), "failed", checks)))
    assert lines[:3] == [
        "My Logs (aws-s3, 7): failed",
        "  ok       head, read: s3://b/k",
        "  ok       bucket: b (in eu-west-1)",
    ]
    assert lines[3] == "  failed   read: s3://b/x"
    assert lines[4].startswith("           AccessDenied: word word")
    assert len(lines) == 7
    assert max(map(len, lines)) <= 100


def test_control_characters_never_reach_a_terminal():
    report = Report(
        source(integrationLabel="a\x1b[31mb\nc"),
        "failed",
        (check("failed", "x", "read", "s3://b/\x07\n", "\x1b]0;t\x07"),),
    )
    text = "\n".join([*rows.check_lines(report), *rows.table([report], True)[1][0]])
    assert all(one.isprintable() or one == "\n" for one in text)
    assert "a\\x1b[31mb\\nc" in text
