"""sources as a user runs it to list: columns, filters, formats, origins, bad input."""

import csv
import json
import re

import pytest

from scripts.sandbox import seed_names as names

LABELS = [
    "App Logs Europe", "CloudTrail Prod", "VPC Flow", "Acme Account", "Okta Events", "Slack Audit",
]  # fmt: skip
COLUMNS = (
    "label,type,id,account,bucket,prefixes,log_types,role_arn,kms_key,queue_url,"
    "managed_notifications,created_at,created_by,panther_version,last_event_received,status"
).split(",")


@pytest.fixture
def write_sources(tmp_path):
    """write_sources(item, ...) gives the path of a file for -sources-file."""

    def write(*items):
        path = tmp_path / "items.json"
        path.write_text(json.dumps(items))
        return str(path)

    return write


# ---- what is listed --------------------------------------------------------------------------


def test_all_types_are_listed_by_type_and_label_and_nothing_is_checked(run_tool, sandbox):
    result = run_tool("sources", "-output", "json")
    assert result.code == 0
    assert [one["label"] for one in result.records] == LABELS
    assert "6 of 6 sources" in result.stderr
    assert sandbox.calls() == {"lambda.Invoke": 1}


def test_json_has_every_column_in_order(run_tool):
    result = run_tool("sources", "-output", "json", "-label", "cloudtrail prod")
    [one] = result.records
    assert list(one) == COLUMNS
    kms_key = one.pop("kms_key")
    assert kms_key.startswith("arn:aws:kms:us-east-1:111122223333:key/")
    assert one == {
        "label": "CloudTrail Prod",
        "type": "aws-s3",
        "id": "0aa0b5a5-1c5a-4b7e-9a36-5a4f1c0d7e01",
        "account": "111122223333",
        "bucket": names.CLOUDTRAIL_BUCKET,
        "prefixes": [{"prefix": "AWSLogs/", "log_types": ["AWS.CloudTrail"]}],
        "log_types": ["AWS.CloudTrail"],
        "role_arn": names.role_arn("PantherLogProcessingRole-cloudtrail-prod"),
        "queue_url": "",
        "managed_notifications": True,
        "created_at": "2021-01-04T10:00:00Z",
        "created_by": "00000000-0000-4000-8000-000000000000",
        "panther_version": "1.16.0",
        "last_event_received": "2021-02-05T09:58:12Z",
        "status": "",
    }


def test_each_type_has_its_bucket_prefixes_and_queue(run_tool):
    by_label = {one["label"]: one for one in run_tool("sources", "-output", "json").records}
    okta, account = by_label["Okta Events"], by_label["Acme Account"]
    assert (okta["bucket"], okta["prefixes"]) == (
        names.INPUT_BUCKET, [{"prefix": "forwarder", "log_types": ["Okta.SystemLog"]}],
    )  # fmt: skip
    assert okta["queue_url"].endswith(f"panther-source-{names.SQS_SOURCE_ID}")
    assert account["prefixes"] == [{"prefix": "cloudsecurity", "log_types": []}]
    assert account["status"] == "ok"
    slack = by_label["Slack Audit"]
    assert (slack["type"], slack["bucket"], slack["prefixes"]) == ("slack-puller", "", [])
    assert slack["managed_notifications"] is None


def test_old_item_has_its_one_prefix(run_tool):
    [one] = run_tool("sources", "-output", "json", "-label", "VPC Flow").records
    assert one["prefixes"] == [{"prefix": "AWSLogs/", "log_types": ["AWS.VPCFlow"]}]


def test_text_is_a_short_aligned_table(run_tool):
    result = run_tool("sources")
    lines = result.stdout.splitlines()
    assert re.split(r"  +", lines[0]) == ["LABEL", "TYPE", "BUCKET", "LAST EVENT"]
    assert len(lines) == 7
    assert max(map(len, lines)) <= 120
    start = lines[0].index("BUCKET")
    assert lines[2][start:].startswith(names.CLOUDTRAIL_BUCKET)
    assert lines[6][start:].split() == ["-", "-"]


def test_csv_has_a_header_and_a_row_for_each_source(run_tool):
    result = run_tool("sources", "-output", "csv")
    table = list(csv.DictReader(result.stdout.splitlines()))
    assert result.stdout.splitlines()[0].split(",") == COLUMNS
    assert [row["label"] for row in table] == LABELS
    assert table[0]["prefixes"] == "app/|app/access/"
    assert table[0]["log_types"] == "AWS.S3ServerAccess|Custom.AppEvents"
    assert [row["managed_notifications"] for row in table] == ["true", "true", "", "", "", ""]


# ---- filters ---------------------------------------------------------------------------------


def test_filters_choose_and_narrow(run_tool):
    def labels(*flags):
        return [one["label"] for one in run_tool("sources", "-output", "json", *flags).records]

    assert labels("-type", "aws-sqs,aws-scan") == ["Acme Account", "Okta Events"]
    assert labels("-label", "vpc flow, OKTA EVENTS") == ["VPC Flow", "Okta Events"]
    assert labels("-source-id", names.SQS_SOURCE_ID) == ["Okta Events"]
    assert labels("-type", "aws-s3", "-label", "okta events") == []


def test_type_without_sources_lists_nothing_and_says_so(run_tool):
    for output, stdout in (("text", ""), ("json", ""), ("csv", ",".join(COLUMNS) + "\n")):
        result = run_tool("sources", "-type", "gcs", "-output", output)
        assert (result.code, result.stdout) == (0, stdout)
        assert "0 of 6 sources" in result.stderr


@pytest.mark.parametrize("flag", ["-label", "-source-id"])
def test_name_that_no_source_has_is_a_usage_error(run_tool, flag):
    result = run_tool("sources", flag, "nope")
    assert (result.code, result.stdout) == (2, "")
    assert f"{flag}: no source is called nope. See: sources -output csv" in result.stderr


