"""What a run has done so far, what it holds and what it may still do; shared by all movers."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

from common.errors import ToolError
from tools.requeue.messages import FAILED, RETURNED, TOO_LARGE, UNMATCHED, Message

# What is remembered by id is bounded, so that memory does not grow with the queue.
REMEMBERED = 20_000
TOLD = 20


class Held(NamedTuple):
    """A message that stays and is kept reserved, so that the movers come to the others."""

    handle: str
    until: float
    reason: str


class Ledger:
    """Counts, allowance and reservations of a run. Every method may be called by any thread."""

    def __init__(
        self, limit: int, tell: Callable[[str], None], debug: Callable[[str], None]
    ) -> None:
        self._lock = threading.Lock()
        self._tell = tell
        self._debug = debug
        self._allowance = limit or None
        self._told = 0
        self._held: dict[str, Held] = {}
        self._doubtful: dict[str, bool] = {}
        self._more_doubtful = 0
        self._staying: Counter[str] = Counter()
        self._moved_in_pass = 0
        self._seen_in_vain = 0
        self.moved = 0
        self.received_at = time.monotonic()
        self.complaint = ""

    # ---- the limit -------------------------------------------------------------------------

    def take(self, wanted: int) -> int:
        """How many messages, `wanted` at most, may be received towards the limit."""
        with self._lock:
            if self._allowance is None:
                return wanted
            given = min(wanted, self._allowance)
            self._allowance -= given
            return given

    def give_back(self, unused: int) -> None:
        """Return what was taken and not moved."""
        with self._lock:
            if self._allowance is not None:
                self._allowance += unused

    @property
    def is_used_up(self) -> bool:
        """True when the limit is reached."""
        return self._allowance == 0

    # ---- what happened to messages ---------------------------------------------------------

    def note_received(self, count: int, movable: int) -> None:
        """A batch has come in, `movable` of it to be moved."""
        with self._lock:
            self.received_at = time.monotonic()
            self._seen_in_vain = 0 if movable else self._seen_in_vain + count

    def note_moved(self, ids: Iterable[str]) -> None:
        """The destination has confirmed these messages."""
        with self._lock:
            for message_id in ids:
                self.moved += 1
                self._moved_in_pass += 1
                before = self._held.pop(message_id, None) if self._held else None
                if before is not None:
                    self._staying[before.reason] -= 1

    def hold(self, message: Message, reason: str, until: float) -> None:
        """A message stays in the source; it is reserved until `until` or the end of the pass.

        Beyond REMEMBERED messages the reservation is left to run out by itself.
        """
        with self._lock:
            message_id = message["MessageId"]
            before = self._held.get(message_id)
            if before is None:
                self._staying[reason] += 1
                if len(self._held) >= REMEMBERED:
                    return
            else:
                reason = before.reason
            self._held[message_id] = Held(message["ReceiptHandle"], until, reason)

    def note_failure(self, message: Message, why: str) -> None:
        """Tell the user why a message could not be moved; after TOLD of them only -debug does."""
        with self._lock:
            self._told += 1
            is_shown = self._told <= TOLD
        text = f"cannot move message {message['MessageId']}: {why}"
        (self._tell if is_shown else self._debug)(text)

    def note_doubt(self, message_id: str, is_undeleted: bool) -> None:
        """A message may be in both queues, or twice in the destination.

        Raises ToolError when so many could not be deleted that going on would only add more.
        """
        with self._lock:
            if message_id in self._doubtful:
                self._doubtful[message_id] |= is_undeleted
            elif len(self._doubtful) < REMEMBERED:
                self._doubtful[message_id] = is_undeleted
            elif is_undeleted:
                self._more_doubtful += 1
                raise ToolError(
                    f"{REMEMBERED:,} messages were moved but are still in the source",
                    "Find out why they cannot be deleted before you run again.",
                )
            else:
                self._more_doubtful += 1

    def is_undeleted(self, message_id: str) -> bool:
        """True for a message that was moved, could not be deleted, and has now come again."""
        return bool(self._doubtful) and self._doubtful.get(message_id, False)

    def note_deleted_late(self, message_id: str) -> None:
        """A message of that kind is deleted after all: it is in the destination alone."""
        with self._lock:
            self._doubtful.pop(message_id, None)

    # ---- passes ----------------------------------------------------------------------------

    @property
    def seen_in_vain(self) -> int:
        """Messages received since the last one that could be moved."""
        return self._seen_in_vain

    @property
    def holds(self) -> bool:
        """True when messages that stay are kept reserved."""
        return bool(self._held)

    def end_pass(self) -> tuple[list[str], bool]:
        """Receipt handles of reservations that still run, and whether this pass has moved anything.
        What stays is counted anew in the next pass."""
        with self._lock:
            now = time.monotonic()
            handles = [held.handle for held in self._held.values() if held.until > now]
            has_moved = self._moved_in_pass > 0
            self._held.clear()
            self._moved_in_pass = 0
            return handles, has_moved

    def begin_pass(self) -> None:
        """Everything that stayed will be looked at again."""
        with self._lock:
            self._staying.clear()

    # ---- the result ------------------------------------------------------------------------

    @property
    def failed(self) -> int:
        """Messages that the destination refused."""
        return self._staying[FAILED]

    @property
    def returned(self) -> int:
        """Messages that came back while the run went on."""
        return self._staying[RETURNED]

    @property
    def too_large(self) -> int:
        """Messages above the destination's limit."""
        return self._staying[TOO_LARGE]

    @property
    def unmatched(self) -> int:
        """Messages that -match leaves out."""
        return self._staying[UNMATCHED]

    @property
    def maybe_duplicate(self) -> int:
        """Messages that may be there twice."""
        return len(self._doubtful) + self._more_doubtful

    @property
    def doubtful_ids(self) -> list[str]:
        """Source ids of those messages, the first REMEMBERED of them."""
        return list(self._doubtful)
