"""What the movers of requeue share: counts, the limit, what is kept aside, when to stop."""

import time

import pytest

from common.errors import ToolError
from common.stop import Stop
from tools.requeue import ledger, report
from tools.requeue.crew import Ending
from tools.requeue.ledger import Ledger
from tools.requeue.messages import FAILED, RETURNED, UNMATCHED
from tools.requeue.queues import Counts


def book(limit=0):
    return Ledger(limit, lambda _: None, lambda _: None)


def message(number):
    return {"MessageId": f"id-{number}", "ReceiptHandle": f"handle-{number}"}


def later():
    return time.monotonic() + 60


# ---- the limit -------------------------------------------------------------------------------


def test_limit_is_shared_and_what_was_not_moved_is_free_again():
    found = book(limit=15)
    assert [found.take(10), found.take(10), found.take(10)] == [10, 5, 0]
    assert found.is_used_up
    found.give_back(3)
    assert not found.is_used_up and found.take(10) == 3


def test_without_a_limit_everything_may_be_received():
    found = book()
    assert found.take(10) == 10
    found.give_back(10)
    assert not found.is_used_up


# ---- what stays ------------------------------------------------------------------------------


def test_message_that_is_seen_again_is_counted_once_and_released_by_its_new_handle():
    found = book()
    found.hold(message(1), UNMATCHED, later())
    found.hold({**message(1), "ReceiptHandle": "new"}, UNMATCHED, later())
    assert found.unmatched == 1
    assert found.end_pass()[0] == ["new"]


def test_message_that_moves_after_all_is_no_failure():
    found = book()
    found.hold(message(1), FAILED, later())
    found.note_moved(["id-1"])
    assert (found.failed, found.moved) == (0, 1)


def test_reservations_that_have_run_out_need_no_release():
    found = book()
    found.hold(message(1), RETURNED, time.monotonic() - 1)
    assert found.end_pass()[0] == [] and found.returned == 1


def test_memory_is_bounded_but_counting_is_not(monkeypatch):
    monkeypatch.setattr(ledger, "REMEMBERED", 5)
    found = book()
    for number in range(12):
        found.hold(message(number), UNMATCHED, later())
        found.note_doubt(f"id-{number}", is_undeleted=False)
    assert found.unmatched == found.maybe_duplicate == 12
    assert len(found.end_pass()[0]) == len(found.doubtful_ids) == 5


def test_too_many_undeleted_messages_stop_the_run(monkeypatch):
    monkeypatch.setattr(ledger, "REMEMBERED", 2)
    found = book()
    found.note_doubt("a", is_undeleted=True)
    found.note_doubt("b", is_undeleted=True)
    with pytest.raises(ToolError, match="still in the source"):
        found.note_doubt("c", is_undeleted=True)


def test_message_deleted_late_is_in_one_queue_only():
    found = book()
    found.note_doubt("a", is_undeleted=True)
    assert found.is_undeleted("a") and not found.is_undeleted("b")
    found.note_deleted_late("a")
    assert found.maybe_duplicate == 0 and not found.is_undeleted("a")


# ---- when to stop ----------------------------------------------------------------------------


def ending(found, *counts, in_order=False, copies=False, started=0.0, released=None):
    answers = iter(counts)
    return Ending(
        count=lambda: Counts(*next(answers)),
        release=[].extend if released is None else released.extend,
        ledger=found,
        stop=Stop(),
        in_order=in_order,
        copies=copies,
        started=time.monotonic() - started,
        visibility_seconds=30,
    )


def test_empty_queue_is_the_end():
    assert ending(book(), (0, 5, 0)).is_reached()


def test_count_above_zero_is_believed_for_a_while():
    found = book()
    assert not ending(found, (3, 0, 0)).is_reached()
    found.received_at -= 61
    assert ending(found, (3, 0, 0)).is_reached()
    assert "SQS counts 3 more messages" in found.complaint


def test_fifo_queue_is_looked_at_again_after_a_pass_that_moved_something():
    found, released = book(), []
    found.note_moved(["id-0"])
    found.hold(message(1), UNMATCHED, later())
    assert not ending(found, (4, 1, 0), in_order=True, released=released).is_reached()
    assert released == ["handle-1"] and found.unmatched == 0
    found.hold(message(1), UNMATCHED, later())
    assert ending(found, (4, 1, 0), in_order=True, released=released).is_reached()
    assert found.unmatched == 1


def test_nothing_movable_ends_the_run_after_two_passes_but_not_within_one_reservation():
    found = book()
    found.note_received(10, movable=0)
    assert ending(found).in_vain_at(1) == 1
    assert ending(found, (3, 4, 0), started=31).in_vain_at(1) == 14
    found.note_received(10, movable=0)
    assert ending(found, (3, 4, 0), started=31).in_vain_at(14) == 0
    found.note_received(10, movable=1)
    assert ending(found, (3, 4, 0), started=31).in_vain_at(1) == 1


def test_copying_ends_before_the_first_copy_reappears():
    found = book()
    assert not ending(found, copies=True, started=20).is_out_of_time()
    assert not ending(found, started=40).is_out_of_time()
    assert ending(found, (7, 0, 0), copies=True, started=28.5).is_out_of_time()
    assert "7 messages were not copied" in found.complaint


def test_copying_a_fifo_queue_tells_what_stays_behind():
    found = book()
    found.note_moved(["id-1"])
    assert ending(found, (9, 1, 0), in_order=True, copies=True).is_reached()
    assert "FIFO group" in found.complaint


# ---- exit codes ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "is_complete", "code"),
    [
        ({}, True, 0),
        ({"unmatched": 5, "left": 5}, True, 0),
        ({"failed": 1}, True, 3),
        ({"returned": 1}, True, 3),
        ({"too_large": 1}, True, 3),
        ({"maybe_duplicate": 1}, True, 3),
        ({}, False, 3),
    ],
)
def test_exit_code(change, is_complete, code):
    result = report.fields("a", "b", "r", False, book(), Counts(0, 0, 0)) | change
    assert report.exit_code(result, is_complete) == code


def test_unknown_rest_is_said():
    result = report.fields("a", "b", "r", False, book(), None) | {"seconds": 1.0}
    assert report.summary(result).endswith("left unknown)")
