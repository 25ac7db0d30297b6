"""Raw requests: every way a server ends a reply, and every way it fails to."""

import contextlib
import socket
import threading

import pytest
from botocore import exceptions
from botocore.session import Session

from common.aws import Aws
from common.wire import Wire


class Server:
    """Answers each request of each connection with the next of its replies (bytes); None closes."""

    def __init__(self, *replies):
        self.replies = list(replies)
        self.requests = []
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection):
        with connection, contextlib.suppress(OSError):
            while request := self._request(connection):
                self.requests.append(request)
                reply = self.replies.pop(0)
                if reply is None:
                    return
                for part in reply if isinstance(reply, list) else [reply]:
                    connection.sendall(part)
                if b"connection: close" in (reply if isinstance(reply, bytes) else b"").lower():
                    return

    @staticmethod
    def _request(connection):
        data = b""
        while b"\r\n\r\n" not in data:
            part = connection.recv(4096)
            if not part:
                return b""
            data += part
        head, _, body = data.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
        while len(body) < length:
            body += connection.recv(65536)
        return head + b"\r\n\r\n" + body

    def close(self):
        # Closing alone would leave the thread that waits in accept() one more connection.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def ok(body, *headers):
    head = b"".join(header + b"\r\n" for header in headers)
    return b"HTTP/1.1 200 OK\r\n" + head + b"Content-Length: %d\r\n\r\n" % len(body) + body


@pytest.fixture
def serve(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKID")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    servers = []

    def start(*replies):
        servers.append(Server(*replies))
        aws = Aws(Session(), "tool", servers[-1].url)
        aws.core.set_config_variable("region", "us-east-1")
        return servers[-1], Wire(aws, "sqs", "us-east-1", servers[-1].url)

    yield start
    for server in servers:
        with contextlib.suppress(OSError):
            server.close()


def post(wire, body=b"{}"):
    headers = {"content-type": "application/x-amz-json-1.0"}
    return wire.send("SendMessageBatch", "POST", "/", "", headers, body)


def test_one_connection_serves_many_requests(serve):
    server, wire = serve(ok(b"one"), ok(b"two"), ok(b""))
    assert [post(wire).body for _ in range(3)] == [b"one", b"two", b""]
    assert server.connections == 1
    assert server.requests[0].startswith(b"POST / HTTP/1.1\r\n")
    assert b"authorization: AWS4-HMAC-SHA256 Credential=AKID/" in server.requests[0]
    assert b"user-agent: panther-tools/" in server.requests[0]
    assert b"secret" not in b"".join(server.requests)


def test_reply_may_arrive_byte_by_byte(serve):
    whole = ok(b"x" * 300)
    _, wire = serve([whole[place : place + 1] for place in range(len(whole))])
    assert post(wire).body == b"x" * 300


def test_large_replies_are_whole(serve):
    body = bytes(range(256)) * 4000
    _, wire = serve(ok(body))
    assert post(wire).body == body


def test_chunked_reply_is_joined(serve):
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunks = b"3\r\nabc\r\n" + b"a;ext=1\r\n0123456789\r\n" + b"0\r\n\r\n"
    server, wire = serve([head, chunks[:5], chunks[5:]], ok(b"next"))
    assert post(wire).body == b"abc0123456789"
    assert post(wire).body == b"next"
    assert server.connections == 1


def test_reply_that_ends_with_the_connection_is_read(serve):
    server, wire = serve(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nrest", ok(b"next"))
    assert post(wire).body == b"rest"
    assert post(wire).body == b"next"
    assert server.connections == 2


def test_continue_before_the_reply_is_passed_over(serve):
    _, wire = serve(b"HTTP/1.1 100 Continue\r\n\r\n" + ok(b"done"))
    assert post(wire).body == b"done"


def test_header_of_a_reply_is_found_in_any_case(serve):
    _, wire = serve(ok(b"", b"X-Amz-Bucket-Region: eu-west-1"))
    reply = post(wire)
    assert (reply.header("x-amz-bucket-region"), reply.header("etag")) == ("eu-west-1", "")


def test_connection_closed_without_a_reply_is_an_error_and_not_tried_again(serve):
    server, wire = serve(None, ok(b"next"))
    with pytest.raises(exceptions.ConnectionClosedError):
        post(wire)
    assert len(server.requests) == 1
    assert post(wire).body == b"next"


def test_reply_cut_in_the_middle_is_an_error(serve):
    _, wire = serve(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 99\r\n\r\nshort")
    with pytest.raises(exceptions.ConnectionClosedError):
        post(wire)


def test_idle_connection_that_was_closed_is_opened_anew(serve):
    server, wire = serve(ok(b"one", b"Connection: close"), ok(b"two"))
    post(wire)
    assert post(wire).body == b"two"
    assert server.connections == 2


def test_nobody_listening_is_an_unreachable_endpoint(serve):
    server, wire = serve()
    server.close()
    with pytest.raises(exceptions.EndpointConnectionError):
        post(wire)


@pytest.mark.parametrize(
    ("reply", "code", "message"),
    [
        (b'{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"no \\"q\\""}',
         "com.amazonaws.sqs#QueueDoesNotExist", 'no \\"q\\"'),
        (b"<Error><Code>SlowDown</Code><Message>slow</Message></Error>", "SlowDown", "slow"),
        (b"", "503", ""),
    ],
)  # fmt: skip
def test_error_replies_become_the_sdks_errors(serve, reply, code, message):
    head = b"HTTP/1.1 503 Unavailable\r\nContent-Length: %d\r\n\r\n" % len(reply)
    _, wire = serve(head + reply)
    with pytest.raises(exceptions.ClientError) as failed:
        post(wire)
    assert failed.value.response["Error"] == {"Code": code, "Message": message}
    assert failed.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503


def test_threads_have_connections_of_their_own(serve):
    server, wire = serve(ok(b"a"), ok(b"b"))
    post(wire)
    other = threading.Thread(target=post, args=(wire,))
    other.start()
    other.join(10)
    assert server.connections == 2


def test_plain_proxy_is_used_for_plain_endpoints(serve, monkeypatch):
    proxy, _ = serve(ok(b"through the proxy"))
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    aws = Aws(Session(), "tool", "http://sqs.example.test")
    aws.core.set_config_variable("region", "us-east-1")
    wire = Wire(aws, "sqs", "us-east-1", "http://sqs.example.test")
    assert post(wire).body == b"through the proxy"
    assert proxy.requests[0].startswith(b"POST http://sqs.example.test/ HTTP/1.1\r\n")
