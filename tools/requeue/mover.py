"""One batch on its way: receive, write down, send, delete what was confirmed, keep the rest."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from common import awserrors, backoff, cli
from common.batch import NOT_TRIED, Fate, Refusal, settle
from common.errors import ToolError
from common.sqs import BATCH_ENTRIES, Queue, QueueWire
from common.stop import Stop
from tools.requeue import messages
from tools.requeue.dump import Dump
from tools.requeue.ledger import Ledger
from tools.requeue.messages import FAILED, Message, Parcel, Rules

DELETE_TRIES = 5
# Less reservation than this is renewed before something is sent.
MARGIN_SECONDS = 20.0
WAIT_SECONDS = 1

_BEHIND = Refusal("Behind", "an earlier message of its group was not sent", is_final=True)
_LOST = Refusal("ReservationLost", "it has become visible to others", is_final=True)


class Turn(NamedTuple):
    """What one receive brought, and the bytes of what was to be moved; `allowed` is 0 when the
    limit leaves nothing to receive."""

    allowed: int
    received: int = 0
    movable: int = 0
    size_bytes: int = 0


@dataclass
class Reservation:
    """The messages of one batch that are still ours to keep or to give back, and until when;
    `fatal` is why nothing more can be sent at all."""

    until: float
    open: dict[str, Message] = field(default_factory=dict)
    moved: int = 0
    lost: set[str] = field(default_factory=set)
    fatal: Exception | None = None


@dataclass(frozen=True)
class Mover:
    """Moves batches from one queue to the other. Safe for many threads."""

    source: Queue
    destination: Queue
    inlet: QueueWire
    outlet: QueueWire
    rules: Rules
    ledger: Ledger
    dump: Dump
    stop: Stop
    visibility_seconds: int
    copies: bool
    debug: Callable[[str], None]

    def turn(self, is_waiting: bool) -> Turn:
        """Receive one batch and bring it to its end; `is_waiting` lets SQS wait for messages.

        Raises what makes moving impossible, after everything received was given back.
        """
        allowed = self.ledger.take(BATCH_ENTRIES)
        if not allowed:
            return Turn(0)
        reservation = Reservation(time.monotonic() + self.visibility_seconds)
        try:
            received = self._receive(allowed, is_waiting)
            if not received:
                return Turn(allowed)
            reservation.open = {message["MessageId"]: message for message in received}
            try:
                parcels = self._move(reservation)
            except BaseException:
                self.release([message["ReceiptHandle"] for message in reservation.open.values()])
                raise
            size_bytes = sum(one.size_bytes for one in parcels)
            return Turn(allowed, len(received), len(parcels), size_bytes)
        finally:
            self.ledger.give_back(allowed - reservation.moved)

    def _receive(self, most: int, is_waiting: bool) -> Sequence[Message]:
        wait = WAIT_SECONDS if is_waiting else 0
        try:
            return backoff.retrying(
                lambda: self.inlet.receive(self.visibility_seconds, wait, most), self.stop
            )
        except (ClientError, BotoCoreError) as error:
            if self.stop.requested and awserrors.is_transient(error):
                return []
            if awserrors.code_of(error) == "OverLimit":
                # 120,000 messages are in flight: SQS gives out none until some come back.
                self.stop.wait(WAIT_SECONDS)
                return []
            raise self._explained(error, self.source) from error

    def _move(self, reservation: Reservation) -> Sequence[Parcel]:
        """Bring a batch to its end; the messages that were to be moved."""
        if self.stop.requested:
            self._give_back(reservation)
            return ()
        self._delete_again(reservation)
        parcels, staying = messages.sort(list(reservation.open.values()), self.rules)
        for message, reason in staying:
            self._keep(reservation, message, reason)
        self.ledger.note_received(len(parcels) + len(staying), len(parcels))
        if not parcels:
            return ()
        if self.dump.is_kept:
            names = self.source.name, self.destination.name
            self.dump.write([messages.dump_line(one.message, *names) for one in parcels])
        fates = self._send(parcels, reservation)
        moved = [one for one, fate in fates if fate.refusal is None]
        self._close(moved, reservation)
        undeleted = self._delete(moved, reservation) if moved and not self.copies else set()
        self._note_doubts(fates, undeleted, reservation)
        for one, fate in fates:
            if fate.refusal is not None and not self._is_untried(fate.refusal, reservation):
                self.ledger.note_failure(one.message, str(fate.refusal))
                self._keep(reservation, one.message, FAILED)
        self._give_back(reservation)
        if reservation.fatal is not None:
            raise reservation.fatal
        return parcels

    def _close(self, moved: Sequence[Parcel], reservation: Reservation) -> None:
        self.ledger.note_moved([one.id for one in moved])
        reservation.moved = len(moved)
        for one in moved:
            del reservation.open[one.id]

    # ---- sending ---------------------------------------------------------------------------

    def _send(
        self, parcels: Sequence[Parcel], reservation: Reservation
    ) -> list[tuple[Parcel, Fate]]:
        fates: list[tuple[Parcel, Fate]] = []
        blocked: set[str] = set()
        for wave in messages.waves(parcels, self.rules.to_fifo):
            free = [one for one in wave if one.group not in blocked]
            fates += [(one, Fate(_BEHIND)) for one in wave if one.group in blocked]
            for pack in messages.packs(free, self.destination.batch_bytes):
                if self.stop.requested or reservation.fatal:
                    fates += [(one, Fate(NOT_TRIED)) for one in pack]
                else:
                    fates += zip(pack, self._settle(pack, reservation), strict=True)
            if self.rules.to_fifo:
                blocked = {one.group for one, fate in fates if fate.refusal is not None}
        return fates

    def _settle(self, pack: Sequence[Parcel], reservation: Reservation) -> list[Fate]:
        fates = settle(pack, lambda part: self._post(part, reservation), self.stop)
        for fate in fates:
            if fate.refusal and reservation.fatal is None and _is_hopeless(fate.refusal):
                reservation.fatal = self._explained(_client_error(fate.refusal), self.destination)
        return fates

    def _post(self, pack: Sequence[Parcel], reservation: Reservation) -> Sequence[Refusal | None]:
        """One request. What was confirmed before must stay known, so that it never raises what
        is not worth another try; that is kept in `reservation.fatal` instead."""
        self._extend(reservation)
        ours = [one for one in pack if one.id not in reservation.lost]
        answers = iter(self._request(ours, reservation) if ours else ())
        return [_LOST if one.id in reservation.lost else next(answers) for one in pack]

    def _request(
        self, pack: Sequence[Parcel], reservation: Reservation
    ) -> Sequence[Refusal | None]:
        try:
            return self.outlet.send(
                [one.entry for one in pack],
                [one.message["MD5OfBody"] for one in pack],
                [one.message.get("MD5OfMessageAttributes") for one in pack],
            )
        except (ClientError, BotoCoreError) as error:
            if awserrors.is_transient(error):
                raise
            reservation.fatal = self._explained(error, self.destination)
            return [Refusal(awserrors.code_of(error), "", is_final=True)] * len(pack)

    def _extend(self, reservation: Reservation) -> None:
        now = time.monotonic()
        if reservation.until - now > min(MARGIN_SECONDS, self.visibility_seconds / 2):
            return
        ours = [one for name, one in reservation.open.items() if name not in reservation.lost]
        answers = self._change([one["ReceiptHandle"] for one in ours], self.visibility_seconds)
        for message, refusal in zip(ours, answers, strict=True):
            if refusal is not None and (refusal.is_final or now > reservation.until):
                reservation.lost.add(message["MessageId"])
        if None in answers:
            reservation.until = now + self.visibility_seconds

    # ---- deleting and giving back ----------------------------------------------------------

    def _delete(self, parcels: Sequence[Parcel], reservation: Reservation) -> set[str]:
        """Delete confirmed messages, also after a stop request; the ids of those that remain."""

        def post(part: Sequence[Parcel]) -> Sequence[Refusal | None]:
            try:
                return self.inlet.delete([one.message["ReceiptHandle"] for one in part])
            except (ClientError, BotoCoreError) as error:
                if awserrors.is_transient(error):
                    raise
                reservation.fatal = self._explained(error, self.source)
                return [Refusal(awserrors.code_of(error), "", is_final=True)] * len(part)

        fates = settle(parcels, post, Stop(), DELETE_TRIES)
        return {
            one.id for one, fate in zip(parcels, fates, strict=True) if fate.refusal is not None
        }

    def _delete_again(self, reservation: Reservation) -> None:
        # They were moved before and could not be deleted: sending them again would double them.
        parcels = [
            Parcel(name, message)
            for name, message in reservation.open.items()
            if self.ledger.is_undeleted(name)
        ]
        if not parcels:
            return
        undeleted = self._delete(parcels, reservation)
        for one in parcels:
            del reservation.open[one.id]
            if one.id not in undeleted:
                self.ledger.note_deleted_late(one.id)

    def _note_doubts(
        self, fates: Sequence[tuple[Parcel, Fate]], undeleted: set[str], reservation: Reservation
    ) -> None:
        has_lapsed = time.monotonic() > reservation.until
        names: list[str] = []
        for one, fate in fates:
            # A FIFO destination knows a second copy by its deduplication id and drops it.
            is_sent_twice = fate.is_doubtful and (
                not self.rules.to_fifo or fate.refusal is not None
            )
            if is_sent_twice or one.id in undeleted or (has_lapsed and fate.refusal is None):
                names.append(one.id)
        for message_id in names:
            self.debug(f"message {message_id} may be there twice")
            self.ledger.note_doubt(message_id, message_id in undeleted)
        if names and self.dump.is_kept:
            self.dump.write([messages.doubt_line(message_id) for message_id in names])

    def _keep(self, reservation: Reservation, message: Message, reason: str) -> None:
        del reservation.open[message["MessageId"]]
        self.ledger.hold(message, reason, reservation.until)

    def _give_back(self, reservation: Reservation) -> None:
        self.release([message["ReceiptHandle"] for message in reservation.open.values()])
        reservation.open.clear()

    def release(self, handles: Sequence[str]) -> None:
        """Make up to 10 messages visible again. A failure costs only time: they come back later."""
        if handles:
            self._change(handles, 0)

    def _change(self, handles: Sequence[str], seconds: int) -> Sequence[Refusal | None]:
        try:
            return backoff.retrying(
                lambda: self.inlet.set_visibility(handles, seconds), Stop(), DELETE_TRIES
            )
        except (ClientError, BotoCoreError) as error:
            self.debug(f"cannot change the visibility of messages: {error}")
            return [Refusal(awserrors.code_of(error), str(error))] * len(handles)

    # ---- telling ---------------------------------------------------------------------------

    def _is_untried(self, refusal: Refusal, reservation: Reservation) -> bool:
        """True for a message that a stop, not the destination, has kept from being sent."""
        is_stopped = self.stop.requested and not refusal.is_final
        return is_stopped or reservation.fatal is not None

    def _explained(self, error: Exception, queue: Queue) -> ToolError:
        told = cli.explain(error)
        if not _is_about_key(error):
            return ToolError(f"queue {queue.name}: {told.message}", told.next_step)
        key = queue.attributes.get("KmsMasterKeyId", "")
        sends = queue is self.destination
        actions = "kms:GenerateDataKey and kms:Decrypt" if sends else "kms:Decrypt"
        return ToolError(
            f"queue {queue.name} is encrypted and its key cannot be used: {told.message}",
            f"This identity needs {actions} on {key or 'its key'}.",
        )


def _is_hopeless(refusal: Refusal) -> bool:
    """True for an entry that was refused for a reason that holds for every message."""
    error = _client_error(refusal)
    return (
        refusal.is_final
        and not awserrors.is_transient(error)
        and (_is_about_key(error) or awserrors.is_denied(error))
    )


def _is_about_key(error: Exception) -> bool:
    code = awserrors.code_of(error).lower()
    return "kms" in code or (awserrors.is_denied(error) and "kms" in str(error).lower())


def _client_error(refusal: Refusal) -> ClientError:
    reply = {"Error": {"Code": refusal.code, "Message": refusal.message}}
    return ClientError(reply, "SendMessageBatch")
