"""The server's HTTP, the command line, and what is seeded."""

import http.client
import json
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from scripts.sandbox import process, seed_catalog, seed_logs, seed_names
from tests import support
from tests.support import Sandbox


def _connection(sandbox: Sandbox) -> http.client.HTTPConnection:
    parts = urlsplit(sandbox.url)
    return http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)


def test_a_connection_is_kept_for_many_requests(sandbox: Sandbox) -> None:
    connection = _connection(sandbox)
    sockets = set()
    for _ in range(3):
        connection.request("GET", "/_sandbox/calls")
        reply = connection.getresponse()
        assert json.loads(reply.read()) is not None
        sockets.add(id(connection.sock))
    assert len(sockets) == 1
    connection.close()


def test_a_chunked_body_is_understood(sandbox: Sandbox) -> None:
    connection = _connection(sandbox)
    for _ in range(2):
        connection.request(
            "POST", "/_sandbox/faults", iter([b"[]", b"  ", b" "]), encode_chunked=True
        )
        assert json.loads(connection.getresponse().read()) == {"rules": 0}
    connection.close()


def test_an_unknown_control_request_names_the_known_ones(sandbox: Sandbox) -> None:
    connection = _connection(sandbox)
    connection.request("GET", "/_sandbox/nothing")
    reply = connection.getresponse()
    assert reply.status == 404
    assert "POST /_sandbox/faults" in json.loads(reply.read())["error"]
    connection.close()


def test_a_large_object_survives_both_ways(sandbox: Sandbox, bucket: str) -> None:
    body = bytes(range(256)) * 8192
    s3 = sandbox.client("s3")
    s3.put_object(Bucket=bucket, Key="k", Body=body)
    assert s3.head_object(Bucket=bucket, Key="k")["ContentLength"] == len(body)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == body
    part = s3.get_object(Bucket=bucket, Key="k", Range="bytes=1-3")
    assert (part["Body"].read(), part["ContentRange"]) == (
        b"\x01\x02\x03",
        f"bytes 1-3/{len(body)}",
    )


def _sandbox_command(*flags: str) -> list[str]:
    return [sys.executable, "-m", "scripts.sandbox", *flags]


def test_it_prints_what_to_export_and_ends_on_a_signal(tmp_path: Path) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        directory = tmp_path / number.name
        directory.mkdir()
        running, env = process.start(directory, "-no-seed")
        running.send_signal(number)
        assert running.wait(30) == 0
        shown = (directory / "sandbox.log").read_text()
        assert f"export AWS_ENDPOINT_URL={env['AWS_ENDPOINT_URL']}\n" in shown
        assert "export AWS_REGION=us-east-1\n" in shown
        assert "Traceback" not in shown


def test_an_unseeded_sandbox_is_empty_and_takes_a_fault_plan(tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text(
        '[{"service": "s3", "operation": "ListBuckets", "kind": "throttle", "times": 1}]'
    )
    with support.running_sandbox(tmp_path, "-no-seed", f"-faults={plan}") as running:
        assert running.client("sqs").list_queues().get("QueueUrls", []) == []
        assert len(running.fault_counts()) == 1


def test_a_taken_port_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            _sandbox_command("-port", str(port)),
            cwd=support.ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.startswith(f"sandbox: port {port}: ")
    assert done.stderr.count("\n") == 1


def test_a_bad_fault_plan_is_said_in_one_line(tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text('[{"kind": "explode"}]')
    done = subprocess.run(
        _sandbox_command("-faults", str(plan)),
        cwd=support.ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "rule 0: kind must be one of" in done.stderr


def test_every_queue_has_its_dead_letter_queue(sandbox: Sandbox) -> None:
    sqs = sandbox.client("sqs")
    for spec in seed_names.QUEUES:
        attributes = sqs.get_queue_attributes(
            QueueUrl=sandbox.queue_url(spec.name), AttributeNames=["All"]
        )["Attributes"]
        redrive = json.loads(attributes["RedrivePolicy"])
        assert redrive["deadLetterTargetArn"].endswith(f":{spec.dead_letter}")
        assert redrive["maxReceiveCount"] == spec.max_receive
        assert attributes["MaximumMessageSize"] == "262144"
        assert sandbox.queue_url(spec.dead_letter)


def test_the_stack_names_buckets_that_exist(sandbox: Sandbox) -> None:
    (stack,) = sandbox.client("cloudformation").describe_stacks(StackName="panther-bootstrap")[
        "Stacks"
    ]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    tags = sandbox.client("s3").get_bucket_tagging(Bucket=outputs["ProcessedDataBucket"])["TagSet"]
    assert {"Key": "PantherVersion", "Value": "1.16.0"} in tags
    for name in seed_names.BUCKET_OUTPUTS:
        versioning = sandbox.client("s3").get_bucket_versioning(Bucket=outputs[name])
        assert versioning["Status"] == "Enabled"


def test_partitions_lie_where_their_objects_are(sandbox: Sandbox) -> None:
    keys = {file.key for file in seed_logs.processed()}
    for _, table, inputs in seed_catalog.partitions():
        if table == "okta_systemlog":
            continue
        for partition in inputs:
            folder = partition["StorageDescriptor"]["Location"].partition("//")[2]
            prefix = folder.partition("/")[2]
            assert any(key.startswith(prefix) for key in keys), prefix
            hour = int(partition["Values"][3])
            assert int(partition["Values"][4]) == seed_logs.PARTITION_SECONDS[hour]


def test_a_reset_brings_the_seed_back(sandbox: Sandbox, bucket: str, queue: str) -> None:
    sandbox.bulk_objects(seed_names.PROCESSED_BUCKET, ["logs/extra"])
    sandbox.reset()
    names = {b["Name"] for b in sandbox.client("s3").list_buckets()["Buckets"]}
    assert names == set(seed_names.BUCKET_OUTPUTS.values())
    deleted = {
        entry["key"]
        for entry in sandbox.versions(seed_names.PROCESSED_BUCKET)
        if entry["is_marker"]
    }
    assert deleted == {file.key for file in seed_logs.deleted_by_mistake()}
    assert len(sandbox.messages(f"{seed_names.INPUT_QUEUE}-dlq")) == 5
