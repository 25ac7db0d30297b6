"""Each kind of fault as an AWS client meets it."""

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError

from tests.sandbox.helpers import refused
from tests.support import Sandbox

ROLE = "arn:aws:iam::111122223333:role/PantherLogProcessingRole-vpc-flow"


def _send(sandbox: Sandbox, queue: str, body: str = "a") -> None:
    sandbox.client("sqs").send_message(QueueUrl=sandbox.queue_url(queue), MessageBody=body)


def _send_batch(sandbox: Sandbox, queue: str, count: int = 4) -> dict[str, Any]:
    entries = [{"Id": f"id{number}", "MessageBody": f"m{number}"} for number in range(count)]
    return dict(
        sandbox.client("sqs").send_message_batch(QueueUrl=sandbox.queue_url(queue), Entries=entries)
    )


def _as_role(sandbox: Sandbox, service: str, role: str = ROLE) -> Any:
    import boto3
    from botocore.config import Config

    keys = sandbox.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    return boto3.client(
        service,
        region_name="us-east-1",
        endpoint_url=sandbox.url,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
        config=Config(retries={"total_max_attempts": 1}),
    )


def _calls(sandbox: Sandbox, queue: str, bucket: str) -> dict[str, Any]:
    """One request of each protocol: JSON, query, REST-XML, REST-JSON."""
    topic = "arn:aws:sns:us-east-1:123456789012:panther-cw-alarms"
    return {
        "sqs": lambda: _send(sandbox, queue),
        "sns": lambda: sandbox.client("sns").publish(TopicArn=topic, Message="a"),
        "s3": lambda: sandbox.client("s3").list_objects_v2(Bucket=bucket),
        "lambda": lambda: sandbox.client("lambda").invoke(FunctionName="panther-source-api"),
        "sts": lambda: sandbox.client("sts").assume_role(RoleArn=ROLE, RoleSessionName="test"),
        "dynamodb": lambda: sandbox.client("dynamodb").scan(TableName="panther-kv-store"),
        "glue": lambda: sandbox.client("glue").get_tables(DatabaseName="panther_logs"),
        "cloudformation": lambda: sandbox.client("cloudformation").describe_stacks(),
    }


@pytest.mark.parametrize(
    ("service", "status", "code", "sentence"),
    [
        (
            "sqs",
            403,
            "AccessDenied",
            "is not authorized to perform: sqs:sendmessage on resource: arn:aws:sqs:us-east-1:"
            "123456789012:{queue} because no identity-based policy allows the sqs:sendmessage "
            "action",
        ),
        (
            "sns",
            403,
            "AuthorizationError",
            "is not authorized to perform: SNS:Publish on resource: arn:aws:sns:us-east-1:"
            "123456789012:panther-cw-alarms",
        ),
        (
            "s3",
            403,
            "AccessDenied",
            'is not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::{bucket}"',
        ),
        (
            "lambda",
            403,
            "AccessDeniedException",
            "is not authorized to perform: lambda:InvokeFunction on resource: arn:aws:lambda:"
            "us-east-1:123456789012:function:panther-source-api",
        ),
        (
            "sts",
            403,
            "AccessDenied",
            f"is not authorized to perform: sts:AssumeRole on resource: {ROLE}",
        ),
        (
            "dynamodb",
            400,
            "AccessDeniedException",
            "is not authorized to perform: dynamodb:Scan on resource: arn:aws:dynamodb:us-east-1:"
            "123456789012:table/panther-kv-store",
        ),
        ("glue", 400, "AccessDeniedException", "is not authorized to perform: glue:GetTables"),
        ("cloudformation", 403, "AccessDenied", "cloudformation:DescribeStacks"),
    ],
)
def test_a_denial_is_worded_as_the_service_words_it(
    sandbox: Sandbox,
    queue: str,
    bucket: str,
    service: str,
    status: int,
    code: str,
    sentence: str,
) -> None:
    call = _calls(sandbox, queue, bucket)[service]
    if service == "sqs":
        sandbox.queue_url(queue)
    operations = {"sqs": "SendMessage"}
    sandbox.faults({"service": service, "operation": operations.get(service, "*"), "kind": "deny"})
    with refused() as refusal:
        call()
    assert (refusal.status, refusal.code) == (status, code)
    assert refusal.message.startswith("User: arn:aws:sts::123456789012:user/moto ")
    assert sentence.format(queue=queue, bucket=bucket) in refusal.message