# ---- where sources come from -----------------------------------------------------------------


def test_table_gives_the_same_sources_as_the_api(run_tool, sandbox):
    from_api = run_tool("sources", "-output", "json")
    sandbox.reset_calls()
    from_table = run_tool("sources", "-output", "json", "-from-dynamodb")
    assert from_table.records == from_api.records
    assert set(sandbox.calls()) == {"dynamodb.Scan"}


def test_file_gives_sources_without_asking_panther(run_tool, sandbox, write_sources):
    path = write_sources({"integrationType": "aws-s3", "integrationLabel": "X", "s3Bucket": "b"})
    result = run_tool("sources", "-output", "json", "-sources-file", path)
    assert [one["label"] for one in result.records] == ["X"]
    assert not sandbox.calls()


def test_secrets_of_unknown_types_are_never_shown(run_tool, write_sources):
    path = write_sources(
        {"integrationType": "okta-puller", "integrationLabel": "O", "clientSecret": "hunter2",
         "config": {"token": "hunter2"}}
    )  # fmt: skip
    for output in ("text", "json", "csv"):
        result = run_tool("sources", "-sources-file", path, "-output", output, "-debug")
        assert result.code == 0
        assert "hunter2" not in result.stdout + result.stderr


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"kind": "deny"}, "access denied"),
        ({"kind": "expired"}, "the AWS session has expired"),
        ({"kind": "function_error", "code": "AWSError", "message": "table is gone"},
         "panther-source-api: listIntegrations failed: AWSError: table is gone"),
        ({"kind": "code", "status": 404, "code": "ResourceNotFoundException", "message": "x"},
         "function panther-source-api does not exist in us-east-1"),
    ],
)  # fmt: skip
def test_sources_that_cannot_be_listed_end_the_run(run_tool, sandbox, rule, said):
    sandbox.faults({"service": "lambda", "operation": "Invoke"} | rule)
    result = run_tool("sources")
    assert (result.code, result.stdout) == (1, "")
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


# ---- -out ------------------------------------------------------------------------------------


def test_out_writes_by_extension_beside_what_output_says(run_tool, tmp_path):
    for name in ("s.csv", "s.json", "s.jsonl", "S.CSV"):
        result = run_tool("sources", "-out", name)
        assert result.code == 0
        assert result.stdout.startswith("LABEL")
    table = list(csv.DictReader((tmp_path / "s.csv").read_text().splitlines()))
    array = json.loads((tmp_path / "s.json").read_text())
    lines = [json.loads(line) for line in (tmp_path / "s.jsonl").read_text().splitlines()]
    assert [row["label"] for row in table] == [row["label"] for row in array] == LABELS
    assert lines == array
    assert (tmp_path / "S.CSV").read_text() == (tmp_path / "s.csv").read_text()
    assert not list(tmp_path.glob("*.tmp"))


@pytest.mark.parametrize("output", ["json", "csv"])
def test_out_without_an_extension_is_what_output_says(run_tool, tmp_path, output):
    result = run_tool("sources", "-out", "report", "-output", output)
    assert (tmp_path / "report").read_text() == result.stdout


def test_out_replaces_an_older_file_whole(run_tool, tmp_path):
    (tmp_path / "s.csv").write_text("old " * 10_000)
    assert run_tool("sources", "-out", "s.csv", "-label", "VPC Flow").code == 0
    assert (tmp_path / "s.csv").read_text().count("\n") == 2


def test_out_is_left_alone_when_the_listing_fails(run_tool, sandbox, tmp_path):
    (tmp_path / "s.csv").write_text("old")
    sandbox.faults({"service": "lambda", "kind": "deny"})
    assert run_tool("sources", "-out", "s.csv").code == 1
    assert (tmp_path / "s.csv").read_text() == "old"


# ---- bad input -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["-out", "report"], "-out report: CSV or JSON?"),
        (["-out", "nowhere/s.csv"], "-out nowhere/s.csv: there is no folder nowhere"),
        (["-out", ".", "-output", "csv"], "-out . is a folder"),
        (["-output", "xml"], "-output 'xml' is not one of text, json, csv"),
        (["-concurrency", "0"], "-concurrency 0 is not in 1 to 128"),
        (["-concurrency", "129"], "-concurrency 129 is not in 1 to 128"),
        (["-samples", "0"], "-samples 0 is not in 1 to 50"),
        (["-samples", "51"], "-samples 51 is not in 1 to 50"),
        (["-samples", "x"], "-samples"),
        (["-key", "s3://b/k"], "-key only works with -validate"),
        (["-check-notifications"], "-check-notifications only works with -validate"),
        (["-validate", "-key", "b/k"], "-key 'b/k' is no S3 path"),
        (["-validate", "-key", "s3://b"], "-key s3://b names no object"),
        (["-validate", "-key", "s3://b/k"], "-key s3://b/k: none of these sources reads"),
        (["-sources-file", "a", "-from-dynamodb"], "-sources-file and -from-dynamodb exclude"),
        (["-sources-file", "none.json"], "-sources-file none.json cannot be opened: No such"),
        (["surplus"], "unexpected argument 'surplus'"),
        (["-nope"], "-nope"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(run_tool, flags, said):
    result = run_tool("sources", *flags)
    assert (result.code, result.stdout) == (2, "")
    assert said in result.stderr
    assert result.stderr.startswith("sources: ")
    assert result.stderr.count("\n") == 1


def test_missing_credentials_are_named(run_tool):
    none = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}
    result = run_tool("sources", env=none)
    assert result.code == 1
    assert "no AWS credentials found" in result.stderr
