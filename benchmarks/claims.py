"""What is claimed about speed and memory: the work, who does it, how to tell that it was done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import ceiling, synthetic

QUEUE, SOURCE, TOPIC = "bench", "bench-dlq", "bench-topic"
HOURS_PER_KEYS = 2000
MOVERS = 10

State = Mapping[str, Any]
Command = Callable[[int], Sequence[str]]
Check = Callable[[State, int, Path], str]


@dataclass(frozen=True)
class Work:
    """Something to do with a number of items: how to prepare it and how to see that it was done.

    `check` gets the responder's figures, the number of items and the file with the command's
    stdout, and says what is wrong, "" when nothing is.
    """

    prepare: Callable[[int], Sequence[tuple[str, Mapping[str, object]]]]
    check: Check
    requests: Callable[[int], Sequence[Sequence[bytes]]]


@dataclass(frozen=True)
class Claim:
    """A tool against a peer on the same work. Goals are ratios peer/tool, 0 = none is set.

    `peer_share` shrinks the peer's work where its pace, being a wait, does not depend on size.
    """

    name: str
    what: str
    work: Work
    items: int
    tool: Command
    peer: Command
    cpu_goal: float = 0
    wall_goal: float = 0
    latency_ms: int = 0
    long_polls: bool = False
    peer_share: float = 1
    repeats: bool = True


@dataclass(frozen=True)
class MemoryClaim:
    """A tool's peak memory at two sizes of the same work."""

    name: str
    work: Work
    tool: Command
    sizes: tuple[int, int] = (10_000, 500_000)
    most_growth: float = 0.10


def bucket(items: int) -> str:
    """The bucket with that many keys, about 2,000 an hour."""
    return f"bench-{items}-{max(1, items // HOURS_PER_KEYS)}"


def _tool(name: str, *flags: str) -> Sequence[str]:
    return [f"tools/{name}/main.py", *flags, "-yes", "-no-progress"]


def _reader(name: str, *flags: str) -> Sequence[str]:
    return [f"tools/{name}/main.py", *flags, "-no-progress"]


def _peer(*arguments: str) -> Sequence[str]:
    return ["-m", "benchmarks.peers", *arguments]


def _path(items: int) -> str:
    return f"s3://{bucket(items)}"


def _arrived(figures: Mapping[str, Any] | None, items: int) -> str:
    if figures is None:
        return "nothing arrived"
    expected = (items, items, items - 1)
    found = (figures["distinct"], figures["distinct_indexes"], figures["highest_index"])
    if found != expected:
        return f"distinct messages, distinct objects, last object: {found}, expected {expected}"
    if figures["arrivals"] != items:
        return f"{figures['arrivals']} messages arrived for {items} objects"
    return ""


def _all_moved(state: State, items: int, _out: Path) -> str:
    source, target = state["queues"][SOURCE], state["queues"].get(QUEUE)
    if source["deleted"] != items:
        return f"{source['deleted']} of {items} messages were deleted from the source"
    if target is None or target["arrived_digest"] != source["stock_digest"]:
        return "what arrived is not what was in the source"
    return "" if target["arrivals"] == items else f"{target['arrivals']} arrivals of {items}"


def _all_listed(_state: State, items: int, out: Path) -> str:
    with out.open("rb") as lines:
        found = {mark for line in lines for mark in synthetic.marks(line)}
    return "" if len(found) == items else f"{len(found)} of {items} keys were written"


def _versions_listed(state: State, items: int, _out: Path) -> str:
    expected = synthetic.entries_with_versions(items)
    found = state["s3"]["entries_listed"]
    return "" if found >= expected else f"{found} of {expected} entries were listed"


def _prepared_bucket(items: int) -> Sequence[tuple[str, Mapping[str, object]]]:
    return [("prepare", {"bucket": bucket(items)})]


def _filled_queue(items: int) -> Sequence[tuple[str, Mapping[str, object]]]:
    return [("fill", {"queue": SOURCE, "messages": items})]


