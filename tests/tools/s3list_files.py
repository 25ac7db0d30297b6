"""What tests of s3list share: log sources of their own, and reading what it wrote."""

import csv
import io
import json
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


def wait_until(condition, seconds=40):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)
