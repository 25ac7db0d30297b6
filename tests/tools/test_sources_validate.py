"""sources -validate as a user runs it: results, roles, trouble on the way, stopping."""

import json
import signal
import time

import pytest

from scripts.sandbox import seed_names as names
from tests import support
from tests.tools.log_sources import ACCOUNT, Deployment, message, outcomes, targets


@pytest.fixture
def deployment(sandbox, run_tool, tmp_path):
    return Deployment(sandbox, run_tool, tmp_path / "items.json")


# ---- the seeded deployment -------------------------------------------------------------------


def test_three_types_are_checked_and_an_unknown_one_is_only_listed(run_tool):
    result = run_tool("sources", "-validate", "-output", "json")
    assert result.code == 0
    found = {one["label"]: one for one in result.records}
    unsupported = {label for label, one in found.items() if one["result"] == "unsupported"}
    assert len(found) == 6
    assert unsupported == {"Slack Audit"}
    assert found["Slack Audit"]["checks"] == []
    done = {label: set(outcomes(one)) - {"head"} for label, one in found.items()}
    data = {"role", "identity", "bucket", "list", "read"}
    assert done["CloudTrail Prod"] == data | {"kms key"}
    assert done["App Logs Europe"] == done["VPC Flow"] == data
    assert done["Okta Events"] == data | {"queue"}
    assert done["Acme Account"] == data | {"audit role", "stack set role", "remediation role"}
    assert "6 sources: " in result.stderr
    assert "1 unsupported" in result.stderr


def test_json_checks_have_six_fields(run_tool):
    [one] = run_tool("sources", "-validate", "-output", "json", "-label", "VPC Flow").records
    assert list(one)[-2:] == ["result", "checks"]
    for check in one["checks"]:
        assert list(check) == ["name", "target", "result", "code", "message", "ms"]
        assert isinstance(check["ms"], int)
        assert check["ms"] >= 0
        assert check["result"] == "ok"


def test_text_has_a_table_with_results_and_check_lines_below(deployment, bucket, run_tool):
    deployment.sandbox.bulk_objects(bucket, ["a/1"])
    for name, prefix in (("A", "a/"), ("B", "b/")):
        role = names.role_arn(f"PantherLogProcessingRole-{prefix[0]}", ACCOUNT)
        more = {"integrationLabel": name, "integrationId": "7", "logProcessingRole": role}
        deployment.add(bucket, prefix, **more)
    result = run_tool("sources", "-validate", "-sources-file", deployment.file())
    assert result.code == 0
    table, a, b = result.stdout.split("\n\n")
    assert [line.split()[:2] for line in table.splitlines()] == [
        ["RESULT", "LABEL"], ["healthy", "A"], ["degraded", "B"],
    ]  # fmt: skip
    assert a.splitlines()[-1] == f"  ok       head, read: s3://{bucket}/a/1"
    heading, _, place, *rest = b.splitlines()
    assert heading == "B (aws-s3, 7): degraded"
    assert place == f"  ok       bucket: {bucket} (in us-east-1)"
    assert rest == [
        f"  ok       list: s3://{bucket}/b/",
        f"  skipped  read: s3://{bucket}/b/",
        "           empty: there is no object here to read yet",
    ]
    assert "2 sources: 1 healthy, 1 degraded" in result.stderr


def test_csv_has_results_and_joined_failures(run_tool, sandbox):
    sandbox.faults({"service": "s3", "operation": "GetObject", "kind": "deny", "role": "vpc-flow"})
    result = run_tool("sources", "-validate", "-output", "csv", "-type", "aws-s3")
    assert result.code == 3
    ends = [line.split(",")[-2:] for line in result.stdout.splitlines()]
    assert ends[0] == ["result", "failed_checks"]
    assert ends[3] == ["failed", "read AccessDenied"]
    assert [failed for _, failed in ends[1:3]] == ["", ""]


def test_neither_keys_of_roles_nor_contents_are_shown(run_tool, tools):
    for output in ("text", "json", "csv"):
        result = run_tool("sources", "-validate", "-output", output, "-debug")
        shown = result.stdout + result.stderr
        assert "ASIA" not in shown
        assert "sandbox-has-no-secrets" not in shown
        assert "eventVersion" not in shown


def test_every_call_only_reads(run_tool, sandbox):
    run_tool("sources", "-validate", "-check-notifications")
    assert set(sandbox.calls()) == {
        "lambda.Invoke", "sts.GetCallerIdentity", "sts.AssumeRole", "s3.GetBucketLocation",
        "s3.ListObjectsV2", "s3.HeadObject", "s3.GetObject", "kms.DescribeKey",
        "s3.GetBucketNotificationConfiguration", "sqs.GetQueueAttributes",
    }  # fmt: skip


