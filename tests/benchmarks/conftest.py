"""A running responder and a moto server beside it."""

from collections.abc import Iterator

import pytest
from moto.server import ThreadedMotoServer

from benchmarks import measure
from tests.benchmarks.asking import control


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with measure.responder() as running:
        yield running.url


@pytest.fixture(autouse=True)
def _begins_empty(request: pytest.FixtureRequest) -> None:
    if "url" in request.fixturenames:
        url = request.getfixturevalue("url")
        control(url, "reset")
        control(url, "set")


@pytest.fixture(scope="module")
def moto_url() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()
