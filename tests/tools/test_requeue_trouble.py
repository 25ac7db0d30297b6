"""requeue in trouble: refusals, lost replies, signals, kills. No message may ever be lost."""

import json
import re
import threading
import urllib.request
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.tools.requeue_queues import fault, nothing_in_flight, numbers, report


@pytest.fixture
def source(sandbox):
    return sandbox.create_queue()


@pytest.fixture
def destination(sandbox):
    return sandbox.create_queue()


@pytest.fixture
def move(run_tool, source, destination):
    """Runs requeue from the source to the destination; gives the result and its record."""

    def run(*flags, **options):
        flags = ("-from.q", source, "-to.q", destination, "-output", "json", *flags)
        return run_tool("requeue", *flags, **options)

    return run


def never_deleted(place):
    """Faults that refuse one entry of the first batch, alone at position 0 when tried again."""
    return (
        fault("fail_entries", "DeleteMessageBatch", entries=[place], times=1),
        fault("fail_entries", "DeleteMessageBatch", entries=[0], skip=1, times=4),
    )


# ---- entries that are refused ----------------------------------------------------------------


def test_refused_entries_are_sent_again_and_only_they(move, sandbox, source, destination):
    sandbox.bulk_messages(source, *map(str, range(10)))
    sandbox.faults(fault("fail_entries", "SendMessageBatch", entries=[3, 7], times=2,
                         code="InternalError"))  # fmt: skip
    result = move()
    assert result.code == 0
    assert numbers(sandbox, destination) == list(range(10))
    assert report(result)["maybe_duplicate"] == 0


@pytest.mark.parametrize("kind", ["fail_entries", "omit_entries"])
def test_messages_never_confirmed_stay_and_are_never_deleted(
    move, sandbox, source, destination, kind
):
    ids = sandbox.bulk_messages(source, *map(str, range(10)))
    more = {"sender_fault": True, "code": "Refused"} if kind == "fail_entries" else {}
    sandbox.faults(fault(kind, "SendMessageBatch", contains='"4"', **more))
    result = move()
    assert result.code == 3
    assert (report(result)["moved"], report(result)["failed"], report(result)["left"]) == (9, 1, 1)
    assert sandbox.bodies(source) == ["4"] and nothing_in_flight(sandbox, source)
    assert f"cannot move message {ids[4]}: " in result.stderr
    assert 4 not in numbers(sandbox, destination)


def test_senders_fault_is_not_tried_again(move, sandbox, source):
    sandbox.bulk_messages(source, *map(str, range(10)))
    sandbox.faults(fault("fail_entries", "SendMessageBatch", entries=[0], sender_fault=True))
    assert move().code == 3
    assert sandbox.calls()["sqs.SendMessageBatch"] == 1


def test_failures_are_told_one_by_one_up_to_twenty(move, sandbox, source):
    sandbox.bulk_messages(source, *map(str, range(50)))
    sandbox.faults(fault("fail_entries", "SendMessageBatch", sender_fault=True, code="Refused"))
    result = move()
    assert report(result)["failed"] == 50
    assert result.stderr.count("cannot move message") == 20


def test_undeleted_messages_are_reported_with_their_ids(move, sandbox, source, destination):
    ids = sandbox.bulk_messages(source, *map(str, range(10)))
    sandbox.faults(*never_deleted(2))
    result = move("-dump", "moved.jsonl")
    assert result.code == 3
    assert report(result)["maybe_duplicate"] == 1 and report(result)["failed"] == 0
    assert report(result)["maybe_duplicate_ids"] == [ids[2]]
    assert f"message {ids[2]} may be in both queues" in result.stderr
    assert sandbox.bodies(source) == ["2"] and len(sandbox.messages(destination)) == 10


def test_refused_deletes_are_tried_again(move, sandbox, source):
    sandbox.bulk_messages(source, *map(str, range(10)))
    sandbox.faults(fault("fail_entries", "DeleteMessageBatch", entries=[2, 3], times=3))
    result = move()
    assert result.code == 0 and report(result)["maybe_duplicate"] == 0
    assert sandbox.messages(source) == []


