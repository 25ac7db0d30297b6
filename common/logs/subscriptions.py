"""CloudWatch Logs subscription envelopes: the messages in them, one record each.

A subscription delivers objects with "logEvents", each of which holds one log line as "message"
(CloudWatch Logs User Guide, "Real-time processing of log data with subscriptions"). Firehose puts
them into a file one behind the other, with or without line ends between them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from common.logs.unread import Block, FramingError, Unread

# How the service begins an envelope, as far as it can tell one from other JSON.
HEAD = re.compile(rb'\{\s*"(?:messageType|owner)"\s*:.{0,8192}?"logEvents"\s*:\s*\[', re.DOTALL)
CONTROL = "CONTROL_MESSAGE"
_decode = json.JSONDecoder().raw_decode


def messages(unread: Unread) -> Iterator[Block]:
    """A block for each envelope with messages; messages that hold several lines stay one record.
    Raises FramingError for anything else, after the envelopes before it."""
    first = 1
    while start := unread.next_byte():
        if start != b"{":
            raise FramingError("text outside of a CloudWatch Logs envelope")
        found = [message.encode() for message in _messages(_envelope(unread))]
        if found:
            yield Block(first, found)
            first += len(found)


def _envelope(unread: Unread) -> Any:
    """The next object, taken off the stream."""
    while True:
        text = unread.data.decode("utf-8", "surrogateescape")
        try:
            envelope, end = _decode(text)
        except (json.JSONDecodeError, RecursionError) as error:
            if unread.grow():
                continue
            raise FramingError("a CloudWatch Logs envelope is malformed or cut short") from error
        unread.drop(len(text[:end].encode("utf-8", "surrogateescape")))
        return envelope


def _messages(envelope: Any) -> list[str]:
    if envelope.get("messageType") == CONTROL:
        return []
    events = envelope.get("logEvents")
    if not isinstance(events, list):
        raise FramingError('key "logEvents" not found')
    try:
        return [_text(event["message"]) for event in events]
    except (TypeError, KeyError, AttributeError):
        raise FramingError("a log event has no message") from None


def _text(message: str) -> str:
    """A message without what UTF-8 cannot say: half surrogates, and bytes that were none."""
    return message.encode("utf-8", "replace").decode("utf-8", "replace")
