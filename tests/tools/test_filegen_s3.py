"""filegen to a bucket: keys, large files, uploads that fail, and both places at once."""

import json

import pytest

from tests.tools.filegen_files import START, content, written

FLAGS = (*START, "-AWS.ALB", "-file.numrows", "5", "-seed", "1")
PUT = {"service": "s3", "operation": "PutObject"}


@pytest.fixture
def generate(tools, bucket):
    """Runs filegen to the test's bucket."""

    def run(*flags, **options):
        return tools.run("filegen", "-bucket", bucket, *flags, **options)

    return run


@pytest.fixture
def objects(sandbox, bucket):
    """Gives the bucket's objects by key."""

    def read():
        s3 = sandbox.client("s3")
        found = s3.list_objects_v2(Bucket=bucket).get("Contents", ())
        return {
            one["Key"]: s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].read() for one in found
        }

    return read


def test_objects_are_the_files_that_a_folder_gets(generate, objects, tools, tmp_path):
    assert generate(*FLAGS, "-numfiles", "13").code == 0
    tools.run("filegen", "-out", str(tmp_path / "logs"), *FLAGS, "-numfiles", "13")
    found = objects()
    assert len(found) == 13
    assert found == written(tmp_path / "logs")


@pytest.mark.parametrize(("prefix", "start"), [("", "AWS.ALB/"), ("a/b/", "a/b/AWS.ALB/")])
def test_keys_never_begin_with_a_slash(generate, objects, bucket, prefix, start):
    done = generate(*FLAGS, "-numfiles", "2", "-prefix", prefix)
    assert all(key.startswith(start) for key in objects())
    assert f" to s3://{bucket}/{prefix}\n" in done.stderr


def test_both_places_get_every_file(generate, objects, tmp_path):
    done = generate(*FLAGS, "-numfiles", "3", "-out", str(tmp_path / "logs"))
    assert objects() == written(tmp_path / "logs")
    assert f"/ and {tmp_path}/logs\n" in done.stderr


def test_a_large_file_is_uploaded_in_parts(generate, objects, sandbox, tmp_path):
    done = generate(*START, "-AWS.S3ServerAccess", "-numfiles", "1", "-file.numrows", "14000",
                    "-compression", "none", "-seed", "1")  # fmt: skip
    assert done.code == 0
    ((key, data),) = objects().items()
    assert len(data) > 2 * 5 * 1024**2
    assert len(content(key, data).splitlines()) == 14_000
    assert sandbox.calls()["s3.UploadPart"] == 3


def test_an_upload_that_fails_once_is_tried_again(generate, objects, sandbox):
    sandbox.faults(PUT | {"kind": "deny", "times": 1})
    done = generate(*FLAGS, "-numfiles", "3")
    assert done.code == 0
    assert len(objects()) == 3
    assert done.stderr.count("trying again") == 1


def test_uploads_that_go_on_failing_end_the_run_with_totals(generate, objects, sandbox, tmp_path):
    sandbox.faults(PUT | {"kind": "deny", "skip": 2})
    manifest = tmp_path / "files.jsonl"
    done = generate(*FLAGS, "-numfiles", "1000", "-concurrency", "2", "-output", "json",
                    "-manifest", str(manifest))  # fmt: skip
    assert done.code == 1
    found = objects()
    assert len(found) == 2
    assert done.records[0]["files"] == 2
    assert "wrote 2 files" in done.stderr
    assert "denied" in done.stderr.splitlines()[-1].lower()
    keys = {json.loads(line)["key"] for line in manifest.read_text().splitlines()}
    assert keys == found.keys()
    assert sandbox.calls()["s3.PutObject"] < 20


def test_a_large_upload_that_fails_leaves_no_parts(generate, sandbox, bucket):
    sandbox.faults({"service": "s3", "operation": "UploadPart", "kind": "deny", "skip": 1})
    done = generate(*START, "-AWS.S3ServerAccess", "-numfiles", "1", "-file.numrows", "8000",
                    "-compression", "none")  # fmt: skip
    assert done.code == 1
    assert "Uploads" not in sandbox.client("s3").list_multipart_uploads(Bucket=bucket)


def test_a_bucket_that_does_not_exist_is_told_before_anything_is_made(tools):
    done = tools.run("filegen", "-bucket", "no-such-bucket-here", *FLAGS)
    assert done.code == 1
    assert "no-such-bucket-here does not exist" in done.stderr
    assert "wrote" not in done.stderr


@pytest.mark.parametrize("size", [("-bytes", "2T"), ("-tbPerDay", "48"), ("-numfiles", "2000000")])
def test_very_much_data_needs_a_yes(generate, objects, size):
    done = generate(*FLAGS, *size)
    assert done.code == 2
    assert "-yes" in done.stderr
    assert objects() == {}


def test_very_much_data_is_asked_for_on_a_terminal(run_in_terminal, bucket):
    done = run_in_terminal("filegen", "-bucket", bucket, *FLAGS, "-bytes", "2T", answers=["n"])
    assert done.code == 1
    assert "not confirmed" in done.stdout


def test_a_dry_run_asks_for_the_bucket_and_writes_nothing(generate, objects, tools):
    assert generate(*FLAGS, "-numfiles", "2", "-dry-run").code == 0
    assert objects() == {}
    done = tools.run("filegen", "-bucket", "no-such-bucket", *FLAGS, "-dry-run")
    assert (done.code, done.stdout) == (1, "")
    assert "bucket no-such-bucket does not exist" in done.stderr
