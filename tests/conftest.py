"""Fixtures that every test may use. Nothing starts before a test asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import support


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--exe",
        type=Path,
        help="run the frozen executables of this folder instead of the sources",
    )


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[support.Sandbox]:
    """AWS with a small Panther in it, one for all tests; see tests/support.py for what it can."""
    with support.running_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture(autouse=True)
def _without_leftovers(request: pytest.FixtureRequest) -> Iterator[None]:
    """Neither faults nor counts of one test reach the next."""
    uses_sandbox = "sandbox" in request.fixturenames
    if uses_sandbox:
        request.getfixturevalue("sandbox").reset_calls()
    yield
    if uses_sandbox:
        request.getfixturevalue("sandbox").faults()


@pytest.fixture
def bucket(sandbox: support.Sandbox) -> str:
    """The name of a new, empty bucket."""
    return sandbox.create_bucket()


@pytest.fixture
def versioned_bucket(sandbox: support.Sandbox) -> str:
    """The name of a new, empty bucket with versioning."""
    return sandbox.create_bucket(versioned=True)


@pytest.fixture
def queue(sandbox: support.Sandbox) -> str:
    """The name of a new, empty standard queue."""
    return sandbox.create_queue()


@pytest.fixture
def tools(
    sandbox: support.Sandbox, tmp_path: Path, request: pytest.FixtureRequest
) -> support.Tools:
    """Runs tools against the sandbox, in an empty folder that is also their home."""
    env = support.tool_env(sandbox.aws_env, tmp_path)
    executables = request.config.getoption("--exe")
    return support.Tools(env, tmp_path, executables.resolve() if executables else None)


@pytest.fixture
def run_tool(tools: support.Tools) -> Callable[..., support.Result]:
    """run_tool("s3queue", "-s3path", ..., stdin=None, env=None, cwd=None, timeout=60)"""
    return tools.run


@pytest.fixture
def start_tool(tools: support.Tools) -> Iterator[Callable[..., Any]]:
    """Like run_tool but gives the running process; what is left of it ends with the test."""
    started = []

    def start(*args: Any, **options: Any) -> Any:
        started.append(tools.start(*args, **options))
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def run_in_terminal(tools: support.Tools) -> Callable[..., support.Result]:
    """run_in_terminal("s3queue", answers=[("path", "s3://b"), "y"]): stdin, stdout and stderr
    are a terminal."""
    return tools.in_terminal
