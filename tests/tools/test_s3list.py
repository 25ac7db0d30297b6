"""s3list as a user runs it: sources, attribution, filters, formats, streams, wrong input."""

import gzip
import json
import subprocess
import uuid

import pyarrow.parquet as pq
import pytest

from scripts.sandbox import seed_names as names
from tests.tools.s3list_files import csv_rows, keys, outcome, read_csv, source, sources_file


@pytest.fixture
def listed(run_tool, tmp_path):
    """Runs s3list on sources of a test's own into out.csv; gives the result and the rows."""

    def run(*items, flags=()):
        result = run_tool(
            "s3list", "-sources-file", sources_file(tmp_path, *items), "-out", "out.csv",
            "-output", "json", *flags,
        )  # fmt: skip
        out = tmp_path / "out.csv"
        return result, read_csv(out) if out.exists() else None

    return run


# ---- sources and attribution -----------------------------------------------------------------


def test_overlapping_prefixes_give_every_object_once_with_the_right_source(
    sandbox, bucket, listed, tmp_path
):
    outer, inner = source(bucket, "logs/"), source(bucket, "logs/app/", "logs/zoo/")
    sandbox.bulk_objects(bucket, ["logs/a", "logs/app/1", "logs/app/2", "logs/b", "logs/zoo/9",
                                  "logs/zz", "else/x"], size=7)  # fmt: skip
    result, rows = listed(inner, outer)
    assert result.code == 0
    assert [(row["key"], row["source_id"], row["prefix"], row["log_types"]) for row in rows] == [
        ("logs/a", outer["integrationId"], "logs/", "L0|Z"),
        ("logs/app/1", inner["integrationId"], "logs/app/", "L0|Z"),
        ("logs/app/2", inner["integrationId"], "logs/app/", "L0|Z"),
        ("logs/b", outer["integrationId"], "logs/", "L0|Z"),
        ("logs/zoo/9", inner["integrationId"], "logs/zoo/", "L1|Z"),
        ("logs/zz", outer["integrationId"], "logs/", "L0|Z"),
    ]
    assert {row["bucket"] for row in rows} == {bucket}
    assert rows[0]["source_label"] == outer["integrationLabel"]
    assert rows[0]["account_id"] == "123456789012" and rows[0]["region"] == "us-east-1"
    assert (outcome(result, outer)["objects"], outcome(result, outer)["bytes"]) == (3, 21)
    assert (outcome(result, inner)["objects"], outcome(result, inner)["bytes"]) == (3, 21)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv", "sources.json"]


def test_listing_that_needs_paging_gives_every_key_in_order(sandbox, bucket, listed):
    expected = sorted(f"k/{number % 7}/{number:05}" for number in range(2_503))
    sandbox.bulk_objects(bucket, expected)
    result, rows = listed(source(bucket, "k/", "k/3/0"))
    assert result.code == 0 and keys(rows) == expected
    assert sandbox.calls()["s3.ListObjectsV2"] > 3


def test_a_source_that_was_not_asked_for_keeps_its_objects(sandbox, bucket, listed):
    outer, inner = source(bucket, ""), source(bucket, "x/")
    sandbox.bulk_objects(bucket, ["a", "x/1", "y"])
    result, rows = listed(outer, inner, flags=("-label", outer["integrationLabel"].upper()))
    assert result.code == 0 and keys(rows) == ["a", "y"]
    assert [row["id"] for row in result.records] == [outer["integrationId"]]


def test_label_and_id_choose_sources(sandbox, bucket, listed):
    one, two, three = source(bucket, "1/"), source(bucket, "2/"), source(bucket, "3/")
    sandbox.bulk_objects(bucket, ["1/a", "2/b", "3/c"])
    _, rows = listed(one, two, three, flags=("-source-id", f"{one['integrationId']},"
                                             f"{three['integrationId']}"))  # fmt: skip
    assert keys(rows) == ["1/a", "3/c"]
    result, _ = listed(one, flags=("-label", "No Such Label"))
    assert result.code == 2 and "no such label" in result.stderr.lower()


def test_type_chooses_sources_and_unknown_types_are_skipped_with_a_warning(sandbox, bucket, listed):
    plain = source(bucket, "p/")
    queue = source("", integrationType="aws-sqs", sqsConfig={"s3Bucket": bucket, "logTypes": []})
    scan = source(bucket, integrationType="aws-scan")
    strange, homeless = source("", integrationType="gcs"), source("", "p/")
    sandbox.bulk_objects(bucket, ["p/1", "forwarder/2", "cloudsecurity/3", "other"])
    every = (plain, queue, scan, strange, homeless)
    result, rows = listed(*every)
    assert result.code == 0 and keys(rows) == ["cloudsecurity/3", "forwarder/2", "p/1"]
    assert "gcs" in result.stderr and homeless["integrationId"] in result.stderr
    assert len(result.records) == 3
    result, rows = listed(*every, flags=("-type", "aws-sqs, aws-scan", "-restart"))
    assert keys(rows) == ["cloudsecurity/3", "forwarder/2"]


