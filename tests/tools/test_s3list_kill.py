"""s3list killed and interrupted: a second run goes on and the file is the same."""

import json
import random
import signal
import time

import pyarrow.parquet as pq
import pytest

from tests import support
from tests.tools.s3list_files import (
    fill,
    is_saved,
    keys,
    listings,
    read_csv,
    run_flags,
    slowly,
    wait_until,
)  # fmt: skip


@pytest.fixture(scope="module")
def filled(sandbox):
    return fill(sandbox)


@pytest.fixture
def flags(tmp_path, filled):
    return run_flags(tmp_path, filled)


def wait_until_listed_or_ended(sandbox, process, number):
    wait_until(lambda: listings(sandbox) > number or process.poll() is not None)


@pytest.mark.parametrize("out", ["o.csv", "o.jsonl.gz", "o.parquet"])
def test_killed_at_random_moments_the_file_is_that_of_an_uninterrupted_run(
    sandbox, filled, run_tool, start_tool, tmp_path, flags, out
):
    whole = run_tool("s3list", *flags, "-out", "whole." + out.partition(".")[2])
    expected = (tmp_path / ("whole." + out.partition(".")[2])).read_bytes()
    slowly(sandbox, filled)
    chance = random.Random(out)
    for _ in range(3):
        sandbox.reset_calls()
        process = start_tool("s3list", *flags, "-out", out)
        wait_until_listed_or_ended(sandbox, process, chance.randint(1, 9))
        time.sleep(chance.uniform(0, 1.3))
        process.kill()
        process.wait()
    sandbox.faults()
    result = run_tool("s3list", *flags, "-out", out)
    assert result.code == 0 and result.stdout == whole.stdout
    assert (tmp_path / out).read_bytes() == expected
    assert not (tmp_path / f"{out}.state").exists()
    assert not (tmp_path / f"{out}.parts").exists()
    if out == "o.csv":
        assert sorted(keys(read_csv(tmp_path / out))) == keys(read_csv(tmp_path / out))
        assert len(read_csv(tmp_path / out)) == 12_000
    if out == "o.parquet":
        assert pq.read_table(tmp_path / out).num_rows == 12_000


def test_killed_run_goes_on_behind_what_it_has(
    sandbox, filled, run_tool, start_tool, tmp_path, flags
):
    flags = (*flags, "-concurrency", "1", "-out", "o.csv")  # without splits: 12 pages
    slowly(sandbox, filled, 300)
    process = start_tool("s3list", *flags)
    wait_until(lambda: is_saved(tmp_path / "o.csv.state"))
    process.kill()
    process.wait()
    state = [json.loads(line) for line in (tmp_path / "o.csv.state").read_text().splitlines()]
    kept = sum(objects for part in state for _, objects, _ in part.get("counts", ()))
    sandbox.faults()
    sandbox.reset_calls()
    result = run_tool("s3list", *flags)
    assert result.code == 0 and sum(row["objects"] for row in result.records) == 12_000
    assert len(set(keys(read_csv(tmp_path / "o.csv")))) == 12_000
    assert kept > 0 and listings(sandbox) == 12 - kept // 1000


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signal_keeps_parts_and_state_and_says_how_to_go_on(
    sandbox, filled, run_tool, start_tool, tmp_path, flags, signum, code
):
    slowly(sandbox, filled)
    process = start_tool("s3list", *flags, "-out", "o.csv")
    wait_until(lambda: listings(sandbox) > 5)
    process.send_signal(signum)
    result = support.finish(process)
    assert result.code == code and result.stdout == ""
    assert "objects listed so far are kept in o.csv.parts and o.csv.state" in result.stderr
    assert "run the same command again to go on" in result.stderr
    assert not (tmp_path / "o.csv").exists() and (tmp_path / "o.csv.state").exists()
    # Every row that was written is recorded, so that nothing is listed twice.
    state = [json.loads(line) for line in (tmp_path / "o.csv.state").read_text().splitlines()]
    recorded = {row["part"]: row["bytes"] for row in state if row.get("bytes")}
    for number, size in recorded.items():
        assert (tmp_path / "o.csv.parts" / str(number)).stat().st_size == size
    sandbox.faults()
    result = run_tool("s3list", *flags, "-out", "o.csv")
    assert result.code == 0 and len(read_csv(tmp_path / "o.csv")) == 12_000


def test_signal_without_out_names_the_flag_to_go_on_with(
    sandbox, filled, run_tool, start_tool, tmp_path, flags
):
    slowly(sandbox, filled)
    process = start_tool("s3list", *flags)
    wait_until(lambda: listings(sandbox) > 5)
    process.send_signal(signal.SIGINT)
    result = support.finish(process)
    assert result.code == 130
    name = next(path.name for path in tmp_path.iterdir() if path.name.endswith(".state"))
    out = name.removesuffix(".state")
    assert f"run the same command again with -out {out} to go on" in result.stderr
    sandbox.faults()
    result = run_tool("s3list", *flags, "-out", out)
    assert result.code == 0 and len(read_csv(tmp_path / out)) == 12_000


def test_an_old_result_stays_until_the_new_one_is_complete(
    sandbox, filled, run_tool, start_tool, tmp_path, flags
):
    (tmp_path / "o.csv").write_text("yesterday's list")
    slowly(sandbox, filled)
    process = start_tool("s3list", *flags, "-out", "o.csv")
    wait_until(lambda: listings(sandbox) > 4)
    process.kill()
    process.wait()
    assert (tmp_path / "o.csv").read_text() == "yesterday's list"
    sandbox.faults()
    assert run_tool("s3list", *flags, "-out", "o.csv").code == 0
    assert len(read_csv(tmp_path / "o.csv")) == 12_000
