"""What several of these tests say alike."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from botocore.exceptions import ClientError


class Refusal:
    """The error that a service answered with."""

    status: int
    code: str
    message: str


@contextmanager
def refused() -> Iterator[Refusal]:
    """Expects a service error; its code, message and HTTP status are there afterwards."""
    refusal = Refusal()
    with pytest.raises(ClientError) as caught:
        yield refusal
    response = caught.value.response
    refusal.status = response["ResponseMetadata"]["HTTPStatusCode"]
    refusal.code = response["Error"]["Code"]
    refusal.message = response["Error"]["Message"]
