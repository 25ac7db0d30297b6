"""Trying again what AWS asks clients to try again: exponential pauses with full jitter, bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from common.stop import Stop

TRIES = 8
FIRST_SECONDS = 0.2
LONGEST_SECONDS = 20.0

Result = TypeVar("Result")


def pauses(tries: int = TRIES) -> Iterator[float]:
    """Seconds to wait before the second, third, ... try; ends after `tries` tries in total."""
    import random

    ceiling = FIRST_SECONDS
    for _ in range(tries - 1):
        yield random.uniform(0, ceiling)
        ceiling = min(LONGEST_SECONDS, ceiling * 2)


def retrying(
    call: Callable[[], Result],
    stop: Stop,
    tries: int = TRIES,
    also: Callable[[Exception], bool] = lambda _: False,
) -> Result:
    """The result of `call`, tried again after throttling, a 5xx or a lost connection, and after
    what `also` holds for.

    Only for calls that may be carried out twice. Raises the last error, at once when it does not
    pass or when the user asks to stop.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    from common import awserrors

    waits = pauses(tries)
    while True:
        try:
            return call()
        except (ClientError, BotoCoreError) as error:
            wait = next(waits, None)
            is_passing = awserrors.is_transient(error) or also(error)
            if wait is None or not is_passing or stop.wait(wait):
                raise
