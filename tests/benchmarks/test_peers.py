"""The boto3 loops do all of the work that a tool does: nobody beats a peer that cuts corners."""

import csv
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks import claims, measure, synthetic
from benchmarks.measure import Responder
from tests.benchmarks.asking import control

ITEMS = 103


def run_peer(url: str, arguments: Sequence[str], out: Path) -> None:
    measure.run(["-m", "benchmarks.peers", *arguments], Responder(url).environment(), out)


@pytest.mark.parametrize("concurrency", ["1", "7"])
def test_every_object_is_sent_to_the_queue(url: str, tmp_path: Path, concurrency: str) -> None:
    path = f"s3://{claims.bucket(ITEMS)}"

    arguments = ["queue", "-s3path", path, "-queue", "bench", "-concurrency", concurrency]
    run_peer(url, arguments, tmp_path / "out")

    assert claims.TO_QUEUE.check(control(url, "stats"), ITEMS, tmp_path / "out") == ""


def test_every_object_is_published(url: str, tmp_path: Path) -> None:
    path = f"s3://{claims.bucket(ITEMS)}"

    arguments = ["publish", "-s3path", path, "-topic", "bench-topic", "-concurrency", "7"]
    run_peer(url, arguments, tmp_path / "out")

    assert claims.TO_TOPIC.check(control(url, "stats"), ITEMS, tmp_path / "out") == ""


def test_every_object_is_listed_with_its_fields(url: str, tmp_path: Path) -> None:
    run_peer(url, ["list", "-s3path", f"s3://{claims.bucket(2003)}"], tmp_path / "out")

    with (tmp_path / "out").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    keys = list(synthetic.Keys(synthetic.parse_bucket(claims.bucket(2003)) or pytest.fail()))
    assert [row["key"] for row in rows] == keys
    assert [row["size"] for row in rows] == [str(synthetic.size_of(n)) for n in range(2003)]
    assert [row["etag"] for row in rows] == [synthetic.etag_of(n) for n in range(2003)]


def test_every_message_is_moved_with_its_attributes(url: str, tmp_path: Path) -> None:
    control(url, f"fill?queue=bench-dlq&messages={ITEMS}")

    arguments = ["requeue", "-from", "bench-dlq", "-to", "bench", "-concurrency", "3"]
    run_peer(url, arguments, tmp_path / "out")

    assert claims.MOVING.check(control(url, "stats"), ITEMS, tmp_path / "out") == ""
