"""s3list: rows of CSV and JSON lines, and formats by flag and file name."""

import json

import pytest

from common.errors import UsageError
from common.s3xml import Object
from tests.tools.s3list_files import COLUMNS, csv_rows
from tools.s3list import rows
from tools.s3list.places import Owner, Place

NASTY = [
    "plain", "a,b", 'say "hi"', "two\nlines", "cr\rlf\r\n", "tab\there", "back\\slash",
    "\u00fc/\u4e16\u754c", "\U0001f600", "\x01control", " blank ", "'", "a\u2028b", "%20+&<>",
    '""', ",", "x" * 1024,
]  # fmt: skip
OWNER = Owner('pre,"fix"/', "id-1", 'La,"bel', "aws-s3", ("A.B", "C.D"), "111122223333")
PLACE = Place("bucket", "", (OWNER,), ("",))


def listed(keys):
    return [
        Object(key, "2021-02-05T09:00:00.000Z", "0" * 32, number, "STANDARD")
        for number, key in enumerate(sorted(keys))
    ]


def rendered(kind, objects):
    return rows.renderer(kind, PLACE, OWNER, "eu-west-1")(objects)


def test_csv_gives_back_every_key_and_every_field():
    found = csv_rows(rows.head(rows.CSV) + rendered(rows.CSV, listed(NASTY)))
    assert [row["key"] for row in found] == sorted(NASTY)
    assert found[0] | {"key": ""} == {
        "bucket": "bucket", "key": "", "size": "0", "last_modified": "2021-02-05T09:00:00.000Z",
        "etag": "0" * 32, "storage_class": "STANDARD", "source_id": "id-1",
        "source_label": 'La,"bel', "source_type": "aws-s3", "log_types": "A.B|C.D",
        "prefix": 'pre,"fix"/', "account_id": "111122223333", "region": "eu-west-1",
    }  # fmt: skip


def test_json_lines_give_back_every_key_and_every_field():
    lines = rendered(rows.JSONL, listed(NASTY)).split("\n")
    assert lines.pop() == ""
    found = [json.loads(line) for line in lines]
    assert [row["key"] for row in found] == sorted(NASTY)
    assert list(found[0]) == COLUMNS
    assert found[0]["log_types"] == ["A.B", "C.D"] and found[3]["size"] == 3
    assert found[0]["source_label"] == 'La,"bel' and found[0]["region"] == "eu-west-1"


@pytest.mark.parametrize("kind", [rows.CSV, rows.JSONL])
def test_rows_do_not_depend_on_what_else_is_on_their_page(kind):
    objects = listed(NASTY)
    one_by_one = "".join(rendered(kind, [found]) for found in objects)
    assert rendered(kind, objects) == one_by_one


def test_plain_keys_are_not_quoted():
    assert '"' not in rows.renderer(rows.CSV, PLACE, Owner("p"), "r")(listed(["a b", "c;d", "'"]))


@pytest.mark.parametrize(
    ("asked", "out", "expected"),
    [
        ("", "", ("csv", False)),
        ("", "-", ("csv", False)),
        ("", "x.csv", ("csv", False)),
        ("", "x.CSV", ("csv", False)),
        ("", "x.txt", ("csv", False)),
        ("", "x.csv.gz", ("csv", True)),
        ("", "x.jsonl", ("jsonl", False)),
        ("", "x.ndjson.gz", ("jsonl", True)),
        ("", "x.parquet", ("parquet", False)),
        ("jsonl", "x.csv", ("jsonl", False)),
        ("jsonl", "x.gz", ("jsonl", True)),
        ("csv.gz", "-", ("csv", True)),
        ("jsonl.gz", "x", ("jsonl", True)),
        ("parquet", "x", ("parquet", False)),
    ],
)
def test_format_comes_from_the_flag_or_from_the_name(asked, out, expected):
    assert rows.format_of(asked, out) == expected


@pytest.mark.parametrize(
    ("asked", "out"),
    [("xml", ""), ("CSV", ""), ("parquet.gz", ""), ("parquet", "x.gz"), ("", "x.parquet.gz")],
)
def test_formats_that_there_are_not_are_refused(asked, out):
    with pytest.raises(UsageError):
        rows.format_of(asked, out)
