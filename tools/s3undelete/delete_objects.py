"""Removing delete markers: up to 1,000 in one DeleteObjects request, each answered by itself."""

from __future__ import annotations

import base64
import hashlib
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from common import awserrors, batch, s3xml
from common.batch import Refusal
from tools.s3undelete.record import Row

if TYPE_CHECKING:
    from common.s3 import Bucket
    from common.s3xml import Version

MOST_ENTRIES = 1000
# What S3 calls the only version that a write to a suspended bucket replaces.
NULL_VERSION = "null"
REPLACED = Refusal("Replaced", "data was written in the marker's place meanwhile", is_final=True)

BATCHED = Refusal("Batched", "it goes into the batch")

_OPENING = b'<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Quiet>false</Quiet>'
_ANSWER = re.compile(rb"<(Deleted|Error)>(.*?)</\1>", re.DOTALL)
_FIELD = re.compile(rb"<(\w+)>([^<]*)</\1>")
_GONE = ("NoSuchKey", "NoSuchVersion")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPECIAL = re.compile("[&<>\t\n\r]")

Answer = Refusal | None


def request_body(markers: Sequence[Row]) -> bytes:
    """The body of a DeleteObjects request. Every entry names a version: without one S3 would make
    a new marker instead (Amazon S3 API Reference, DeleteObjects)."""
    return b"".join([_OPENING, *map(_entry, markers), b"</Delete>"])


def _entry(marker: Row) -> bytes:
    if not marker.version_id:
        raise ValueError(f"the marker of {marker.key!r} has no version id")
    key, version = _escaped(marker.key), _escaped(marker.version_id)
    return f"<Object><Key>{key}</Key><VersionId>{version}</VersionId></Object>".encode()


def _escaped(text: str) -> str:
    # A bare line end would be read as another one.
    return _SPECIAL.sub(lambda found: f"&#{ord(found[0])};", text)


def answers(reply: bytes | bytearray, markers: Sequence[Row]) -> list[Answer]:
    """What a DeleteObjects reply says about each marker; one left out counts as failed."""
    told: dict[tuple[str, str], Answer] = {}
    for answer in _ANSWER.finditer(reply):
        fields = {
            name.decode(): s3xml.text(value.decode()) for name, value in _FIELD.findall(answer[2])
        }
        place = (fields.get("Key", ""), fields.get("VersionId", ""))
        if answer[1] == b"Error":
            told[place] = _refusal(fields)
        elif place[1]:
            told[place] = None
    return [
        told.get((marker.key, marker.version_id), told.get((marker.key, ""), batch.UNANSWERED))
        for marker in markers
    ]


def _refusal(fields: Mapping[str, str]) -> Answer:
    code = fields.get("Code", "Unknown")
    if code in _GONE:
        return None
    is_final = code not in awserrors.TRANSIENT
    return Refusal(code, fields.get("Message", ""), is_final)


def _at(places: Sequence[int], markers: Sequence[Row]) -> list[Row]:
    return [markers[place] for place in places]


class Remover:
    """Removes markers of one bucket; safe for many threads. `client` makes an SDK client for the
    few keys that XML cannot carry."""

    def __init__(self, bucket: Bucket, client: Callable[[], Any]) -> None:
        self._bucket = bucket
        self._client = client
        # Requests written and replies read at once only take turns: one at a time needs less.
        self._turn = threading.Lock()

    def post(self, load: Callable[[], Sequence[Row]]) -> list[Answer]:
        """Try once to remove the markers that `load` gives; one answer each, in order.

        They are loaded again when the reply is there, not held while it is on its way. Raises the
        SDK's errors when the request as a whole fails.
        """
        told = [self._alone(marker) for marker in load()]
        batched = [place for place, answer in enumerate(told) if answer is BATCHED]
        if not batched:
            return told
        with self._turn:
            body = request_body(_at(batched, load()))
        digest = hashlib.md5(body, usedforsecurity=False).digest()
        headers = {
            "content-md5": base64.b64encode(digest).decode(),
            "content-type": "application/xml",
        }
        reply = self._bucket.post("DeleteObjects", "delete=", headers, body)
        del body
        with self._turn:
            told_by_reply = answers(reply.body, _at(batched, load()))
            del reply
        for place, answer in zip(batched, told_by_reply, strict=True):
            told[place] = answer
        return told

    def _alone(self, marker: Row) -> Answer:
        """The answer to a marker that needs a request of its own, BATCHED for any other."""
        if marker.version_id == NULL_VERSION:
            # A write to a suspended bucket puts data in the marker's place, under the same id.
            # Any other id is never used again.
            found = self._null_entry(marker.key)
            if found is None or not found.is_marker:
                return REPLACED if found else None
        return self._remove_one(marker) if _NOT_XML.search(marker.key) else BATCHED

    def _remove_one(self, marker: Row) -> Answer:
        from botocore.exceptions import ClientError

        try:
            self._client().delete_object(
                Bucket=self._bucket.name, Key=marker.key, VersionId=marker.version_id
            )
        except ClientError as error:
            if awserrors.is_bad_login(error):
                raise
            if awserrors.is_transient(error):
                return batch.refusal_of(error)
            return _refusal(error.response["Error"])
        return None

    def _null_entry(self, key: str) -> Version | None:
        after, after_version = "", ""
        while True:
            page = self._bucket.versions(key, after, after_version)
            for entry in page.versions:
                if entry.key == key and entry.version_id == NULL_VERSION:
                    return entry
            if page.next_key != key:
                return None
            after, after_version = page.next_key, page.next_version
