"""What is written around an event: the p_ members, in the order that the event format gives."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from common.logs.codec import Event
from common.logs.instants import lake_time, rfc3339_utc
from common.logs.memo import Memo

KNOWN_TIMES = 4096
_encode = msgspec.json.Encoder().encode


class Envelope:
    """Writes events as lines of event JSON or, with `is_lake`, of data-lake JSON."""

    def __init__(
        self, is_lake: bool, row_id: Callable[[], str], source_id: str = "", source_label: str = ""
    ) -> None:
        self._row_id = row_id
        source = b""
        for name, value in (("p_source_id", source_id), ("p_source_label", source_label)):
            if value:
                source += b',"%b":%b' % (name.encode(), _encode(value))
        self._source = source
        text_of = lake_time if is_lake else rfc3339_utc
        self._times: Memo[int, bytes] = Memo(lambda ns: text_of(ns).encode(), KNOWN_TIMES)
        self._heads = Memo(_head)

    def line(self, event: Event, parsed_ns: int) -> bytes:
        """The event as one JSON object without a line end; `parsed_ns` is when it was parsed."""
        log_type, body, time_ns, indicators = event
        parsed = self._times[parsed_ns]
        happened = parsed if time_ns is None else self._times[time_ns]
        separator = b"," if len(body) > 2 else b""
        return b'%b%b%b%b","p_event_time":"%b","p_parse_time":"%b"%b%b}' % (
            body[:-1],
            separator,
            self._heads[log_type],
            self._row_id().encode(),
            happened,
            parsed,
            self._source,
            indicators,
        )


def _head(log_type: str) -> bytes:
    return b'"p_log_type":%b,"p_row_id":"' % _encode(log_type)
