"""Every tool in bad surroundings: credentials, regions, networks, streams, disks."""

import contextlib
import re
import resource
import socket
import ssl
import subprocess
import threading
from datetime import UTC, datetime, timedelta

import pytest

TOOLS = ["s3queue", "s3sns", "requeue", "s3list", "s3undelete", "sources"]
each_tool = pytest.mark.parametrize("tool", TOOLS)


@pytest.fixture
def place(sandbox):
    """Resources for one run of any tool, none of which a failed run may change."""

    class Place:
        bucket = sandbox.create_bucket(versioned=True)
        queue = sandbox.create_queue()
        dead_letters = sandbox.create_queue()
        topic = f"topic-{queue}"

    sandbox.client("sns").create_topic(Name=Place.topic)
    sandbox.bulk_objects(Place.bucket, ["logs/a", "logs/b"])
    sandbox.bulk_deletes(Place.bucket, ["logs/b"])
    sandbox.bulk_messages(Place.dead_letters, "message")
    return Place


def command(tool, place):
    path = ("-s3path", f"s3://{place.bucket}/")
    return [tool, *{
        "s3queue": (*path, "-queue", place.queue, "-check-source=false"),
        "s3sns": (*path, "-topic", place.topic),
        "requeue": ("-from.q", place.dead_letters, "-to.q", place.queue),
        "s3list": (*path, "-out", "list.csv"),
        "s3undelete": (*path, "-yes"),
        "sources": (),
    }[tool]]  # fmt: skip


def one_line(result, tool, pattern, code=1):
    """The last line of stderr says it; no traceback, the exit code given."""
    assert result.code == code, result.stderr
    assert "Traceback" not in result.stderr
    last = result.stderr.splitlines()[-1]
    assert re.match(rf"{tool}: .*{pattern}", last), result.stderr


# ---- credentials and region ------------------------------------------------------------------


@each_tool
def test_no_credentials(run_tool, place, tool):
    env = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}
    result = run_tool(*command(tool, place), env=env)
    one_line(result, tool, "no AWS credentials found. Set AWS_PROFILE")


@each_tool
def test_expired_session(run_tool, sandbox, place, tool):
    sandbox.faults({"kind": "expired"})
    result = run_tool(*command(tool, place))
    one_line(result, tool, "the AWS session has expired. Log in again")


@each_tool
def test_unknown_profile(run_tool, place, tool):
    result = run_tool(*command(tool, place), "-profile", "nobody")
    one_line(result, tool, r"nobody.* Check -profile")


@each_tool
def test_no_region(run_tool, place, tool):
    result = run_tool(*command(tool, place), env={"AWS_REGION": None, "AWS_DEFAULT_REGION": None})
    one_line(result, tool, "no AWS region is configured. Give -region")


@each_tool
def test_wrong_keys(run_tool, sandbox, place, tool):
    sandbox.faults({"kind": "code", "status": 403, "code": "InvalidClientTokenId",
                    "message": "The security token is invalid."})  # fmt: skip
    result = run_tool(*command(tool, place))
    one_line(result, tool, "AWS does not accept these credentials")


@each_tool
def test_clock_skew(run_tool, sandbox, place, tool):
    sandbox.faults({"kind": "code", "status": 403, "code": "RequestTimeTooSkewed",
                    "message": "The difference is too large."})  # fmt: skip
    result = run_tool(*command(tool, place))
    one_line(result, tool, "clock is wrong")


# ---- things that are not there, or not allowed -----------------------------------------------


@pytest.mark.parametrize("tool", ["s3queue", "s3sns", "s3list", "s3undelete"])
def test_missing_bucket(run_tool, place, tool):
    place.bucket = "there-is-no-such-bucket"
    result = run_tool(*command(tool, place))
    assert "Traceback" not in result.stderr
    assert "there-is-no-such-bucket" in result.stderr + result.stdout
    assert result.code in (1, 3)
    assert re.search(r"does not exist|NoSuchBucket", result.stderr + result.stdout)


@pytest.mark.parametrize("tool", ["s3queue", "requeue"])
def test_missing_queue(run_tool, place, tool):
    place.queue = "there-is-no-such-queue"
    result = run_tool(*command(tool, place))
    one_line(result, tool, "queue there-is-no-such-queue does not exist in us-east-1. Check")


@pytest.mark.parametrize("tool", ["s3queue", "requeue"])
def test_queue_of_another_region_is_missing_here(run_tool, place, tool):
    result = run_tool(*command(tool, place), "-region", "eu-west-1")
    one_line(result, tool, "does not exist in eu-west-1. Check the name and -region")


@pytest.mark.parametrize(
    ("tool", "service", "operation"),
    [
        ("s3queue", "sqs", "GetQueueUrl"),
        ("s3queue", "s3", "ListObjectsV2"),
        ("s3sns", "s3", "ListObjectsV2"),
        ("requeue", "sqs", "ReceiveMessage"),
        ("s3undelete", "s3", "ListObjectVersions"),
        ("s3undelete", "s3", "GetBucketVersioning"),
        ("sources", "lambda", "Invoke"),
    ],
)
def test_missing_permission_is_named(run_tool, sandbox, place, tool, service, operation):
    sandbox.faults({"service": service, "operation": operation, "kind": "deny"})
    result = run_tool(*command(tool, place))
    one_line(result, tool, rf".*access denied.*(lacks {service}:|permission)")


# ---- networks --------------------------------------------------------------------------------


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@each_tool
def test_unreachable_endpoint(run_tool, place, tool):
    url = f"http://127.0.0.1:{free_port()}"
    env = {"AWS_ENDPOINT_URL": url, "AWS_MAX_ATTEMPTS": "2"}
    result = run_tool(*command(tool, place), env=env)
    one_line(result, tool, "AWS cannot be reached: .* Check the network, -region")


