"""The two queues of a move: where messages come from by default, what a plan says (pure)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from common import panther
from common.output import plural
from common.sqs import Queue

COUNTS = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)
HEADER = ("queue", "region", "visible", "in flight", "delayed", "most bytes", "key", "dead letters")


@dataclass(frozen=True)
class Counts:
    """How many messages a queue has, by SQS's approximation."""

    visible: int
    in_flight: int
    delayed: int

    @property
    def total(self) -> int:
        """All messages, whoever holds them."""
        return self.visible + self.in_flight + self.delayed


def counts(attributes: Mapping[str, str]) -> Counts:
    """The counts among a queue's attributes."""
    return Counts(*(int(attributes.get(name, 0)) for name in COUNTS))


def default_source(destination: Queue) -> tuple[str, str]:
    """The dead-letter queue of `destination`, by ARN or name, and what to tell the user.

    The queue's own redrive policy knows; the Go tool's rule is for queues that have none.
    """
    by_rule = panther.dead_letter_name(destination.name)
    target = dead_letter_arn(destination)
    if not target:
        arn = destination.attributes.get("QueueArn", "")
        place = arn.rpartition(":")[0] + ":" if arn else ""
        return place + by_rule, f"setting -from.q to default: {by_rule}"
    name = target.rpartition(":")[2]
    note = f"setting -from.q to default: {name}"
    if name != by_rule:
        note += f" (so says the redrive policy of {destination.name}, against the usual {by_rule})"
    return target, note


def dead_letter_arn(queue: Queue) -> str:
    """Where a queue sends what fails, "" when it has no redrive policy."""
    try:
        policy = json.loads(queue.attributes.get("RedrivePolicy") or "{}")
    except ValueError:
        return ""
    return str(policy.get("deadLetterTargetArn", ""))


def plan(
    source: Queue, destination: Queue, limit: int, pattern: str, movers: int, copy: bool
) -> str:
    """One line: what is about to be moved, from where to where and how."""
    here = counts(source.attributes)
    about = f"about {plural(here.visible, 'message')}"
    if limit:
        about = f"at most {limit:,} of {about}"
    if pattern:
        about += f" matching {pattern!r}"
    account = source.attributes.get("QueueArn", "::::").split(":")[4]
    text = (
        f"{'copying' if copy else 'moving'} {about} from {source.name} to {destination.name} "
        f"({_regions(source, destination)}{f', account {account}' if account else ''}, "
        f"{plural(movers, 'mover')})"
    )
    if here.in_flight or here.delayed:
        text += f"; {here.in_flight:,} more are in flight and {here.delayed:,} delayed"
    there = counts(destination.attributes)
    return f"{text}; {destination.name} holds about {there.total:,}"


def cautions(source: Queue, destination: Queue, keep_dedup_id: bool) -> list[str]:
    """What is unusual about a move and may be a mistake."""
    found = []
    arn = destination.attributes.get("QueueArn", "")
    target = dead_letter_arn(source)
    if arn and target == arn:
        found.append(
            f"{destination.name} is the dead-letter queue of {source.name}, not its source"
        )
    elif target:
        found.append(
            f"{source.name} has a dead-letter queue of its own: every look at a message counts as "
            "an attempt, and what stays may end up there"
        )
    if int(destination.attributes.get("DelaySeconds", 0)):
        seconds = destination.attributes["DelaySeconds"]
        found.append(f"{destination.name} delays every message by {seconds} s")
    if keep_dedup_id and destination.is_fifo:
        found.append(
            "-keep-dedup-id: SQS accepts and drops what it has seen within five minutes, and such "
            "messages are then deleted from the source"
        )
    return found


def row(queue: Queue) -> Sequence[str]:
    """A queue as a line of the dry run's table; the columns are HEADER."""
    found = counts(queue.attributes)
    target = dead_letter_arn(queue).rpartition(":")[2]
    return (
        queue.name,
        queue.region,
        f"{found.visible}",
        f"{found.in_flight}",
        f"{found.delayed}",
        f"{queue.message_bytes}",
        queue.attributes.get("KmsMasterKeyId", "-"),
        target or "-",
    )


def record(queue: Queue) -> dict[str, object]:
    """A queue as JSON: its place, its counts, and all its attributes as SQS gives them."""
    found = counts(queue.attributes)
    return {
        "name": queue.name,
        "url": queue.url,
        "region": queue.region,
        "fifo": queue.is_fifo,
        "visible": found.visible,
        "in_flight": found.in_flight,
        "delayed": found.delayed,
        "attributes": dict(queue.attributes),
    }


def _regions(source: Queue, destination: Queue) -> str:
    if source.region == destination.region:
        return source.region
    return f"{source.region} to {destination.region}"
