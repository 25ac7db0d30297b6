"""As many movers as there is work for, and the decision when a queue has been moved."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from common import awserrors
from common.sqs import BATCH_ENTRIES
from common.stop import Stop
from tools.requeue.ledger import Ledger
from tools.requeue.mover import WAIT_SECONDS, Mover
from tools.requeue.queues import Counts

# A mover keeps up to this many batches in flight, so that it need not wait for each reply.
LANES = 4
# Above this use of one processor more lanes only get into each other's way: measured 40 %.
BUSY_SHARE = 0.75
# A batch of the longest messages is 10 MiB, and is in memory three times.
MOST_BYTES = 33_554_432
EMPTY_RECEIVES = 3
PASSES_IN_VAIN = 2
# SQS's counts may be a minute late.
STALE_SECONDS = 60.0
PAUSE_SECONDS = 0.2
GRACE_SECONDS = 10.0


@dataclass(frozen=True)
class Ending:
    """Decides when to stop. SQS tells neither how many messages there are (its counts lag) nor
    that there are no more (a receive may come back empty), so that both must agree."""

    count: Callable[[], Counts]
    release: Callable[[list[str]], None]
    ledger: Ledger
    stop: Stop
    in_order: bool
    copies: bool
    started: float
    visibility_seconds: int

    def is_reached(self) -> bool:
        """Asked when nothing could be received three times in a row and no mover is busy."""
        found = self.count()
        # A group of a FIFO queue gives out nothing while one of its messages is reserved.
        holds = self.ledger.holds or (self.copies and self.ledger.moved > 0)
        if found.visible == 0 or (self.in_order and holds):
            if self.copies:
                self._complain_of_rest(found)
                return True
            handles, has_moved = self.ledger.end_pass()
            self.release(handles)
            if self.in_order and holds and has_moved:
                self.ledger.begin_pass()
                return False
            return True
        patience = max(STALE_SECONDS, self.visibility_seconds + 1)
        if time.monotonic() - self.ledger.received_at > patience:
            self.ledger.complaint = (
                f"SQS counts {found.visible:,} more messages and gives out none: they are reserved "
                "by others, or the count is late; run again later"
            )
            return True
        self.stop.wait(PAUSE_SECONDS)
        return False

    def in_vain_at(self, limit: int) -> int:
        """0 when two passes have brought nothing that can be moved, else when to ask again: after
        `limit` messages in a row that stay. Within one reservation no message is seen twice."""
        reservation_runs = time.monotonic() - self.started < self.visibility_seconds
        if reservation_runs or self.ledger.seen_in_vain < limit:
            return limit
        wanted = PASSES_IN_VAIN * max(self.count().total, 1)
        return 0 if self.ledger.seen_in_vain >= wanted else wanted

    def is_out_of_time(self) -> bool:
        """True when the first copied message is about to reappear, to be copied a second time."""
        margin = WAIT_SECONDS + min(1.0, self.visibility_seconds / 4)
        end = self.started + self.visibility_seconds - margin
        if not self.copies or time.monotonic() < end:
            return False
        self._complain_of_rest(self.count())
        return True

    def _complain_of_rest(self, found: Counts) -> None:
        if found.visible:
            self.ledger.complaint = f"{found.visible:,} messages were not copied: " + (
                "a FIFO group gives out its next messages only after the first are deleted"
                if self.in_order
                else "the first copied ones were about to reappear; raise -visibility-timeout"
            )


class Crew:
    """Runs lanes of `mover` until the ending is reached. A lane that finds nothing leaves; the
    last one decides whether the queue is empty. A full batch calls in another lane, up to `most`
    and only while the processor has time."""

    def __init__(self, mover: Mover, ending: Ending, most: int, stop: Stop) -> None:
        self._mover = mover
        self._ending = ending
        self._most = most
        self._stop = stop
        self._changed = threading.Condition()
        self._cpu_before = time.process_time()
        self._asking = threading.Lock()
        self._lanes = 0
        self._is_over = False
        self._ask_at = 1
        self._error: BaseException | None = None

    def run(self) -> bool:
        """Move until the end. False when a request in flight did not end in time after a stop
        request. Raises the first error of a lane, after the others have ended their batches."""
        self._start_lane()
        deadline = None
        with self._changed:
            while self._lanes and (deadline is None or time.monotonic() < deadline):
                self._changed.wait(PAUSE_SECONDS)
                if self._stop.requested and deadline is None:
                    deadline = time.monotonic() + GRACE_SECONDS
        if self._error is not None:
            raise self._error
        return not self._lanes

    def _start_lane(self, size_bytes: int = 0) -> None:
        with self._changed:
            if self._lanes and not self._has_room(size_bytes):
                return
            if not self._is_over and not self._stop.requested:
                threading.Thread(target=self._lane, name="mover", daemon=True).start()
                self._lanes += 1

    def _has_room(self, size_bytes: int) -> bool:
        if self._lanes == self._most or (self._lanes + 1) * size_bytes > MOST_BYTES:
            return False
        elapsed = time.monotonic() - self._ending.started
        return time.process_time() - self._cpu_before <= BUSY_SHARE * elapsed

    def _lane(self) -> None:
        has_left = False
        try:
            has_left = self._work()
        except Exception as error:
            # A request that was not tried again because of a stop request is no failure.
            if not (self._stop.requested and awserrors.is_transient(error)):
                self._error = self._error or error
            self._is_over = True
        finally:
            if not has_left:
                self._leave()

    def _work(self) -> bool:
        """Turns until the end; True when this lane has left because others are still there."""
        empty = 0
        while not (self._stop.requested or self._is_over):
            turn = self._mover.turn(is_waiting=not empty)
            empty = 0 if turn.received else empty + 1
            if turn.received == BATCH_ENTRIES:
                self._start_lane(turn.size_bytes)
            if turn.allowed == 0 or empty == EMPTY_RECEIVES:
                if self._leave(unless_last=True):
                    return True
                if turn.allowed == 0:
                    self._is_over = self._ending.ledger.is_used_up
                else:
                    self._is_over = self._ending.is_reached()
                empty = 0
            elif turn.received and not turn.movable and self._is_in_vain():
                self._is_over = True
            if self._ending.is_out_of_time():
                self._is_over = True
        return False

    def _leave(self, unless_last: bool = False) -> bool:
        with self._changed:
            if unless_last and self._lanes == 1:
                return False
            self._lanes -= 1
            self._changed.notify_all()
            return True

    def _is_in_vain(self) -> bool:
        with self._asking:
            self._ask_at = self._ending.in_vain_at(self._ask_at)
            return self._ask_at == 0
