"""Real samples, which lie beside the repository on some machines: skip politely elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[3].parent / "shared" / "data" / "logs" / "samples"


def types() -> list[str]:
    """The names of the sampled log types; one that stands for all where there are none."""
    if not FOLDER.is_dir():
        return ["(absent)"]
    return sorted(folder.name for folder in FOLDER.iterdir())


def folder_of(name: str) -> Path:
    if not (FOLDER / name).is_dir():
        pytest.skip("the samples are not on this machine")
    return FOLDER / name


def now_ns(folder: Path) -> int:
    """The time that the samples of a folder are parsed at, nanoseconds since 1970."""
    from common.logs.instants import time_format

    file = folder / "now.txt"
    text = file.read_text().strip() if file.exists() else "2022-06-15T12:00:00Z"
    return time_format("rfc3339").read(text).ns


def lines(folder: Path) -> list[bytes]:
    (file,) = folder.glob("input.*")
    return file.read_bytes().splitlines()


def expectations(folder: Path, name: str) -> dict[int, Any]:
    """By line number: the expected events, None for a line that must fail."""
    found = {}
    for text in (folder / name).read_text().splitlines():
        one = json.loads(text)
        found[one["line"]] = None if one.get("error") else one["events"]
    return found


def normal(event: dict[str, Any], parsed: str) -> dict[str, Any]:
    """Without what differs from run to run; p_any lists sorted."""
    event = dict(event)
    assert event.pop("p_row_id", "x")
    event.pop("p_parse_time", None)
    if event["p_event_time"] == parsed:
        event["p_event_time"] = "<parse time>"
    for name, value in event.items():
        if name.startswith("p_any"):
            event[name] = sorted(value)
    return event