# ---- the role --------------------------------------------------------------------------------


def test_denied_role_fails_the_source_and_leaves_the_rest_unchecked(deployment, bucket):
    item = deployment.add(bucket, "a/", kmsKey="arn:aws:kms:us-east-1:1:key/k")
    deployment.sandbox.faults(
        {"service": "sts", "operation": "AssumeRole", "kind": "deny",
         "resource": item["logProcessingRole"]}
    )  # fmt: skip
    record = deployment.check("-check-notifications")
    assert record["result"] == "failed"
    assert outcomes(record) == {
        "role": ("failed", "AccessDenied"),
        "bucket": ("skipped", "no_role"),
        "kms key": ("skipped", "no_role"),
        "list": ("skipped", "no_role"),
        "notifications": ("skipped", "no_role"),
    }
    assert "does not exist or its trust policy does not let account 123456789012 in, or the " in (
        message(record, "role")
    )
    services = {call.partition(".")[0] for call in deployment.sandbox.calls()}
    assert services == {"sts", "s3"}
    assert deployment.sandbox.calls()["s3.CreateBucket"] == 1
    assert not [call for call in deployment.sandbox.calls() if call.startswith(("s3.Get", "s3.L"))]


def test_missing_permission_to_assume_is_told_from_the_trust_policy(deployment, bucket):
    deployment.add(bucket, "a/")
    rule = {"service": "sts", "operation": "AssumeRole", "kind": "deny"}
    said = "not authorized to perform: sts:AssumeRole because no {} policy allows it"
    deployment.sandbox.faults(rule | {"message": said.format("identity-based")})
    assert "the caller's own policies lack sts:AssumeRole" in message(deployment.check(), "role")
    deployment.sandbox.faults(rule | {"message": said.format("resource-based")})
    assert "the role's trust policy does not let account" in message(deployment.check(), "role")


def test_caller_outside_the_panther_account_is_told_so(deployment, bucket):
    item = deployment.add(bucket, "a/")
    deployment.add(
        "", integrationType="aws-scan",
        logProcessingRole=names.role_arn("PantherInputDataLogProcessingRole-x", "999988887777"),
    )  # fmt: skip
    deployment.sandbox.faults({"service": "sts", "operation": "AssumeRole", "kind": "deny"})
    result = deployment.validate("-label", item["integrationLabel"])
    assert result.code == 3
    assert message(result.records[0], "role") == (
        "the caller is in account 123456789012, not in the Panther account 999988887777: "
        "use credentials of that account"
    )


def test_expired_session_fails_the_role_with_its_code(deployment, bucket):
    deployment.add(bucket, "a/")
    deployment.sandbox.faults({"service": "sts", "operation": "AssumeRole", "kind": "expired"})
    record = deployment.check()
    assert outcomes(record)["role"] == ("failed", "ExpiredToken")
    assert message(record, "role") == "AssumeRole: the AWS session has expired"


def test_session_that_is_expired_from_the_start_ends_the_run(deployment, bucket):
    deployment.add(bucket, "a/")
    deployment.sandbox.faults({"service": "sts", "kind": "expired"})
    result = deployment.validate()
    assert (result.code, result.stdout) == (1, "")
    assert "the AWS session has expired. Log in again" in result.stderr


def test_stored_role_is_used_and_an_unusual_name_is_only_remarked(deployment, bucket):
    arn = names.role_arn("ours/log-reader", ACCOUNT)
    deployment.add(bucket, "a/", integrationLabel="My Logs", logProcessingRole=arn)
    deployment.sandbox.bulk_objects(bucket, ["a/1"])
    record = deployment.check()
    assert record["result"] == "healthy"
    assert targets(record, "role") == [arn]
    assert outcomes(record)["role"] == ("ok", "unusual_arn")
    assert names.role_arn("PantherLogProcessingRole-my-logs", ACCOUNT) in message(record, "role")


def test_source_without_a_role_is_checked_with_the_usual_one(deployment, bucket):
    deployment.add(bucket, "a/", integrationLabel="My Logs", logProcessingRole="")
    record = deployment.check()
    assert outcomes(record)["role"] == ("ok", "arn_from_rule")
    assert targets(record, "role") == [names.role_arn("PantherLogProcessingRole-my-logs", ACCOUNT)]


def test_source_without_role_and_account_fails(deployment, bucket):
    deployment.add(bucket, "a/", logProcessingRole="", awsAccountId="")
    record = deployment.check()
    assert outcomes(record)["role"] == ("failed", "no_role")


def test_arn_that_is_none_fails_only_its_source(deployment, bucket):
    deployment.add(bucket, "a/", logProcessingRole="nonsense")
    deployment.add(bucket, "a/")
    result = deployment.validate()
    assert result.code == 3
    assert sorted(one["result"] for one in result.records) == ["degraded", "failed"]


