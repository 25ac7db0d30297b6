"""S3 requests answered here: listings with S3's paging and encoding, batched deletes, regions."""

from __future__ import annotations

import base64
import binascii
from itertools import islice
from typing import Any
from urllib.parse import quote_plus
from xml.sax.saxutils import escape

from moto.s3.models import FakeBucket, FakeDeleteMarker, FakeKey, s3_backends

from scripts.sandbox import batches, wording
from scripts.sandbox.aws.s3_paging import Item, Position, items, versions
from scripts.sandbox.calls import Call, Reply

PAGE = 1000
_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
_HEADER = '<?xml version="1.0" encoding="UTF-8"?>\n'
_OWNER = (
    "<Owner><ID>75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a</ID>"
    "<DisplayName>sandbox</DisplayName></Owner>"
)
_BEFORE_ALL = "before all versions of the key"
_ANY_REGION = ("GetBucketLocation", "CreateBucket", "ListBuckets")


def bucket_of(call: Call) -> FakeBucket | None:
    """The bucket that a request names, whoever owns it; None when there is none."""
    name, _ = call.s3_place
    for partitions in list(s3_backends.values()):
        for backend in list(partitions.values()):
            if name in backend.buckets:
                return backend.buckets[name]
    return None


def refused(call: Call) -> Reply | None:
    """What S3 says before it looks at the request: the wrong region, or not the owner expected."""
    if call.operation in _ANY_REGION:
        return None
    bucket = bucket_of(call)
    if bucket is None:
        return None
    if bucket.region_name != call.region:
        text = (
            "The bucket you are attempting to access must be addressed using the specified "
            "endpoint. Please send all future requests to this endpoint."
        )
        reply = wording.error(call, 301, "PermanentRedirect", text)
        headers = {**reply.headers, "x-amz-bucket-region": bucket.region_name}
        return Reply(301, reply.body, headers)
    expected = call.headers.get("x-amz-expected-bucket-owner")
    if expected and expected != bucket.account_id:
        return wording.error(call, 403, "AccessDenied", "Access Denied")
    return None


