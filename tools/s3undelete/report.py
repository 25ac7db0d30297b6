"""What a user is told: the plan before anything is removed, and what became of it afterwards."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import groupby
from pathlib import Path

from common.batch import Refusal
from common.output import clock, plural
from common.times import rfc3339
from tools.s3undelete.decide import Decision, Marker, Outcome
from tools.s3undelete.record import Row
from tools.s3undelete.stacks import Keys

SAMPLES = 3
SHOWN_REFUSALS = 10


class Left(Enum):
    """A marker that a stopped run did not try to its end."""

    LEFT = "left for the next run"


# None: removed.
End = Refusal | Left | None


@dataclass
class Plan:
    """What has been read and decided so far."""

    entries: int = 0
    markers: int = 0
    keys: int = 0
    keys_restored: int = 0
    bytes: int = 0
    orphans: int = 0
    outside: int = 0
    found: int = 0
    is_cut: bool = False
    samples: list[str] = field(default_factory=list)

    def add(self, decision: Decision) -> None:
        """Count one key."""
        if decision.markers:
            self.markers += len(decision.markers)
            self.keys += 1
            if len(self.samples) < SAMPLES:
                self.samples.append(shown(decision.markers[0].key))
        elif decision.outcome is Outcome.ORPHAN:
            self.orphans += 1
        elif decision.outcome is Outcome.OUTSIDE_WINDOW:
            self.outside += 1
        if decision.restored:
            self.keys_restored += 1
            self.bytes += decision.restored.size

    @property
    def text(self) -> str:
        """`2,500 markers on 2,500 keys, 7,500 bytes become visible, 3 keys stay deleted`."""
        stay = self.orphans + self.outside
        return (
            f"{plural(self.markers, 'marker')} on {plural(self.keys, 'key')}, "
            f"{plural(self.bytes, 'byte')} {_verb(self.bytes, 'become')} visible, "
            f"{plural(stay, 'key')} {_verb(stay, 'stay')} deleted"
        )


@dataclass
class Tally:
    """What became of the planned markers; `take` may be called from any thread."""

    keys_restored: int = 0
    markers_removed: int = 0
    bytes_restored: int = 0
    failed: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def take(self, rows: Sequence[Row], ends: Sequence[End]) -> list[str]:
        """Count what became of all markers of some keys; the lines to show for refused ones, the
        first few of a run only."""
        pairs = list(zip(rows, ends, strict=True))
        refused = [(row, end) for row, end in pairs if isinstance(end, Refusal)]
        sizes = list(_restored_sizes(pairs))
        with self._lock:
            self.markers_removed += sum(end is None for end in ends)
            self.keys_restored += len(sizes)
            self.bytes_restored += sum(sizes)
            earlier = self.failed
            self.failed += len(refused)
            self.reasons.update(refusal.code for _, refusal in refused)
        return [
            f"cannot remove marker {row.version_id} of {shown(row.key)}: {refusal}"
            for row, refusal in refused[: max(0, SHOWN_REFUSALS - earlier)]
        ]


def _restored_sizes(pairs: Iterable[tuple[Row, End]]) -> Iterator[int]:
    """The size of each key's data that is visible now: no marker in front of it is left."""
    for _, group in groupby(pairs, key=lambda pair: pair[0].key):
        front = [(row.restored_size, end) for row, end in group if row.restored_size is not None]
        if front and all(end is None for _, end in front):
            yield front[0][0]


def plan_text(plan: Plan, bucket: str, account: str, region: str, record: Path) -> str:
    """What consent is asked for: the counts, whose bucket it is, some keys, the record file."""
    more = ", ..." if plan.keys > len(plan.samples) else ""
    return (
        f"bucket {bucket}: {plan.text}\n"
        f"  account {account}, region {region}\n"
        f"  keys {', '.join(plan.samples)}{more}\n"
        f"  record {record}"
    )


def remarks(plan: Plan, keys: Keys | None, keys_file: str, limit: int) -> Iterator[str]:
    """Which keys stay as they are and why, and what is wrong with the keys of a file."""
    if plan.orphans:
        keys_text = plural(plan.orphans, "key")
        yield f"{keys_text} without any data version left out; -include-orphans takes them along"
    if plan.outside:
        keys_text = plural(plan.outside, "key")
        yield f"{keys_text} left deleted: hidden by a marker made outside -start and -end"
    if plan.is_cut and plan.markers:
        yield f"stopped at -limit {limit}: there may be more"
    elif plan.is_cut:
        yield f"the first key to restore has more markers than -limit {limit}: raise it"
    if keys and keys.outside:
        yield f"{plural(keys.outside, 'key')} of {keys_file} not below the path left out"
    absent = len(keys.names) - plan.found if keys else 0
    if absent and not plan.is_cut:
        yield f"{plural(absent, 'key')} of {keys_file} never existed in the bucket"


def summary(tally: Tally, place: str, seconds: float) -> str:
    """`restored 2 keys (7 bytes): removed 3 markers of bucket acme (us-east-1) in 0.2s`"""
    return (
        f"restored {plural(tally.keys_restored, 'key')} "
        f"({plural(tally.bytes_restored, 'byte')}): "
        f"removed {plural(tally.markers_removed, 'marker')} of bucket {place} in {clock(seconds)}"
    )


def aftermath(tally: Tally, plan: Plan, record: Path | None, is_stopped: bool) -> Iterator[str]:
    """What was not done and why, and what to do next."""
    if tally.failed:
        reasons = ", ".join(f"{code} {count:,}" for code, count in tally.reasons.most_common())
        verb = "was" if tally.failed == 1 else "were"
        yield f"{plural(tally.failed, 'marker')} {verb} not removed: {reasons}"
    if tally.reasons["AccessDenied"]:
        yield "AccessDenied: s3:DeleteObjectVersion is needed, and no MFA Delete on the bucket"
    left = plan.markers - tally.markers_removed - tally.failed
    if left:
        yield f"{plural(left, 'marker')} not tried"
    if is_stopped or left or tally.failed:
        yield "run the same command again to go on with what is left"
    if record:
        yield f"record: {record}; deleting its keys again undoes this"
    if tally.keys_restored:
        yield (
            "S3 sends no events for restored objects: send raw logs to the log processor with "
            "s3queue; restored processed data can be queried at once, gluerecover adds partitions "
            "that are missing"
        )


def fields(tally: Tally, plan: Plan) -> dict[str, object]:
    """The record of a run for -output json."""
    return {
        "keys_restored": tally.keys_restored,
        "markers_removed": tally.markers_removed,
        "bytes_restored": tally.bytes_restored,
        "orphans_skipped": plan.orphans,
        "still_deleted": plan.outside,
        "failed": tally.failed,
    }


def planned_json(bucket: str, marker: Marker) -> str:
    """One marker of a dry run as a JSON line."""
    has_data = bool(marker.restored_version_id)
    record = {
        "action": "would-remove",
        "bucket": bucket,
        "key": marker.key,
        "version_id": marker.version_id,
        "last_modified": marker.last_modified,
        "restored_version_id": marker.restored_version_id if has_data else None,
        "restored_size": marker.restored_size if has_data else None,
    }
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def planned_line(bucket: str, marker: Marker) -> str:
    """One marker of a dry run as text."""
    made = rfc3339(marker.last_modified)
    return f"would remove {made} {marker.version_id} s3://{bucket}/{shown(marker.key)}"


def shown(key: str) -> str:
    """A key on one line, without what would move a terminal's cursor."""
    if key.isprintable():
        return key
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in key
    )


def _verb(count: int, verb: str) -> str:
    return verb + "s" if count == 1 else verb
