"""Reading S3's XML listings: only the fields that tools use, at about a microsecond an entry.

The elements: Amazon S3 API Reference, ListObjectsV2 and ListObjectVersions. One expression reads
an entry in the order in which S3 writes it; a page with any other order goes to an XML parser.
Listings are asked for without encoding-type=url: decoding a percent sequence costs more than all
the rest, and these expressions read what an XML parser refuses (control characters in keys).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


UNKNOWN_SIZE = -1


class Object(NamedTuple):
    """One listed object: last_modified as S3 writes it (2021-02-05T09:00:00.000Z, UTC). From lists
    that do not say them, size is UNKNOWN_SIZE and the texts are empty."""

    key: str
    last_modified: str
    etag: str
    size: int
    storage_class: str


class Version(NamedTuple):
    """One version of a key or, with `is_marker`, a delete marker of size 0."""

    key: str
    version_id: str
    is_latest: bool
    last_modified: str
    size: int
    is_marker: bool


@dataclass(frozen=True)
class Page:
    """Objects in key order, the prefixes below the delimiter, and the next page's token or ""."""

    objects: Sequence[Object]
    prefixes: Sequence[str]
    next_token: str


@dataclass(frozen=True)
class VersionPage:
    """Versions in key order as the service lists them within a key, the prefixes below the
    delimiter, and the next page's markers, "" at the end."""

    versions: Sequence[Version]
    prefixes: Sequence[str]
    next_key: str
    next_version: str


_ENTITY = re.compile(r"&(#[xX][0-9a-fA-F]+|#[0-9]+|[a-z]+);")
_ENTITIES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_CONTENTS = re.compile(
    r"<Contents><Key>([^<]*)</Key><LastModified>([^<]*)</LastModified>"
    r'<ETag>(?:&quot;|")?([^<&"]*)(?:&quot;|")?</ETag>(?:<Checksum[^<]*[^>]*>)*'
    r"<Size>(\d+)</Size>(?:<Owner>.*?</Owner>)?(?:<StorageClass>([^<]*)</StorageClass>)?"
)
_VERSION = re.compile(
    r"<(Version|DeleteMarker)><Key>([^<]*)</Key><VersionId>([^<]*)</VersionId>"
    r"<IsLatest>([^<]*)</IsLatest><LastModified>([^<]*)</LastModified>"
    r"(?:<ETag>[^<]*</ETag>(?:<Checksum[^<]*[^>]*>)*<Size>(\d+)</Size>)?"
)
_PREFIX = re.compile(r"<CommonPrefixes><Prefix>([^<]*)</Prefix></CommonPrefixes>")
_TOKEN = re.compile(r"<NextContinuationToken>([^<]*)</NextContinuationToken>")
_NEXT_KEY = re.compile(r"<NextKeyMarker>([^<]*)</NextKeyMarker>")
_NEXT_VERSION = re.compile(r"<NextVersionIdMarker>([^<]*)</NextVersionIdMarker>")


def object_page(reply: bytes | bytearray) -> Page:
    """The reply of ListObjectsV2. Raises ValueError for XML that is no listing."""
    xml = reply.decode()
    found = _CONTENTS.findall(xml)
    if len(found) != xml.count("<Contents>"):
        found = _parsed_objects(xml)
    objects = [
        Object(text(key) if "&" in key else key, modified, etag, int(size), storage)
        for key, modified, etag, size, storage in found
    ]
    token = _TOKEN.search(xml)
    return Page(objects, _prefixes(xml), text(token[1]) if token else "")


def version_page(reply: bytes | bytearray) -> VersionPage:
    """The reply of ListObjectVersions. Raises ValueError for XML that is no listing."""
    xml = reply.decode()
    found = _VERSION.findall(xml)
    if len(found) != xml.count("<Version>") + xml.count("<DeleteMarker>"):
        found = _parsed_versions(xml)
    versions = [
        Version(text(key), version, latest == "true", modified, int(size or 0), kind != "Version")
        for kind, key, version, latest, modified, size in found
    ]
    # S3 writes versions and markers in one sequence; compatible services write one list each.
    versions.sort(key=itemgetter(0))
    next_key, next_version = _NEXT_KEY.search(xml), _NEXT_VERSION.search(xml)
    return VersionPage(
        versions,
        _prefixes(xml),
        text(next_key[1]) if next_key else "",
        next_version[1] if next_version else "",
    )


def text(escaped: str) -> str:
    """XML character data as the string it stands for, control characters included."""
    return _ENTITY.sub(_character, escaped) if "&" in escaped else escaped


def _prefixes(xml: str) -> list[str]:
    return [text(prefix) for prefix in _PREFIX.findall(xml)] if "<CommonPrefixes>" in xml else []


def _character(match: re.Match[str]) -> str:
    name = match[1]
    if name[0] != "#":
        return _ENTITIES.get(name, match[0])
    return chr(int(name[2:], 16) if name[1] in "xX" else int(name[1:]))


def _parsed_objects(xml: str) -> list[tuple[str, ...]]:
    names = ("Key", "LastModified", "ETag", "Size", "StorageClass")
    found = _children(xml, ("Contents",), names)
    return [
        (key, modified, etag.strip('"'), size, storage)
        for _, key, modified, etag, size, storage in found
    ]


def _parsed_versions(xml: str) -> list[tuple[str, ...]]:
    names = ("Key", "VersionId", "IsLatest", "LastModified", "Size")
    return _children(xml, ("Version", "DeleteMarker"), names)


def _children(xml: str, tags: Sequence[str], names: Sequence[str]) -> list[tuple[str, ...]]:
    from xml.etree import ElementTree

    try:
        root = ElementTree.fromstring(xml)
    except ElementTree.ParseError as error:
        raise ValueError(f"S3 sent a listing that cannot be read: {error}") from None
    space = root.tag.partition("}")[0] + "}" if root.tag.startswith("{") else ""
    return [
        (child.tag.removeprefix(space), *(_escaped(child, space + name) for name in names))
        for child in root
        if child.tag.removeprefix(space) in tags
    ]


def _escaped(parent: "Element", tag: str) -> str:
    # The expressions above yield text as it stands in the XML, so this path does too.
    return (parent.findtext(tag) or "").replace("&", "&amp;")
