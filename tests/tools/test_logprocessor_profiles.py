"""Profiles of whole runs: where logprocessor's time and memory went."""

import os
from collections import Counter

import pytest

from tests.tools.logprocessor_files import app, process, schemas, text
from tests.tools.test_logprocessor_pprof import decoded

__all__ = ["process", "schemas"]  # fixtures

LINES = 80_000


@pytest.fixture
def profile(process, tmp_path):
    """The decoded CPU profile of a run, and the CPU seconds that the run took."""
    line = text(app("09:00:00", "x" * 60))
    (tmp_path / "a").write_text(line * LINES)

    def run(*flags):
        before = os.times()
        result = process("-out", "none", "-cpuprofile", "cpu.prof", *flags, "a")
        assert result.code == 0, result.stderr
        after = os.times()
        used = after.children_user + after.children_system
        used -= before.children_user + before.children_system
        return decoded((tmp_path / "cpu.prof").read_bytes()), used

    return run


def is_ours(frame):
    file = frame.file.replace("\\", "/")
    return "common/logs/" in file or "tools/logprocessor/" in file


def test_samples_add_up_to_the_cpu_time_and_lead_to_our_functions(profile):
    hz = 250
    found, used = profile("-profile-hz", str(hz))
    assert found["types"] == [("samples", "count"), ("cpu", "nanoseconds")]
    assert found["period"] == (("cpu", "nanoseconds"), 10**9 // hz)
    sampled = sum(sample.values[1] for sample in found["samples"]) / 1e9
    # The rest is the time before and after: starting Python, importing, ending.
    assert 0.4 * used < sampled < used
    leaves = Counter()
    for sample in found["samples"]:
        assert sample.values[1] == sample.values[0] * 10**9 // hz
        leaves[sample.stack[0]] += sample.values[0]
    ((hottest, _),) = leaves.most_common(1)
    assert is_ours(hottest) or hottest.file.startswith("<"), hottest
    reached = sum(s.values[0] for s in found["samples"] if any(map(is_ours, s.stack)))
    assert reached > 0.9 * sum(leaves.values())


def test_every_worker_profiles_itself(profile):
    found, used = profile("-workers", "2")
    by_worker = Counter()
    for sample in found["samples"]:
        by_worker[dict(sample.labels).get("worker")] += sample.values[1]
    assert set(by_worker) == {None, "1", "2"}
    assert 0.4 * used < sum(by_worker.values()) / 1e9 < used
    assert by_worker["1"] + by_worker["2"] > by_worker[None]


def test_memory_that_is_held_at_the_end_is_found(process, tmp_path):
    result = process("-memprofile", "mem.prof", "-", stdin=text(app("09:00:00")))
    assert result.code == 0
    assert "-memprofile: runs take about 30 times as long" in result.stderr
    found = decoded((tmp_path / "mem.prof").read_bytes())
    assert found["types"] == [("inuse_objects", "count"), ("inuse_space", "bytes")]
    assert any(is_ours(frame) for sample in found["samples"] for frame in sample.stack)
    assert 10_000 < sum(sample.values[1] for sample in found["samples"]) < 100_000_000