def test_sources_come_from_the_api_and_from_the_table(run_tool, tmp_path):
    ids = {names.SQS_SOURCE_ID} | {f"0aa0b5a5-1c5a-4b7e-9a36-5a4f1c0d7e0{n}" for n in (1, 2, 3, 5)}
    for flags in ((), ("-from-dynamodb",)):
        result = run_tool("s3list", "-out", "o.csv", "-output", "json", *flags)
        assert result.code == 0
        assert {row["id"] for row in result.records} == ids
        assert "Slack Audit" in result.stderr
    by_source = {row["source_id"]: row for row in read_csv(tmp_path / "o.csv")}
    assert set(by_source) == ids
    european = by_source["0aa0b5a5-1c5a-4b7e-9a36-5a4f1c0d7e03"]
    assert european["bucket"] == names.EUROPEAN_BUCKET and european["region"] == "eu-west-1"
    assert by_source[names.SQS_SOURCE_ID]["prefix"] == "forwarder"


def test_bucket_in_another_region_is_read(sandbox, listed):
    far = sandbox.create_bucket(region="eu-west-1")
    sandbox.bulk_objects(far, ["k"])
    result, rows = listed(source(far, ""))
    assert result.code == 0 and rows[0]["region"] == "eu-west-1"


def test_no_sources_give_a_file_with_the_header_alone(listed):
    result, rows = listed()
    assert (result.code, rows, result.stdout) == (0, [], "")


# ---- what is listed --------------------------------------------------------------------------


def test_window_includes_its_start_and_excludes_its_end(sandbox, bucket, listed):
    for hour in range(8, 12):
        for second in ("00:00", "59:59"):
            time = f"2021-02-05T{hour:02}:{second}Z"
            sandbox.bulk_objects(bucket, [f"{hour:02}.{second}"], last_modified=time)
    flags = ("-start", "2021-02-05T09:00:00Z", "-end", "2021-02-05T11:00:00Z")
    result, rows = listed(source(bucket, ""), flags=flags)
    assert result.code == 0
    assert keys(rows) == ["09.00:00", "09.59:59", "10.00:00", "10.59:59"]
    assert rows[0]["last_modified"] == "2021-02-05T09:00:00.000Z"


def test_empty_objects_and_folders_are_listed_unless_skipped(sandbox, bucket, listed):
    sandbox.bulk_objects(bucket, ["empty", "folder/"], size=0)
    sandbox.bulk_objects(bucket, ["full", "full/"], size=5)
    _, rows = listed(source(bucket, ""))
    assert [(row["key"], row["size"]) for row in rows] == [
        ("empty", "0"), ("folder/", "0"), ("full", "5"), ("full/", "5"),
    ]  # fmt: skip
    _, rows = listed(source(bucket, ""), flags=("-skip-empty",))
    assert keys(rows) == ["full"]


@pytest.mark.parametrize("limit", [1, 1000, 1001, 1500, 2999])
def test_limit_is_exact_and_takes_the_first_objects_over_all_sources(
    sandbox, bucket, listed, limit
):
    every = [f"{folder}/{number:04}" for folder in "ab" for number in range(1_500)]
    sandbox.bulk_objects(bucket, every)
    first, second = source(bucket, "a/"), source(bucket, "b/")
    result, rows = listed(first, second, flags=("-limit", str(limit)))
    assert result.code == 0 and keys(rows) == every[:limit]
    assert sum(row["objects"] for row in result.records) == limit
    assert outcome(result, second)["status"] == "limited"


def test_limit_counts_what_the_filters_leave(sandbox, bucket, listed):
    sandbox.bulk_objects(bucket, [f"e{number}" for number in range(5)], size=0)
    sandbox.bulk_objects(bucket, ["f1", "f2", "f3"], size=1)
    _, rows = listed(source(bucket, ""), flags=("-limit", "2", "-skip-empty"))
    assert keys(rows) == ["f1", "f2"]
    result, rows = listed(source(bucket, ""), flags=("-limit", "50"))
    assert len(rows) == 8 and result.records[0]["status"] == "ok"


def test_keys_with_separators_quotes_line_ends_and_any_script_survive(sandbox, bucket, listed):
    expected = sorted(
        ["a,b", 'say "hi"', "two\nlines", "cr\rlf", "\u00fc/\u4e16\u754c", "\U0001f600", "a&b<c>",
         " x ", "%20", "a+b"]
    )  # fmt: skip
    sandbox.bulk_objects(bucket, expected)
    _, rows = listed(source(bucket, ""))
    assert keys(rows) == expected


