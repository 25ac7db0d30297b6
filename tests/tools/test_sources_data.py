"""sources -validate as a user runs it: buckets, keys, objects, notifications, queues."""

import uuid

import pytest

from scripts.sandbox import seed_names as names
from tests.tools.log_sources import ACCOUNT, Deployment, message, outcomes, targets


@pytest.fixture
def deployment(sandbox, run_tool, tmp_path):
    return Deployment(sandbox, run_tool, tmp_path / "items.json")


# ---- bucket and key --------------------------------------------------------------------------


def test_bucket_in_another_region_is_listed_and_read_there(deployment):
    bucket = deployment.sandbox.create_bucket(region="eu-central-1")
    deployment.sandbox.bulk_objects(bucket, ["a/1"])
    deployment.add(bucket, "a/")
    record = deployment.check()
    assert record["result"] == "healthy"
    assert message(record, "bucket") == "in eu-central-1"


def test_bucket_whose_location_is_denied_is_found_by_head(deployment):
    bucket = deployment.sandbox.create_bucket(region="eu-west-1")
    deployment.add(bucket, "a/")
    deployment.sandbox.faults({"service": "s3", "operation": "GetBucketLocation", "kind": "deny"})
    assert message(deployment.check(), "bucket") == "in eu-west-1"


def test_bucket_that_may_not_be_looked_at_fails(deployment, bucket):
    item = deployment.add(bucket, "a/")
    role = item["integrationLabel"].replace(" ", "-").lower()
    deployment.sandbox.faults({"service": "s3", "kind": "deny", "role": role})
    record = deployment.check()
    assert outcomes(record)["bucket"] == ("failed", "AccessDenied")
    assert f"{role}/sources lacks s3:GetBucketLocation" in message(record, "bucket")


def test_bucket_that_is_gone_fails_once(deployment):
    deployment.add("bucket-that-is-gone", "a/", "b/")
    record = deployment.check("-check-notifications")
    assert outcomes(record)["bucket"] == ("failed", "NoSuchBucket")
    assert outcomes(record)["list"] == ("skipped", "no_bucket")
    assert outcomes(record)["notifications"] == ("skipped", "no_bucket")


def test_source_without_a_bucket_fails(deployment):
    deployment.add("", integrationType="aws-s3")
    assert outcomes(deployment.check())["bucket"] == ("failed", "no_bucket")


def test_bucket_of_another_owner_is_no_missing_permission(deployment, bucket):
    deployment.add(bucket, "a/", awsAccountId="111122223333")
    record = deployment.check()
    assert outcomes(record)["list"] == ("failed", "wrong_owner")
    assert message(record, "list") == "the bucket does not belong to account 111122223333"


def test_enabled_key_is_fine_and_a_disabled_one_fails(deployment, bucket):
    kms = deployment.sandbox.client("kms")
    key = kms.create_key()["KeyMetadata"]
    deployment.sandbox.bulk_objects(bucket, ["a/1"])
    deployment.add(bucket, "a/", kmsKey=key["Arn"])
    assert outcomes(deployment.check())["kms key"] == ("ok", "")
    kms.disable_key(KeyId=key["KeyId"])
    record = deployment.check()
    assert record["result"] == "failed"
    assert outcomes(record)["kms key"] == ("failed", "Disabled")


def test_key_is_looked_up_in_its_own_region(deployment, bucket):
    key = deployment.sandbox.client("kms", "eu-west-1").create_key()["KeyMetadata"]
    deployment.add(bucket, "a/", kmsKey=key["Arn"])
    assert outcomes(deployment.check())["kms key"] == ("ok", "")


def test_key_that_is_gone_or_denied_fails(deployment, bucket):
    arn = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{uuid.uuid4()}"
    deployment.add(bucket, "a/", kmsKey=arn)
    assert outcomes(deployment.check())["kms key"] == ("failed", "NotFoundException")
    deployment.sandbox.faults({"service": "kms", "operation": "DescribeKey", "kind": "deny"})
    record = deployment.check()
    assert outcomes(record)["kms key"] == ("failed", "AccessDeniedException")
    assert "lacks kms:DescribeKey" in message(record, "kms key")


# ---- objects ---------------------------------------------------------------------------------


def test_prefix_below_another_is_not_listed_again(deployment, bucket):
    deployment.add(bucket, "a/b/", "a/", "c/", "a/b/c/")
    record = deployment.check()
    assert targets(record, "list") == [f"s3://{bucket}/a/", f"s3://{bucket}/c/"]
    assert deployment.sandbox.calls()["s3.ListObjectsV2"] == 2


