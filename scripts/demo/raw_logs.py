"""The tour's scenes about raw logs: made, understood, and turned into partitions of events."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator

from scripts.demo.stage import Stage
from scripts.sandbox import seed_names as names

HOURS = ("09", "10")
FILES, ROWS = 2, 50
TYPES = {"AWS.CloudTrail": "aws_cloudtrail", "GitLab.API": "gitlab_api", "AWS.ALB": "aws_alb"}
PREFIX = "demo"


def process_logs(stage: Stage) -> None:
    """filegen, pantherlog, logprocessor: raw logs become partitions of events."""
    stage.scene("Make raw logs, of three kinds and two hours")
    bucket = names.INPUT_BUCKET
    stage.tool(
        "filegen", "-logtype", ",".join(TYPES), "-bucket", bucket, "-prefix", PREFIX,
        "-start", "2022-03-14T09", "-end", "2022-03-14T10", "-numfiles", str(FILES),
        "-file.numrows", str(ROWS), "-seed", "1",
    )  # fmt: skip
    keys = stage.keys(bucket, f"{PREFIX}/")
    stage.check("each hour has its files", len(keys), len(TYPES) * len(HOURS) * FILES)

    stage.scene("What does Panther make of one of them?")
    sample = next(key for key in keys if "GitLab.API" in key)
    stage.client("s3").download_file(bucket, sample, str(stage.folder / "sample.log.gz"))
    events = stage.tool("pantherlog", "parse", "-schemas", "GitLab.API", "sample.log.gz")
    stage.check("every line is an event", len(events.splitlines()), ROWS)

    stage.scene("Turn all of them into partitions of events, and announce these")
    catalog = "panther-datacatalog-updater-queue"
    before, heard = set(stage.keys(names.PROCESSED_BUCKET)), len(stage.messages(catalog))
    topic = f"arn:aws:sns:{names.REGION}:{names.PANTHER_ACCOUNT}:{names.PROCESSED_TOPIC}"
    stage.tool(
        "logprocessor", "-bucket", names.PROCESSED_BUCKET, "-topic", topic,
        *(f"s3://{bucket}/{key}" for key in keys),
    )  # fmt: skip
    written = sorted(set(stage.keys(names.PROCESSED_BUCKET)) - before)
    for table in TYPES.values():
        for hour in HOURS:
            partition = f"logs/{table}/year=2022/month=03/day=14/hour={hour}/"
            mine = [key for key in written if key.startswith(partition)]
            found = [event["p_event_time"][:13] for key in mine for event in _events(stage, key)]
            stage.check(
                f"{partition} holds its hour's events", found, [f"2022-03-14 {hour}"] * FILES * ROWS
            )
    heard = len(stage.messages(catalog)) - heard
    stage.check("the catalog hears of each new object", heard, len(written))


def _events(stage: Stage, key: str) -> Iterator[dict[str, str]]:
    body = stage.client("s3").get_object(Bucket=names.PROCESSED_BUCKET, Key=key)["Body"].read()
    return map(json.loads, gzip.decompress(body).splitlines())
