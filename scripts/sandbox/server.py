"""HTTP/1.1 with kept connections for one function from request to reply."""

from __future__ import annotations

import io
import socket
import socketserver
from collections.abc import Callable

from moto.moto_server.werkzeug_app import MotoRequestHandler

from scripts.sandbox.calls import Call, Reply

_OURS = {"connection", "transfer-encoding", "date", "server", "status"}


class Server(socketserver.ThreadingTCPServer):
    """Answers each connection in a thread of its own; raises OSError when the port is taken."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    # What werkzeug's request handler asks its server.
    ssl_context = None
    multithread = True
    multiprocess = False
    _server_version = "sandbox"

    def __init__(self, host: str, port: int, respond: Callable[[Call], Reply]) -> None:
        self.respond = respond
        super().__init__((host, port), _Handler)

    @property
    def url(self) -> str:
        """Where clients find it."""
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"


class _Handler(MotoRequestHandler):
    # werkzeug's own handler closes the connection after each reply; this one keeps it.
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def run_wsgi(self) -> None:
        self.wfile.flush()  # the "100 Continue" that a client may be waiting for
        environ = self.make_environ()
        body = self._read_body(environ)
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        self.environ = environ
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        call = Call(self.command, path, query, headers, body, environ)
        self._send(self.server.respond(call))

    def _read_body(self, environ: dict[str, object]) -> bytes:
        if environ.get("wsgi.input_terminated"):
            # Chunked: werkzeug has put its decoder in place of the stream.
            environ.pop("HTTP_TRANSFER_ENCODING", None)
            return bytes(environ["wsgi.input"].read())
        length = int(self.headers.get("Content-Length") or 0)
        return self.rfile.read(length) if length else b""

    def _send(self, reply: Reply) -> None:
        if reply.drop:
            self.close_connection = True
            # The client must see the end at once, not when the last reference goes.
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(reply.status)
        bodiless = self.command == "HEAD" or reply.status in (204, 304)
        for name, value in reply.headers.items():
            # A HEAD reply keeps the length of the object it describes.
            ours = name.lower() == "content-length" and not bodiless
            if name.lower() not in _OURS and not ours:
                self.send_header(name, str(value))
        if not bodiless:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if not bodiless:
            self.wfile.write(reply.body)
        self.wfile.flush()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """No line per request: stderr is for what goes wrong."""
