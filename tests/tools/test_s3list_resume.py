"""s3list going on with a state: what it needs to trust it, limits, full disks."""

import json
import resource
import signal
import subprocess

import pytest

from tests import support
from tests.tools.s3list_files import (
    fill,
    keys,
    listings,
    read_csv,
    run_flags,
    slowly,
    source,
    sources_file,
    wait_until,
)  # fmt: skip


@pytest.fixture(scope="module")
def filled(sandbox):
    return fill(sandbox)


@pytest.fixture
def flags(tmp_path, filled):
    return run_flags(tmp_path, filled)


@pytest.fixture
def interrupted(sandbox, filled, start_tool, tmp_path, flags):
    """A run that was stopped with something listed."""
    slowly(sandbox, filled)
    process = start_tool("s3list", *flags, "-out", "o.csv")
    wait_until(lambda: listings(sandbox) > 4)
    process.send_signal(signal.SIGINT)
    assert support.finish(process).code == 130
    sandbox.faults()
    return tmp_path / "o.csv.state"


def test_other_arguments_need_restart(interrupted, run_tool, tmp_path, flags):
    before = interrupted.read_bytes()
    result = run_tool("s3list", *flags, "-out", "o.csv", "-skip-empty", "-start", "2020-01-01")
    assert result.code == 2
    assert "o.csv.state belongs to a run with other arguments: -skip-empty, -start" in result.stderr
    assert interrupted.read_bytes() == before
    result = run_tool("s3list", *flags, "-out", "o.csv", "-skip-empty", "-restart")
    assert result.code == 0 and len(read_csv(tmp_path / "o.csv")) == 12_000


def test_concurrency_may_change_between_runs(interrupted, run_tool, tmp_path, flags):
    result = run_tool("s3list", *flags, "-out", "o.csv", "-concurrency", "1")
    assert result.code == 0 and len(read_csv(tmp_path / "o.csv")) == 12_000


def test_damaged_state_is_refused(interrupted, run_tool, flags):
    lines = interrupted.read_text().splitlines(keepends=True)
    for damaged in ("".join(lines[:-1]), "".join(lines)[:40], "not json\n", ""):
        interrupted.write_text(damaged)
        result = run_tool("s3list", *flags, "-out", "o.csv")
        assert result.code == 2 and "is damaged or no checkpoint" in result.stderr
    middle = json.loads(lines[2]) | {"bytes": "many"}
    interrupted.write_text("".join([*lines[:2], json.dumps(middle) + "\n", *lines[3:]]))
    result = run_tool("s3list", *flags, "-out", "o.csv")
    assert result.code == 2 and "is damaged" in result.stderr and "-restart" in result.stderr


def test_lost_part_file_is_noticed(interrupted, run_tool, tmp_path, flags):
    path = next(path for path in (tmp_path / "o.csv.parts").iterdir() if path.stat().st_size)
    path.write_bytes(path.read_bytes()[:-1])
    result = run_tool("s3list", *flags, "-out", "o.csv")
    assert result.code == 2 and f"{path.name} is shorter than o.csv.state says" in result.stderr
    assert run_tool("s3list", *flags, "-out", "o.csv", "-restart").code == 0


def test_rows_behind_the_recorded_ones_are_cut_off(interrupted, run_tool, tmp_path, flags):
    for path in (tmp_path / "o.csv.parts").iterdir():
        with path.open("ab") as file:
            file.write(b"half a ro")
    (tmp_path / "o.csv.parts" / "4711").write_text("of a range that the state does not know\n")
    result = run_tool("s3list", *flags, "-out", "o.csv")
    assert result.code == 0 and len(read_csv(tmp_path / "o.csv")) == 12_000


def test_changed_sources_need_restart(interrupted, filled, run_tool, tmp_path, flags):
    sources_file(tmp_path, source(filled, "a/"), source(filled, "b/"))
    result = run_tool("s3list", *flags, "-out", "o.csv")
    assert result.code == 2 and "the log sources have changed since o.csv.state" in result.stderr
    assert run_tool("s3list", *flags, "-out", "o.csv", "-restart").code == 0


def test_checkpoint_may_lie_elsewhere(sandbox, filled, run_tool, start_tool, tmp_path, flags):
    (tmp_path / "elsewhere").mkdir()
    more = ("-out", "o.csv", "-checkpoint", "elsewhere/state")
    slowly(sandbox, filled)
    process = start_tool("s3list", *flags, *more)
    wait_until(lambda: listings(sandbox) > 4)
    process.send_signal(signal.SIGINT)
    assert support.finish(process).code == 130 and (tmp_path / "elsewhere" / "state").exists()
    sandbox.faults()
    assert run_tool("s3list", *flags, *more).code == 0
    assert not list((tmp_path / "elsewhere").iterdir())
    assert len(read_csv(tmp_path / "o.csv")) == 12_000


def test_limit_stays_exact_over_an_interruption(
    sandbox, filled, run_tool, start_tool, tmp_path, flags
):
    slowly(sandbox, filled)
    more = ("-out", "o.csv", "-limit", "4321")
    process = start_tool("s3list", *flags, *more)
    wait_until(lambda: listings(sandbox) > 2)
    process.send_signal(signal.SIGINT)
    assert support.finish(process).code == 130
    sandbox.faults()
    result = run_tool("s3list", *flags, *more)
    found = keys(read_csv(tmp_path / "o.csv"))
    assert result.code == 0 and len(found) == 4_321 and found == sorted(found)
    assert sum(row["objects"] for row in result.records) == 4_321


def limited_file_size(size):
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@pytest.mark.parametrize(("size", "where"), [(300_000, "o.csv.parts"), (1_200_000, "o.csv.tmp")])
def test_file_that_cannot_grow_is_an_error_and_the_run_goes_on_later(
    sandbox, filled, run_tool, tools, tmp_path, flags, size, where
):
    done = subprocess.run(
        [*tools.command("s3list"), *flags, "-out", "o.csv"],
        cwd=tmp_path, env=tools.env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        preexec_fn=limited_file_size(size), timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1 and done.stdout == "" and "Traceback" not in done.stderr
    assert where in done.stderr and "File too large" in done.stderr
    assert "run the same command again to go on" in done.stderr
    assert not (tmp_path / "o.csv").exists() and not (tmp_path / "o.csv.tmp").exists()
    sandbox.reset_calls()
    result = run_tool("s3list", *flags, "-out", "o.csv")
    assert result.code == 0 and len(read_csv(tmp_path / "o.csv")) == 12_000
    if where == "o.csv.tmp":
        assert listings(sandbox) == 0  # all was listed, the parts only had to be joined
