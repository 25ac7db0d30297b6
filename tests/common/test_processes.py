"""Processes answer jobs, tell what went wrong, and are gone when one of them is killed."""

import os
import signal
import threading
import time
from concurrent.futures import BrokenExecutor

import pytest

from common.processes import Processes


def times(factor):
    return {"factor": factor, "jobs": 0}


def multiply(state, number):
    state["jobs"] += 1
    return state["factor"] * number, state["jobs"], os.getpid()


def fail(state, text):
    raise ValueError(text)


def sleep(state, seconds):
    time.sleep(seconds)


def kill(state):
    os.kill(os.getpid(), signal.SIGKILL)


def large(state, size):
    return b"x" * size


@pytest.fixture
def processes():
    made = Processes(2, times, 3)
    yield made
    made.end()


def test_each_process_keeps_its_state_from_job_to_job(processes):
    answers = [processes.submit(multiply, number).result() for number in range(20)]
    assert [answer[0] for answer in answers] == [3 * number for number in range(20)]
    by_process = {}
    for _, jobs, process in answers:
        assert jobs == by_process.get(process, 0) + 1
        by_process[process] = jobs
    assert os.getpid() not in by_process


def test_what_a_job_raises_comes_back_and_the_process_goes_on(processes):
    with pytest.raises(ValueError, match="no good"):
        processes.submit(fail, "no good").result()
    assert processes.submit(multiply, 2).result()[0] == 6


def test_large_jobs_and_answers_at_once_do_not_block_each_other(processes):
    waiting = [processes.submit(large, 2_000_000) for _ in range(8)]
    assert [len(one.result(timeout=30)) for one in waiting] == [2_000_000] * 8


def test_job_of_a_killed_process_says_so_and_so_do_those_after_it(processes):
    with pytest.raises(BrokenExecutor):
        processes.submit(kill).result(timeout=10)
    results = []
    for number in range(10):
        try:
            results.append(processes.submit(multiply, number).result(timeout=10)[0])
        except BrokenExecutor:
            results.append(None)
    assert all(one in (None, 3 * number) for number, one in enumerate(results))


def test_end_does_not_wait_for_a_long_job():
    made = Processes(2, times, 3)
    made.submit(sleep, 60)
    start = time.monotonic()
    made.end()
    assert time.monotonic() - start < 10
    names = [thread.name for thread in threading.enumerate()]
    assert len(names) == len(set(names))


def test_cancelled_jobs_are_not_begun():
    made = Processes(1, times, 3)
    made.submit(sleep, 0.5)
    second = made.submit(multiply, 1)
    assert second.cancel()
    assert made.submit(multiply, 1).result(timeout=10)[1] == 1
    made.end()
