"""Message move tasks."""

import json
import time
from typing import Any

import pytest

from tests.sandbox.helpers import refused
from tests.support import Sandbox


def _arn(queue: str) -> str:
    return f"arn:aws:sqs:us-east-1:123456789012:{queue}"


@pytest.fixture
def pair(sandbox: Sandbox) -> tuple[str, str]:
    """A queue and its dead-letter queue."""
    dead_letter = sandbox.create_queue()
    redrive = json.dumps({"deadLetterTargetArn": _arn(dead_letter), "maxReceiveCount": 1})
    return sandbox.create_queue(RedrivePolicy=redrive), dead_letter


def _bury(sandbox: Sandbox, pair: tuple[str, str], bodies: list[str]) -> None:
    messages = [{"body": body, "dead_letter_source": _arn(pair[0])} for body in bodies]
    sandbox.bulk_messages(pair[1], *messages)


def _finished(sandbox: Sandbox, dead_letter: str) -> dict[str, Any]:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        reply = sandbox.client("sqs").list_message_move_tasks(SourceArn=_arn(dead_letter))
        (task,) = reply["Results"]
        if task["Status"] != "RUNNING":
            return dict(task)
        time.sleep(0.05)
    raise AssertionError("the task never ended")


def test_messages_go_back_to_where_they_died(sandbox: Sandbox, pair: tuple[str, str]) -> None:
    bodies = [str(number) for number in range(30)]
    _bury(sandbox, pair, bodies)
    before = {message["id"] for message in sandbox.messages(pair[1])}
    sandbox.client("sqs").start_message_move_task(SourceArn=_arn(pair[1]))
    task = _finished(sandbox, pair[1])
    assert (task["Status"], task["ApproximateNumberOfMessagesMoved"]) == ("COMPLETED", 30)
    assert sandbox.bodies(pair[0]) == bodies
    assert sandbox.bodies(pair[1]) == []
    assert not before & {message["id"] for message in sandbox.messages(pair[0])}


def test_a_destination_can_be_named(sandbox: Sandbox, pair: tuple[str, str], queue: str) -> None:
    _bury(sandbox, pair, ["a"])
    sandbox.client("sqs").start_message_move_task(
        SourceArn=_arn(pair[1]), DestinationArn=_arn(queue)
    )
    assert _finished(sandbox, pair[1])["Status"] == "COMPLETED"
    assert sandbox.bodies(queue) == ["a"]


def test_a_slow_task_can_be_cancelled(sandbox: Sandbox, pair: tuple[str, str]) -> None:
    _bury(sandbox, pair, [str(number) for number in range(20)])
    sqs = sandbox.client("sqs")
    handle = sqs.start_message_move_task(SourceArn=_arn(pair[1]), MaxNumberOfMessagesPerSecond=1)[
        "TaskHandle"
    ]
    with refused() as second:
        sqs.start_message_move_task(SourceArn=_arn(pair[1]))
    assert "already a task running" in second.message
    sqs.cancel_message_move_task(TaskHandle=handle)
    assert _finished(sandbox, pair[1])["Status"] == "CANCELLED"
    assert len(sandbox.bodies(pair[0])) + len(sandbox.bodies(pair[1])) == 20
    assert sandbox.bodies(pair[1])


def test_a_message_that_did_not_die_in_a_queue_has_no_way_back(
    sandbox: Sandbox, pair: tuple[str, str]
) -> None:
    sandbox.bulk_messages(pair[1], "sent by hand")
    sandbox.client("sqs").start_message_move_task(SourceArn=_arn(pair[1]))
    task = _finished(sandbox, pair[1])
    assert (task["Status"], task["FailureReason"]) == ("FAILED", "CouldNotDetermineMessageSource")
    assert sandbox.bodies(pair[1]) == ["sent by hand"]


def test_only_a_dead_letter_queue_can_be_a_source(sandbox: Sandbox, queue: str) -> None:
    sqs = sandbox.client("sqs")
    with refused() as refusal:
        sqs.start_message_move_task(SourceArn=_arn(queue))
    assert refusal.message == "Source queue must be configured as a Dead Letter Queue."
    with refused() as refusal:
        sqs.start_message_move_task(SourceArn=_arn("no-such-queue"))
    assert refusal.code == "ResourceNotFoundException"
