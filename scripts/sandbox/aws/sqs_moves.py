"""SQS message move tasks: Start, List and CancelMessageMoveTask, really moving messages.

The rules: Amazon SQS API Reference, StartMessageMoveTask. A moved message is a new message (new
id, new time); one that no queue gave up on has no place to go back to and ends the task.
"""

from __future__ import annotations

import base64
import json
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from moto.sqs.models import Message, Queue, SQSBackend, sqs_backends

from scripts.sandbox import wording
from scripts.sandbox.aws import sqs_store
from scripts.sandbox.aws.identity import account_of
from scripts.sandbox.calls import Call, Reply

FASTEST = 500
TICK_SECONDS = 0.02


@dataclass
class Task:
    """One move task; `messages` are the ones it found when it started."""

    source: Queue
    source_arn: str
    destination_arn: str
    per_second: int
    messages: list[Message]
    status: str = "RUNNING"
    failure: str = ""
    moved: int = 0
    total: int = 0
    started: int = field(default_factory=lambda: int(time.time() * 1000))
    task_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def handle(self) -> str:
        """What CancelMessageMoveTask takes."""
        text = json.dumps({"taskId": self.task_id, "sourceArn": self.source_arn})
        return base64.b64encode(text.encode()).decode()


def start(sandbox: Any, call: Call) -> Reply:
    """StartMessageMoveTask."""
    backend = sqs_backends[account_of(call.access_key)][call.region]
    source_arn, target_arn = call.params["SourceArn"], call.params.get("DestinationArn", "")
    source = _by_arn(backend, source_arn)
    if source is None or (target_arn and _by_arn(backend, target_arn) is None):
        which = "SourceArn" if source is None else "DestinationArn"
        text = f"The resource that you specified for the {which} parameter doesn't exist."
        return wording.error(call, 404, "ResourceNotFoundException", text)
    if not any(queue.dead_letter_queue is source for queue in backend.queues.values()):
        text = "Source queue must be configured as a Dead Letter Queue."
        return wording.error(call, 400, "InvalidParameterValue", text)
    if any(t.source_arn == source_arn and t.status == "RUNNING" for t in sandbox.move_tasks):
        text = (
            "There is already a task running. Only one active task is allowed for a source queue "
            "arn at a given time."
        )
        return wording.error(call, 400, "InvalidParameterValue", text)
    per_second = int(call.params.get("MaxNumberOfMessagesPerSecond", FASTEST))
    if not 1 <= per_second <= FASTEST:
        text = f"Value for parameter MaxNumberOfMessagesPerSecond must be between 1 and {FASTEST}."
        return wording.error(call, 400, "InvalidParameterValue", text)
    now = time.time() * 1000
    found = [message for message in source._messages if message.visible_at <= now]
    task = Task(source, source_arn, target_arn, per_second, found, total=len(found))
    sandbox.move_tasks.append(task)
    threading.Thread(target=_run, args=(sandbox, backend, task), daemon=True).start()
    return _json(call, {"TaskHandle": task.handle})


def list_tasks(sandbox: Any, call: Call) -> Reply:
    """ListMessageMoveTasks: newest first, at most ten."""
    wanted = [t for t in sandbox.move_tasks if t.source_arn == call.params["SourceArn"]]
    newest = list(reversed(wanted))[: min(int(call.params.get("MaxResults", 1)), 10)]
    return _json(call, {"Results": [_described(task) for task in newest]})


def cancel(sandbox: Any, call: Call) -> Reply:
    """CancelMessageMoveTask: what has been moved stays moved."""
    for task in sandbox.move_tasks:
        if task.handle == call.params["TaskHandle"] and task.status == "RUNNING":
            task.status = "CANCELLED"
            return _json(call, {"ApproximateNumberOfMessagesMoved": task.moved})
    text = "The task handle does not exist or its task is not running."
    return wording.error(call, 404, "ResourceNotFoundException", text)


def _run(sandbox: Any, backend: SQSBackend, task: Task) -> None:
    began = time.monotonic()
    while True:
        allowed = int((time.monotonic() - began) * task.per_second)
        with sandbox.lock:
            while task.moved < allowed and task.messages and task.status == "RUNNING":
                _move_one(backend, task)
            if task.status == "RUNNING" and not task.messages:
                task.status = "COMPLETED"
            if task.status != "RUNNING" or task not in sandbox.move_tasks:
                return
            sandbox.lock.notify_all()
        time.sleep(TICK_SECONDS)


def _move_one(backend: SQSBackend, task: Task) -> None:
    message = task.messages.pop(0)
    if message not in task.source._messages or message.visible_at > time.time() * 1000:
        return
    target_arn = task.destination_arn or getattr(message, "dead_letter_source", "")
    target = _by_arn(backend, target_arn)
    if target is None:
        task.status, task.failure = "FAILED", "CouldNotDetermineMessageSource"
        return
    task.source._messages.remove(message)
    sqs_store.send(
        backend,
        target.name,
        message.body,
        message_attributes=message.message_attributes,
        deduplication_id=str(uuid.uuid4()) if target.fifo_queue else None,
        group_id=message.group_id,
        system_attributes=message.system_attributes,
    )
    task.moved += 1


def _described(task: Task) -> dict[str, Any]:
    described = {
        "TaskHandle": task.handle if task.status == "RUNNING" else "",
        "Status": task.status,
        "SourceArn": task.source_arn,
        "DestinationArn": task.destination_arn,
        "FailureReason": task.failure,
    }
    return {name: value for name, value in described.items() if value} | {
        "MaxNumberOfMessagesPerSecond": task.per_second,
        "ApproximateNumberOfMessagesMoved": task.moved,
        "ApproximateNumberOfMessagesToMove": task.total,
        "StartedTimestamp": task.started,
    }


def _by_arn(backend: SQSBackend, arn: str) -> Queue | None:
    return next((queue for queue in backend.queues.values() if queue.queue_arn == arn), None)


def _json(call: Call, value: Any) -> Reply:
    kind = call.headers.get("content-type", "application/x-amz-json-1.0")
    return Reply(200, json.dumps(value).encode(), {"content-type": kind})
