"""Running one process and what it cost, and the responder that it talks to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import synthetic

ROOT = Path(__file__).parents[1]
LAUNCH = Path(__file__).with_name("launch.py")


class Cost(NamedTuple):
    """What a process and its children took."""

    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int


class Failed(Exception):
    """A measured command ended badly or did not do its work."""


def run(arguments: Sequence[str], environment: Mapping[str, str], out: Path) -> Cost:
    """Run Python with `arguments` from the repository's root, its stdout going to `out`.

    Raises Failed with the end of its stderr when it exits with anything but 0.
    """
    errors, costs = out.with_suffix(".stderr"), out.with_suffix(".cost")
    launch = [sys.executable, "-I", "-S", str(LAUNCH), str(costs), sys.executable, *arguments]
    with out.open("wb") as stdout, errors.open("wb") as stderr:
        subprocess.run(
            launch,
            cwd=ROOT,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            check=True,
        )
    wall, cpu, peak, code = costs.read_text().split()
    if code != "0":
        said = errors.read_text(errors="replace").strip().splitlines()[-5:]
        raise Failed(f"{' '.join(arguments)}: exit {code}: {' | '.join(said)}")
    return Cost(float(wall), float(cpu), int(peak))


class Responder:
    """The running responder, as the benchmarks see it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def control(self, command: str, **values: object) -> dict[str, Any]:
        """Give a control command; the reply is its figures."""
        query = "&".join(f"{name.replace('_', '-')}={value}" for name, value in values.items())
        with urllib.request.urlopen(f"{self.url}/_bench/{command}?{query}") as reply:
            return dict(json.load(reply))

    def environment(self) -> dict[str, str]:
        """The environment in which a command talks to the responder and to nobody else."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.upper().startswith("AWS_") and not name.lower().endswith("_proxy")
        }
        return kept | {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE000000000",
            "AWS_SECRET_ACCESS_KEY": "example" * 6,
            "AWS_REGION": synthetic.REGION,
            "AWS_DEFAULT_REGION": synthetic.REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }


@contextmanager
def responder() -> Iterator[Responder]:
    """A responder in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.responder", "-stop-with-stdin"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        if not url:
            raise Failed("the responder did not start")
        try:
            yield Responder(url)
        finally:
            process.terminate()
