"""Where the tour happens: runs tools as a user would, shows what they print, checks the outcome."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SHOWN_LINES = 14
SHOWN_WIDTH = 115
SHOWN_COMMAND = 330


class Failed(Exception):
    """A check of the tour did not hold."""


@dataclass
class Stage:
    """The running sandbox seen from one working folder; `checks` counts what held."""

    env: Mapping[str, str]
    folder: Path
    checks: int = 0
    _clients: dict[str, Any] = field(default_factory=dict)

    def scene(self, title: str) -> None:
        """Begin a new part of the tour."""
        _say(f"\n== {title}")

    def tool(self, *words: str, expect: int = 0) -> str:
        """Run a tool, show its output, check its exit code; returns stdout."""
        _say("\n$ " + _shortened(" ".join(words)))
        main = ROOT / "tools" / words[0] / "main.py"
        done = subprocess.run(
            [sys.executable, str(main), *words[1:]],
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder), **self.env},
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        _show(done.stdout)
        _show(done.stderr)
        if done.returncode != expect:
            raise Failed(f"{words[0]} ended with {done.returncode}, not with {expect}")
        return done.stdout

    def check(self, claim: str, found: Any, expected: Any) -> None:
        """Say that a claim holds. Raises Failed when it does not."""
        if found != expected:
            raise Failed(f"{claim}: expected {expected!r}, found {found!r}")
        self.checks += 1
        _say(f"  ok  {claim}")

    def client(self, service: str) -> Any:
        """A plain boto3 client: the tour checks the tools' work without them."""
        if service not in self._clients:
            import boto3

            self._clients[service] = boto3.client(
                service,
                endpoint_url=self.env["AWS_ENDPOINT_URL"],
                region_name=self.env["AWS_REGION"],
                aws_access_key_id=self.env["AWS_ACCESS_KEY_ID"],
                aws_secret_access_key=self.env["AWS_SECRET_ACCESS_KEY"],
            )
        return self._clients[service]

    def keys(self, bucket: str, prefix: str = "") -> list[str]:
        """The keys of a bucket that hold data."""
        pages = self.client("s3").get_paginator("list_objects_v2")
        found = pages.paginate(Bucket=bucket, Prefix=prefix)
        return [item["Key"] for page in found for item in page.get("Contents", ()) if item["Size"]]

    def messages(self, queue: str) -> list[dict[str, Any]]:
        """All messages of a queue, seen from behind: nothing is received or hidden."""
        found: list[dict[str, Any]] = self._control("GET", f"/messages?queue={queue}")
        return found

    def faults(self, *rules: Mapping[str, Any]) -> None:
        """From now on these things go wrong; without rules nothing does."""
        self._control("POST", "/faults", list(rules))

    def _control(self, method: str, path: str, body: Any = None) -> Any:
        url = f"{self.env['AWS_ENDPOINT_URL']}/_sandbox{path}"
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(url, data, method=method)) as reply:
            return json.load(reply)


def _shortened(command: str) -> str:
    if len(command) <= SHOWN_COMMAND:
        return command
    cut = command.rindex(" ", 0, SHOWN_COMMAND)
    return f"{command[:cut]} ... ({command[cut:].count(' ')} more words)"


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _show(text: str) -> None:
    lines = text.splitlines()
    for line in lines[:SHOWN_LINES]:
        _say(f"  {line[:SHOWN_WIDTH]}..." if len(line) > SHOWN_WIDTH + 3 else f"  {line}")
    if len(lines) > SHOWN_LINES:
        _say(f"  ... {len(lines) - SHOWN_LINES} more lines")
