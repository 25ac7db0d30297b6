"""CloudWatch Logs subscriptions: the messages in their envelopes are the records."""

import gzip
import io
import json

import pytest

from common.logs.framing import FramingError, framing
from common.logs.unpack import unpack


def envelope(*messages, kind="DATA_MESSAGE", **more):
    events = [
        {"id": f"{number:056}", "timestamp": 1647248813000 + number, "message": message}
        for number, message in enumerate(messages)
    ]
    return json.dumps(
        {
            "messageType": kind,
            "owner": "123456789012",
            "logGroup": "/aws/vpc",
            "logStream": "eni-1",
            "subscriptionFilters": ["all"],
            "logEvents": events,
            **more,
        }
    ).encode()


def records(data, wanted="auto", size=1 << 18):
    kind, blocks = framing("file", unpack(io.BytesIO(data)), wanted, block_bytes=size)
    found = [(block.first, block.records) for block in blocks]
    return kind, [one for _, some in found for one in some], [first for first, _ in found]


@pytest.mark.parametrize("between", [b"", b"\n", b"\n\n "])
@pytest.mark.parametrize("size", [7, 100, 1 << 18])
def test_messages_of_envelopes_in_a_row_are_records(between, size):
    data = between.join([envelope("one", "two"), envelope('{"a": "\u00e9"}', "four")])
    assert records(data, size=size) == (
        "cloudwatch", [b"one", b"two", '{"a": "\u00e9"}'.encode(), b"four"], [1, 3],
    )  # fmt: skip


def test_packed_envelopes_joined_by_firehose_are_read():
    data = gzip.compress(envelope("one")) + gzip.compress(envelope("two"))
    assert records(data)[1] == [b"one", b"two"]


def test_control_messages_hold_no_records():
    data = envelope("CWL CONTROL MESSAGE: Checking health", kind="CONTROL_MESSAGE")
    assert records(data + envelope("one"))[1:] == ([b"one"], [1])


def test_line_that_only_begins_like_an_envelope_is_a_line():
    assert records(b'{"owner": "ann", "action": "login"}\n')[0] == "lines"
    assert records(b'{"messageType": "x"}\n{"messageType": "y"}\n')[1] == [
        b'{"messageType": "x"}', b'{"messageType": "y"}',
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("behind", "reason"),
    [
        (b'{"messageType": "DATA_MESSAGE", "logEvents": [', "malformed or cut short"),
        (b'{"messageType": "DATA_MESSAGE"}', '"logEvents" not found'),
        (b'{"messageType": "DATA_MESSAGE", "logEvents": [{"id": "1"}]}', "has no message"),
        (b"plain text", "text outside"),
        (b'{"a":' + b"[" * 100_000, "malformed or cut short"),
    ],
)
def test_what_is_no_envelope_ends_the_stream_after_those_before_it(behind, reason):
    _, blocks = framing("file", io.BytesIO(envelope("one") + behind), "cloudwatch")
    assert next(blocks).records == [b"one"]
    with pytest.raises(FramingError, match=reason):
        next(blocks)


def test_half_a_surrogate_pair_becomes_a_replacement_character():
    data = envelope("x").replace(b'"x"', b'"a\\ud800b"')
    assert records(data)[1] == [b"a?b"]