def list_objects_v2(sandbox: Any, call: Call) -> Reply:
    """ListObjectsV2."""
    bucket = bucket_of(call)
    if bucket is None:
        return _no_bucket(call)
    given = call.arguments
    prefix, delimiter = given.get("prefix", ""), given.get("delimiter", "")
    after, token = given.get("start-after", ""), given.get("continuation-token")
    if token is not None:
        try:
            after = base64.b64decode(token, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            after = ""
        if not after:
            text = "The continuation token provided is incorrect"
            return wording.error(call, 400, "InvalidArgument", text)
    limit = min(int(given.get("max-keys", PAGE)), PAGE)
    found = list(islice(items(_live_keys(bucket), prefix, delimiter, after), limit + 1))
    is_truncated = 0 < limit < len(found)
    found = found[:limit]
    text = _encoder(call)
    head = _elements(Name=bucket.name, Prefix=text(prefix), empty=("Prefix",))
    if token is not None:
        head += _elements(ContinuationToken=token)
    if is_truncated:
        next_token = base64.b64encode(found[-1].name.encode()).decode()
        head += _elements(NextContinuationToken=next_token)
    head += _elements(
        StartAfter=text(given.get("start-after", "")),
        KeyCount=len(found),
        MaxKeys=limit,
        Delimiter=text(delimiter),
        EncodingType=given.get("encoding-type", ""),
        IsTruncated=str(is_truncated).lower(),
    )
    owner = _OWNER if given.get("fetch-owner") == "true" else ""
    contents = "".join(
        _contents(bucket.keys[item.name], text, owner) for item in found if not item.is_prefix
    )
    return _xml("ListBucketResult", head + contents + _common_prefixes(found, text))


def list_object_versions(sandbox: Any, call: Call) -> Reply:
    """ListObjectVersions: versions and markers in one sequence, newest first within a key."""
    bucket = bucket_of(call)
    if bucket is None:
        return _no_bucket(call)
    given = call.arguments
    prefix, delimiter = given.get("prefix", ""), given.get("delimiter", "")
    start = Position(given.get("key-marker", ""), given.get("version-id-marker", ""))
    if start.version_id and not start.key:
        text = "A version-id marker cannot be specified without a key marker."
        return wording.error(call, 400, "InvalidArgument", text)
    limit = min(int(given.get("max-keys", PAGE)), PAGE)

    def ids_of(key: str) -> list[str]:
        return [version.version_id for version in reversed(bucket.keys.getlist(key, []))]

    start = _still_there(sandbox, bucket, start, ids_of(start.key) if start.version_id else [])
    following = versions(sorted(bucket.keys), ids_of, prefix, delimiter, start)
    found = list(islice(following, limit + 1))
    is_truncated = 0 < limit < len(found)
    found = found[:limit]
    text = _encoder(call)
    head = _elements(
        Name=bucket.name,
        Prefix=text(prefix),
        KeyMarker=text(given.get("key-marker", "")),
        VersionIdMarker=given.get("version-id-marker", ""),
        empty=("Prefix", "KeyMarker", "VersionIdMarker"),
    )
    if is_truncated:
        last, version_id = found[-1]
        head += _elements(NextKeyMarker=text(last.name), NextVersionIdMarker=version_id)
        if version_id:
            ids = ids_of(last.name)
            rest = ids[ids.index(version_id) + 1 :]
            sandbox.version_markers[bucket.name, last.name, version_id] = rest
    head += _elements(
        MaxKeys=limit,
        Delimiter=text(delimiter),
        EncodingType=given.get("encoding-type", ""),
        IsTruncated=str(is_truncated).lower(),
    )
    entries = "".join(
        _version(bucket, item.name, version_id, text) for item, version_id in found if version_id
    )
    prefixes = _common_prefixes([item for item, _ in found], text)
    return _xml("ListVersionsResult", head + entries + prefixes)


def _still_there(sandbox: Any, bucket: FakeBucket, start: Position, ids: list[str]) -> Position:
    # The version that ended the last page may be gone by now. S3's ids know their order; moto's
    # do not, so what came after it was written down when the page was sent.
    if not start.version_id or start.version_id in ids:
        return start
    rest = sandbox.version_markers.get((bucket.name, start.key, start.version_id), [])
    following = next((version_id for version_id in rest if version_id in ids), None)
    if following is None:
        return Position(start.key)
    before = ids.index(following) - 1
    return Position(start.key, ids[before] if before >= 0 else _BEFORE_ALL)


def delete_objects(sandbox: Any, call: Call) -> Reply:
    """DeleteObjects: up to 1,000 entries, each reported by itself."""
    bucket = bucket_of(call)
    if bucket is None:
        return _no_bucket(call)
    entries = batches.entries(call)
    if not 0 < len(entries) <= PAGE:
        text = "The XML you provided was not well-formed or did not validate against our published schema"  # noqa: E501
        return wording.error(call, 400, "MalformedXML", text)
    quiet = batches.is_quiet(call)
    backend = s3_backends[bucket.account_id]["aws"]
    parts = []
    for entry in entries:
        _, meta = backend.delete_object(bucket.name, entry.id, entry.version_id or None)
        if quiet:
            continue
        fields = {"Key": entry.id, "VersionId": entry.version_id}
        if meta.get("delete-marker"):
            fields["DeleteMarker"] = "true"
            fields["DeleteMarkerVersionId"] = meta["version-id"]
        parts.append(f"<Deleted>{_elements(**fields)}</Deleted>")
    return _xml("DeleteResult", "".join(parts))


def _live_keys(bucket: FakeBucket) -> list[str]:
    versions_of = dict.items(bucket.keys)
    return sorted(
        key for key, all_of in versions_of if not isinstance(all_of[-1], FakeDeleteMarker)
    )


def _contents(key: FakeKey, text: Any, owner: str) -> str:
    return (
        f"<Contents><Key>{_safe(text(key.name))}</Key>"
        f"<LastModified>{key.last_modified_ISO8601}</LastModified>"
        f"<ETag>{_safe(key.etag)}</ETag><Size>{key.size}</Size>{owner}"
        f"<StorageClass>{key.storage_class}</StorageClass></Contents>"
    )


def _version(bucket: FakeBucket, name: str, version_id: str, text: Any) -> str:
    all_of = bucket.keys.getlist(name)
    found = next(version for version in all_of if version.version_id == version_id)
    common = (
        f"<Key>{_safe(text(name))}</Key><VersionId>{version_id}</VersionId>"
        f"<IsLatest>{str(found is all_of[-1]).lower()}</IsLatest>"
        f"<LastModified>{found.last_modified_ISO8601}</LastModified>"
    )
    if isinstance(found, FakeDeleteMarker):
        return f"<DeleteMarker>{common}{_OWNER}</DeleteMarker>"
    return (
        f"<Version>{common}<ETag>{_safe(found.etag)}</ETag><Size>{found.size}</Size>"
        f"<StorageClass>{found.storage_class}</StorageClass>{_OWNER}</Version>"
    )


def _common_prefixes(found: list[Item], text: Any) -> str:
    return "".join(
        f"<CommonPrefixes><Prefix>{_safe(text(item.name))}</Prefix></CommonPrefixes>"
        for item in found
        if item.is_prefix
    )


def _encoder(call: Call) -> Any:
    if call.arguments.get("encoding-type") == "url":
        return lambda value: quote_plus(value, safe="/*")
    return str


def _safe(value: str) -> str:
    return escape(value, {'"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;"})


def _elements(empty: tuple[str, ...] = (), **values: object) -> str:
    # S3 leaves out what was not asked for, but for the few names in `empty`.
    return "".join(
        f"<{name}>{_safe(str(value))}</{name}>" if value != "" else f"<{name}/>"
        for name, value in values.items()
        if value != "" or name in empty
    )


def _xml(root: str, content: str) -> Reply:
    body = f'{_HEADER}<{root} xmlns="{_NAMESPACE}">{content}</{root}>'
    return Reply(200, body.encode(), {"content-type": "application/xml"})


def _no_bucket(call: Call) -> Reply:
    return wording.error(call, 404, "NoSuchBucket", "The specified bucket does not exist")
