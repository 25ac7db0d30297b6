"""Where to list, and to which source an object belongs: the longest prefix owns it (pure)."""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise

from common import sources
from common.s3 import Path
from common.s3xml import Object
from common.sources import Source

TYPES = (sources.S3, sources.SQS, sources.SCAN)


@dataclass(frozen=True)
class Owner:
    """One prefix of one source: what a row tells beside the object. Objects of an owner that is
    not wanted are left out, because its source was not asked for."""

    prefix: str
    source_id: str = ""
    label: str = ""
    type: str = ""
    log_types: tuple[str, ...] = ()
    account: str = ""
    is_wanted: bool = True


@dataclass(frozen=True)
class Place:
    """A prefix of a bucket that is listed as a whole. `owners` are those at or below the prefix;
    `roles` are tried in this order, "" stands for the caller's own credentials."""

    bucket: str
    prefix: str
    owners: tuple[Owner, ...]
    roles: tuple[str, ...]

    def __str__(self) -> str:
        return str(Path(self.bucket, self.prefix))


def of_path(path: Path) -> Place:
    """The place of a path that belongs to no source."""
    return Place(path.bucket, path.prefix, (Owner(path.prefix),), ("",))


def of_sources(
    chosen: Iterable[Source], known: Iterable[Source], assume_roles: bool
) -> list[Place]:
    """The places that hold all objects of the chosen sources, each object in exactly one.

    All known sources decide who owns an object: one that was not chosen keeps its objects to
    itself. Older sources come first, for ownership and for the order of roles.
    """
    wanted = sorted(chosen, key=lambda source: source.created_at)
    everybody = sorted(known, key=lambda source: source.created_at)
    return [
        Place(
            bucket,
            prefix,
            _owners(bucket, prefix, everybody, {source.id for source in wanted}),
            _roles(bucket, prefix, wanted) if assume_roles else ("",),
        )
        for bucket in sorted({source.bucket for source in wanted})
        for prefix in sources.outermost(
            own for source in wanted if source.bucket == bucket for own, _ in source.prefixes
        )
    ]


def _owners(
    bucket: str, place: str, everybody: Iterable[Source], wanted: set[str]
) -> tuple[Owner, ...]:
    found: dict[str, Owner] = {}
    for source in everybody:
        for prefix, log_types in source.prefixes if source.bucket == bucket else ():
            if prefix.startswith(place) and prefix not in found and source.type in TYPES:
                found[prefix] = Owner(
                    prefix, source.id, source.label, source.type, log_types, source.account,
                    source.id in wanted,
                )  # fmt: skip
    return tuple(found[prefix] for prefix in sorted(found))


def _roles(bucket: str, place: str, wanted: Iterable[Source]) -> tuple[str, ...]:
    here: list[str] = []
    elsewhere: list[str] = []
    for source in wanted:
        if source.bucket == bucket:
            is_here = any(prefix.startswith(place) for prefix, _ in source.prefixes)
            (here if is_here else elsewhere).append(source.role_arn)
    return tuple(dict.fromkeys([*here, *elsewhere]))


def left_out(named: Iterable[Source], chosen: Iterable[Source]) -> list[str]:
    """Which of the sources that were named, or chosen by their type too, cannot be listed."""
    unknown = [
        (source, f"nobody knows where sources of type {source.type!r} keep objects")
        for source in named
        if source.type not in TYPES
    ]
    homeless = [
        (source, "it names no bucket")
        for source in chosen
        if source.type in TYPES and not source.bucket
    ]
    return [
        f"source {source.label} ({source.id}) is left out: {why}"
        for source, why in unknown + homeless
    ]


def fingerprint(places: Sequence[Place]) -> str:
    """A text that differs when other places or owners would give other rows."""
    rows = [
        [place.bucket, place.prefix, [asdict(owner) for owner in place.owners]] for place in places
    ]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


class Owners:
    """Finds the owners of a page's objects without looking at each one."""

    def __init__(self, place: Place) -> None:
        self._prefixes = [owner.prefix for owner in place.owners]
        self._parents: list[int] = []
        for index, prefix in enumerate(self._prefixes):
            parent = index - 1
            while parent >= 0 and not prefix.startswith(self._prefixes[parent]):
                parent = self._parents[parent]
            self._parents.append(parent)

    def runs(self, objects: Sequence[Object]) -> list[tuple[int, Sequence[Object]]]:
        """The objects, ascending by key, in runs of the same owner: (index of the owner, run)."""
        if len(self._prefixes) == 1:
            return [(0, objects)]
        first, last = objects[0].key, objects[-1].key
        around = list(self._around(first))
        begin, end = bisect_right(self._prefixes, first), bisect_right(self._prefixes, last)
        if begin == end and last.startswith(self._prefixes[around[0]]):
            return [(around[0], objects)]
        edges = {0, len(objects)}
        for index in (*around, *range(begin, end)):
            edges.update(_bounds(objects, self._prefixes[index]))
        return [
            (next(self._around(objects[start].key)), objects[start:stop])
            for start, stop in pairwise(sorted(edges))
        ]

    def _around(self, key: str) -> Iterator[int]:
        """The owners whose prefix `key` starts with, the longest one first.

        The greatest prefix that is not behind `key` is one of them or lies below one of them.
        """
        index = bisect_right(self._prefixes, key) - 1
        while index >= 0:
            if key.startswith(self._prefixes[index]):
                yield index
            index = self._parents[index]


def _bounds(objects: Sequence[Object], prefix: str) -> tuple[int, int]:
    length = len(prefix)

    def start(found: Object) -> str:
        return found.key[:length]

    return bisect_left(objects, prefix, key=start), bisect_right(objects, prefix, key=start)
