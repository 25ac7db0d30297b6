"""Panther's API Lambdas."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from scripts.sandbox import seed_names
from tests.sandbox.helpers import refused
from tests.support import Sandbox

TABLE = "panther-source-integrations"


def _invoke(sandbox: Sandbox, function: str, request: Any) -> tuple[str | None, Any]:
    reply = sandbox.client("lambda").invoke(FunctionName=function, Payload=json.dumps(request))
    assert reply["StatusCode"] == 200
    return reply.get("FunctionError"), json.loads(reply["Payload"].read())


@pytest.fixture
def extra_source(sandbox: Sandbox) -> Iterator[Any]:
    """Puts items into the source table; they are gone after the test."""
    added = []

    def put(item: dict[str, Any]) -> None:
        sandbox.client("dynamodb").put_item(TableName=TABLE, Item=item)
        added.append(item["integrationId"])

    yield put
    for key in added:
        sandbox.client("dynamodb").delete_item(TableName=TABLE, Key={"integrationId": key})


def test_all_sources_are_listed_as_they_are_stored(sandbox: Sandbox) -> None:
    failed, sources = _invoke(sandbox, "panther-source-api", {"listIntegrations": {}})
    assert failed is None
    by_label = {source["integrationLabel"]: source for source in sources}
    types = {label: source["integrationType"] for label, source in by_label.items()}
    assert types == {
        "CloudTrail Prod": "aws-s3",
        "VPC Flow": "aws-s3",
        "App Logs Europe": "aws-s3",
        "Okta Events": "aws-sqs",
        "Acme Account": "aws-scan",
        "Slack Audit": "slack-puller",
    }
    assert by_label["CloudTrail Prod"]["s3PrefixLogTypes"] == [
        {"prefix": "AWSLogs/", "logTypes": ["AWS.CloudTrail"]}
    ]
    old = by_label["VPC Flow"]
    assert (old["s3Prefix"], old["logTypes"]) == ("AWSLogs/", ["AWS.VPCFlow"])
    assert "s3PrefixLogTypes" not in old
    assert by_label["Acme Account"]["scanIntervalMins"] == 1440
    url = by_label["Okta Events"]["sqsConfig"]["queueUrl"]
    assert url == sandbox.queue_url(f"panther-source-{seed_names.SQS_SOURCE_ID}")


def test_sources_can_be_asked_for_by_type(sandbox: Sandbox) -> None:
    request = {"listIntegrations": {"integrationType": "aws-sqs"}}
    _, sources = _invoke(sandbox, "panther-source-api", request)
    assert [source["integrationLabel"] for source in sources] == ["Okta Events"]


def test_a_source_without_a_type_is_skipped(sandbox: Sandbox, extra_source: Any) -> None:
    extra_source({"integrationId": {"S": "typeless"}, "integrationType": {"S": ""}})
    _, sources = _invoke(sandbox, "panther-source-api", {"listIntegrations": {}})
    assert "typeless" not in [source["integrationId"] for source in sources]


def test_more_than_a_megabyte_of_sources_is_cut_off(sandbox: Sandbox, extra_source: Any) -> None:
    for number in range(4):
        extra_source(
            {
                "integrationId": {"S": f"large-{number}"},
                "integrationType": {"S": "aws-s3"},
                "integrationLabel": {"S": "x" * 350_000},
            }
        )
    _, sources = _invoke(sandbox, "panther-source-api", {"listIntegrations": {}})
    large = [source for source in sources if source["integrationId"].startswith("large-")]
    assert 0 < len(large) < 4


@pytest.mark.parametrize(
    "request_body", [{"dropAllIntegrations": {}}, {}, [], {"listIntegrations": {}, "more": {}}]
)
def test_an_unknown_operation_fails_inside_the_function(
    sandbox: Sandbox, request_body: Any
) -> None:
    failed, answer = _invoke(sandbox, "panther-source-api", request_body)
    assert failed == "Unhandled"
    assert answer["errorType"] == "InvalidInputError"
    assert answer["errorMessage"]


def test_an_unknown_source_type_fails_inside_the_function(sandbox: Sandbox) -> None:
    request = {"listIntegrations": {"integrationType": "gcs"}}
    failed, answer = _invoke(sandbox, "panther-source-api", request)
    assert (failed, answer["errorType"]) == ("Unhandled", "InvalidInputError")


def test_log_types_are_listed_without_deleted_ones(sandbox: Sandbox) -> None:
    _, answer = _invoke(sandbox, "panther-logtypes-api", {"ListAvailableLogTypes": {}})
    assert answer == {"logTypes": sorted(seed_names.LOG_TYPES)}
    _, answer = _invoke(sandbox, "panther-logtypes-api", {"ListDeletedCustomLogs": {}})
    assert answer == {"logTypes": ["Custom.Retired"]}


def test_a_function_can_be_named_by_its_arn(sandbox: Sandbox) -> None:
    arn = "arn:aws:lambda:us-east-1:123456789012:function:panther-logtypes-api"
    failed, answer = _invoke(sandbox, arn, {"ListDeletedCustomLogs": {}})
    assert (failed, answer) == (None, {"logTypes": ["Custom.Retired"]})


def test_an_unknown_function_is_not_found(sandbox: Sandbox) -> None:
    with refused() as refusal:
        sandbox.client("lambda").invoke(FunctionName="panther-none", Payload="{}")
    assert (refusal.status, refusal.code) == (404, "ResourceNotFoundException")
    assert refusal.message.endswith("function:panther-none")


def test_an_oversized_request_is_refused(sandbox: Sandbox) -> None:
    with refused() as refusal:
        sandbox.client("lambda").invoke(
            FunctionName="panther-source-api", Payload=b" " * (6 * 1024 * 1024 + 1)
        )
    assert (refusal.status, refusal.code) == (413, "RequestTooLargeException")


def test_a_function_can_be_made_to_fail(sandbox: Sandbox) -> None:
    sandbox.faults(
        {"service": "lambda", "kind": "function_error", "code": "AWSError", "message": "no table"}
    )
    failed, answer = _invoke(sandbox, "panther-source-api", {"listIntegrations": {}})
    assert failed == "Unhandled"
    assert (answer["errorType"], answer["errorMessage"]) == ("AWSError", "no table")