@pytest.mark.parametrize(
    ("kind", "service", "status", "code"),
    [
        ("throttle", "sqs", 400, "RequestThrottled"),
        ("throttle", "sns", 400, "Throttling"),
        ("throttle", "s3", 503, "SlowDown"),
        ("throttle", "lambda", 429, "TooManyRequestsException"),
        ("throttle", "sts", 400, "Throttling"),
        ("throttle", "dynamodb", 400, "ProvisionedThroughputExceededException"),
        ("throttle", "glue", 400, "ThrottlingException"),
        ("error", "sqs", 500, "InternalFailure"),
        ("error", "sns", 500, "InternalFailure"),
        ("error", "s3", 500, "InternalError"),
        ("error", "lambda", 500, "ServiceException"),
        ("error", "dynamodb", 500, "InternalServerError"),
        ("expired", "sqs", 403, "ExpiredToken"),
        ("expired", "sns", 403, "ExpiredToken"),
        ("expired", "s3", 400, "ExpiredToken"),
        ("expired", "lambda", 400, "ExpiredTokenException"),
        ("expired", "glue", 400, "ExpiredTokenException"),
    ],
)
def test_a_refusal_has_the_code_of_the_service(
    sandbox: Sandbox, queue: str, bucket: str, kind: str, service: str, status: int, code: str
) -> None:
    sandbox.queue_url(queue)
    operation = "SendMessage" if service == "sqs" else "*"
    sandbox.faults({"service": service, "operation": operation, "kind": kind})
    with refused() as refusal:
        _calls(sandbox, queue, bucket)[service]()
    assert (refusal.status, refusal.code) == (status, code)


def test_any_code_can_be_had(sandbox: Sandbox, bucket: str) -> None:
    sandbox.faults(
        {"service": "s3", "kind": "code", "status": 418, "code": "Teapot", "message": "a <pot>"}
    )
    with refused() as refusal:
        sandbox.client("s3").list_objects_v2(Bucket=bucket)
    assert (refusal.status, refusal.code, refusal.message) == (418, "Teapot", "a <pot>")


def test_a_refusal_can_come_after_the_effect(sandbox: Sandbox, queue: str) -> None:
    sandbox.faults({"operation": "SendMessage", "kind": "error", "when": "after", "times": 1})
    with refused() as refusal:
        _send(sandbox, queue)
    assert refusal.status == 500
    assert sandbox.bodies(queue) == ["a"]


@pytest.mark.parametrize(("when", "left"), [("before", []), ("after", ["a"])])
def test_a_dropped_connection_gives_no_reply(
    sandbox: Sandbox, queue: str, when: str, left: list[str]
) -> None:
    sandbox.faults({"operation": "SendMessage", "kind": "drop", "when": when, "times": 1})
    with pytest.raises(ConnectionClosedError):
        _send(sandbox, queue)
    assert sandbox.bodies(queue) == left
    _send(sandbox, queue, "b")
    assert sandbox.bodies(queue) == [*left, "b"]


def test_a_delay_holds_up_its_request_and_no_other(sandbox: Sandbox, queue: str) -> None:
    import threading

    sandbox.queue_url(queue)
    sandbox.faults({"operation": "SendMessage", "kind": "latency", "milliseconds": 1500})
    ended = []
    slow = threading.Thread(target=lambda: (_send(sandbox, queue), ended.append(time.monotonic())))
    began = time.monotonic()
    slow.start()
    time.sleep(0.2)
    assert sandbox.bodies(queue) == []
    other = time.monotonic()
    slow.join()
    assert ended[0] - began >= 1.5
    assert other < ended[0]
    assert sandbox.bodies(queue) == ["a"]


