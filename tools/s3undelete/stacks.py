"""Reading each key's versions and delete markers together, from a listing in any number of ranges.

A long list of keys is looked for in a listing of what they have in common; few keys are looked up
one by one. Either way one key's entries are held in memory, not the listing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from common import manifest
from common.listing import Position, Range, ReadPage, VersionLister, Walk
from common.s3 import PAGE_KEYS, Bucket
from common.s3xml import Version
from common.stop import Stop
from tools.s3undelete.decide import newest_first

LOOKED_UP_KEYS = 10_000
FIRST_LOOK_ENTRIES = 20

Pages = Iterable[tuple[Range, Sequence[Version], bool]]


def stacks(pages: Pages) -> Iterator[Sequence[Version]]:
    """All entries of each key, newest first, as soon as a range has left the key behind."""
    unfinished: dict[int, list[Version]] = {}
    for part, entries, is_end in pages:
        stack = unfinished.pop(id(part), [])
        for key, group in groupby(entries, key=attrgetter("key")):
            if stack and stack[0].key != key:
                yield stack
                stack = []
            stack += newest_first(list(group))
        if stack and is_end:
            yield stack
        elif stack:
            unfinished[id(part)] = stack


@dataclass(frozen=True)
class KeyLister:
    """The versions and delete markers of one key."""

    bucket: Bucket
    prefix: str

    def fetch(self, position: Position) -> ReadPage:
        """The page at a position (key marker, version marker)."""
        size = PAGE_KEYS if position[1] else FIRST_LOOK_ENTRIES
        page = self.bucket.versions(self.prefix, *position, max_keys=size)
        entries = [entry for entry in page.versions if entry.key == self.prefix]
        is_over = len(entries) < len(page.versions) or page.next_key != self.prefix
        return lambda: (entries, None if is_over else (page.next_key, page.next_version))

    def folders(self, prefix: str, after: str) -> Sequence[str]:
        """None: a key is not split."""
        return ()

    def first(self, after: str) -> str | None:
        """None: a key is not split."""
        return None


@dataclass(frozen=True)
class Keys:
    """The keys that a file names, and how many of its keys lie outside the prefix asked for."""

    names: frozenset[str]
    outside: int


def read_keys(name: str, prefix: str) -> Keys:
    """The keys of a file that start with `prefix`. Raises UsageError naming -keys-file."""
    names: set[str] = set()
    outside: set[str] = set()
    for key in manifest.read_keys(name, "keys-file"):
        (names if key.startswith(prefix) else outside).add(key)
    return Keys(frozenset(names), len(outside))


def walk_of(bucket: Bucket, prefix: str, keys: Keys | None, workers: int, stop: Stop) -> Walk:
    """A walk over everything below `prefix`, or over what is needed to find `keys`."""
    if keys is None:
        return Walk(VersionLister(bucket, prefix), workers, stop)
    if len(keys.names) > LOOKED_UP_KEYS:
        first, last = min(keys.names), max(keys.names)
        lister = VersionLister(bucket, _common_start(first, last))
        return Walk(lister, workers, stop, [Range(upto=last)])
    ranges = [Range(lister=KeyLister(bucket, key)) for key in sorted(keys.names)]
    # Nothing to look up is not the same as everything: a Walk without ranges makes one.
    return Walk(None, workers, stop, ranges or [Range(lister=_Nothing())])


def _common_start(first: str, last: str) -> str:
    """What two keys, and so all that sort between them, begin with."""
    size = 0
    while first[: size + 1] == last[: size + 1] and size < len(first):
        size += 1
    return first[:size]


@dataclass(frozen=True)
class _Nothing:
    """A listing without entries."""

    prefix: str = ""

    def fetch(self, position: Position) -> ReadPage:
        return lambda: ((), None)

    def folders(self, prefix: str, after: str) -> Sequence[str]:
        return ()

    def first(self, after: str) -> str | None:
        return None
