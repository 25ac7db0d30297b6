"""requeue between FIFO queues: the order inside a group is kept whatever happens."""

import pytest

from tests.tools.requeue_queues import fault, nothing_in_flight, numbers, report


@pytest.fixture
def fifo(sandbox):
    """Two FIFO queues, without deduplication by content."""
    return sandbox.create_queue(fifo=True), sandbox.create_queue(fifo=True)


def grouped(count, groups=3):
    return [
        {"body": str(number), "group_id": f"g{number % groups}", "deduplication_id": str(number)}
        for number in range(count)
    ]


def groups_of(sandbox, queue):
    found = {}
    for one in sandbox.messages(queue):
        found.setdefault(one["group_id"], []).append(int(one["body"]))
    return found


def in_order(count, groups=3):
    return {f"g{group}": list(range(group, count, groups)) for group in range(groups)}


def test_fifo_keeps_order_and_works_twice_within_five_minutes(run_tool, sandbox, fifo):
    sandbox.bulk_messages(fifo[0], *grouped(31))
    assert run_tool("requeue", "-from.q", fifo[0], "-to.q", fifo[1]).code == 0
    assert groups_of(sandbox, fifo[1]) == in_order(31)
    assert run_tool("requeue", "-from.q", fifo[1], "-to.q", fifo[0]).code == 0
    assert groups_of(sandbox, fifo[0]) == in_order(31) and sandbox.messages(fifo[1]) == []
    assert run_tool("requeue", "-from.q", fifo[0], "-to.q", fifo[1]).code == 0
    assert groups_of(sandbox, fifo[1]) == in_order(31) and sandbox.messages(fifo[0]) == []


def test_fifo_keeps_order_when_entries_fail_in_passing(run_tool, sandbox, fifo):
    sandbox.bulk_messages(fifo[0], *grouped(31))
    sandbox.faults(fault("fail_entries", "SendMessageBatch", percent=30, seed=5))
    assert run_tool("requeue", "-from.q", fifo[0], "-to.q", fifo[1], timeout=100).code == 0
    assert groups_of(sandbox, fifo[1]) == in_order(31)


def test_fifo_group_waits_behind_a_message_that_is_refused(run_tool, sandbox, fifo):
    sandbox.bulk_messages(fifo[0], *grouped(9))
    sandbox.faults(fault("fail_entries", "SendMessageBatch", contains='"4"',
                         sender_fault=True, code="Refused"))  # fmt: skip
    result = run_tool("requeue", "-from.q", fifo[0], "-to.q", fifo[1], "-output", "json")
    assert result.code == 3
    assert groups_of(sandbox, fifo[1]) == {"g0": [0, 3, 6], "g1": [1], "g2": [2, 5, 8]}
    assert groups_of(sandbox, fifo[0]) == {"g1": [4, 7]}
    assert report(result)["failed"] == 2 and nothing_in_flight(sandbox, fifo[0])


def test_fifo_lost_reply_makes_no_duplicate(run_tool, sandbox, fifo):
    sandbox.bulk_messages(fifo[0], *grouped(6))
    sandbox.faults(fault("drop", "SendMessageBatch", when="after", times=1))
    result = run_tool("requeue", "-from.q", fifo[0], "-to.q", fifo[1], "-output", "json")
    assert result.code == 0 and report(result)["maybe_duplicate"] == 0
    assert groups_of(sandbox, fifo[1]) == in_order(6)


def test_fifo_moves_what_matches_from_behind_what_does_not(run_tool, sandbox, fifo):
    rows = [{"body": f"{'no' if n < 3 else 'yes'}{n}", "group_id": "g", "deduplication_id": str(n)}
            for n in range(30)]  # fmt: skip
    sandbox.bulk_messages(fifo[0], *rows)
    result = run_tool("requeue", "-from.q", fifo[0], "-to.q", fifo[1], "-match", "yes")
    assert result.code == 0
    assert sandbox.bodies(fifo[0]) == ["no0", "no1", "no2"]
    assert sandbox.bodies(fifo[1]) == [f"yes{n}" for n in range(3, 30)]


def test_fifo_to_standard_and_back(run_tool, sandbox, fifo, queue):
    sandbox.bulk_messages(fifo[0], *grouped(12))
    assert run_tool("requeue", "-from.q", fifo[0], "-to.q", queue).code == 0
    assert numbers(sandbox, queue) == list(range(12))
    ids = {one["id"] for one in sandbox.messages(queue)}
    assert run_tool("requeue", "-from.q", queue, "-to.q", fifo[1]).code == 0
    assert {one["group_id"] for one in sandbox.messages(fifo[1])} == ids


def test_fifo_has_one_mover_whatever_is_asked(run_tool, sandbox, fifo):
    sandbox.bulk_messages(fifo[0], *grouped(40, groups=1))
    flags = ("-from.q", fifo[0], "-to.q", fifo[1], "-concurrency", "8")
    result = run_tool("requeue", *flags)
    assert result.code == 0 and "1 mover)" in result.stderr
    assert groups_of(sandbox, fifo[1]) == in_order(40, groups=1)