# ---- -s3path ---------------------------------------------------------------------------------


def test_s3path_is_listed_without_sources_and_roles(sandbox, bucket, run_tool, tmp_path):
    sandbox.bulk_objects(bucket, ["a?b#c/1", "a?b#c/2", "a"], size=3)
    result = run_tool("s3list", "-s3path", f"s3://{bucket}/a?b#c/", "-out", "o.csv")
    rows = read_csv(tmp_path / "o.csv")
    assert result.code == 0 and keys(rows) == ["a?b#c/1", "a?b#c/2"]
    assert {(row["source_id"], row["log_types"], row["prefix"]) for row in rows} == {
        ("", "", "a?b#c/")
    }
    assert "sts.AssumeRole" not in sandbox.calls() and "lambda.Invoke" not in sandbox.calls()
    assert f"s3://{bucket}/a?b#c/" in result.stdout and "ok" in result.stdout


def test_s3path_that_cannot_be_read_fails_and_leaves_nothing(sandbox, bucket, run_tool, tmp_path):
    result = run_tool("s3list", "-s3path", "s3://no-such-bucket-here/", "-out", "o.csv")
    assert result.code == 1 and result.stdout == ""
    assert result.stderr == "s3list: bucket no-such-bucket-here does not exist. Check the path.\n"
    sandbox.faults({"service": "s3", "operation": "ListObjectsV2", "kind": "deny",
                    "resource": bucket})  # fmt: skip
    result = run_tool("s3list", "-s3path", f"s3://{bucket}/", "-out", "o.csv")
    assert result.code == 1 and "s3:ListBucket" in result.stderr
    assert result.stderr.count("\n") == 1 and not list(tmp_path.iterdir())


# ---- formats and streams ---------------------------------------------------------------------


def test_every_format_holds_the_same_objects(sandbox, bucket, run_tool, tmp_path):
    sandbox.bulk_objects(bucket, [f"k{number:04}" for number in range(1_100)], size=2,
                         last_modified="2021-02-05T09:00:00Z")  # fmt: skip
    found = source(bucket, "")
    for name in ("o.csv", "o.csv.gz", "o.jsonl", "o.jsonl.gz", "o.parquet"):
        result = run_tool("s3list", "-sources-file", sources_file(tmp_path, found), "-out", name)
        assert result.code == 0
    plain = (tmp_path / "o.csv").read_bytes()
    assert gzip.decompress((tmp_path / "o.csv.gz").read_bytes()) == plain
    lines = (tmp_path / "o.jsonl").read_bytes()
    assert gzip.decompress((tmp_path / "o.jsonl.gz").read_bytes()) == lines
    rows = csv_rows(plain.decode())
    from_json = [json.loads(line) for line in lines.splitlines()]
    assert [row | {"log_types": "|".join(row["log_types"]), "size": str(row["size"])}
            for row in from_json] == rows  # fmt: skip
    from_parquet = pq.read_table(tmp_path / "o.parquet").to_pylist()
    assert [
        row | {"size": str(row["size"]), "last_modified": f"{row['last_modified']:%FT%T}.000Z"}
        for row in from_parquet
    ] == rows


def test_the_file_is_a_list_that_s3queue_reads(sandbox, bucket, queue, run_tool, tmp_path):
    sandbox.bulk_objects(bucket, ["a,1", "b 2", 'c"3'], size=9)
    for name in ("o.csv", "o.jsonl.gz"):
        run_tool("s3list", "-s3path", f"s3://{bucket}", "-out", name)
        result = run_tool("s3queue", "-from-file", name, "-queue", queue, "-dry-run")
        assert result.code == 0
        assert sorted(result.stdout.splitlines()) == [
            f"s3://{bucket}/a,1", f"s3://{bucket}/b 2", f's3://{bucket}/c"3',
        ]  # fmt: skip


def test_stdout_carries_the_objects_and_stderr_the_sources(sandbox, bucket, run_tool, tmp_path):
    sandbox.bulk_objects(bucket, [f"k{number}" for number in range(1_003)])
    found = source(bucket, "")
    flags = ("-sources-file", sources_file(tmp_path, found), "-out", "-")
    result = run_tool("s3list", *flags)
    assert result.code == 0 and len(csv_rows(result.stdout)) == 1_003
    assert found["integrationLabel"] in result.stderr and "LABEL" in result.stderr
    result = run_tool("s3list", *flags, "-format", "jsonl", "-output", "json")
    assert len(result.records) == 1_003
    [line] = [line for line in result.stderr.splitlines() if line.startswith("{")]
    assert json.loads(line)["objects"] == 1_003
    assert sorted(path.name for path in tmp_path.iterdir()) == ["sources.json"]


