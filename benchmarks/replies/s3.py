"""S3, path style: listings of synthetic buckets, bucket look-ups, batched deletes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.sax.saxutils import escape, unescape

from benchmarks import synthetic
from benchmarks.replies import s3_pages
from benchmarks.replies.s3_pages import Objects, Rendered, Span, Versions
from benchmarks.serving import Reply, Request

_OPENING = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
_DELETED = re.compile(rb"<Object>(.*?)</Object>", re.DOTALL)
_FIELD = re.compile(rb"<(Key|VersionId)>([^<]*)</")
_XML = "application/xml"
_REGION_HEADER = f"x-amz-bucket-region: {synthetic.REGION}\r\n"


class Buckets:
    """All buckets, rendered when they are first listed."""

    def __init__(self) -> None:
        self._rendered: dict[tuple[type, synthetic.Bucket, bool], Rendered] = {}
        self._bounds: dict[tuple[type, synthetic.Bucket, str], Span] = {}
        self.reset()

    def reset(self) -> None:
        """Begin to count anew; what is rendered stays."""
        self.requests = 0
        self.objects_listed = 0
        self.removed: set[tuple[bytes, bytes]] = set()

    def state(self) -> dict[str, int]:
        """The figures that a benchmark verifies its work with."""
        return {
            "requests": self.requests,
            "entries_listed": self.objects_listed,
            "versions_removed": len(self.removed),
        }

    def prepare(self, name: str) -> None:
        """Render a bucket's objects in both encodings and its versions in both, before timing."""
        bucket = synthetic.parse_bucket(name)
        if bucket is None:
            raise ValueError(f"{name} is no bucket")
        for kind in (Objects, Versions):
            for is_encoded in (False, True):
                self._xml(kind(bucket), bucket, is_encoded)

    def answer(self, request: Request) -> Reply:
        """The reply to an S3 request."""
        self.requests += 1
        parts = urlsplit(request.target.decode())
        name, _, key = unquote(parts.path[1:]).partition("/")
        bucket = synthetic.parse_bucket(name)
        if bucket is None:
            return _error("404 Not Found", "NoSuchBucket", "The specified bucket does not exist")
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        if key:
            return _error("404 Not Found", "NoSuchKey", "The specified key does not exist.")
        if request.method == b"HEAD":
            return Reply(b"", _XML, headers=_REGION_HEADER)
        if request.method == b"POST" and "delete" in query:
            return self._delete(request.body)
        answers: dict[str, Callable[..., Reply]] = {
            "location": _location,
            "versioning": _versioning,
            "versions": self._versions,
            "list-type": self._objects,
        }
        for parameter, answer in answers.items():
            if parameter in query:
                return answer(name, bucket, query)
        return _error("501 Not Implemented", "NotImplemented", "The responder has no such call")

    def _objects(self, name: str, bucket: synthetic.Bucket, query: dict[str, str]) -> Reply:
        listed = Objects(bucket)
        after = query.get("start-after", "")
        token = query.get("continuation-token", "")
        begin = _entry_of_token(token) if token else s3_pages.entry_behind(listed, after)
        page = self._page(listed, bucket, query, begin, "" if token else after)
        body, count, entry, is_cut, is_encoded = page
        fields = [
            _element("Prefix", query.get("prefix", ""), is_encoded),
            _element("StartAfter", after, is_encoded) if after else "",
            _element("ContinuationToken", token, False) if token else "",
            _element("NextContinuationToken", _token(entry), False) if is_cut else "",
            f"<KeyCount>{count}</KeyCount>",
        ]
        return _listing("ListBucketResult", name, query, fields, is_cut, body)

    def _versions(self, name: str, bucket: synthetic.Bucket, query: dict[str, str]) -> Reply:
        listed = Versions(bucket)
        marker, version = query.get("key-marker", ""), query.get("version-id-marker", "")
        begin = s3_pages.entry_behind(listed, marker)
        if version:
            begin = s3_pages.entry_of(version) + 1
        page = self._page(listed, bucket, query, begin, "" if version else marker)
        body, _, entry, is_cut, is_encoded = page
        fields = [
            _element("Prefix", query.get("prefix", ""), is_encoded),
            _element("KeyMarker", marker, is_encoded),
            _element("VersionIdMarker", version, False),
        ]
        if is_cut:
            fields.append(_element("NextKeyMarker", listed.key(entry - 1), is_encoded))
            fields.append(_element("NextVersionIdMarker", s3_pages.version_id(entry - 1), False))
        return _listing("ListVersionsResult", name, query, fields, is_cut, body)

    def _page(
        self,
        listed: Objects | Versions,
        bucket: synthetic.Bucket,
        query: dict[str, str],
        begin: int,
        after: str,
    ) -> tuple[list[Any], int, int, bool, bool]:
        """The entries' XML, their number, where the next page begins, whether there is one, and
        whether keys are percent-encoded."""
        prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
        most = min(int(query.get("max-keys", 1000)), 1000)
        is_encoded = query.get("encoding-type") == "url"
        place = (type(listed), bucket, prefix)
        if place not in self._bounds:
            self._bounds[place] = s3_pages.bounds(listed, prefix)
        whole = self._bounds[place]
        span = Span(min(max(begin, whole.begin), whole.end), whole.end)
        xml = self._xml(listed, bucket, is_encoded)
        if not delimiter:
            end = min(span.begin + most, span.end)
            self.objects_listed += end - span.begin
            part = [xml.part(Span(span.begin, end))]
            return part, end - span.begin, end, end < span.end, is_encoded
        found, entry = s3_pages.grouped(listed, span, prefix, delimiter, after, most)
        parts: list[Any] = [xml.part(item) for item in found if isinstance(item, Span)]
        self.objects_listed += len(parts)
        parts += [
            f"<CommonPrefixes>{_element('Prefix', item, is_encoded)}</CommonPrefixes>".encode()
            for item in found
            if isinstance(item, str)
        ]
        return parts, len(found), entry, entry < span.end, is_encoded

    def _xml(
        self, listed: Objects | Versions, bucket: synthetic.Bucket, is_encoded: bool
    ) -> Rendered:
        place = (type(listed), bucket, is_encoded)
        if place not in self._rendered:
            self._rendered[place] = Rendered(listed.xml(is_encoded))
        return self._rendered[place]

    def _delete(self, body: bytes) -> Reply:
        parts = []
        for entry in _DELETED.findall(body):
            fields = dict(_FIELD.findall(entry))
            key, version = fields[b"Key"], fields.get(b"VersionId", b"")
            self.removed.add((key, version))
            is_marker = version and s3_pages.entry_of(version.decode()) % 3 == 1
            parts.append(b"<Deleted><Key>%s</Key>" % escape(unescape(key.decode())).encode())
            if version:
                parts.append(b"<VersionId>%s</VersionId>" % version)
            if is_marker:
                parts.append(
                    b"<DeleteMarker>true</DeleteMarker>"
                    b"<DeleteMarkerVersionId>%s</DeleteMarkerVersionId>" % version
                )
            parts.append(b"</Deleted>")
        inside = b"".join(parts).decode()
        return Reply(f"{_OPENING}<DeleteResult {_SPACE}>{inside}</DeleteResult>".encode(), _XML)


