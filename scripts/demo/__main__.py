"""Runs the tour: `python -m scripts.demo`. Exit code 1 as soon as one check fails."""

from __future__ import annotations

import csv
import json
import sys
import tempfile
import time
from pathlib import Path

from scripts.demo.raw_logs import process_logs
from scripts.demo.stage import Failed, Stage
from scripts.sandbox import process
from scripts.sandbox import seed_names as names

CLOUDTRAIL = f"s3://{names.CLOUDTRAIL_BUCKET}/AWSLogs/"


def take_stock(stage: Stage) -> None:
    """sources and s3list: what feeds this deployment, and what is there."""
    stage.scene("What feeds this Panther, and can it be read?")
    stage.tool("sources")
    checked = json.loads("[" + ",".join(
        stage.tool("sources", "-validate", "-output", "json").splitlines()) + "]")  # fmt: skip
    bad = [row["label"] for row in checked if row["result"] == "failed"]
    stage.check("every source can be read", bad, [])

    stage.scene("Every object of every source, in one file")
    stage.tool("s3list", "-out", "objects.csv")
    with (stage.folder / "objects.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    listed = {row["key"] for row in rows if row["bucket"] == names.CLOUDTRAIL_BUCKET}
    expected = set(stage.keys(names.CLOUDTRAIL_BUCKET, "AWSLogs/"))
    stage.check("the list holds every CloudTrail file", listed >= expected, True)
    stage.check(
        "no object is listed twice", len({(r["bucket"], r["key"]) for r in rows}), len(rows)
    )


def replay(stage: Stage) -> None:
    """s3queue: a day of raw logs goes to the log processor again, over a bad network."""
    stage.scene("Replay raw logs into the log processor")
    stage.tool("s3queue", "-s3path", CLOUDTRAIL, "-dry-run")
    before = len(stage.messages(names.INPUT_QUEUE))
    stage.tool("s3queue", "-s3path", CLOUDTRAIL)
    files = len(stage.keys(names.CLOUDTRAIL_BUCKET, "AWSLogs/"))
    sent = len(stage.messages(names.INPUT_QUEUE)) - before
    stage.check(f"one notification for each of the {files} files", sent, files)

    stage.scene("The same while every third request fails and entries are refused")
    stage.faults(
        {"service": "sqs", "operation": "SendMessageBatch", "kind": "fail_entries", "percent": 30},
        {"service": "s3", "operation": "ListObjectsV2", "kind": "throttle", "every": 3},
        {"service": "sqs", "operation": "SendMessageBatch", "kind": "drop", "every": 3},
    )
    before = len(stage.messages(names.INPUT_QUEUE))
    stage.tool("s3queue", "-from-file", "objects.csv", "-include", "AWSLogs/*")
    stage.faults()
    with (stage.folder / "objects.csv").open(encoding="utf-8", newline="") as file:
        wanted = [
            r for r in csv.DictReader(file) if r["key"].startswith("AWSLogs/") and int(r["size"])
        ]
    sent = len(stage.messages(names.INPUT_QUEUE)) - before
    stage.check("nothing was lost on the way", sent, len(wanted))


def drain(stage: Stage) -> None:
    """requeue: the dead letters of the log processor go back to its queue."""
    stage.scene("Drain a dead-letter queue")
    dead = f"{names.INPUT_QUEUE}-dlq"
    letters = [message["body"] for message in stage.messages(dead)]
    before = len(stage.messages(names.INPUT_QUEUE))
    stage.tool("requeue", "-to.q", names.INPUT_QUEUE, "-dry-run")
    stage.check("a dry run moves nothing", len(stage.messages(dead)), len(letters))
    # What arrived within this second looks as if it came back during the run.
    time.sleep(1.1)
    stage.tool("requeue", "-to.q", names.INPUT_QUEUE)
    stage.check("the dead-letter queue is empty", stage.messages(dead), [])
    after = [message["body"] for message in stage.messages(names.INPUT_QUEUE)]
    stage.check(f"its {len(letters)} messages are back", len(after) - before, len(letters))
    stage.check("with the same bodies", set(letters) <= set(after), True)


def undelete(stage: Stage) -> None:
    """s3undelete: what somebody deleted comes back."""
    stage.scene("Bring deleted data back")
    bucket = names.PROCESSED_BUCKET
    before = set(stage.keys(bucket))
    place = ("s3undelete", "-s3path", f"s3://{bucket}/logs/")
    stage.tool(*place, "-dry-run")
    stage.check("a dry run restores nothing", set(stage.keys(bucket)), before)
    stage.tool(*place, "-yes")
    restored = sorted(set(stage.keys(bucket)) - before)
    stage.check("deleted objects are back", bool(restored), True)
    for key in restored:
        stage.client("s3").get_object(Bucket=bucket, Key=key)
    stage.check(f"all {len(restored)} of them can be read", True, True)
    stage.tool(*place, "-yes")
    stage.check("a second run changes nothing", sorted(set(stage.keys(bucket)) - before), restored)


def announce(stage: Stage) -> None:
    """s3sns: processed data is announced again, to whom it concerns."""
    stage.scene("Announce processed data again: to Snowflake only, then to everybody")
    path = ("s3sns", "-s3path", f"s3://{names.PROCESSED_BUCKET}/")
    queues = ("panther-rules-engine-queue", "panther-datacatalog-updater-queue")
    before = [len(stage.messages(queue)) for queue in queues]
    stage.tool(*path)
    found = [len(stage.messages(queue)) for queue in queues]
    stage.check("without attributes the rules engine and the catalog hear nothing", found, before)
    stage.tool(*path, "-attributes", "-yes")
    logs = len(stage.keys(names.PROCESSED_BUCKET, "logs/"))
    logs += len(stage.keys(names.PROCESSED_BUCKET, "cloud_security/"))
    rules, catalog = (len(stage.messages(q)) - n for q, n in zip(queues, before, strict=True))
    stage.check("with attributes the rules engine hears of each log file", rules, logs)
    everything = len(stage.keys(names.PROCESSED_BUCKET))
    stage.check("and the catalog of each file", catalog, everything)


def main() -> int:
    """Run every scene; the exit code."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="panther-demo-") as name:
        folder = Path(name)
        with process.running(folder) as env:
            stage = Stage(env, folder)
            try:
                for scene in (take_stock, replay, drain, process_logs, undelete, announce):
                    scene(stage)
            except Failed as error:
                sys.stdout.write(f"\nFAILED: {error}\n")
                return 1
    seconds = time.monotonic() - started
    sys.stdout.write(
        f"\nAll {stage.checks} checks hold ({seconds:.0f} s). Try a tool yourself: make sandbox\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