LISTING = Work(_prepared_bucket, _all_listed, lambda items: [ceiling.listing(bucket(items), items)])
VERSIONS = Work(_prepared_bucket, _versions_listed, lambda _items: [])
TO_QUEUE = Work(
    _prepared_bucket,
    lambda state, items, _out: _arrived(state["queues"].get(QUEUE), items),
    lambda items: [ceiling.listing(bucket(items), items), ceiling.sending(QUEUE, items)],
)
TO_TOPIC = Work(
    _prepared_bucket,
    lambda state, items, _out: _arrived(state["topics"].get(TOPIC), items),
    lambda items: [ceiling.listing(bucket(items), items), ceiling.publishing(TOPIC, items)],
)
MOVING = Work(_filled_queue, _all_moved, lambda items: ceiling.moving(SOURCE, QUEUE, items))


def _s3queue(items: int) -> Sequence[str]:
    return _tool(
        "s3queue", "-s3path", _path(items), "-queue", QUEUE, "-account", synthetic.ACCOUNT,
        "-check-source=false",
    )  # fmt: skip


def _s3queue_listing(items: int) -> Sequence[str]:
    return [*_s3queue(items), "-dry-run", "-output", "text"]


def _s3sns(items: int) -> Sequence[str]:
    return _tool("s3sns", "-s3path", _path(items), "-topic", TOPIC, "-account", synthetic.ACCOUNT)


def _s3list(items: int) -> Sequence[str]:
    return _reader("s3list", "-s3path", _path(items), "-out", "-", "-format", "csv")


def _s3undelete(items: int) -> Sequence[str]:
    return _tool("s3undelete", "-s3path", _path(items), "-dry-run")


def _requeue(_items: int) -> Sequence[str]:
    return _tool("requeue", "-from.q", SOURCE, "-to.q", QUEUE)


def _peer_list(items: int) -> Sequence[str]:
    return _peer("list", "-s3path", _path(items))


def _peer_requeue(concurrency: int, wait_seconds: int = 0) -> Command:
    flags = ["-from", SOURCE, "-to", QUEUE, "-concurrency", str(concurrency)]
    return lambda _items: _peer("requeue", *flags, "-wait-seconds", str(wait_seconds))


CLAIMS = (
    Claim(
        "s3queue", "list objects, send one message each", TO_QUEUE, 200_000, _s3queue,
        lambda items: _peer("queue", "-s3path", _path(items), "-queue", QUEUE,
                            "-concurrency", "50"),
        cpu_goal=7,
    ),
    Claim(
        "s3sns", "list objects, publish one message each", TO_TOPIC, 200_000, _s3sns,
        lambda items: _peer("publish", "-s3path", _path(items), "-topic", TOPIC,
                            "-concurrency", "50"),
        cpu_goal=7,
    ),
    Claim(
        "s3list", "list objects into a CSV", LISTING, 500_000, _s3list, _peer_list, cpu_goal=18,
    ),
    Claim(
        "s3queue-list", "list objects, print their URLs (-dry-run)", LISTING, 500_000,
        _s3queue_listing, _peer_list, cpu_goal=18,
    ),
    Claim(
        "requeue", "move messages", MOVING, 50_000, _requeue, _peer_requeue(MOVERS), cpu_goal=5,
    ),
    Claim(
        "requeue-10ms", "move messages, 10 ms latency, peer with one mover", MOVING, 20_000,
        _requeue, _peer_requeue(1), wall_goal=30, latency_ms=10, peer_share=0.1,
    ),
    Claim(
        "requeue-10ms-threads", "the same, peer with as many movers", MOVING, 20_000,
        _requeue, _peer_requeue(MOVERS), latency_ms=10,
    ),
    Claim(
        "requeue-ten", "move ten messages, long polls honoured", MOVING, 10,
        _requeue, _peer_requeue(1, wait_seconds=20), long_polls=True, repeats=False,
    ),
)  # fmt: skip

MEMORY_CLAIMS = (
    MemoryClaim("s3list-memory", LISTING, _s3list),
    MemoryClaim("s3queue-memory", TO_QUEUE, _s3queue),
    MemoryClaim("s3undelete-memory", VERSIONS, _s3undelete),
)
