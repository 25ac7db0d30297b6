"""A door in front of the sandbox through which a test sees, changes and delays S3 requests."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

# (method, target, forward): what the client gets; forward() asks the sandbox.
Answer = Callable[[str, str, Callable[[], bytes]], bytes]


@contextmanager
def proxy(sandbox_url: str, answer: Answer) -> Iterator[str]:
    """The URL of a server that answers every request with `answer`'s body."""
    place = urlsplit(sandbox_url).netloc

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            status, kind = 200, "application/xml"

            def forward() -> bytes:
                nonlocal status, kind
                connection = http.client.HTTPConnection(place, timeout=30)
                connection.request(self.command, self.path, body, dict(self.headers))
                reply = connection.getresponse()
                status, kind = reply.status, reply.getheader("content-type", kind)
                data = reply.read()
                connection.close()
                return data

            data = answer(self.command, self.path, forward)
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = _pass

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