def test_failed_entries_are_not_sent_and_the_reply_says_so(sandbox: Sandbox, queue: str) -> None:
    sandbox.faults(
        {
            "operation": "SendMessageBatch",
            "kind": "fail_entries",
            "entries": [1, 3],
            "code": "InternalFailure",
            "message": "try again",
            "times": 1,
        }
    )
    reply = _send_batch(sandbox, queue)
    assert [entry["Id"] for entry in reply["Successful"]] == ["id0", "id2"]
    assert reply["Failed"] == [
        {"Id": f"id{n}", "Code": "InternalFailure", "Message": "try again", "SenderFault": False}
        for n in (1, 3)
    ]
    assert sandbox.bodies(queue) == ["m0", "m2"]
    assert len(_send_batch(sandbox, queue)["Successful"]) == 4


def test_omitted_entries_are_not_sent_and_not_mentioned(sandbox: Sandbox, queue: str) -> None:
    sandbox.faults({"operation": "SendMessageBatch", "kind": "omit_entries", "entries": [0]})
    reply = _send_batch(sandbox, queue, 3)
    assert [entry["Id"] for entry in reply["Successful"]] == ["id1", "id2"]
    assert not reply.get("Failed")
    assert sandbox.bodies(queue) == ["m1", "m2"]


def test_an_entry_can_be_chosen_by_its_content(sandbox: Sandbox, queue: str) -> None:
    sandbox.faults({"kind": "fail_entries", "contains": '"m2"', "sender_fault": True})
    reply = _send_batch(sandbox, queue)
    assert [(e["Id"], e["SenderFault"]) for e in reply["Failed"]] == [("id2", True)]


@pytest.mark.parametrize("operation", ["DeleteMessageBatch", "ChangeMessageVisibilityBatch"])
def test_deletes_and_releases_can_fail_by_entry(
    sandbox: Sandbox, queue: str, operation: str
) -> None:
    sandbox.bulk_messages(queue, "m0", "m1", "m2")
    sqs, url = sandbox.client("sqs"), sandbox.queue_url(queue)
    received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=600)[
        "Messages"
    ]
    sandbox.faults({"operation": operation, "kind": "fail_entries", "entries": [1]})
    entries = [{"Id": str(n), "ReceiptHandle": m["ReceiptHandle"]} for n, m in enumerate(received)]
    if operation == "DeleteMessageBatch":
        reply = sqs.delete_message_batch(QueueUrl=url, Entries=entries)
        assert sandbox.bodies(queue) == ["m1"]
    else:
        timed = [{**entry, "VisibilityTimeout": 0} for entry in entries]
        reply = sqs.change_message_visibility_batch(QueueUrl=url, Entries=timed)
        assert [message["in_flight"] for message in sandbox.messages(queue)] == [False, True, False]
    assert [entry["Id"] for entry in reply["Successful"]] == ["0", "2"]
    assert [entry["Id"] for entry in reply["Failed"]] == ["1"]


def test_objects_can_fail_and_be_left_out_one_by_one(
    sandbox: Sandbox, versioned_bucket: str
) -> None:
    keys = ["a", "b&c", "d", "e"]
    sandbox.bulk_objects(versioned_bucket, keys)
    markers = dict(zip(keys, sandbox.bulk_deletes(versioned_bucket, keys), strict=True))
    sandbox.faults(
        {"operation": "DeleteObjects", "kind": "fail_entries", "entries": [1], "code": "SlowDown"},
        {"operation": "DeleteObjects", "kind": "omit_entries", "entries": [2]},
    )
    reply = sandbox.client("s3").delete_objects(
        Bucket=versioned_bucket,
        Delete={"Objects": [{"Key": k, "VersionId": v} for k, v in markers.items()]},
    )
    assert [entry["Key"] for entry in reply["Deleted"]] == ["a", "e"]
    (error,) = reply["Errors"]
    assert (error["Key"], error["VersionId"], error["Code"]) == (
        "b&c",
        markers["b&c"],
        "SlowDown",
    )
    left = [e["key"] for e in sandbox.versions(versioned_bucket) if e["is_marker"]]
    assert left == ["b&c", "d"]


