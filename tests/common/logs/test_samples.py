"""Every sample gives the events that are expected of it."""

from __future__ import annotations

import json

import pytest

from common.logs.envelope import Envelope
from common.logs.instants import lake_time, rfc3339_utc
from common.logs.load import load
from common.logs.logtype import log_type
from common.logs.registry import schema
from tests.common.logs import samples

PARSED_NS = 1_700_000_000_123_456_789


@pytest.mark.parametrize("encoding", ["expected", "datalake"])
@pytest.mark.parametrize("name", samples.types())
def test_a_sample_gives_its_expected_events(name, encoding):
    folder = samples.folder_of(name)
    file = folder / "schema.yml"
    of_type = load(file.read_text(), str(file)).schema if file.exists() else schema(name)
    now = samples.now_ns(folder)
    is_lake = encoding == "datalake"
    parse = log_type(of_type, is_lake, lambda: now, lambda _: None).new()
    envelope = Envelope(is_lake, lambda: "id")
    parsed = (lake_time if is_lake else rfc3339_utc)(PARSED_NS)
    wanted = samples.expectations(folder, f"{encoding}.jsonl")
    got = {}
    for number, line in enumerate(samples.lines(folder), 1):
        line = line.strip()
        if not line:
            got[number] = []
            continue
        try:
            events = parse(line)
        except ValueError:
            got[number] = None
            continue
        got[number] = [
            samples.normal(json.loads(envelope.line(event, PARSED_NS)), parsed) for event in events
        ]
    wanted = {
        number: events and [samples.normal(event, parsed) for event in events]
        for number, events in wanted.items()
    }
    for number in wanted:
        assert (number, got.get(number)) == (number, wanted[number])
    assert all(number in wanted or not events for number, events in got.items())
