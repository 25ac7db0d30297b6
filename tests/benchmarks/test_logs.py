"""The log benchmarks measure real work: every line of each kind is an event of its type."""

from __future__ import annotations

import json
import random

import pytest

from benchmarks import loglines, logs, measure, run
from common.logs.load import load
from common.logs.logtype import log_type
from common.logs.registry import schema

COUNT = 50


@pytest.mark.parametrize("name", loglines.LINES)
def test_every_line_of_a_kind_is_an_event_of_its_type(name: str) -> None:
    choice = random.Random(loglines.SEED)
    own = load(loglines.custom_schema()).schema
    of_type = own if name == loglines.CUSTOM_TYPE else schema(name)
    assert of_type is not None
    parse = log_type(of_type, True, lambda: 0, lambda _: None).new()
    lines = [loglines.LINES[name](choice, number) for number in range(COUNT)]
    events = [event for line in lines for event in parse(line.encode())]
    assert len(events) == COUNT - (name == "AWS.VPCFlow")
    assert all(event.log_type == name and event.time_ns for event in events)


def test_a_small_run_tells_what_a_line_costs_beside_go(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = run.main(["logs-custom", "-scale", "0.005", "-repeat", "1", "-output", "json"])
    (found,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert code == 0
    assert (found["kind"], found["lines"]) == ("logresult", 1000)
    assert found["of_go"] == pytest.approx(found["cpu_us"] / found["go_here_us"], abs=0.01)


def test_a_run_that_loses_lines_fails(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setitem(loglines.LINES, "Apache.AccessCommon", lambda _choice, _number: "no log")
    (claim,) = [one for one in logs.CLAIMS if one.name == "logs-apache"]
    with pytest.raises(measure.Failed):
        logs.run(claim, 0.001, 1, tmp_path / "out")