def test_undeleted_message_that_comes_again_is_deleted_and_not_sent_again(
    move, sandbox, source, destination
):
    sandbox.bulk_messages(source, "odd", *map(str, range(40)))
    sandbox.faults(
        fault("fail_entries", "DeleteMessageBatch", entries=[0], times=5),
        fault("latency", "SendMessageBatch", milliseconds=800),
    )
    result = move("-visibility-timeout", "3", "-concurrency", "1", "-match", "odd|[0-9]")
    assert Counter(sandbox.bodies(destination))["odd"] == 1
    left = {message["id"] for message in sandbox.messages(source)}
    # On a slow machine a delete may come too late to be sure of it: then it is reported as well.
    assert left <= set(report(result)["maybe_duplicate_ids"])


def test_dump_marks_messages_that_may_be_there_twice(move, sandbox, source, tmp_path):
    ids = sandbox.bulk_messages(source, *map(str, range(3)))
    sandbox.faults(*never_deleted(1))
    move("-dump", "moved.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "moved.jsonl").read_text().splitlines()]
    assert rows[-1] == {"MessageId": ids[1], "MaybeDuplicate": True}


# ---- requests that fail ----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["throttle", "error", "drop"])
def test_passing_failures_of_requests_lose_nothing(move, sandbox, source, destination, kind):
    sandbox.bulk_messages(source, *map(str, range(211)))
    sandbox.faults(
        *(fault(kind, name, every=5) for name in ("SendMessageBatch", "DeleteMessageBatch")),
        fault(kind, "ReceiveMessage", times=2),
        fault(kind, "GetQueueAttributes", source, skip=1, times=1),
    )
    result = move("-visibility-timeout", "60")
    assert set(numbers(sandbox, destination)) == set(range(211))
    assert sandbox.messages(source) == []
    is_doubtful = kind != "throttle"
    assert result.code == (3 if is_doubtful else 0)
    assert (report(result)["maybe_duplicate"] > 0) == is_doubtful


def test_lost_replies_of_sends_are_reported_as_possible_duplicates(
    move, sandbox, source, destination
):
    ids = sandbox.bulk_messages(source, *map(str, range(10)))
    sandbox.faults(fault("drop", "SendMessageBatch", when="after", times=1))
    result = move()
    assert result.code == 3
    assert Counter(numbers(sandbox, destination)) == dict.fromkeys(range(10), 2)
    assert report(result)["maybe_duplicate"] == 10
    assert sorted(report(result)["maybe_duplicate_ids"]) == sorted(ids)


def test_many_possible_duplicates_are_listed_in_part_and_fully_with_debug(move, sandbox, source):
    sandbox.bulk_messages(source, *map(str, range(80)))
    sandbox.faults(fault("drop", "SendMessageBatch", when="after", every=2))
    result = move("-debug")
    doubtful = report(result)["maybe_duplicate"]
    assert doubtful > 20
    assert result.stderr.count("warning: message") == 20
    assert result.stderr.count("may be there twice") == doubtful
    assert f"and {doubtful - 20} more message" in result.stderr


def test_server_that_cannot_be_reached_ends_the_run_with_one_line(run_tool, source, destination):
    gone = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    result = run_tool("requeue", "-from.q", source, "-to.q", destination, env=gone)
    assert result.code == 1
    assert "AWS cannot be reached" in result.stderr and "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("operation", "action"),
    [
        ("ReceiveMessage", "sqs:ReceiveMessage"),
        ("SendMessageBatch", "sqs:SendMessage"),
        ("DeleteMessageBatch", "sqs:DeleteMessage"),
        ("GetQueueAttributes", "sqs:GetQueueAttributes"),
        ("GetQueueUrl", "sqs:GetQueueUrl"),
    ],
)
def test_missing_permission_is_named_and_loses_nothing(
    move, sandbox, source, destination, operation, action
):
    sandbox.bulk_messages(source, *map(str, range(30)))
    sandbox.faults(fault("deny", operation))
    result = move("-concurrency", "1")
    assert result.code == 1
    assert action.lower() in result.stderr.lower() and "Traceback" not in result.stderr
    assert set(numbers(sandbox, source)) == set(range(30))
    if operation == "DeleteMessageBatch":
        assert report(result)["maybe_duplicate"] == len(sandbox.messages(destination)) > 0
    else:
        assert sandbox.messages(destination) == [] and nothing_in_flight(sandbox, source)


def test_release_without_permission_costs_only_time(move, sandbox, source):
    sandbox.bulk_messages(source, "a", "b")
    sandbox.faults(fault("deny", "ChangeMessageVisibilityBatch"))
    result = move("-match", "a")
    assert result.code == 0
    assert (report(result)["moved"], report(result)["unmatched"]) == (1, 1)


