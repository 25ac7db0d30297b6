"""The messages that s3queue sends: S3 notifications in an SNS envelope, as SQS entries (pure)."""

import json
from collections.abc import Callable

from common import notify
from common.s3xml import Object

Render = Callable[[Object], str]

_KEY = "KEY-GOES-HERE"
_SIZE = "SIZE-GOES-HERE"


def body(account: str, bucket: str, found: Object, raw_key: bool = False) -> str:
    """The message body for one object; `raw_key` leaves the key unencoded, as the Go tool did."""
    key = found.key if raw_key else notify.encoded_key(found.key)
    return notify.raw_message(account, bucket, key, found.size)


def entry_renderer(account: str, bucket: str, raw_key: bool = False) -> Render:
    """A function that gives an object's SQS entry, `"MessageBody":"..."`.

    An encoded key needs no escaping at any level of JSON, so that a template made once does.
    """
    if raw_key:
        return lambda found: f'"MessageBody":{_quoted(body(account, bucket, found, True))}'
    template = _quoted(notify.raw_message(account, bucket, _KEY, _SIZE))
    before, _, rest = template.partition(_KEY)
    between, _, after = rest.partition(_SIZE)
    before = f'"MessageBody":{before}'
    encoded = notify.encoded_key
    return lambda found: f"{before}{encoded(found.key)}{between}{found.size}{after}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