def _location(_name: str, _bucket: synthetic.Bucket, _query: dict[str, str]) -> Reply:
    return Reply(f"{_OPENING}<LocationConstraint {_SPACE}/>".encode(), _XML)


def _versioning(_name: str, _bucket: synthetic.Bucket, _query: dict[str, str]) -> Reply:
    inside = "<Status>Enabled</Status>"
    return Reply(
        f"{_OPENING}<VersioningConfiguration {_SPACE}>{inside}</VersioningConfiguration>".encode(),
        _XML,
    )


def _listing(
    root: str, name: str, query: dict[str, str], fields: list[str], is_cut: bool, body: list[Any]
) -> Reply:
    is_encoded = query.get("encoding-type") == "url"
    delimiter = query.get("delimiter", "")
    opening = (
        f"{_OPENING}<{root} {_SPACE}><Name>{name}</Name>{''.join(fields)}"
        f"<MaxKeys>{query.get('max-keys', '1000')}</MaxKeys>"
        f"{_element('Delimiter', delimiter, is_encoded) if delimiter else ''}"
        f"{'<EncodingType>url</EncodingType>' if is_encoded else ''}"
        f"<IsTruncated>{'true' if is_cut else 'false'}</IsTruncated>"
    )
    return Reply(b"".join([opening.encode(), *body, f"</{root}>".encode()]), _XML)


def _element(name: str, text: str, is_encoded: bool) -> str:
    return f"<{name}>{s3_pages.shown(text, is_encoded)}</{name}>" if text else f"<{name}/>"


def _token(entry: int) -> str:
    # Real tokens hold characters that have to be encoded in a URL.
    return f"1/{entry:012x}+bench=="


def _entry_of_token(token: str) -> int:
    return int(token[2:14], 16)


def _error(status: str, code: str, message: str) -> Reply:
    inside = f"<Code>{code}</Code><Message>{message}</Message><RequestId>BENCH</RequestId>"
    return Reply(f"{_OPENING}<Error>{inside}</Error>".encode(), _XML, status)
