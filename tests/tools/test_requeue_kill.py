"""requeue interrupted and killed: every message is in one of the two queues afterwards."""

import json
import signal

import pytest

from tests import support
from tests.tools.requeue_queues import fault, nothing_in_flight, numbers, report, wait_until


@pytest.fixture
def source(sandbox):
    return sandbox.create_queue()


@pytest.fixture
def destination(sandbox):
    return sandbox.create_queue()


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_run_keeps_every_message_once_and_releases_the_rest(
    start_tool, sandbox, source, destination, signum, code
):
    sandbox.bulk_messages(source, *map(str, range(2003)))
    sandbox.faults(fault("latency", "SendMessageBatch", milliseconds=60))
    process = start_tool("requeue", "-from.q", source, "-to.q", destination, "-output", "json",
                         "-concurrency", "3")  # fmt: skip
    wait_until(lambda: len(sandbox.messages(destination)) > 100)
    process.send_signal(signum)
    result = support.finish(process, timeout=40)
    assert result.code == code
    left, arrived = numbers(sandbox, source), numbers(sandbox, destination)
    assert left and sorted(left + arrived) == list(range(2003))
    assert report(result)["moved"] == len(arrived) and report(result)["left"] == len(left)
    assert nothing_in_flight(sandbox, source)
    assert f"Moved {len(arrived)} messages" in result.stderr


def test_interrupted_run_releases_what_it_kept_aside(start_tool, sandbox, source, destination):
    sandbox.bulk_messages(source, *(["no"] * 2000))
    process = start_tool("requeue", "-from.q", source, "-to.q", destination, "-match", "yes")
    wait_until(lambda: sandbox.calls()["sqs.ReceiveMessage"] > 20)
    process.send_signal(signal.SIGINT)
    assert support.finish(process, timeout=40).code == 130
    assert len(sandbox.messages(source)) == 2000 and nothing_in_flight(sandbox, source)


def test_signal_while_aws_fails_is_no_failure_of_the_run(start_tool, sandbox, source, destination):
    sandbox.bulk_messages(source, *map(str, range(30)))
    sandbox.faults(fault("throttle", "ReceiveMessage", skip=1))
    process = start_tool("requeue", "-from.q", source, "-to.q", destination)
    wait_until(lambda: sandbox.calls()["sqs.ReceiveMessage"] > 3)
    process.send_signal(signal.SIGTERM)
    result = support.finish(process, timeout=40)
    assert result.code == 143
    assert "Moved 10 messages" in result.stderr and "left ~20" in result.stderr


def test_no_message_is_lost_by_refusals_dropped_connections_and_a_kill(
    start_tool, run_tool, sandbox, source, destination
):
    def message(number):
        return {
            "body": f"body-{number}",
            "attributes": {
                "number": {"DataType": "Number", "StringValue": str(number)},
                "data": support.binary(number.to_bytes(3, "big")),
                "kind": {"DataType": "String.kind", "StringValue": f"k{number % 7}"},
            },
            "trace_header": f"Root=1-{number}",
        }

    def content(one):
        fields = (one["body"], one["attributes"], one["trace_header"])
        return json.dumps(fields, sort_keys=True)

    expected = {content(message(number)) for number in range(5000)}
    sandbox.bulk_messages(source, *map(message, range(5000)))
    sandbox.faults(
        fault("fail_entries", "SendMessageBatch", percent=10, code="InternalError"),
        fault("fail_entries", "DeleteMessageBatch", percent=5, code="InternalError", seed=3),
        fault("drop", "*", every=200, skip=5),
        fault("drop", "SendMessageBatch", every=90, when="after"),
    )
    flags = ("-from.q", source, "-to.q", destination, "-visibility-timeout", "15",
             "-output", "json")  # fmt: skip
    process = start_tool("requeue", *flags)
    wait_until(lambda: len(sandbox.messages(destination)) > 1500)
    process.kill()
    process.wait()
    left, arrived = sandbox.messages(source), sandbox.messages(destination)
    assert {content(one) for one in left + arrived} == expected, "the kill has lost messages"
    assert left
    copies_before = len(left) + len(arrived) - 5000
    wait_until(lambda: nothing_in_flight(sandbox, source))
    result = run_tool("requeue", *flags, timeout=110)
    left, arrived = sandbox.messages(source), sandbox.messages(destination)
    assert {content(one) for one in left + arrived} == expected
    # Copies that were there when the second run began are none of its own; of its own it tells.
    own = len(left) + len(arrived) - 5000 - copies_before
    assert result.code == 3
    assert 0 < own <= report(result)["maybe_duplicate"]
    assert f"maybe duplicated {report(result)['maybe_duplicate']}" in result.stderr
