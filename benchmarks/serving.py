"""A single-threaded HTTP/1.1 server for replies that are ready at once or after a set time.

asyncio costs a loop iteration, a future and two callbacks for each request; a benchmark's server
must not be what is measured, so this is a bare selector loop. Requests may be pipelined; replies
leave each connection in the order of its requests.
"""

from __future__ import annotations

import heapq
import re
import selectors
import socket
import time
import traceback
from collections.abc import Callable
from email.utils import formatdate
from typing import NamedTuple

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)
_EXPECT = re.compile(rb"\r\nexpect:[ \t]*100-continue", re.IGNORECASE)
_FAILED = "500 Internal Server Error"
# More makes malloc map and unmap memory for every request.
_RECEIVE_BYTES = 1 << 16
_SEND_BUFFER_BYTES = 1 << 22


class Request(NamedTuple):
    """One request as it came: `target` is path and query, `head` every header line."""

    method: bytes
    target: bytes
    head: bytes
    body: bytes


class Reply(NamedTuple):
    """What to answer; `wait_seconds` is a long poll's wait, on top of the server's own delay."""

    body: bytes
    content_type: str = "application/x-amz-json-1.0"
    status: str = "200 OK"
    headers: str = ""
    wait_seconds: float = 0.0


class _Connection:
    """Bytes that came and have no whole request yet, and bytes that could not leave yet."""

    __slots__ = ("due", "inbox", "outbox", "socket", "told_to_continue")

    def __init__(self, accepted: socket.socket) -> None:
        self.socket = accepted
        self.inbox = b""
        self.outbox = b""
        self.due = 0.0
        self.told_to_continue = False


class Server:
    """Listens on loopback. `delay_seconds` is added to every reply and may change at any time."""

    def __init__(self, port: int, answer: Callable[[Request], Reply]) -> None:
        self._answer = answer
        self._selector = selectors.DefaultSelector()
        self._listener = socket.create_server(("127.0.0.1", port), backlog=1024)
        self._listener.setblocking(False)
        self._selector.register(self._listener, selectors.EVENT_READ, None)
        self._later: list[tuple[float, int, _Connection, bytes]] = []
        self._sequence = 0
        self._date = (0, "")
        self.port: int = self._listener.getsockname()[1]
        self.delay_seconds = 0.0

    def run(self) -> None:
        """Serve until the process is ended."""
        while True:
            for key, events in self._selector.select(self._pause()):
                if key.data is None:
                    self._accept()
                    continue
                if events & selectors.EVENT_WRITE:
                    self._send(key.data, b"")
                if events & selectors.EVENT_READ:
                    self._receive(key.data)
            self._send_due()

    def _pause(self) -> float | None:
        return max(0.0, self._later[0][0] - time.monotonic()) if self._later else None

    def _send_due(self) -> None:
        while self._later and self._later[0][0] <= time.monotonic():
            _, _, connection, data = heapq.heappop(self._later)
            self._send(connection, data)

    def _accept(self) -> None:
        accepted, _ = self._listener.accept()
        accepted.setblocking(False)
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        accepted.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
        self._selector.register(accepted, selectors.EVENT_READ, _Connection(accepted))

    def _receive(self, connection: _Connection) -> None:
        try:
            data = connection.socket.recv(_RECEIVE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._close(connection)
            return
        connection.inbox += data
        while request := self._next_request(connection):
            self._reply(connection, self._answered(request))

    def _answered(self, request: Request) -> Reply:
        try:
            return self._answer(request)
        except Exception:
            # A request that cannot be answered fails the client that sent it, and no other.
            traceback.print_exc()
            return Reply(b"the responder failed: see its stderr", "text/plain", _FAILED)

    def _next_request(self, connection: _Connection) -> Request | None:
        data = connection.inbox
        end = data.find(b"\r\n\r\n")
        if end < 0:
            return None
        line_end = data.find(b"\r\n")
        head = data[line_end : end + 2]
        length = _LENGTH.search(head)
        size = int(length[1]) if length else 0
        whole = end + 4 + size
        if len(data) < whole:
            if not connection.told_to_continue and _EXPECT.search(head):
                connection.told_to_continue = True
                self._send(connection, b"HTTP/1.1 100 Continue\r\n\r\n")
            return None
        method, target, _ = data[:line_end].split(b" ", 2)
        connection.inbox = data[whole:]
        connection.told_to_continue = False
        return Request(method, target, head, data[end + 4 : whole])

    def _reply(self, connection: _Connection, reply: Reply) -> None:
        body, content_type, status, headers, wait = reply
        now = int(time.time())
        if self._date[0] != now:
            self._date = (now, formatdate(now, usegmt=True))
        self._sequence += 1
        head = (
            f"HTTP/1.1 {status}\r\nDate: {self._date[1]}\r\nContent-Type: {content_type}\r\n"
            f"x-amzn-RequestId: {self._sequence:032x}\r\n{headers}"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        data = head.encode() + body
        delay = self.delay_seconds + wait
        if delay == 0.0 and connection.due == 0.0:
            self._send(connection, data)
            return
        # A reply never overtakes an earlier one of its connection.
        connection.due = max(connection.due, time.monotonic() + delay)
        heapq.heappush(self._later, (connection.due, self._sequence, connection, data))

    def _send(self, connection: _Connection, data: bytes) -> None:
        data = connection.outbox + data if connection.outbox else data
        try:
            sent = connection.socket.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._close(connection)
            return
        had_rest, connection.outbox = bool(connection.outbox), data[sent:]
        if had_rest != bool(connection.outbox):
            wanted = selectors.EVENT_READ
            if connection.outbox:
                wanted |= selectors.EVENT_WRITE
            self._selector.modify(connection.socket, wanted, connection)

    def _close(self, connection: _Connection) -> None:
        if connection.socket.fileno() >= 0:
            self._selector.unregister(connection.socket)
            connection.socket.close()
