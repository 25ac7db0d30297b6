"""logprocessor in AWS: objects from buckets and into them, and what SNS is told."""

import base64
import gzip
import json
import os
import random
import signal
import time

import pytest

from tests.support import finish
from tests.tools.logprocessor_files import (
    APP,
    app,
    events_of,
    hours_of,
    message,
    process,
    schemas,
    text,
)
from tests.tools.s3sns_place import topic

__all__ = ["process", "schemas", "topic"]  # fixtures

NOISE = base64.b85encode(random.Random(7).randbytes(6_500_000)).decode()
# Of what no compressor makes smaller than a part of an upload.
LARGE = text(*[app("09:00:00", NOISE[n * 6250 : (n + 1) * 6250]) for n in range(1_300)])
LINES = text(app("08:00:00"), app("09:00:00"), app("10:00:00"))


@pytest.fixture
def load(process, bucket, topic):
    """Runs logprocessor into the test's bucket, announced on the test's topic."""

    def run(*words, **options):
        place = ("-bucket", bucket, "-topic", topic.arn)
        return process(*place, *words, **{"stdin": LINES, **options})

    return run


def content(sandbox, bucket, key):
    return sandbox.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()


def keys_in(sandbox, bucket):
    return sorted(one["key"] for one in sandbox.versions(bucket))


def test_objects_are_announced_byte_for_byte(load, sandbox, bucket, topic, tmp_path):
    assert load("-").code == 0
    sizes = {one["key"]: one["size"] for one in sandbox.versions(bucket)}
    assert hours_of(sizes) == [("custom_app", hour) for hour in ("08", "09", "10")]
    expected = [message(bucket, key, size) for key, size in sizes.items()]
    assert sorted(topic.bodies) == sorted(expected)
    assert topic.attributes == {key: {"type": "LogData", "id": APP} for key in sizes}
    assert not (tmp_path / "processed").exists()


def test_objects_hold_the_events_of_local_files(load, sandbox, bucket, process):
    load("-")
    found = [gzip.decompress(content(sandbox, bucket, key)) for key in keys_in(sandbox, bucket)]
    expected = process("-out", "-", "-", stdin=LINES).stdout
    assert events_of(b"".join(found)) == events_of(expected)


def test_without_a_topic_nobody_is_told(process, sandbox, bucket):
    assert process("-bucket", bucket, "-", stdin=LINES).code == 0
    assert len(keys_in(sandbox, bucket)) == 3
    assert sandbox.calls()["sns.Publish"] == 0


def test_a_large_object_is_written_in_parts(load, sandbox, bucket, topic):
    assert load("-", stdin=LARGE).code == 0
    (key,) = topic.keys
    assert len(gzip.decompress(content(sandbox, bucket, key)).splitlines()) == 1_300
    calls = sandbox.calls()
    assert (calls["s3.UploadPart"], calls["s3.PutObject"]) == (2, 0)


def test_a_large_object_that_fails_leaves_no_parts(load, sandbox, bucket, topic):
    sandbox.faults({"service": "s3", "operation": "UploadPart", "kind": "code", "status": 400,
                    "code": "InvalidRequest", "skip": 1})  # fmt: skip
    assert load("-", stdin=LARGE).code == 1
    assert "Uploads" not in sandbox.client("s3").list_multipart_uploads(Bucket=bucket)
    assert (keys_in(sandbox, bucket), topic.bodies) == ([], [])


def test_input_comes_from_s3(process, sandbox, bucket):
    data = base64.b64encode(gzip.compress(LINES.encode())).decode()
    sandbox.bulk_objects(bucket, ["raw/a b#.log"], body_base64=data)
    result = process("-out", "-", f"s3://{bucket}/raw/a b#.log")
    assert result.code == 0, result.stderr
    assert len(events_of(result.stdout)) == 3


def test_a_missing_object_is_named_and_the_others_are_processed(process, sandbox, bucket):
    sandbox.bulk_objects(bucket, ["good"], body=LINES)
    missing = (f"s3://{bucket}/none", "s3://no-such-bucket-at-all/x")
    result = process("-out", "-", *missing, f"s3://{bucket}/good")
    assert result.code == 1
    for name in missing:
        assert f"cannot read {name}: " in result.stderr
    assert len(events_of(result.stdout)) == 3


def test_a_refused_object_fails_the_run_and_is_not_announced(load, sandbox, bucket, topic):
    sandbox.faults({"service": "s3", "operation": "PutObject", "kind": "code", "status": 400,
                    "code": "InvalidRequest", "skip": 1, "times": 1})  # fmt: skip
    result = load("-output", "json", "-")
    assert result.code == 1
    assert "PutObject failed: InvalidRequest" in result.stderr
    there = keys_in(sandbox, bucket)
    assert 1 <= len(there) <= 2
    assert sorted(topic.keys) == there
    assert sorted(one["key"] for one in result.records[0]["written"]) == there
    assert all(f"written: {key}\n" in result.stderr for key in there)


@pytest.mark.parametrize("kind", ["deny", "drop"])
def test_failures_that_pass_lose_nothing(load, sandbox, bucket, topic, kind):
    sandbox.faults({"service": "s3", "operation": "PutObject", "kind": kind, "times": 3})
    assert load("-").code == 0
    assert sorted(topic.keys) == keys_in(sandbox, bucket)
    assert len(topic.keys) == 3


def test_a_failed_publish_fails_the_run_and_names_the_object(load, sandbox, bucket, topic):
    sandbox.faults({"service": "sns", "operation": "Publish", "kind": "code", "status": 400,
                    "code": "InvalidParameter", "times": 1})  # fmt: skip
    result = load("-output", "json", "-")
    assert result.code == 1
    silent = set(keys_in(sandbox, bucket)) - set(topic.keys)
    (key,) = silent
    assert f"written: {key} (not announced)" in result.stderr
    assert {one["key"] for one in result.records[0]["written"] if not one["announced"]} == silent


def test_a_missing_bucket_is_told_before_anything_is_read(process):
    result = process("-bucket", "no-such-bucket-at-all", "-", stdin=LINES)
    assert result.code == 1
    assert "bucket no-such-bucket-at-all does not exist" in result.stderr


def test_an_interrupted_run_finishes_the_object_under_way(
    start_tool, schemas, sandbox, bucket, topic, tmp_path
):
    sandbox.faults({"service": "s3", "operation": "PutObject", "kind": "latency",
                    "milliseconds": 1500})  # fmt: skip
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    started = start_tool(
        "logprocessor", "-schemas", str(schemas), "-logtype", APP, "-bucket", bucket,
        "-topic", topic.arn, "-flush-age", "200ms", "-output", "json", "-",
        stdin=os.open(pipe, os.O_RDWR),
    )  # fmt: skip
    write = os.open(pipe, os.O_WRONLY)
    os.write(write, text(app("09:00:00")).encode())
    deadline = time.monotonic() + 20
    while sandbox.calls()["s3.PutObject"] < 1 and time.monotonic() < deadline:
        time.sleep(0.05)
    started.send_signal(signal.SIGTERM)
    result = finish(started)
    os.close(write)
    assert result.code == 143
    assert (
        topic.keys
        == keys_in(sandbox, bucket)
        == [one["key"] for one in json.loads(result.stdout)["written"]]
    )
    assert len(topic.keys) == 1
