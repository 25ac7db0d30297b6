"""s3queue's pure parts: pace, rounds, rendering."""

import json
from dataclasses import dataclass

import pytest

from common.listing import Range
from common.s3xml import Object
from common.selection import Chunk, limited
from tools.s3queue import main, messages, pace


@dataclass(frozen=True)
class Batch:
    objects: tuple


class Clock:
    """A clock that only waiting moves."""

    def __init__(self):
        self.now = 100.0

    def read(self):
        return self.now

    def wait(self, seconds):
        self.now += max(seconds, 1e-6)
        return False


def sent_at(sizes, rate, deadline=float("inf")):
    clock = Clock()
    batches = iter([Batch(tuple(range(size))) for size in sizes])
    moments = []
    for batch in pace.paced(batches, rate, clock.read, clock.wait, deadline):
        moments.append((round(clock.now - 100, 3), len(batch.objects)))
    return moments


def test_rate_holds_batches_back():
    assert sent_at([10, 10, 10], 10) == [(1.0, 10), (2.0, 10), (3.0, 10)]
    assert sent_at([1, 1], 0.5) == [(2.0, 1), (4.0, 1)]
    assert sent_at([10, 10], 100) == [(0.1, 10), (0.2, 10)]


def test_no_rate_waits_for_nothing():
    assert sent_at([10, 3], 0) == [(0.0, 10), (0.0, 3)]


def test_deadline_ends_a_paced_stream():
    assert sent_at([10] * 9, 10, deadline=103.5) == [(1.0, 10), (2.0, 10), (3.0, 10)]
    assert sent_at([10] * 9, 0, deadline=100.0) == []


def test_stop_request_ends_a_paced_stream():
    clock = Clock()
    assert list(pace.paced(iter([Batch((1,))]), 1, clock.read, lambda _: True)) == []


@pytest.mark.parametrize(
    ("rate", "size"), [(0, 10), (0.5, 1), (1, 1), (3.9, 3), (10, 10), (999, 10)]
)
def test_batch_fills_within_a_second(rate, size):
    assert pace.batch_size(rate) == size
    assert not rate or size <= max(1, rate)


def chunk(*names):
    objects = [Object(name, "", "", 1, "") for name in names]
    return Chunk(Range(), "b", objects, len(objects), 0, names[-1] if names else "", False)


def test_loop_goes_on_until_a_round_is_empty():
    found = iter([[chunk("a")], [chunk("b")], [chunk()]])
    assert [c.mark for c in main.rounds(lambda: iter(next(found)), True)] == ["a", "b", ""]


def test_limit_cuts_inside_a_chunk():
    cut = list(limited(iter([chunk("a", "b"), chunk("c", "d"), chunk("e")]), 3))
    assert [[found.key for found in part.objects] for part in cut] == [["a", "b"], ["c"]]
    assert cut[-1].mark == ""
    assert len(list(limited(iter([chunk("a"), chunk("b")]), 0))) == 2


@pytest.mark.parametrize("key", ["plain", 'a "b\\c', "\u00e9+%/=\n", "x" * 1024])
@pytest.mark.parametrize("raw", [False, True])
def test_template_renders_what_json_would(key, raw):
    found = Object(key, "", "", 42, "")
    entry = messages.entry_renderer("111122223333", "my-bucket", raw)(found)
    body = json.loads("{" + entry + "}")["MessageBody"]
    assert body == messages.body("111122223333", "my-bucket", found, raw)
    event = json.loads(json.loads(body)["Message"])["Records"][0]["s3"]["object"]
    assert event["size"] == 42
