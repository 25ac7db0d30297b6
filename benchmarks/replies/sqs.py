"""SQS over the JSON protocol: stocked queues that hand out messages, and a record of arrivals."""

from __future__ import annotations

import hashlib
import re
from collections import deque
from typing import Any

import orjson

from benchmarks import synthetic
from benchmarks.replies.sqs_messages import arn, content, digest_of, md5_of_attributes, stocked
from benchmarks.serving import Reply, Request

_TARGET = re.compile(rb"\r\nx-amz-target:[ \t]*AmazonSQS\.(\w+)", re.IGNORECASE)
_HOST = re.compile(rb"\r\nhost:[ \t]*([^\r]*)", re.IGNORECASE)


class Queue:
    """One queue: what waits, what is handed out, and what has come in."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.stock: list[bytes] = []
        self.stocked: set[bytes] = set()
        self.waiting: deque[int] = deque()
        self.reserved: set[int] = set()
        self.received = 0
        self.arrivals = 0
        self.arrived: set[bytes] = set()
        self.arrived_marks: set[bytes] = set()

    def fill(self, count: int) -> None:
        """Put `count` messages into the queue, as a dead-letter queue holds them."""
        self.stock = [stocked(self.name, index) for index in range(count)]
        self.stocked = {digest_of(*content(index)) for index in range(count)}
        self.waiting = deque(range(count))

    def state(self) -> dict[str, Any]:
        """The figures that a benchmark verifies its work with."""
        return {
            "waiting": len(self.waiting),
            "reserved": len(self.reserved),
            "received": self.received,
            "deleted": len(self.stock) - len(self.waiting) - len(self.reserved),
            "arrivals": self.arrivals,
            "distinct": len(self.arrived),
            "distinct_indexes": len(self.arrived_marks),
            "highest_index": int(max(self.arrived_marks, default=b"-1"), 16),
            "stock_digest": _digest_of_all(self.stocked),
            "arrived_digest": _digest_of_all(self.arrived),
        }


class Queues:
    """All queues. One that was never named before is made empty: a benchmark needs no set-up."""

    def __init__(self) -> None:
        self._queues: dict[str, Queue] = {}
        self.long_polls = True

    def named(self, name: str) -> Queue:
        """The queue of a name or URL."""
        name = name.rpartition("/")[2]
        if name not in self._queues:
            self._queues[name] = Queue(name)
        return self._queues[name]

    def reset(self) -> None:
        """Forget every queue."""
        self._queues.clear()

    def state(self) -> dict[str, Any]:
        """The figures of every queue by name."""
        return {name: queue.state() for name, queue in self._queues.items()}

    def answer(self, request: Request) -> Reply | None:
        """The reply to an SQS request, None when it is none."""
        target = _TARGET.search(request.head)
        if not target:
            return None
        arguments = orjson.loads(request.body)
        operation = target[1]
        if operation == b"SendMessageBatch":
            return _send_batch(self.named(arguments["QueueUrl"]), arguments, request.body)
        if operation == b"ReceiveMessage":
            return _receive(self.named(arguments["QueueUrl"]), arguments, self.long_polls)
        if operation == b"DeleteMessageBatch":
            return _delete_batch(self.named(arguments["QueueUrl"]), arguments)
        if operation == b"ChangeMessageVisibilityBatch":
            return _visibility_batch(self.named(arguments["QueueUrl"]), arguments)
        if operation == b"ChangeMessageVisibility":
            queue = self.named(arguments["QueueUrl"])
            _visibility(queue, arguments["ReceiptHandle"], arguments["VisibilityTimeout"])
            return Reply(b"{}")
        if operation == b"GetQueueUrl":
            host = _HOST.search(request.head)
            return _url(self.named(arguments["QueueName"]), host[1].decode() if host else "")
        if operation == b"GetQueueAttributes":
            return _attributes(self.named(arguments["QueueUrl"]), arguments)
        unknown = b'{"__type":"com.amazonaws.sqs#UnsupportedOperation"}'
        return Reply(unknown, status="400 Bad Request")


def _url(queue: Queue, host: str) -> Reply:
    return Reply(f'{{"QueueUrl":"http://{host}/{synthetic.ACCOUNT}/{queue.name}"}}'.encode())


def _send_batch(queue: Queue, arguments: dict[str, Any], raw: bytes) -> Reply:
    done = []
    number = queue.arrivals
    arrived = queue.arrived
    for entry in arguments["Entries"]:
        body = entry["MessageBody"].encode()
        digest = hashlib.md5(body).digest()
        number += 1
        result = (
            f'{{"Id":"{entry["Id"]}","MessageId":"{number:08x}-0000-4000-8000-000000000000",'
            f'"MD5OfMessageBody":"{digest.hex()}"'
        )
        if attributes := entry.get("MessageAttributes"):
            result += f',"MD5OfMessageAttributes":"{md5_of_attributes(attributes)}"'
            digest = digest_of(body, attributes)
        arrived.add(digest)
        done.append(result)
    queue.arrivals = number
    queue.arrived_marks.update(synthetic.marks(raw))
    return Reply(f'{{"Successful":[{"},".join(done)}}}],"Failed":[]}}'.encode())


def _receive(queue: Queue, arguments: dict[str, Any], long_polls: bool) -> Reply:
    count = min(arguments.get("MaxNumberOfMessages", 1), len(queue.waiting))
    if not count:
        wait = arguments.get("WaitTimeSeconds", 0) if long_polls else 0
        return Reply(b"{}", wait_seconds=wait)
    taken = [queue.waiting.popleft() for _ in range(count)]
    queue.reserved.update(taken)
    queue.received += count
    messages = [_asked_for(queue.stock[at], arguments) for at in taken]
    return Reply(b'{"Messages":[' + b",".join(messages) + b"]}")


def _asked_for(message: bytes, arguments: dict[str, Any]) -> bytes:
    """Attributes come only when they are named; who names any gets all of the kind."""
    has_system = "AttributeNames" in arguments or "MessageSystemAttributeNames" in arguments
    if has_system and "MessageAttributeNames" in arguments:
        return message
    fields = orjson.loads(message)
    if not has_system:
        del fields["Attributes"]
    if "MessageAttributeNames" not in arguments:
        del fields["MessageAttributes"], fields["MD5OfMessageAttributes"]
    return orjson.dumps(fields)


def _delete_batch(queue: Queue, arguments: dict[str, Any]) -> Reply:
    ids = []
    for entry in arguments["Entries"]:
        queue.reserved.discard(synthetic.index_in(entry["ReceiptHandle"]))
        ids.append({"Id": entry["Id"]})
    return Reply(orjson.dumps({"Successful": ids, "Failed": []}))


def _visibility_batch(queue: Queue, arguments: dict[str, Any]) -> Reply:
    ids = []
    for entry in arguments["Entries"]:
        _visibility(queue, entry["ReceiptHandle"], entry["VisibilityTimeout"])
        ids.append({"Id": entry["Id"]})
    return Reply(orjson.dumps({"Successful": ids, "Failed": []}))


def _visibility(queue: Queue, receipt: str, seconds: int) -> None:
    # Reservations are long against a benchmark: only giving a message back changes anything.
    index = synthetic.index_in(receipt)
    if seconds == 0 and index in queue.reserved:
        queue.reserved.remove(index)
        queue.waiting.append(index)


def _attributes(queue: Queue, arguments: dict[str, Any]) -> Reply:
    everything = {
        "QueueArn": arn(queue.name),
        "ApproximateNumberOfMessages": str(len(queue.waiting)),
        "ApproximateNumberOfMessagesNotVisible": str(len(queue.reserved)),
        "ApproximateNumberOfMessagesDelayed": "0",
        "CreatedTimestamp": "1612000000",
        "LastModifiedTimestamp": "1612000000",
        "VisibilityTimeout": "60",
        "MaximumMessageSize": "262144",
        "MessageRetentionPeriod": "1209600",
        "DelaySeconds": "0",
        "ReceiveMessageWaitTimeSeconds": "0",
    }
    if not queue.name.endswith("-dlq"):
        target = arn(queue.name + "-dlq")
        everything["RedrivePolicy"] = f'{{"deadLetterTargetArn":"{target}","maxReceiveCount":4}}'
    wanted = arguments.get("AttributeNames") or []
    if "All" not in wanted:
        everything = {name: value for name, value in everything.items() if name in wanted}
    return Reply(orjson.dumps({"Attributes": everything}))


def _digest_of_all(digests: set[bytes]) -> str:
    total = sum(int.from_bytes(digest, "big") for digest in digests)
    return f"{total % (1 << 128):032x}"
