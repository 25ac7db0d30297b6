"""What tests of s3list share: log sources of their own, and reading what it wrote."""

import csv
import io
import json
import re
import time
import uuid

COLUMNS = (
    "bucket,key,size,last_modified,etag,storage_class,source_id,source_label,source_type,"
    "log_types,prefix,account_id,region"
).split(",")


def source(bucket, *prefixes, **more):
    """An aws-s3 source with log types L0, L1... for its prefixes; label and role are unique."""
    name = uuid.uuid4().hex[:8]
    return {
        "integrationId": str(uuid.uuid4()),
        "integrationLabel": f"Source {name}",
        "integrationType": "aws-s3",
        "createdAtTime": "2021-01-01T00:00:00Z",
        "awsAccountId": "123456789012",
        "s3Bucket": bucket,
        "s3PrefixLogTypes": [
            {"prefix": prefix, "logTypes": [f"L{place}", "Z"]}
            for place, prefix in enumerate(prefixes)
        ],
        "logProcessingRole": f"arn:aws:iam::123456789012:role/PantherLogProcessingRole-{name}",
        **more,
    }


def role_name(item):
    return item["logProcessingRole"].rpartition("/")[2]


def sources_file(folder, *items):
    path = folder / "sources.json"
    path.write_text(json.dumps(items))
    return str(path)


def csv_rows(text):
    """The rows as dicts; the header is as documented."""
    header, *rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert header == COLUMNS
    assert all(len(row) == len(COLUMNS) for row in rows)
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def read_csv(path):
    return csv_rows(path.read_bytes().decode())


def keys(rows):
    return [row["key"] for row in rows]


def outcome(result, item):
    """The JSON line of a source."""
    [found] = [row for row in result.records if row["id"] == item["integrationId"]]
    return found


FOLDERS = ("a/", "b/x/", "b/y/", "c/")


def fill(sandbox):
    """A new bucket with 12,000 objects in FOLDERS; some names need quotes."""
    name = sandbox.create_bucket()
    for folder in FOLDERS:
        numbers = range(3_000)
        names = [f"{folder}{number:05}{',q' * (number % 997 == 0)}" for number in numbers]
        sandbox.bulk_objects(name, names, size=3, last_modified="2021-02-05T09:00:00Z")
    return name


def run_flags(folder, bucket):
    """Flags to list the objects of fill(), which belong to three sources."""
    items = source(bucket, "a/"), source(bucket, "b/", "c/"), source(bucket, "b/y/")
    return ("-sources-file", sources_file(folder, *items), "-output", "json", "-concurrency", "3")


def slowly(sandbox, bucket, milliseconds=250):
    """Every listing of a bucket takes a while from now on."""
    rule = {"service": "s3", "operation": "ListObjectsV2", "resource": bucket}
    sandbox.faults(rule | {"kind": "latency", "milliseconds": milliseconds})


def listings(sandbox):
    return sandbox.calls()["s3.ListObjectsV2"]


def is_saved(path):
    """True when the state tells of rows."""
    return path.exists() and re.search(r'"bytes": [1-9]', path.read_text()) is not None


def wait_until(condition, seconds=40):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)
