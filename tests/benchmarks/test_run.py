"""A benchmark counts only work that was done, and says what the figures mean."""

import json
from pathlib import Path

import pytest

from benchmarks import claims, measure, results, run
from benchmarks.measure import Cost, Failed, Responder


def test_a_command_that_fails_is_reported_with_what_it_said(tmp_path: Path) -> None:
    with pytest.raises(Failed, match=r"exit 4: first \| last"):
        code = "import sys; print('first', file=sys.stderr); print('last', file=sys.stderr)"
        measure.run(["-c", f"{code}; sys.exit(4)"], {}, tmp_path / "out")


def test_cpu_and_memory_of_a_command_are_its_own(tmp_path: Path) -> None:
    idle = measure.run(["-c", "pass"], {}, tmp_path / "out")
    code = "data = bytearray(100_000_000); data[::4096] = b'x' * len(data[::4096])"
    busy = measure.run(["-c", f"{code}; sum(range(20_000_000))"], {}, tmp_path / "out")

    assert busy.cpu_seconds > idle.cpu_seconds
    assert busy.peak_bytes > idle.peak_bytes + 80_000_000


@pytest.mark.parametrize(
    ("work", "wrong"),
    [
        (claims.TO_QUEUE, "nothing arrived"),
        (claims.TO_TOPIC, "nothing arrived"),
        (claims.LISTING, "0 of 20 keys were written"),
        (claims.MOVING, "0 of 20 messages were deleted"),
        (claims.VERSIONS, "0 of 30 entries were listed"),
    ],
)
def test_a_tool_that_does_nothing_fails_the_benchmark(
    url: str, tmp_path: Path, work: claims.Work, wrong: str
) -> None:
    with pytest.raises(Failed, match=wrong):
        run.once(Responder(url), work, lambda _items: ["-c", "pass"], 20, tmp_path / "out")


def test_a_tool_that_sends_only_a_part_fails_the_benchmark(url: str, tmp_path: Path) -> None:
    part = f"s3://{claims.bucket(19)}"
    command = ["-m", "benchmarks.peers", "queue", "-s3path", part, "-queue", "bench"]

    with pytest.raises(Failed, match=r"\(19, 19, 18\), expected \(20, 20, 19\)"):
        run.once(Responder(url), claims.TO_QUEUE, lambda _items: command, 20, tmp_path / "out")


def test_a_tool_that_sends_twice_fails_the_benchmark() -> None:
    figures = {"distinct": 5, "distinct_indexes": 5, "highest_index": 4, "arrivals": 6}

    wrong = claims.TO_QUEUE.check({"queues": {"bench": figures}}, 5, Path())

    assert wrong == "6 messages arrived for 5 objects"


def test_ratios_compare_what_one_item_costs() -> None:
    found = results.result(
        "name", "what", (7, 0),
        tool=(100, [Cost(2, 1, 10_000_000), Cost(9, 9, 90_000_000), Cost(4, 2, 20_000_000)]),
        peer=(10, [Cost(4, 4, 50_000_000)]),
        responder=(1000, 0.5),
    )  # fmt: skip

    # Medians: the tool takes 20,000 us CPU and 40 ms per item, the peer 400,000 us and 400 ms.
    assert found.tool_cpu_us == pytest.approx(20_000)
    assert found.peer_cpu_us == pytest.approx(400_000)
    assert (found.cpu_ratio, found.wall_ratio) == (pytest.approx(20), pytest.approx(10))
    assert found.tool_peak_mb == 20
    assert found.is_reached


def test_a_missed_goal_is_shown_only_for_work_of_full_size() -> None:
    found = results.Memory("s3list-memory", (10, 20), (50.0, 60.0), 0.2, 0.1)

    assert "MISSED" in results.as_text([found], judged=True)
    assert "MISSED" not in results.as_text([found], judged=False)
    assert results.as_record(found)["reached"] is False


def test_a_small_run_of_one_claim_prints_json(capsys: pytest.CaptureFixture[str]) -> None:
    code = run.main(["s3queue", "s3queue-memory", "-scale", "0.001", "-repeat", "1",
                     "-output", "json"])  # fmt: skip

    speed, memory = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert code == 0
    assert (speed["kind"], speed["name"], speed["items"]) == ("result", "s3queue", 200)
    assert speed["responder_per_second"] > 0
    assert (memory["kind"], memory["sizes"]) == ("memory", [1000, 1000])


def test_an_unknown_claim_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run.main(["s3quene"])

    assert ended.value.code == 2
    assert "there is no claim s3quene" in capsys.readouterr().err
