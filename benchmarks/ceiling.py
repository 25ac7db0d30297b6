"""How fast the responder itself is: the same kinds of requests, replayed over bare sockets.

The client neither signs nor reads what it receives, so that what it reaches is the responder's
limit on this machine, not its own.
"""

from __future__ import annotations

import json
import re
import selectors
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote, urlencode, urlsplit

from benchmarks import synthetic
from benchmarks.replies import sqs_messages

CONNECTIONS = 16
BATCH = 10
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)
_RECEIVE_BYTES = 1 << 20


def rate(url: str, rounds: Sequence[Sequence[bytes]], items: int) -> float:
    """Items per second when all requests of each round are sent, one round after the other."""
    began = time.perf_counter()
    for requests in rounds:
        _replay(url, requests)
    return items / (time.perf_counter() - began)


def listing(bucket: str, keys: int) -> list[bytes]:
    """The requests that list a bucket page by page."""
    targets = [f"/{bucket}?list-type=2"] + [
        f"/{bucket}?continuation-token={quote(f'1/{place:012x}+bench==', safe='')}&list-type=2"
        for place in range(1000, keys, 1000)
    ]
    return [f"GET {target} HTTP/1.1\r\nHost: bench\r\n\r\n".encode() for target in targets]


def sending(queue: str, messages: int) -> list[bytes]:
    """The requests that send notifications to a queue."""
    return [
        _json(
            "SendMessageBatch", queue, [{"Id": str(n), "MessageBody": _body(at)} for n, at in part]
        )
        for part in _batches(messages)
    ]


def publishing(topic: str, messages: int) -> list[bytes]:
    """The requests that publish notifications to a topic."""
    arn = f"arn:aws:sns:{synthetic.REGION}:{synthetic.ACCOUNT}:{topic}"
    requests = []
    for part in _batches(messages):
        fields = {"Action": "PublishBatch", "Version": "2010-03-31", "TopicArn": arn}
        for n, index in part:
            member = f"PublishBatchRequestEntries.member.{n + 1}"
            fields[f"{member}.Id"] = str(n)
            fields[f"{member}.Message"] = sqs_messages.content(index)[0].decode()
        requests.append(_post("", urlencode(fields)))
    return requests


def moving(source: str, target: str, messages: int) -> list[list[bytes]]:
    """The requests that take messages from a queue, send them on and delete them."""
    batches = list(_batches(messages))
    receive = {
        "MaxNumberOfMessages": BATCH,
        "AttributeNames": ["All"],
        "MessageAttributeNames": ["All"],
    }
    sends, deletes = [], []
    for part in batches:
        sends.append(_json("SendMessageBatch", target, [_moved(n, at) for n, at in part]))
        receipts = [{"Id": str(n), "ReceiptHandle": sqs_messages.receipt(at)} for n, at in part]
        deletes.append(_json("DeleteMessageBatch", source, receipts))
    return [[_request("ReceiveMessage", source, receive)] * len(batches), sends, deletes]


def _moved(number: int, index: int) -> dict[str, object]:
    body, attributes = sqs_messages.content(index)
    return {"Id": str(number), "MessageBody": body.decode(), "MessageAttributes": attributes}


def _body(index: int) -> str:
    message = sqs_messages.content(index)[0].decode()
    return json.dumps({"Type": "Notification", "Message": message, "Subject": "x" * 120})


def _batches(messages: int) -> Iterator[list[tuple[int, int]]]:
    for start in range(0, messages, BATCH):
        yield list(enumerate(range(start, min(start + BATCH, messages))))


def _json(operation: str, queue: str, entries: Sequence[Mapping[str, object]]) -> bytes:
    return _request(operation, queue, {"Entries": entries})


def _request(operation: str, queue: str, arguments: dict[str, object]) -> bytes:
    url = f"http://bench/{synthetic.ACCOUNT}/{queue}"
    body = json.dumps({"QueueUrl": url, **arguments})
    return _post(f"X-Amz-Target: AmazonSQS.{operation}\r\n", body)


def _post(headers: str, body: str) -> bytes:
    data = body.encode()
    head = f"POST / HTTP/1.1\r\nHost: bench\r\n{headers}Content-Length: {len(data)}\r\n\r\n"
    return head.encode() + data


def _replay(url: str, requests: Sequence[bytes]) -> None:
    address = urlsplit(url)
    rest = iter(requests)
    buffer = bytearray(_RECEIVE_BYTES)
    with selectors.DefaultSelector() as selector:
        # What is still missing of each connection's reply: -1 = its head has not come.
        missing: dict[socket.socket, int] = {}
        for request in (next(rest, None) for _ in range(CONNECTIONS)):
            if request is not None:
                connection = socket.create_connection((address.hostname, address.port))
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                selector.register(connection, selectors.EVENT_READ)
                missing[connection] = -1
                connection.sendall(request)
        while missing:
            for key, _ in selector.select():
                connection = key.fileobj  # type: ignore[assignment]
                missing[connection] = _still_missing(connection, buffer, missing[connection])
                if missing[connection] > 0:
                    continue
                missing[connection] = -1
                if (request := next(rest, None)) is not None:
                    connection.sendall(request)
                    continue
                selector.unregister(connection)
                connection.close()
                del missing[connection]


def _still_missing(connection: socket.socket, buffer: bytearray, missing: int) -> int:
    count = connection.recv_into(buffer)
    if count == 0:
        raise ConnectionResetError("the responder closed a connection")
    if missing >= 0:
        return missing - count
    # The responder sends a head in one piece with the beginning of its body.
    end = buffer.index(b"\r\n\r\n", 0, count) + 4
    length = _LENGTH.search(buffer, 0, end)
    if not length or buffer[9:12] != b"200":
        raise ValueError(f"unexpected reply: {bytes(buffer[:end])!r}")
    return end + int(length[1]) - count