def test_empty_prefix_is_no_failure(deployment, bucket):
    deployment.add(bucket, "a/")
    record = deployment.check()
    assert record["result"] == "degraded"
    assert outcomes(record)["list"] == ("ok", "")
    assert outcomes(record)["read"] == ("skipped", "empty")
    assert message(record, "read") == "there is no object here to read yet"


def test_first_objects_with_data_are_read(deployment, bucket):
    deployment.sandbox.bulk_objects(bucket, ["a/", "a/folder/"], size=3)
    deployment.sandbox.bulk_objects(bucket, ["a/0"], size=0)
    deployment.sandbox.bulk_objects(bucket, ["a/1", "a/2", "a/3"], size=3)
    deployment.add(bucket, "a/")
    assert targets(deployment.check(), "read") == [f"s3://{bucket}/a/1"]
    record = deployment.check("-samples", "2")
    assert targets(record, "head") == targets(record, "read") == [
        f"s3://{bucket}/a/1", f"s3://{bucket}/a/2",
    ]  # fmt: skip


def test_prefix_with_nothing_but_empty_objects_says_so(deployment, bucket):
    deployment.sandbox.bulk_objects(bucket, ["a/", "a/0"], size=0)
    deployment.add(bucket, "a/")
    record = deployment.check()
    assert outcomes(record)["read"] == ("skipped", "empty")
    assert "none of the first objects" in message(record, "read")


def test_keys_are_taken_literally(deployment, bucket):
    key = "a/b c+d%e?f#g/\u00e9.gz"
    deployment.sandbox.bulk_objects(bucket, [key])
    deployment.add(bucket, "a/b c+")
    record = deployment.check()
    assert record["result"] == "healthy"
    assert targets(record, "read") == [f"s3://{bucket}/{key}"]


def test_denied_listing_is_unproven_and_no_failure(deployment, bucket):
    deployment.sandbox.bulk_objects(bucket, ["a/1"])
    deployment.add(bucket, "a/")
    deployment.sandbox.faults({"service": "s3", "operation": "ListObjectsV2", "kind": "deny"})
    record = deployment.check()
    assert record["result"] == "degraded"
    assert outcomes(record)["list"] == ("skipped", "list_denied")
    assert "name an object with -key" in message(record, "list")
    assert "read" not in outcomes(record)


def test_named_object_is_read_where_listing_is_denied(deployment, bucket):
    deployment.sandbox.bulk_objects(bucket, ["a/1", "a/2"])
    deployment.add(bucket, "a/", "b/")
    deployment.sandbox.faults({"service": "s3", "operation": "ListObjectsV2", "kind": "deny"})
    record = deployment.check("-key", f"s3://{bucket}/a/2")
    lists = [check["result"] for check in record["checks"] if check["name"] == "list"]
    assert lists == ["ok", "skipped"]
    assert targets(record, "read") == [f"s3://{bucket}/a/2"]
    assert outcomes(record)["read"] == ("ok", "")


def test_named_object_makes_a_source_that_may_not_list_healthy(deployment, bucket):
    deployment.sandbox.bulk_objects(bucket, ["a/1"])
    deployment.add(bucket, "a/")
    deployment.sandbox.faults({"service": "s3", "operation": "ListObjectsV2", "kind": "deny"})
    record = deployment.check("-key", f"s3://{bucket}/a/1")
    assert record["result"] == "healthy"
    assert outcomes(record)["list"] == ("ok", "list_denied")


def test_named_object_may_be_empty_but_not_missing(deployment, bucket):
    deployment.sandbox.bulk_objects(bucket, ["a/0"], size=0)
    deployment.add(bucket, "a/")
    record = deployment.check("-key", f"s3://{bucket}/a/0")
    assert record["result"] == "healthy"
    record = deployment.check("-key", f"s3://{bucket}/a/missing")
    assert outcomes(record)["read"] == ("failed", "NoSuchKey")


def test_object_that_may_not_be_read_fails_with_the_missing_permission(deployment, bucket):
    deployment.sandbox.bulk_objects(bucket, ["a/1"])
    deployment.add(bucket, "a/")
    deployment.sandbox.faults(
        {"service": "s3", "operation": "GetObject", "kind": "deny"},
        {"service": "s3", "operation": "HeadObject", "kind": "deny"},
    )
    record = deployment.check()
    assert record["result"] == "failed"
    assert outcomes(record)["head"] == ("failed", "403")
    assert outcomes(record)["read"] == ("failed", "AccessDenied")
    assert "lacks s3:GetObject" in message(record, "read")


