"""Pages of S3 listings: which keys, common prefixes and versions come next (pure)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Item(NamedTuple):
    """A key, or the common prefix that stands for all keys below it."""

    name: str
    is_prefix: bool


@dataclass(frozen=True)
class Position:
    """Where a listing of versions stopped: in a key, after one of its versions ("": after all)."""

    key: str = ""
    version_id: str = ""


def items(keys: Sequence[str], prefix: str, delimiter: str, after: str) -> Iterator[Item]:
    """Keys (sorted) below `prefix` and common prefixes, both only when greater than `after`."""
    index = max(bisect_left(keys, prefix), bisect_right(keys, after) if after else 0)
    # A key below a common prefix that `after` names or exceeds belongs to an earlier page.
    while index < len(keys) and keys[index].startswith(prefix):
        key = keys[index]
        end = key.find(delimiter, len(prefix)) if delimiter else -1
        if end < 0:
            yield Item(key, False)
            index += 1
            continue
        common = key[: end + len(delimiter)]
        if common > after:
            yield Item(common, True)
        index = bisect_left(keys, common + "\U0010ffff", index)


def versions(
    keys: Sequence[str],
    ids_of: Callable[[str], Sequence[str]],
    prefix: str,
    delimiter: str,
    start: Position,
) -> Iterator[tuple[Item, str]]:
    """(item, version id) after `start`; ids are newest first; "" goes with a common prefix."""
    if start.version_id and start.key.startswith(prefix):
        ids = list(ids_of(start.key))
        position = ids.index(start.version_id) + 1 if start.version_id in ids else 0
        for version_id in ids[position:]:
            yield Item(start.key, False), version_id
    for item in items(keys, prefix, delimiter, start.key):
        if item.is_prefix:
            yield item, ""
        else:
            for version_id in ids_of(item.name):
                yield item, version_id
