"""A local AWS that answers at once: `python -m benchmarks.responder [-port N] [-latency-ms N]`.

S3, SQS, SNS, STS and Lambda with correct replies about synthetic data. It keeps count of what
arrives, so that a benchmark proves that its work was done. Control requests begin with /_bench/:
stats, reset, prepare?bucket=NAME, fill?queue=NAME&messages=N, set?latency-ms=N&long-polls=0|1.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import os
import sys
import threading
import time
from urllib.parse import parse_qsl

import orjson

from benchmarks.replies import identity, panther, query
from benchmarks.replies.s3 import Buckets
from benchmarks.replies.sns import Topics
from benchmarks.replies.sqs import Queues
from benchmarks.serving import Reply, Request, Server

_INVOKE = b"/2015-03-31/functions/"
_CONTROL = b"/_bench/"


class Responder:
    """Sends each request to the service it is for."""

    def __init__(self, port: int, latency_ms: float) -> None:
        self._queues = Queues()
        self._topics = Topics()
        self._buckets = Buckets()
        self._sources: list[str] = []
        self._by_action = {
            b"PublishBatch": self._topics.publish_batch,
            b"Publish": self._topics.publish,
            b"GetTopicAttributes": self._topics.attributes,
            b"GetCallerIdentity": identity.caller,
            b"AssumeRole": identity.assume,
        }
        self.server = Server(port, self._answer)
        self.server.delay_seconds = latency_ms / 1000

    def _answer(self, request: Request) -> Reply:
        if request.method == b"POST":
            if reply := self._queues.answer(request):
                return reply
            if request.target == b"/":
                return self._query(request.body)
            if request.target.startswith(_INVOKE):
                function = request.target[len(_INVOKE) :].partition(b"/")[0].decode()
                return panther.invoke(function, request.body, self._sources)
        if request.target.startswith(_CONTROL):
            return self._control(request.target)
        return self._buckets.answer(request)

    def _query(self, body: bytes) -> Reply:
        # The SDK writes Action first, a hand-made request may write it anywhere.
        start = body.index(b"Action=") + len(b"Action=")
        end = body.find(b"&", start)
        action = body[start : end if end >= 0 else len(body)]
        answer = self._by_action.get(action)
        return answer(body) if answer else query.unknown(action.decode())

    def _control(self, target: bytes) -> Reply:
        name, _, query = target[len(_CONTROL) :].decode().partition("?")
        given = dict(parse_qsl(query))
        if name == "reset":
            self._queues.reset()
            self._topics.reset()
            self._buckets.reset()
        elif name == "prepare":
            self._buckets.prepare(given["bucket"])
            self._sources = [given["bucket"]]
            gc.freeze()
        elif name == "fill":
            self._queues.named(given["queue"]).fill(int(given["messages"]))
            gc.freeze()
        elif name == "set":
            self.server.delay_seconds = float(given.get("latency-ms", 0)) / 1000
            self._queues.long_polls = given.get("long-polls", "1") == "1"
        elif name != "stats":
            return Reply(b"{}", status="404 Not Found")
        state = {
            "queues": self._queues.state(),
            "topics": self._topics.state(),
            "s3": self._buckets.state(),
            "cpu_seconds": time.process_time(),
        }
        return Reply(orjson.dumps(state))


def _end_with_stdin() -> None:
    # Whoever started this holds the other end: however it dies, nothing is left behind.
    sys.stdin.read()
    os._exit(0)


def main(argv: list[str] | None = None) -> int:
    """Serve until ended; the first line on stdout is the URL."""
    parser = argparse.ArgumentParser(prog="benchmarks.responder", description=__doc__)
    parser.add_argument("-port", type=int, default=0, help="0 = any free port")
    parser.add_argument("-latency-ms", type=float, default=0, help="added to every reply")
    parser.add_argument("-stop-with-stdin", action="store_true", help="end when stdin ends")
    given = parser.parse_args(argv)
    if given.stop_with_stdin:
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    responder = Responder(given.port, given.latency_ms)
    print(f"http://127.0.0.1:{responder.server.port}", flush=True)  # noqa: T201
    # Nothing here makes cycles per request, and a collection pass would look like latency.
    gc.disable()
    with contextlib.suppress(KeyboardInterrupt):
        responder.server.run()
    return 130


if __name__ == "__main__":
    sys.exit(main())