def test_denied_deletes_come_back_entry_by_entry(sandbox: Sandbox, versioned_bucket: str) -> None:
    sandbox.bulk_objects(versioned_bucket, ["a", "b"])
    sandbox.faults({"operation": "DeleteObjects", "kind": "deny"})
    reply = sandbox.client("s3").delete_objects(
        Bucket=versioned_bucket, Delete={"Objects": [{"Key": "a"}, {"Key": "b"}]}
    )
    assert [(error["Key"], error["Code"]) for error in reply["Errors"]] == [
        ("a", "AccessDenied"),
        ("b", "AccessDenied"),
    ]
    assert not any(entry["is_marker"] for entry in sandbox.versions(versioned_bucket))


def test_a_fault_can_be_for_one_resource(sandbox: Sandbox, queue: str) -> None:
    other = sandbox.create_queue()
    sandbox.faults({"service": "sqs", "resource": other, "kind": "throttle"})
    _send(sandbox, queue)
    with refused() as refusal:
        sandbox.queue_url(other)
    assert refusal.code == "RequestThrottled"


def test_a_fault_can_be_for_one_role(sandbox: Sandbox) -> None:
    sandbox.faults({"service": "s3", "role": "PantherLogProcessingRole-vpc-flow", "kind": "deny"})
    sandbox.client("s3").list_objects_v2(Bucket="acme-vpc-flow-logs")
    with refused() as refusal:
        _as_role(sandbox, "s3").list_objects_v2(Bucket="acme-vpc-flow-logs")
    assert refusal.message.startswith(
        "User: arn:aws:sts::111122223333:assumed-role/PantherLogProcessingRole-vpc-flow/test is "
    )
    other = _as_role(sandbox, "s3", ROLE.replace("vpc-flow", "cloudtrail-prod"))
    other.list_objects_v2(Bucket="acme-vpc-flow-logs")


def test_a_role_can_be_refused_to_assume(sandbox: Sandbox) -> None:
    sandbox.faults({"operation": "AssumeRole", "resource": "vpc-flow", "kind": "deny"})
    with refused():
        _as_role(sandbox, "s3")
    _as_role(sandbox, "s3", ROLE.replace("vpc-flow", "cloudtrail-prod"))


def test_a_new_plan_begins_to_count_from_zero(sandbox: Sandbox, queue: str) -> None:
    sandbox.queue_url(queue)
    for _ in range(2):
        sandbox.faults({"operation": "SendMessage", "kind": "throttle", "times": 1})
        with refused():
            _send(sandbox, queue)
        _send(sandbox, queue)
        assert sandbox.fault_counts() == [{"matched": 2, "fired": 1}]


def test_a_plan_that_makes_no_sense_is_refused_and_changes_nothing(
    sandbox: Sandbox, queue: str
) -> None:
    sandbox.faults({"operation": "SendMessage", "kind": "throttle"})
    with pytest.raises(AssertionError, match="kind must be one of"):
        sandbox.faults({"kind": "explode"})
    assert len(sandbox.fault_counts()) == 1


def test_calls_are_counted_by_operation(sandbox: Sandbox, queue: str, bucket: str) -> None:
    sandbox.reset_calls()
    for call in _calls(sandbox, queue, bucket).values():
        call()
    assert sandbox.calls() == {
        "sqs.GetQueueUrl": 1,
        "sqs.SendMessage": 1,
        "sns.Publish": 1,
        "s3.ListObjectsV2": 1,
        "lambda.Invoke": 1,
        "sts.AssumeRole": 1,
        "dynamodb.Scan": 1,
        "glue.GetTables": 1,
        "cloudformation.DescribeStacks": 1,
    }


def test_refused_calls_are_counted_too(sandbox: Sandbox, queue: str) -> None:
    sandbox.faults({"operation": "SendMessage", "kind": "throttle"})
    with refused():
        _send(sandbox, queue)
    assert sandbox.calls()["sqs.SendMessage"] == 1


def test_messages_show_as_json(sandbox: Sandbox, queue: str) -> None:
    _send(sandbox, queue, json.dumps({"a": 1}))
    assert json.loads(sandbox.bodies(queue)[0]) == {"a": 1}