@each_tool
def test_unreachable_proxy(run_tool, place, tool):
    proxy = f"http://127.0.0.1:{free_port()}"
    env = {"AWS_ENDPOINT_URL": None, "HTTPS_PROXY": proxy}
    result = run_tool(*command(tool, place), env=env)
    one_line(result, tool, "the proxy cannot be reached")


@each_tool
def test_proxy_with_an_unknown_ca(run_tool, place, tool, intercepting_proxy):
    env = {"AWS_ENDPOINT_URL": None, "HTTPS_PROXY": intercepting_proxy}
    result = run_tool(*command(tool, place), env=env)
    one_line(result, tool, "TLS to AWS failed: .*AWS_CA_BUNDLE")


@each_tool
def test_ca_bundle_that_does_not_exist(run_tool, place, tool):
    env = {"AWS_ENDPOINT_URL": "https://127.0.0.1:1", "AWS_CA_BUNDLE": "/no/such/ca.pem"}
    result = run_tool(*command(tool, place), env=env)
    one_line(result, tool, ".*/no/such/ca.pem")


@pytest.fixture
def intercepting_proxy(tmp_path):
    """An HTTP proxy that answers TLS itself, with a certificate nobody knows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(tmp_path))
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                context.wrap_socket(connection, server_side=True)

    threading.Thread(target=serve, daemon=True).start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    listener.close()


def _certificate(folder):
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "proxy")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(
        name, name, key.public_key(), 1, now - timedelta(1), now + timedelta(1)
    )
    certificate = builder.sign(key, hashes.SHA256())
    path = folder / "proxy.pem"
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


# ---- streams ---------------------------------------------------------------------------------


def in_shell(tools, redirection, *words, timeout=60, **options):
    """Runs a tool behind a shell redirection such as `<&-`."""
    return subprocess.run(
        ["sh", "-c", f'exec "$@" {redirection}', "sh", *tools.command(words[0]), *words[1:]],
        env=dict(tools.env), cwd=tools.directory, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=timeout, check=False, **options,
    )  # fmt: skip


@each_tool
def test_closed_stdin_never_waits(tools, tool):
    words = {"s3list": ("-s3path", "nowhere")}.get(tool, ())
    if tool == "sources":
        pytest.skip("asks for nothing")
    result = in_shell(tools, "<&-", tool, *words)
    assert result.returncode == 2, result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert re.search(r"-(s3path|to\.q)\b", result.stderr)


@each_tool
@pytest.mark.parametrize("flag", ["-h", "-version"])
def test_closed_stdout_is_one_line(tools, tool, flag):
    result = in_shell(tools, ">&-", tool, flag)
    assert result.returncode == 1
    assert result.stderr == (
        f"{tool}: cannot write to standard output: it is closed. Redirect it to a file.\n"
    )


def test_closed_stderr_does_not_stop_the_work(tools, sandbox, place):
    result = in_shell(tools, "2>&-", *command("s3queue", place))
    assert result.returncode == 0
    assert len(sandbox.messages(place.queue)) == 1


@pytest.mark.parametrize("tool", ["s3queue", "s3sns"])
def test_reader_that_leaves_ends_a_listing_quietly(tools, sandbox, place, tool):
    sandbox.bulk_objects(place.bucket, [f"logs/{number:05}" for number in range(5000)])
    words = [*tools.command(tool), *command(tool, place)[1:], "-dry-run"]
    process = subprocess.Popen(
        words, env=dict(tools.env), cwd=tools.directory, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    process.stdout.readline()
    process.stdout.close()
    stderr = process.stderr.read()
    process.stderr.close()
    assert process.wait(30) == 141
    assert "Traceback" not in stderr and "Error" not in stderr


# ---- disks -----------------------------------------------------------------------------------


@pytest.mark.parametrize("tool", ["s3queue", "s3sns"])
def test_full_disk_behind_stdout(tools, place, tool):
    result = in_shell(tools, "> /dev/full", *command(tool, place), "-dry-run")
    assert result.returncode == 1
    assert "cannot write standard output: No space left on device. Free space" in result.stderr
    assert "Traceback" not in result.stderr and "Exception ignored" not in result.stderr


@pytest.mark.parametrize("tool", ["s3queue", "s3sns"])
def test_full_disk_behind_the_failed_file(run_tool, sandbox, place, tool):
    sandbox.faults({"kind": "fail_entries", "entries": [0], "sender_fault": True})
    result = run_tool(*command(tool, place), "-failed-file", "/dev/full")
    one_line(result, tool, "cannot write /dev/full: No space left on device. Free space")


@pytest.mark.parametrize("tool", ["s3queue", "s3sns"])
def test_full_disk_behind_the_checkpoint(tools, sandbox, place, tool):
    # No byte may be written to any file: what a full disk looks like to one process.
    result = in_shell(
        tools, "", *command(tool, place), "-checkpoint", "progress.json",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)),
    )  # fmt: skip
    assert result.returncode == 1
    assert "progress.json" in result.stderr and "Traceback" not in result.stderr
    assert not (tools.directory / "progress.json").exists()


@pytest.mark.parametrize("tool", ["s3queue", "s3sns"])
def test_checkpoint_in_a_folder_that_is_not_there(run_tool, sandbox, place, tool):
    result = run_tool(*command(tool, place), "-checkpoint", "/no/such/folder/progress.json")
    one_line(result, tool, "cannot write /no/such/folder/progress.json.*Check the path")
