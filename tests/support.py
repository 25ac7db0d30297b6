"""What tests of tools stand on: the sandbox as an object, tools as processes, terminals."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from scripts.sandbox import process
from tests import terminal

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Result:
    """How a process ended and what it wrote."""

    code: int
    stdout: str
    stderr: str = ""

    @property
    def records(self) -> list[dict[str, Any]]:
        """stdout as JSON lines."""
        return [json.loads(line) for line in self.stdout.splitlines()]


@dataclass
class Sandbox:
    """A running sandbox: its address, what a tool needs to find it, and its control interface."""

    url: str
    aws_env: dict[str, str]
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict, repr=False)

    def client(self, service: str, region: str = "us-east-1") -> Any:
        """A boto3 client. It never retries, so that a fault shows."""
        if (service, region) not in self._clients:
            import boto3
            from botocore.config import Config

            self._clients[service, region] = boto3.client(
                service,
                region_name=region,
                endpoint_url=self.url,
                aws_access_key_id=self.aws_env["AWS_ACCESS_KEY_ID"],
                aws_secret_access_key=self.aws_env["AWS_SECRET_ACCESS_KEY"],
                config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
            )
        return self._clients[service, region]

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """One request to the control interface; raises AssertionError with its answer."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_sandbox{path}", data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                return json.load(reply)
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()) from None

    def faults(self, *rules: Mapping[str, Any]) -> None:
        """Replaces the fault plan and sets its counters to zero; without rules nothing fails."""
        self.control("POST", "/faults", list(rules))

    def fault_counts(self) -> list[dict[str, int]]:
        """{"matched", "fired"} of each rule in force."""
        return list(self.control("GET", "/faults"))

    def calls(self) -> Counter[str]:
        """Requests per "service.Operation" since the test began."""
        return Counter(self.control("GET", "/calls"))

    def reset_calls(self) -> None:
        """Counts from zero again."""
        self.control("POST", "/calls/reset", {})

    def reset(self) -> None:
        """Forgets everything and seeds Panther anew: for tests that change what is seeded."""
        self.control("POST", "/reset", {})

    def create_bucket(self, *, versioned: bool = False, region: str = "us-east-1") -> str:
        """A new bucket; gives its name."""
        name = f"bucket-{uuid.uuid4().hex[:12]}"
        place = {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3 = self.client("s3", region)
        s3.create_bucket(Bucket=name, **({} if region == "us-east-1" else place))
        if versioned:
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        return name

    def create_queue(self, *, fifo: bool = False, **attributes: str) -> str:
        """A new queue; gives its name."""
        name = f"queue-{uuid.uuid4().hex[:12]}" + (".fifo" if fifo else "")
        if fifo:
            attributes["FifoQueue"] = "true"
        self.client("sqs").create_queue(QueueName=name, Attributes=attributes)
        return name

    def queue_url(self, name: str) -> str:
        """The URL of a queue."""
        return str(self.client("sqs").get_queue_url(QueueName=name)["QueueUrl"])

    def bulk_objects(
        self, bucket: str, keys: Iterable[str], *, size: int = 1, **more: Any
    ) -> list[str]:
        """Puts an object for each key at once and gives the version ids. `more`: body,
        body_base64, last_modified (ISO 8601), storage_class, notify=True."""
        body = {"bucket": bucket, "keys": list(keys), "size": size, **more}
        return list(self.control("POST", "/objects", body)["version_ids"])

    def bulk_deletes(self, bucket: str, keys: Iterable[str], **more: Any) -> list[str]:
        """Deletes each key at once; gives the delete markers' version ids. `more`: last_modified"""
        body = {"bucket": bucket, "keys": list(keys), **more}
        return list(self.control("POST", "/deletes", body)["version_ids"])

    def versions(self, bucket: str, prefix: str = "") -> list[dict[str, Any]]:
        """Every version and delete marker: key, version_id, is_marker, is_latest, size."""
        path = f"/objects?bucket={quote(bucket)}&prefix={quote(prefix)}"
        return list(self.control("GET", path))

    def bulk_messages(self, queue: str, *messages: str | Mapping[str, Any]) -> list[str]:
        """Sends at once, in order; gives message ids. A message is its body, or a mapping with
        body, attributes, group_id, deduplication_id, trace_header, sent (ISO 8601),
        receive_count, dead_letter_source."""
        given = [{"body": one} if isinstance(one, str) else dict(one) for one in messages]
        body = {"queue": queue, "messages": given}
        return list(self.control("POST", "/messages", body)["message_ids"])

    def messages(self, queue: str) -> list[dict[str, Any]]:
        """All messages of a queue, also those in flight, untouched: id, body, attributes,
        in_flight, receive_count, group_id, deduplication_id, trace_header..."""
        return list(self.control("GET", f"/messages?queue={quote(queue)}"))

    def bodies(self, queue: str) -> list[str]:
        """The bodies of all messages of a queue."""
        return [message["body"] for message in self.messages(queue)]


def binary(data: bytes) -> dict[str, str]:
    """A Binary message attribute as the control interface takes and gives it."""
    return {"DataType": "Binary", "BinaryValue": base64.b64encode(data).decode()}


@contextmanager
def running_sandbox(directory: Path, *flags: str) -> Iterator[Sandbox]:
    """A sandbox in a process of its own, on a free port, ready for requests while inside."""
    with process.running(directory, *flags) as aws_env:
        yield Sandbox(aws_env["AWS_ENDPOINT_URL"], aws_env)


@dataclass(frozen=True)
class Tools:
    """Runs tools as a user does: from source, or the frozen executables in `executables`."""

    env: Mapping[str, str]
    directory: Path
    executables: Path | None = None

    def command(self, name: str) -> list[str]:
        """The words that start a tool."""
        if self.executables is not None:
            return [str(self.executables / name)]
        return [sys.executable, str(ROOT / "tools" / name.replace("-", "_") / "main.py")]

    def run(
        self,
        name: str,
        *args: str,
        stdin: str | bytes | None = None,
        env: Mapping[str, str | None] | None = None,
        cwd: Path | None = None,
        timeout: float = 60,
    ) -> Result:
        """Runs a tool to its end. Without `stdin` it reads from /dev/null."""
        data = stdin.encode() if isinstance(stdin, str) else stdin
        done = subprocess.run(
            [*self.command(name), *args],
            env=self._env(env),
            cwd=cwd or self.directory,
            capture_output=True,
            timeout=timeout,
            check=False,
            **({"stdin": subprocess.DEVNULL} if data is None else {"input": data}),
        )
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    def start(
        self,
        name: str,
        *args: str,
        env: Mapping[str, str | None] | None = None,
        cwd: Path | None = None,
        **popen: Any,
    ) -> subprocess.Popen[str]:
        """Starts a tool and does not wait: for signals. Read it with `finish`."""
        streams: dict[str, Any] = {
            "stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE,
        }  # fmt: skip
        return subprocess.Popen(
            [*self.command(name), *args],
            env=self._env(env),
            cwd=cwd or self.directory,
            text=True,
            encoding="utf-8",
            **(streams | popen),
        )

    def in_terminal(
        self,
        name: str,
        *args: str,
        answers: Sequence[str | tuple[str, str]] = (),
        env: Mapping[str, str | None] | None = None,
        cwd: Path | None = None,
        timeout: float = 60,
    ) -> Result:
        """Runs a tool under a pseudo-terminal. An answer (text, reply) is typed when `text` has
        appeared since the last answer; a plain reply when the tool waits behind a prompt. The
        reply "\\x04" is the end of input, "\\x03" is Ctrl-C. stdout holds all that was shown."""
        script = [("", answer) if isinstance(answer, str) else answer for answer in answers]
        command = [*self.command(name), *args]
        code, shown = terminal.run(command, self._env(env), cwd or self.directory, script, timeout)
        return Result(code, shown)

    def _env(self, more: Mapping[str, str | None] | None) -> dict[str, str]:
        merged: dict[str, str | None] = {**self.env, **(more or {})}
        return {name: value for name, value in merged.items() if value is not None}


def finish(process: subprocess.Popen[str], timeout: float = 60) -> Result:
    """Waits for a started tool. A tool that hangs is killed and fails the test."""
    try:
        stdout, stderr = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    return Result(process.returncode, stdout or "", stderr or "")


def children_of(pid: int) -> list[int]:
    """The processes that a process has started; skips the test where the system does not tell."""
    file = Path(f"/proc/{pid}/task/{pid}/children")
    if not file.exists():
        pytest.skip("the system does not tell which processes another one has started")
    return [int(word) for word in file.read_text().split()]


def tool_env(aws_env: Mapping[str, str], home: Path) -> dict[str, str]:
    """The least that a tool needs: no proxies, nobody's profiles."""
    return {"PATH": os.environ["PATH"], "HOME": str(home), **aws_env}