def test_each_denied_cloud_security_role_is_named(run_tool, sandbox):
    sandbox.faults(
        {"service": "sts", "operation": "AssumeRole", "resource": "PantherRemediationRole",
         "kind": "deny"}
    )  # fmt: skip
    result = run_tool("sources", "-validate", "-type", "aws-scan", "-output", "json")
    [record] = result.records
    assert (result.code, record["result"]) == (3, "failed")
    assert outcomes(record)["remediation role"] == ("failed", "AccessDenied")
    assert outcomes(record)["audit role"] == ("ok", "")
    assert targets(record, "stack set role") == [
        names.role_arn("PantherCloudFormationStackSetExecutionRole-us-east-1")
    ]


def test_roles_of_switched_off_features_are_not_tried(deployment, bucket, sandbox):
    deployment.add(bucket, integrationType="aws-scan", cweEnabled=False, remediationEnabled=False)
    record = deployment.check()
    assert "audit role" in outcomes(record)
    assert not {"stack set role", "remediation role"} & set(outcomes(record))
    assert sandbox.calls()["sts.AssumeRole"] == 2


def test_calls_of_parallel_sources_are_made_with_their_own_roles(deployment, bucket):
    deployment.sandbox.bulk_objects(bucket, ["a/1"])
    items = [deployment.add(bucket, "a/") for _ in range(23)]
    denied = items[7]["integrationLabel"].replace(" ", "-").lower()
    deployment.sandbox.faults(
        {"service": "s3", "operation": "GetObject", "kind": "deny", "role": denied},
        {"kind": "latency", "milliseconds": 20},
    )
    result = deployment.validate("-concurrency", "16")
    assert result.code == 3
    failed = [one["label"] for one in result.records if one["result"] == "failed"]
    assert failed == [items[7]["integrationLabel"]]
    assert [one["label"] for one in result.records] == sorted(
        one["integrationLabel"] for one in items
    )


# ---- trouble on the way ----------------------------------------------------------------------


def test_transient_errors_are_tried_twice_more(deployment, bucket):
    deployment.sandbox.bulk_objects(bucket, ["a/1"])
    deployment.add(bucket, "a/")
    rule = {"service": "s3", "operation": "ListObjectsV2", "kind": "throttle"}
    deployment.sandbox.faults(rule | {"times": 2})
    assert deployment.check()["result"] == "healthy"
    assert deployment.sandbox.calls()["s3.ListObjectsV2"] == 3
    deployment.sandbox.reset_calls()
    deployment.sandbox.faults(rule)
    assert outcomes(deployment.check())["list"] == ("failed", "SlowDown")
    assert deployment.sandbox.calls()["s3.ListObjectsV2"] == 3


def test_lost_connection_fails_the_check_alone(deployment, bucket):
    deployment.sandbox.bulk_objects(bucket, ["a/1"])
    deployment.add(bucket, "a/")
    deployment.sandbox.faults({"service": "s3", "operation": "GetObject", "kind": "drop"})
    record = deployment.check()
    assert outcomes(record)["head"] == ("ok", "")
    assert outcomes(record)["read"][0] == "failed"
    assert "AWS cannot be reached" in message(record, "read")


def test_out_holds_results(deployment, bucket, tmp_path):
    deployment.add(bucket, "a/")
    result = deployment.validate("-out", "report.json")
    assert json.loads((tmp_path / "report.json").read_text()) == result.records


@pytest.mark.parametrize(("sign", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stop_reports_the_finished_sources(deployment, bucket, start_tool, tmp_path, sign, code):
    sandbox = deployment.sandbox
    sandbox.bulk_objects(bucket, ["a/1"])
    quick, slow = deployment.add(bucket, "a/"), deployment.add(bucket, "a/")
    sandbox.faults(
        {"service": "sts", "operation": "AssumeRole", "kind": "latency", "milliseconds": 3000,
         "resource": slow["logProcessingRole"]}
    )  # fmt: skip
    (tmp_path / "r.csv").write_text("old")
    process = start_tool(
        "sources", "-validate", "-sources-file", deployment.file(), "-output", "json",
        "-out", "r.csv",
    )  # fmt: skip
    deadline = time.monotonic() + 30
    while not sandbox.calls()["s3.GetObject"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(sign)
    result = support.finish(process)
    assert result.code == code
    assert [one["label"] for one in result.records] == [quick["integrationLabel"]]
    assert result.records[0]["result"] == "healthy"
    assert "stopped: 1 of 2 sources checked" in result.stderr
    assert "r.csv was not written" in result.stderr
    assert (tmp_path / "r.csv").read_text() == "old"
    assert sandbox.calls()["s3.ListObjectsV2"] == 1