def test_object_whose_key_is_disabled_fails_though_head_works(deployment, bucket):
    deployment.sandbox.bulk_objects(bucket, ["a/1"])
    deployment.add(bucket, "a/")
    deployment.sandbox.faults(
        {"service": "s3", "operation": "GetObject", "kind": "code", "status": 400,
         "code": "KMS.DisabledException", "message": "arn:aws:kms:us-east-1:1:key/k is disabled."}
    )  # fmt: skip
    record = deployment.check()
    assert outcomes(record)["head"] == ("ok", "")
    assert outcomes(record)["read"] == ("failed", "KMS.DisabledException")
    assert "key/k is disabled" in message(record, "read")


# ---- notifications ---------------------------------------------------------------------------


def notify(sandbox, bucket, **filters):
    topic = sandbox.client("sns").create_topic(Name="panther-notifications-topic")["TopicArn"]
    rules = [{"Name": name, "Value": value} for name, value in filters.items()]
    sandbox.client("s3").put_bucket_notification_configuration(
        Bucket=bucket,
        NotificationConfiguration={
            "TopicConfigurations": [
                {
                    "TopicArn": topic,
                    "Events": ["s3:ObjectCreated:*"],
                    "Filter": {"Key": {"FilterRules": rules}},
                }
            ]
        },
    )


def test_notifications_are_compared_only_on_request(deployment, bucket):
    deployment.add(bucket, "a/")
    assert "notifications" not in outcomes(deployment.check())
    assert "s3.GetBucketNotificationConfiguration" not in deployment.sandbox.calls()


def test_each_prefix_must_be_covered_by_a_notification(deployment, bucket):
    notify(deployment.sandbox, bucket, prefix="a/")
    deployment.add(bucket, "a/", "a/b/", "c/")
    record = deployment.check("-check-notifications")
    found = {
        check["target"]: (check["result"], check["code"])
        for check in record["checks"]
        if check["name"] == "notifications"
    }
    assert found == {
        f"s3://{bucket}/a/": ("ok", ""),
        f"s3://{bucket}/a/b/": ("ok", ""),
        f"s3://{bucket}/c/": ("failed", "no_notification"),
    }
    assert deployment.sandbox.calls()["s3.GetBucketNotificationConfiguration"] == 1


def test_notifications_that_may_not_be_read_are_skipped(deployment, bucket):
    deployment.add(bucket, "a/")
    deployment.sandbox.faults(
        {"service": "s3", "operation": "GetBucketNotificationConfiguration", "kind": "deny"}
    )
    record = deployment.check("-check-notifications")
    assert record["result"] == "degraded"
    assert outcomes(record)["notifications"] == ("skipped", "denied")


# ---- the queue -------------------------------------------------------------------------------


def test_queue_is_asked_with_the_callers_own_permissions(deployment, bucket, queue):
    sandbox = deployment.sandbox
    sandbox.bulk_messages(queue, "a", "b", "c")
    role = names.role_arn("PantherInputDataLogProcessingRole-us-east-1", ACCOUNT)
    config = {"s3Bucket": bucket, "logProcessingRole": role, "queueUrl": sandbox.queue_url(queue)}
    deployment.add("", integrationType="aws-sqs", sqsConfig=config)
    sandbox.faults({"service": "sqs", "kind": "deny", "role": "assumed-role"})
    record = deployment.check()
    assert outcomes(record)["queue"] == ("ok", "")
    assert message(record, "queue").startswith("3 waiting, 0 in flight, created 2")
    sandbox.faults({"service": "sqs", "kind": "deny", "role": "user/"})
    record = deployment.check()
    assert outcomes(record)["queue"] == ("failed", "AccessDenied")


def test_missing_queue_fails(deployment, bucket):
    sandbox = deployment.sandbox
    role = names.role_arn("PantherInputDataLogProcessingRole-us-east-1", ACCOUNT)
    config = {"s3Bucket": bucket, "logProcessingRole": role}
    gone = f"{sandbox.url}/{ACCOUNT}/queue-that-is-gone"
    deployment.add("", integrationType="aws-sqs", sqsConfig={**config, "queueUrl": gone})
    assert outcomes(deployment.check())["queue"][0] == "failed"
    deployment.items.clear()
    deployment.add("", integrationType="aws-sqs", sqsConfig=config)
    assert outcomes(deployment.check())["queue"] == ("failed", "no_queue")
