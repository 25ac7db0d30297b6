"""Which delete markers bring a key back: decided from all its entries, newest first (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise, takewhile

from common.s3xml import Version


class Outcome(Enum):
    """What becomes of a key."""

    LIVE = "its newest entry is data: it is visible already"
    RESTORED = "its newest data version becomes visible"
    ORPHAN = "it has no data version left"
    OUTSIDE_WINDOW = "a marker in front of its data was made outside the window"


@dataclass(frozen=True, slots=True)
class Marker:
    """One delete marker to remove. The version that its removal helps to make visible is named,
    "" when there is none: the marker lies below data, or the key has no data.

    Removing without a version id would make a new marker, so there is no Marker without one.
    """

    key: str
    version_id: str
    last_modified: str
    restored_version_id: str = ""
    restored_size: int = 0

    def __post_init__(self) -> None:
        if not self.version_id:
            raise ValueError(f"the delete marker of {self.key!r} has no version id")


@dataclass(frozen=True)
class Rules:
    """What may be removed: markers made in [start, end) (as S3 writes times, "" = no limit),
    those below data versions too, those of keys without data too."""

    start: str = ""
    end: str = ""
    all_markers: bool = False
    include_orphans: bool = False

    def covers(self, entry: Version) -> bool:
        """True when the entry was made inside the window."""
        made = entry.last_modified
        return made >= self.start and (not self.end or made < self.end)


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one key, and the markers to remove for that."""

    outcome: Outcome
    markers: tuple[Marker, ...] = ()
    restored: Version | None = None


LIVE = Decision(Outcome.LIVE)
ORPHAN = Decision(Outcome.ORPHAN)
OUTSIDE_WINDOW = Decision(Outcome.OUTSIDE_WINDOW)


def decide(stack: Sequence[Version], rules: Rules) -> Decision:
    """What to do with a key whose entries are `stack`, newest first.

    The markers in front of the newest data version hide it together: removing some of them would
    restore nothing, so they are removed all or not at all.
    """
    size = next((place for place, entry in enumerate(stack) if not entry.is_marker), len(stack))
    if not size and not rules.all_markers:
        return LIVE
    front, behind = stack[:size], stack[size:]
    if not behind and not rules.include_orphans:
        return ORPHAN
    if not all(map(rules.covers, front)):
        return OUTSIDE_WINDOW
    restored = behind[0] if front and behind else None
    markers = [marker_of(entry, restored) for entry in front]
    if rules.all_markers:
        buried = (entry for entry in behind if entry.is_marker and rules.covers(entry))
        markers += map(marker_of, buried)
    if restored:
        return Decision(Outcome.RESTORED, tuple(markers), restored)
    return Decision(Outcome.ORPHAN if front else Outcome.LIVE, tuple(markers))


def marker_of(entry: Version, restored: Version | None = None) -> Marker:
    """A listed marker as one to remove. Raises ValueError for a data version, however its version
    id looks: in suspended buckets data and markers are both called "null"."""
    if not entry.is_marker:
        raise ValueError(f"version {entry.version_id} of {entry.key!r} is data")
    if restored is None:
        return Marker(entry.key, entry.version_id, entry.last_modified)
    return Marker(
        entry.key, entry.version_id, entry.last_modified, restored.version_id, restored.size
    )


def newest_first(listed: Sequence[Version]) -> Sequence[Version]:
    """One page's entries of one key, newest first.

    S3 lists versions and markers in one sequence, which is taken as it is: a multipart upload is
    dated by its start, so times do not sort it. Compatible services list versions and markers
    apart; those two lists are merged by time, and the entry called latest comes first.
    """
    if len(listed) == 1:
        return listed
    changes = sum(one.is_marker != other.is_marker for one, other in pairwise(listed))
    if changes != 1:
        return listed
    size = len(list(takewhile(lambda entry: entry.is_marker == listed[0].is_marker, listed)))
    merged = _merged(listed[:size], listed[size:])
    return sorted(merged, key=lambda entry: not entry.is_latest)


def _merged(first: Sequence[Version], second: Sequence[Version]) -> list[Version]:
    # Each list keeps its order; of two entries of the same time the one listed first is newer.
    merged: list[Version] = []
    rest = list(reversed(second))
    for entry in first:
        while rest and rest[-1].last_modified > entry.last_modified:
            merged.append(rest.pop())
        merged.append(entry)
    return merged + rest[::-1]