@pytest.mark.parametrize(
    ("operation", "who", "needs"),
    [
        ("SendMessageBatch", "destination", "kms:GenerateDataKey and kms:Decrypt on alias/panther"),
        ("ReceiveMessage", "source", "kms:Decrypt on its key"),
    ],
)
def test_key_that_cannot_be_used_is_explained(
    move, sandbox, source, destination, operation, who, needs
):
    sandbox.client("sqs").set_queue_attributes(
        QueueUrl=sandbox.queue_url(destination), Attributes={"KmsMasterKeyId": "alias/panther"}
    )
    sandbox.bulk_messages(source, "a", "b")
    sandbox.faults(fault("code", operation, status=400, code="KmsAccessDenied",
                         message="The ciphertext refers to a key you may not access."))  # fmt: skip
    result = move()
    name = source if who == "source" else destination
    assert result.code == 1
    assert f"queue {name} is encrypted and its key cannot be used" in result.stderr
    assert f"This identity needs {needs}." in result.stderr
    assert sorted(sandbox.bodies(source)) == ["a", "b"] and nothing_in_flight(sandbox, source)


def test_key_refused_entry_by_entry_ends_the_run(move, sandbox, source, destination):
    sandbox.bulk_messages(source, *map(str, range(30)))
    sandbox.faults(fault("fail_entries", "SendMessageBatch", sender_fault=True,
                         code="KMS.AccessDeniedException", message="no key"))  # fmt: skip
    result = move("-concurrency", "1")
    assert result.code == 1
    assert f"queue {destination} is encrypted and its key cannot be used" in result.stderr
    assert len(sandbox.messages(source)) == 30 and nothing_in_flight(sandbox, source)


def test_too_many_messages_in_flight_is_waited_out(move, sandbox, source, destination):
    sandbox.bulk_messages(source, *map(str, range(10)))
    sandbox.faults(fault("code", "ReceiveMessage", status=403, code="OverLimit", times=1,
                         message="Too many messages in flight."))  # fmt: skip
    assert move().code == 0
    assert len(sandbox.messages(destination)) == 10


@pytest.fixture
def altered(sandbox):
    """A way to the sandbox on which a pattern in replies is replaced: altered(pattern, text)
    gives the URL."""
    servers = []

    def start(pattern, text):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                request = urllib.request.Request(sandbox.url + self.path, body, dict(self.headers))
                with urllib.request.urlopen(request, timeout=30) as reply:
                    answer = re.sub(pattern, text, reply.read())
                    self.send_response(reply.status)
                    self.send_header("content-type", reply.headers["content-type"])
                    self.send_header("content-length", str(len(answer)))
                    self.end_headers()
                    self.wfile.write(answer)

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("checksum", [b"MD5OfMessageBody", b"MD5OfMessageAttributes"])
def test_message_that_was_stored_otherwise_is_not_deleted(
    move, sandbox, source, destination, altered, checksum
):
    attributes = {"n": {"DataType": "Number", "StringValue": "1"}}
    ids = sandbox.bulk_messages(source, {"body": "a", "attributes": attributes})
    # Only replies to sends speak of the whole body as MD5OfMessageBody and have an "Id".
    pattern = rb'("Id".*"' + checksum + rb'": ?")[0-9a-f]{32}'
    url = altered(pattern, rb"\g<1>" + b"0" * 32)
    result = move(env={"AWS_ENDPOINT_URL": url})
    assert result.code == 3
    assert (report(result)["moved"], report(result)["failed"]) == (0, 1)
    assert report(result)["maybe_duplicate_ids"] == ids
    assert "ChecksumMismatch" in result.stderr
    assert sandbox.bodies(source) == ["a"] and len(sandbox.messages(destination)) == 1


# ---- reservations ----------------------------------------------------------------------------


def test_reservation_is_renewed_while_a_send_is_tried_again(move, sandbox, source, destination):
    sandbox.bulk_messages(source, *map(str, range(10)))
    sandbox.faults(
        fault("throttle", "SendMessageBatch", times=3),
        fault("latency", "SendMessageBatch", milliseconds=900),
    )
    result = move("-visibility-timeout", "3", "-concurrency", "1")
    assert result.code == 0
    assert sandbox.calls()["sqs.ChangeMessageVisibilityBatch"] >= 1
    assert numbers(sandbox, destination) == list(range(10)) and sandbox.messages(source) == []
