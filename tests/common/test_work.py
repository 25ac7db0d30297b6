"""Parallel work takes no more than it can do, ends in order, and loses no error."""

import threading
import time

import pytest

from common.stop import Stop
from common.work import spread


def test_every_item_is_done_once():
    lock, done = threading.Lock(), []

    def do(item):
        with lock:
            done.append(item)

    assert spread(range(503), do, 7, Stop())
    assert sorted(done) == list(range(503))


def test_items_are_taken_only_when_a_worker_is_free():
    taken, gate = [], threading.Event()

    def items():
        for number in range(100):
            taken.append(number)
            yield number

    worker = threading.Thread(target=spread, args=(items(), lambda _: gate.wait(10), 3, Stop()))
    worker.start()
    time.sleep(0.2)
    assert len(taken) == 3
    gate.set()
    worker.join(10)
    assert len(taken) == 100


def test_error_of_an_item_is_raised_after_the_others_ended():
    done, all_started = [], threading.Barrier(4)

    def do(item):
        all_started.wait(10)
        if item == 1:
            raise ValueError("broken")
        time.sleep(0.05)
        done.append(item)

    with pytest.raises(ValueError, match="broken"):
        spread(range(4), do, 4, Stop())
    assert sorted(done) == [0, 2, 3]


def test_error_of_the_items_is_raised():
    def items():
        yield 1
        raise OSError("listing failed")

    with pytest.raises(OSError, match="listing failed"):
        spread(items(), lambda _: None, 4, Stop())


def test_stop_request_takes_no_further_item():
    stop, done = Stop(), []

    def do(item):
        stop.request()
        done.append(item)

    assert spread(range(100), do, 1, stop)
    assert done == [0]


def test_work_that_never_ends_is_left_behind_after_a_stop(monkeypatch):
    monkeypatch.setattr("common.work.GRACE_SECONDS", 0.1)
    stop, gate = Stop(), threading.Event()

    def do(_):
        stop.request()
        gate.wait(10)

    assert spread([1], do, 1, stop) is False
    gate.set()
