"""Pages of S3 listings: every entry is rendered once, a page is one copy out of the middle.

Shapes: Amazon S3 API Reference, ListObjectsV2 and ListObjectVersions.
"""

from __future__ import annotations

import gc
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import quote
from xml.sax.saxutils import escape

from benchmarks import synthetic

VERSION_ID_DIGITS = 32


class Span(NamedTuple):
    """Entries `begin` to before `end` of a listing."""

    begin: int
    end: int


class Rendered:
    """The entries of one bucket as XML in one block, with the place of each."""

    def __init__(self, entries: Iterator[bytes]) -> None:
        collecting = gc.isenabled()
        gc.disable()
        parts = list(entries)
        self._places = array("Q", [0])
        total = 0
        for part in parts:
            total += len(part)
            self._places.append(total)
        self._xml = memoryview(b"".join(parts))
        if collecting:
            gc.enable()

    def part(self, span: Span) -> memoryview:
        """The XML of some consecutive entries."""
        return self._xml[self._places[span.begin] : self._places[span.end]]


class Objects:
    """What ListObjectsV2 walks over: entry n is key n."""

    def __init__(self, bucket: synthetic.Bucket) -> None:
        self.keys = synthetic.Keys(bucket)

    def __len__(self) -> int:
        return len(self.keys)

    def key(self, entry: int) -> str:
        """The key of an entry."""
        return self.keys[entry]

    def first(self, key_place: int) -> int:
        """The first entry of a key."""
        return key_place

    def xml(self, is_encoded: bool) -> Iterator[bytes]:
        """All entries."""
        for index, key in enumerate(self.keys):
            yield (
                f"<Contents><Key>{shown(key, is_encoded)}</Key>"
                f"<LastModified>{synthetic.modified_of(index)}</LastModified>"
                f"<ETag>&quot;{synthetic.etag_of(index)}&quot;</ETag>"
                f"<Size>{synthetic.size_of(index)}</Size>"
                "<StorageClass>STANDARD</StorageClass></Contents>"
            ).encode()


class Versions:
    """What ListObjectVersions walks over: every second key is deleted.

    Two keys make three entries: the version of a live one, then marker and version of a deleted
    one. A version id carries its entry.
    """

    def __init__(self, bucket: synthetic.Bucket) -> None:
        self.keys = synthetic.Keys(bucket)

    def __len__(self) -> int:
        return self.first(len(self.keys))

    def key(self, entry: int) -> str:
        """The key of an entry."""
        return self.keys[entry // 3 * 2 + (entry % 3 > 0)]

    def first(self, key_place: int) -> int:
        """The newest entry of a key."""
        return key_place // 2 * 3 + key_place % 2

    def xml(self, is_encoded: bool) -> Iterator[bytes]:
        """All entries, versions and markers in one sequence as S3 writes them."""
        owner = f"<Owner><ID>{synthetic.etag_of(1) * 2}</ID></Owner>"
        for entry in range(len(self)):
            index = entry // 3 * 2 + (entry % 3 > 0)
            is_marker = entry % 3 == 1
            start = (
                f"<Key>{shown(self.keys[index], is_encoded)}</Key>"
                f"<VersionId>{version_id(entry)}</VersionId>"
                f"<IsLatest>{'true' if entry % 3 < 2 else 'false'}</IsLatest>"
                f"<LastModified>{synthetic.modified_of(index + is_marker)}</LastModified>"
            )
            if is_marker:
                yield f"<DeleteMarker>{start}{owner}</DeleteMarker>".encode()
                continue
            yield (
                f"<Version>{start}<ETag>&quot;{synthetic.etag_of(index)}&quot;</ETag>"
                f"<Size>{synthetic.size_of(index)}</Size>{owner}"
                "<StorageClass>STANDARD</StorageClass></Version>"
            ).encode()


def version_id(entry: int) -> str:
    """The version id of an entry; it has the length of a real one."""
    return f"{'v' * (VERSION_ID_DIGITS - 12)}{entry:012x}"


def entry_of(version: str) -> int:
    """The entry of a version id."""
    return int(version[-12:], 16)


def shown(text: str, is_encoded: bool) -> str:
    """A key or prefix as it stands in the XML."""
    return quote(text, safe="/") if is_encoded else escape(text)


def behind(prefix: str) -> str:
    """The first string that sorts behind everything that begins with `prefix`."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


def bounds(listed: Objects | Versions, prefix: str) -> Span:
    """The entries whose keys begin with `prefix`."""
    if not prefix:
        return Span(0, len(listed))
    begin = bisect_left(listed.keys, prefix)
    return Span(listed.first(begin), listed.first(bisect_left(listed.keys, behind(prefix), begin)))


def entry_behind(listed: Objects | Versions, key: str) -> int:
    """The first entry of the first key that sorts behind `key`."""
    return listed.first(bisect_left(listed.keys, key + "\0"))


def grouped(
    listed: Objects | Versions, span: Span, prefix: str, delimiter: str, after: str, most: int
) -> tuple[list[Span | str], int]:
    """At most `most` entries (as spans of one) and common prefixes of a span, and the entry
    at which the rest begins. A common prefix that sorts at or before `after` is left out."""
    found: list[Span | str] = []
    entry = span.begin
    while entry < span.end and len(found) < most:
        key = listed.key(entry)
        cut = key.find(delimiter, len(prefix))
        if cut < 0:
            found.append(Span(entry, entry + 1))
            entry += 1
            continue
        common = key[: cut + len(delimiter)]
        if common > after:
            found.append(common)
        entry = listed.first(bisect_left(listed.keys, behind(common)))
    return found, entry
