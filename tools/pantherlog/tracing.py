"""What -debug tells while a stream is classified, in the words of the original tool."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from tools.pantherlog.records import Counts, Part, Show, part

if TYPE_CHECKING:
    from common.logs.classifier import Classifier
    from common.logs.engine import Engine, Parsed
    from common.logs.unread import Block

Tell = Callable[[str], None]


def begin(tell: Tell) -> None:
    """Before the first line."""
    tell("[DEBUG] Writing debug output")


def end(counts: Counts, tell: Tell) -> None:
    """After the last one."""
    tell(f"[DEBUG] Scanned {counts.lines} lines")
    tell(f"[DEBUG] Parsed {counts.events} events")


def traced_part(
    engine: Engine, classifier: Classifier, block: Block, *, show: Show, tell: Tell
) -> Part:
    """What `show` makes of a block, with a word on each of its lines."""
    return part(_told(engine.parse(classifier, block), block, tell), block, show)


def _told(records: Iterable[Parsed], block: Block, tell: Tell) -> Iterator[Parsed]:
    following = block.first
    for parsed in records:
        _tell_empty(range(following, parsed.number), tell)
        following = parsed.number + 1
        if not parsed.reason:
            tell(f"[DEBUG] Line={parsed.number} NumEvents={len(parsed.events)}")
        yield parsed
    _tell_empty(range(following, block.first + len(block.records)), tell)


def _tell_empty(numbers: Iterable[int], tell: Tell) -> None:
    for number in numbers:
        tell(f"[DEBUG] Empty line {number}")