def test_stdout_streams_before_the_listing_ends(sandbox, bucket, start_tool):
    sandbox.bulk_objects(bucket, [f"k{number:05}" for number in range(5_000)])
    # The second page never comes: what is read first must come out all the same.
    rule = {"service": "s3", "operation": "ListObjectsV2", "resource": bucket, "kind": "latency"}
    sandbox.faults(rule | {"milliseconds": 30_000, "skip": 1})
    process = start_tool("s3list", "-s3path", f"s3://{bucket}", "-out", "-", "-concurrency", "1")
    assert process.stdout.readline().startswith("bucket,key,size")
    assert process.stdout.readline().startswith(f"{bucket},k00000,")
    process.kill()


def test_a_reader_that_leaves_ends_the_run_quietly(sandbox, bucket, tools):
    sandbox.bulk_objects(bucket, [f"k{number:05}" for number in range(3_000)])
    with subprocess.Popen(
        [*tools.command("s3list"), "-s3path", f"s3://{bucket}", "-out", "-"],
        env=tools.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read()
        assert process.wait(60) == 141 and b"Traceback" not in said and b"Error" not in said


def test_stdout_that_is_full_is_an_error(sandbox, bucket, tools):
    sandbox.bulk_objects(bucket, ["k"])
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        done = subprocess.run(
            [*tools.command("s3list"), "-s3path", f"s3://{bucket}", "-out", "-"],
            env=tools.env, stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE,
            timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.decode() == (
        "s3list: cannot write standard output: No space left on device. Free space on that "
        "disk and run the same command again.\n"
    )


def test_text_output_is_a_table_of_sources(sandbox, bucket, run_tool, tmp_path):
    found = source(bucket, "")
    sandbox.bulk_objects(bucket, ["k"], size=11)
    result = run_tool("s3list", "-sources-file", sources_file(tmp_path, found), "-out", "o.csv")
    head, line = result.stdout.splitlines()
    assert head.split() == ["LABEL", "ID", "OBJECTS", "BYTES", "STATUS"]
    assert line.split() == [*found["integrationLabel"].split(), found["integrationId"],
                            "1", "11", "ok"]  # fmt: skip
    assert "1 object of 1 source written to o.csv in " in result.stderr


def test_default_name_tells_the_time(sandbox, bucket, run_tool, tmp_path):
    result = run_tool("s3list", "-s3path", f"s3://{bucket}", "-format", "jsonl")
    assert result.code == 0
    [name] = [path.name for path in tmp_path.iterdir()]
    assert name.startswith("s3list-2") and name.endswith("Z.jsonl") and len(name) == 29


# ---- wrong input -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("-format", "xml"), "-format 'xml' is not one of csv, jsonl, parquet"),
        (("-format", "parquet", "-out", "-"), "-format parquet cannot go to stdout"),
        (("-out", "x.parquet.gz"), "Parquet is compressed inside"),
        (("-out", "no/such/folder/o.csv"), "no/such/folder"),
        (("-out", "."), "is no ordinary file"),
        (("-limit", "-1"), "-limit is negative"),
        (("-concurrency", "0"), "-concurrency must be at least 1"),
        (("-type", "aws-s4"), "aws-s4: no such type of source. There are aws-s3, aws-sqs, "),
        (("-start", "2021-02-02", "-end", "2021-02-02"), "-start is not before -end"),
        (("-start", "noon"), "noon"),
        (("-s3path", "bucket/prefix"), "no S3 path"),
        (("-s3path", "s3://b", "-label", "x"), "-s3path and -label exclude each other"),
        (("-s3path", "s3://b", "-assume-role=false"), "-s3path and -assume-role exclude"),
        (("-sources-file", "f", "-from-dynamodb"), "exclude each other"),
        (("-sources-file", "missing.json"), "missing.json cannot be opened"),
        (("-checkpoint", "c"), "Name it with -out FILE"),
        (("-checkpoint", "c", "-out", "-"), "Name it with -out FILE"),
        (("extra",), "unexpected argument 'extra'"),
    ],
)
def test_wrong_command_lines_are_refused_with_a_remedy(run_tool, tmp_path, flags, said):
    result = run_tool("s3list", *flags)
    assert result.code == 2 and said in result.stderr and result.stdout == ""
    assert result.stderr.count("\n") == 1 and not list(tmp_path.iterdir())


def test_sources_file_that_is_no_list_is_refused(run_tool, tmp_path):
    (tmp_path / "s.json").write_text('{"not": "a list"}')
    result = run_tool("s3list", "-sources-file", "s.json")
    assert result.code == 2 and "is no JSON array" in result.stderr


def test_missing_credentials_are_told_before_anything_is_written(run_tool, tmp_path):
    env = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}
    result = run_tool("s3list", "-s3path", f"s3://{uuid.uuid4()}", "-out", "o.csv", env=env)
    assert result.code == 1 and "no AWS credentials found" in result.stderr
    assert not (tmp_path / "o.csv.parts").exists()
