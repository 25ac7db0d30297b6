"""Batch requests that are answered entry by entry: an entry counts only when it was confirmed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from common import backoff

if TYPE_CHECKING:
    from common.stop import Stop

Entry = TypeVar("Entry")


@dataclass(frozen=True)
class Refusal:
    """Why a service did not take one entry; `is_final` when another try cannot help,
    `is_doubtful` when the reply was lost, so that it may have been taken after all."""

    code: str
    message: str
    is_final: bool = False
    is_doubtful: bool = False

    def __str__(self) -> str:
        return f"{self.code}: {self.message}" if self.message else self.code


@dataclass(frozen=True)
class Fate:
    """What became of one entry. `is_doubtful`: a reply was lost, so it may have been taken more
    than once, or (with a refusal) once."""

    refusal: Refusal | None
    is_doubtful: bool = False


TAKEN = Fate(None)
UNANSWERED = Refusal("NoAnswer", "the reply leaves this entry out")
NOT_TRIED = Refusal("Stopped", "the run was stopped before this entry was taken")
NOT_TAKEN = Fate(NOT_TRIED)


def refusal_of(error: Exception) -> Refusal:
    """What a request that failed as a whole, for a passing reason, means for its entries."""
    from botocore.exceptions import ClientError

    from common import awserrors

    has_no_reply = not isinstance(error, ClientError) and not awserrors.is_never_sent(error)
    is_doubtful = has_no_reply or awserrors.is_server_fault(error)
    code = awserrors.code_of(error) or "Unreachable"
    return Refusal(code, str(error), is_doubtful=is_doubtful)


def settle(
    entries: Sequence[Entry],
    post: Callable[[Sequence[Entry]], Sequence[Refusal | None]],
    stop: Stop,
    tries: int = backoff.TRIES,
) -> list[Fate]:
    """Post `entries` until each is confirmed, refused for good, or `tries` are used up.

    `post` answers one refusal or None for each entry, in order. A request that fails as a whole
    for a passing reason is posted again; what it carried is doubtful from then on. Raises the
    SDK's error when a request fails for any other reason, unless entries were confirmed before:
    then the rest is refused for good, and the next batch will meet the error.
    """
    fates: list[Fate] = [NOT_TAKEN] * len(entries)
    open_places = list(range(len(entries)))
    waits = backoff.pauses(tries)
    while open_places:
        is_first = len(open_places) == len(entries)
        answers = _answers(post, [entries[place] for place in open_places], is_first)
        for place, refusal in zip(open_places, answers, strict=True):
            if refusal is None and not fates[place].is_doubtful:
                fates[place] = TAKEN
                continue
            is_lost = refusal is not None and refusal.is_doubtful
            fates[place] = Fate(refusal, fates[place].is_doubtful or is_lost)
        open_places = [place for place in open_places if _is_open(fates[place])]
        wait = next(waits, None) if open_places else None
        if wait is None or stop.wait(wait):
            break
    return fates


def _answers(
    post: Callable[[Sequence[Entry]], Sequence[Refusal | None]],
    entries: Sequence[Entry],
    is_first: bool,
) -> Sequence[Refusal | None]:
    from botocore.exceptions import BotoCoreError, ClientError

    from common import awserrors

    try:
        return post(entries)
    except (ClientError, BotoCoreError) as error:
        if awserrors.is_transient(error):
            return [refusal_of(error)] * len(entries)
        if is_first:
            raise
        return [replace(refusal_of(error), is_final=True)] * len(entries)


def _is_open(fate: Fate) -> bool:
    return fate.refusal is not None and not fate.refusal.is_final
