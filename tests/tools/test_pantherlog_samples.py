"""The real samples of each log type through pantherlog's command line."""

import json
import subprocess
import sys

import pytest

from tests.common.logs import samples
from tests.support import ROOT, tool_env

KINDS = {"expected.jsonl": (), "datalake.jsonl": ("-datalake",)}
# One process for all: 62 would take most of a minute.
EACH_COMMAND_LINE = """\
import json, sys
from tools.pantherlog.main import main
print(json.dumps([main(line) for line in json.load(sys.stdin)]))
"""


def command_line(folder, flags, out):
    now = folder / "now.txt"
    schema = folder / "schema.yml"
    [log] = folder.glob("input.*")
    return [
        "parse", *flags, "-output", "json", "-o", str(out),
        "-now", now.read_text().strip() if now.exists() else "2022-06-15T12:00:00Z",
        *(("-path", str(schema)) if schema.exists() else ("-schemas", folder.name)),
        str(log),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    """A folder with the output of each type in both encodings."""
    names = [name for name in samples.types() if name != "(absent)"]
    out = tmp_path_factory.mktemp("outputs")
    command_lines = [
        command_line(samples.folder_of(name), flags, out / f"{name}.{kind}")
        for name in names
        for kind, flags in KINDS.items()
    ]
    done = subprocess.run(
        [sys.executable, "-c", EACH_COMMAND_LINE], input=json.dumps(command_lines), text=True,
        capture_output=True, cwd=ROOT, env=tool_env({}, out), timeout=60, check=True,
    )  # fmt: skip
    assert set(json.loads(done.stdout)) <= {0, 1, 3} and "Traceback" not in done.stderr
    return out


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", samples.types())
def test_every_line_of_the_samples_gives_its_events_or_fails(name, kind, outputs):
    folder = samples.folder_of(name)
    found = {}
    for text in (outputs / f"{name}.{kind}").read_text().splitlines():
        one = json.loads(text)
        found[one["line"]] = one.get("events")
    blank = {number for number, line in enumerate(samples.lines(folder), 1) if not line.strip()}
    expected = samples.expectations(folder, kind)
    assert list(found) == sorted(expected.keys() - blank)
    for number, events in expected.items():
        if number in blank:
            assert events == []
            continue
        if events is None:
            assert found[number] is None, number
            continue
        parse_times = [event["p_parse_time"] for event in found[number]]
        got = [samples.normal(*pair) for pair in zip(found[number], parse_times, strict=True)]
        assert got == [samples.normal(event, "") for event in events], number
