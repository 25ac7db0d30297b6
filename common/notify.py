"""The notification messages that Panther's queue and topic consumers read (pure).

Shapes: S3 event notifications inside an SNS envelope, byte for byte as the Go tools write them
(empty fields included). Every message is a template with two holes: the key and the size.
"""

import json
import re
from functools import lru_cache
from urllib.parse import quote

_UNSAFE = re.compile(r"[^A-Za-z0-9_.~/-]+")
_ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}

_RECORD = (
    '{"Records":[{"eventVersion":"%s","eventSource":"%s","awsRegion":"",'
    '"eventTime":"0001-01-01T00:00:00Z","eventName":"%s","userIdentity":{"principalId":""},'
    '"requestParameters":{"sourceIPAddress":""},"responseElements":null,'
    '"s3":{"s3SchemaVersion":"","configurationId":"","bucket":{"name":%s,'
    '"ownerIdentity":{"principalId":""},"arn":""},"object":{"key":%s,"size":%s,'
    '"urlDecodedKey":"","versionId":"","eTag":"","sequencer":""}}}]}'
)
_ENVELOPE = (
    '{"Signature":"","MessageId":"","Type":"Notification",'
    '"TopicArn":"arn:aws:sns:us-east-1:%s:panther-fake-s3queue-topic","MessageAttributes":null,'
    '"SignatureVersion":"","Timestamp":"0001-01-01T00:00:00Z","SigningCertUrl":"",'
    '"Message":%s,"UnsubscribeUrl":"","Subject":""}'
)


def json_text(text: str) -> str:
    """A JSON string literal as Go writes it: UTF-8, but `<>&` and line separators escaped."""
    return json.dumps(text, ensure_ascii=False).translate(_ESCAPES)


def raw_event(bucket: str, key: str, size: int | str) -> str:
    """The S3 event for raw data: only bucket, key and size are filled."""
    return _RECORD % ("", "", "", json_text(bucket), json_text(key), size)


def processed_event(bucket: str, key: str, size: int | str) -> str:
    """The S3 event for processed data, as the log processor publishes it. The key stays raw: its
    consumers use it as it is."""
    return _RECORD % (
        "2.0", "aws:s3", "ObjectCreated:Put", json_text(bucket), json_text(key), size,
    )  # fmt: skip


def raw_message(account: str, bucket: str, key: str, size: int | str) -> str:
    """The SNS envelope around raw_event() that the log processor's queue carries."""
    return _ENVELOPE % (account, json_text(raw_event(bucket, key, size)))


def encoded_key(key: str) -> str:
    """A key as S3 events carry it so that path and form decoding give the same: all but
    `A-Za-z0-9_.~-` and `/` percent-encoded."""
    folder, slash, name = key.rpartition("/")
    return _encoded_folder(folder) + slash + _UNSAFE.sub(_percent, name)


@lru_cache(maxsize=1024)
def _encoded_folder(folder: str) -> str:
    # Neighbours in a listing share their folder: encoding it once saves most of the work.
    return _UNSAFE.sub(_percent, folder)


def _percent(match: re.Match[str]) -> str:
    return quote(match[0], safe="")
