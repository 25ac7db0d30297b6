"""AWS requests for hot loops: signed, sent and read without building SDK structures.

botocore decides everything that is rare (credentials, endpoint, proxy, CA bundle); this module
does what remains for each request over one kept connection per thread. Requests that go through
a TLS proxy are left to botocore's own HTTP session.
"""

from __future__ import annotations

import hashlib
import http.client
import re
import select
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore import exceptions
from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session, get_cert_path
from botocore.utils import get_environ_proxies

from common import sigv4
from common.aws import CONNECT_SECONDS, READ_SECONDS

if TYPE_CHECKING:
    from common.aws import Aws

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[ \t]*chunked", re.IGNORECASE)
_CLOSE = re.compile(rb"\r\nconnection:[ \t]*close", re.IGNORECASE)
_HEADER = re.compile(rb"\r\n([!-9;-~]+):[ \t]*([^\r\n]*)")
_XML_CODE = re.compile(rb"<Code>([^<]*)</Code>")
_XML_MESSAGE = re.compile(rb"<Message>([^<]*)</Message>")
_JSON_TYPE = re.compile(rb'"__type"\s*:\s*"([^"]*)"')
_JSON_MESSAGE = re.compile(rb'"[mM]essage"\s*:\s*"((?:[^"\\]|\\.)*)"')
# Above malloc's mmap threshold (128 kB) every small reply would cost page faults: measured 3x.
_RECEIVE_BYTES = 65_536

Data = bytes | bytearray  # a large reply stays in the buffer that it was received in


@dataclass(frozen=True)
class Reply:
    """What came back: the status, the raw head (for rare look-ups) and the body."""

    status: int
    head: bytes
    body: Data

    def header(self, name: str) -> str:
        """A response header by its lower-case name, "" when absent."""
        for found, value in _HEADER.findall(self.head):
            if found.lower() == name.encode():
                return str(value, "latin-1").strip()
        return ""


class Wire:
    """Signed requests to one base URL of one service; every thread has its own connection."""

    def __init__(self, aws: Aws, service: str, region: str, base_url: str) -> None:
        parts = urlsplit(base_url)
        self._credentials = aws.core.get_credentials()
        self._signing_name = service
        self._region = region
        self._base = f"{parts.scheme}://{parts.netloc}"
        self._host = parts.netloc
        self.path = parts.path.rstrip("/")
        self._agent = aws.config().user_agent_extra
        self._local = threading.local()
        verify = aws.core.get_config_variable("ca_bundle") or True
        proxy = get_environ_proxies(self._base).get(parts.scheme, "")
        if proxy and "://" not in proxy:
            proxy = "http://" + proxy
        self._proxy = proxy
        self._secure = parts.scheme == "https"
        self._tls = (
            ssl.create_default_context(cafile=get_cert_path(verify)) if self._secure else None
        )
        self._verify = verify

    def send(
        self,
        operation: str,
        method: str,
        path: str,
        query: str,
        headers: Mapping[str, str],
        body: bytes = b"",
    ) -> Reply:
        """One request and its reply. `path` and `query` are already encoded, the query sorted;
        `headers` have lower-case names.

        Raises botocore's ClientError for an error reply, and its ConnectionClosedError,
        EndpointConnectionError, ReadTimeoutError or SSLError when there is no reply. It never
        tries again by itself: only the caller knows whether that is safe.
        """
        timestamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        frozen = self._credentials.get_frozen_credentials()
        keys = sigv4.Keys(frozen.access_key, frozen.secret_key, frozen.token)
        payload = hashlib.sha256(body).hexdigest()
        signed = {**headers, "host": self._host, "x-amz-date": timestamp}
        if self._signing_name == "s3":
            signed["x-amz-content-sha256"] = payload
        if keys.token:
            signed["x-amz-security-token"] = keys.token
        local = self._local
        if not hasattr(local, "sign"):
            local.sign = sigv4.signer(self._signing_name, self._region)
            local.transport = self._transport()
        authorization = local.sign(keys, timestamp, method, path, query, signed, payload)
        target = f"{path}?{query}" if query else path
        signed["authorization"] = authorization
        signed["user-agent"] = self._agent
        reply: Reply = local.transport.exchange(method, target, signed, body)
        if reply.status >= 300:
            raise _service_error(operation, reply)
        return reply

    def _transport(self) -> _Direct | _ThroughBotocore:
        if self._proxy and (self._proxy.startswith("https:") or not self._secure):
            return _ThroughBotocore(self._base, self._proxy, self._verify)
        return _Direct(self._base, self._proxy, self._tls)


