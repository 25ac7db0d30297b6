"""How fast and how long to send: batches held back to a rate, cut off at a deadline (pure)."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

MOST_OBJECTS = 10


class Sized(Protocol):
    """A batch of objects."""

    @property
    def objects(self) -> Sequence[object]:
        """What the batch holds."""


Batch = TypeVar("Batch", bound=Sized)


def batch_size(files_per_second: float) -> int:
    """How many objects to send at once, so that a batch fills within a second; 0 = no rate."""
    if not files_per_second:
        return MOST_OBJECTS
    return max(1, min(MOST_OBJECTS, int(files_per_second)))


def paced(
    batches: Iterator[Batch],
    files_per_second: float,
    clock: Callable[[], float],
    wait: Callable[[float], bool],
    deadline: float = float("inf"),
) -> Iterator[Batch]:
    """The batches as a token bucket lets them through: it starts empty, gains `files_per_second`
    tokens a second (0 = no rate) and holds at most max(10, rate / 10).

    Ends when `clock()` reaches `deadline` or `wait(seconds)` says that the run is being stopped.
    """
    most = max(MOST_OBJECTS, files_per_second / 10)
    tokens, filled_at = 0.0, clock()
    for batch in batches:
        while clock() < deadline and files_per_second:
            now = clock()
            tokens = min(most, tokens + (now - filled_at) * files_per_second)
            filled_at = now
            if tokens >= len(batch.objects):
                tokens -= len(batch.objects)
                break
            missing = (len(batch.objects) - tokens) / files_per_second
            if wait(max(0.0, min(missing, deadline - now))):
                return
        if clock() >= deadline:
            return
        yield batch