class _Direct:
    """One kept HTTP/1.1 connection, opened by http.client and used through its bare socket."""

    def __init__(self, base_url: str, proxy: str, tls: ssl.SSLContext | None) -> None:
        self._url = base_url
        self._proxy = proxy
        self._tls = tls
        self._socket: socket.socket | None = None
        self._poll = select.poll() if hasattr(select, "poll") else None

    def exchange(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Reply:
        head = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
        request = f"{method} {target} HTTP/1.1\r\n{head}content-length: {len(body)}\r\n\r\n"
        connection = self._ready()
        try:
            connection.sendall(request.encode("latin-1") + body)
            return self._read(connection, method)
        except TimeoutError as error:
            self._drop()
            raise exceptions.ReadTimeoutError(endpoint_url=self._url, error=error) from None
        except OSError as error:
            self._drop()
            raise exceptions.ConnectionClosedError(
                endpoint_url=self._url, request=None, error=error
            ) from None

    def _ready(self) -> socket.socket:
        # A server closes idle connections: seeing that before we send is the difference between
        # a plain reconnect and a request of unknown fate.
        if self._socket is not None and self._is_over(self._socket):
            self._drop()
        if self._socket is None:
            self._socket = self._connect()
        return self._socket

    def _is_over(self, connection: socket.socket) -> bool:
        if self._poll is None:
            has_input = bool(select.select([connection], [], [], 0)[0])
        else:
            has_input = bool(self._poll.poll(0))
        if not has_input:
            return False
        # TLS 1.3 servers send session tickets unasked: only an end of file is the end.
        connection.setblocking(False)
        try:
            connection.recv(1)
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        except OSError:
            return True
        finally:
            connection.settimeout(READ_SECONDS)
        return True

    def _connect(self) -> socket.socket:
        parts = urlsplit(self._url)
        host, port = parts.hostname or "", parts.port or (443 if self._tls else 80)
        way = urlsplit(self._proxy) if self._proxy else None
        first = (way.hostname or "", way.port or 80) if way else (host, port)
        plain = http.client.HTTPConnection(*first, timeout=CONNECT_SECONDS)
        try:
            if way:
                plain.set_tunnel(host, port, headers=_proxy_login(way.username, way.password))
            plain.connect()
            connection: socket.socket = plain.sock
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_hostname=host)
        except ssl.SSLError as error:
            raise exceptions.SSLError(endpoint_url=self._url, error=error) from None
        except OSError as error:
            if way:
                where = f"{way.hostname}:{way.port or 80}"
                raise exceptions.ProxyConnectionError(proxy_url=where, error=error) from None
            raise exceptions.EndpointConnectionError(endpoint_url=self._url, error=error) from None
        connection.settimeout(READ_SECONDS)
        if self._poll is not None:
            self._poll.register(connection, select.POLLIN | select.POLLHUP | select.POLLERR)
        return connection

    def _drop(self) -> None:
        if self._socket is not None:
            if self._poll is not None:
                self._poll.unregister(self._socket)
            self._socket.close()
            self._socket = None

    def _read(self, connection: socket.socket, method: str) -> Reply:
        status, rest = 100, b""
        while status == 100:  # "100 Continue" only announces the reply
            while (end := rest.find(b"\r\n\r\n")) < 0:
                rest += _receive(connection)
            head, rest = rest[:end], rest[end + 4 :]
            status = int(head[9:12])
        body = self._body(connection, head, rest, method, status)
        if _CLOSE.search(head):
            self._drop()
        return Reply(status, head, body)

    def _body(
        self, connection: socket.socket, head: bytes, rest: bytes, method: str, status: int
    ) -> Data:
        if method == "HEAD" or status in (204, 304):
            return b""
        length = _LENGTH.search(head)
        if length:
            return _read_exactly(connection, rest, int(length[1]))
        if _CHUNKED.search(head):
            return _read_chunked(connection, rest)
        parts = [rest]
        while part := connection.recv(_RECEIVE_BYTES):
            parts.append(part)
        self._drop()
        return b"".join(parts)


class _ThroughBotocore:
    """The same exchange through botocore's HTTP session, which knows every kind of proxy."""

    def __init__(self, base_url: str, proxy: str, verify: Any) -> None:
        scheme = urlsplit(base_url).scheme
        self._base = base_url
        self._session = URLLib3Session(verify=verify, proxies={scheme: proxy})

    def exchange(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Reply:
        request = AWSRequest(method=method, url=self._base + target, headers=headers, data=body)
        response = self._session.send(request.prepare())
        head = "".join([f"\r\n{name}: {value}" for name, value in response.headers.items()])
        return Reply(response.status_code, head.encode("latin-1"), response.content)


def _receive(connection: socket.socket) -> bytes:
    data = connection.recv(_RECEIVE_BYTES)
    if not data:
        raise ConnectionResetError("the connection was closed before a reply came")
    return data


def _read_exactly(connection: socket.socket, data: Data, length: int) -> Data:
    if len(data) >= length:
        return data
    whole = bytearray(length)
    whole[: len(data)] = data
    view = memoryview(whole)[len(data) :]
    while view:
        received = connection.recv_into(view)
        if not received:
            raise ConnectionResetError("the connection was closed in the middle of a reply")
        view = view[received:]
    return whole


def _read_chunked(connection: socket.socket, data: bytes) -> bytes:
    parts: list[bytes] = []
    while True:
        while (end := data.find(b"\r\n")) < 0:
            data += _receive(connection)
        size = int(data[:end].split(b";")[0], 16)
        data = bytes(_read_exactly(connection, data[end + 2 :], size + 2))
        if size == 0:
            return b"".join(parts)
        parts.append(data[:size])
        data = data[size + 2 :]


def _proxy_login(user: str | None, password: str | None) -> dict[str, str]:
    if not user:
        return {}
    from base64 import b64encode
    from urllib.parse import unquote

    login = f"{unquote(user)}:{unquote(password or '')}".encode()
    return {"Proxy-Authorization": "Basic " + b64encode(login).decode()}


def _service_error(operation: str, reply: Reply) -> exceptions.ClientError:
    code = _found(_XML_CODE, reply.body) or _found(_JSON_TYPE, reply.body)
    query_code = reply.header("x-amzn-query-error").partition(";")[0]
    code = code or query_code or reply.header("x-amzn-errortype").partition(":")[0]
    message = _found(_XML_MESSAGE, reply.body) or _found(_JSON_MESSAGE, reply.body)
    region = reply.header("x-amz-bucket-region")
    return exceptions.ClientError(
        {
            "Error": {"Code": code or str(reply.status), "Message": message},
            "ResponseMetadata": {
                "HTTPStatusCode": reply.status,
                "HTTPHeaders": {"x-amz-bucket-region": region} if region else {},
            },
        },
        operation,
    )


def _found(pattern: re.Pattern[bytes], body: Data) -> str:
    match = pattern.search(body)
    return match[1].decode("utf-8", "replace") if match else ""
