"""s3list: what it writes as Parquet, read back by the reference implementation."""

import datetime
import io
import random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from common.errors import ToolError
from common.s3xml import Object
from tests.tools.s3list_files import COLUMNS
from tools.s3list import parquet_file, result, rows
from tools.s3list.parquet_file import INTEGER, STRING, TIME, Column, Writer, plain_page, runs_of
from tools.s3list.places import Owner, Place

SCHEMA = pa.schema(
    [
        pa.field(name, {"size": pa.int64(), "last_modified": pa.timestamp("ms", "UTC")}.get(
            name, pa.string()), nullable=False)
        for name in COLUMNS
    ]
)  # fmt: skip


def written(columns, *groups_of_values, folder):
    """A file with one page for each group of values (a list for each column)."""
    file = io.BytesIO()
    writer = Writer(file, columns, folder, "a test")
    for values in groups_of_values:
        pages = [
            runs_of(column_values) if column.repetitive else plain_page(column, column_values)
            for column, column_values in zip(columns, values, strict=True)
        ]
        writer.add(len(values[0]), pages)
    writer.finish()
    writer.close()
    return pq.ParquetFile(io.BytesIO(file.getvalue()))


def object_of(number, **more):
    fields = {
        "key": f"k/{number:06}",
        "last_modified": "2021-02-05T09:00:00.000Z",
        "etag": f"{number:032x}",
        "size": number,
        "storage_class": "STANDARD",
    }
    return Object(**fields | more)


def part_file(folder, number, objects, owner, bucket="bucket"):
    render = rows.renderer(rows.PARQUET, Place(bucket, "", (owner,), ("",)), owner, "us-east-1")
    path = folder / str(number)
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(render(objects))
    return path


@pytest.mark.parametrize("count", [1, 2, 127, 128, 129, 16_383, 16_384])
def test_values_of_every_type_come_back(count, tmp_path):
    columns = (
        Column("text", STRING), Column("number", INTEGER), Column("time", TIME),
        Column("word", STRING, repetitive=True),
    )  # fmt: skip
    chance = random.Random(count)
    values = [
        ["x" * chance.randint(0, 40) + "\u00e9\U0001f600" for _ in range(count)],
        [chance.choice([0, 1, -1, 2**62, -(2**63), 2**63 - 1]) for _ in range(count)],
        [chance.randint(-(10**12), 10**13) for _ in range(count)],
        [chance.choice(["", "a", "bb", "\u00e9"]) for _ in range(count)],
    ]
    table = written(columns, values, folder=tmp_path).read()
    assert table.column("text").to_pylist() == values[0]
    assert table.column("number").to_pylist() == values[1]
    assert table.column("time").cast(pa.int64()).to_pylist() == values[2]
    assert table.column("word").to_pylist() == values[3]


@pytest.mark.parametrize("distinct", [1, 2, 3, 255, 256, 257, 70_000])
def test_dictionaries_of_any_width_come_back(distinct, tmp_path):
    columns = (Column("word", STRING, repetitive=True),)
    first = [f"w{number}" for number in range(distinct)]
    table = written(columns, [first], [first[::-1]], folder=tmp_path).read()
    assert table.column("word").to_pylist() == first + first[::-1]


def test_row_groups_end_after_a_number_of_pages_and_have_dictionaries_of_their_own(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(parquet_file, "GROUP_PAGES", 3)
    columns = (Column("key", STRING), Column("word", STRING, repetitive=True))
    pages = [[[f"{page}-a", f"{page}-b"], [f"w{page}", f"w{page}"]] for page in range(7)]
    file = written(columns, *pages, folder=tmp_path)
    sizes = [file.metadata.row_group(group).num_rows for group in range(3)]
    assert file.metadata.num_row_groups == 3 and sizes == [6, 6, 2]
    assert file.read().column("word").to_pylist() == [word for _, page in pages for word in page]
    statistics = file.metadata.row_group(1).column(0).statistics
    assert (statistics.min, statistics.max) == ("3-a", "5-b")


def test_file_without_rows_has_the_schema(tmp_path):
    result.write(tmp_path / "empty.parquet", rows.Format(rows.PARQUET), [], tmp_path)
    table = pq.read_table(tmp_path / "empty.parquet")
    assert table.num_rows == 0 and table.schema.equals(SCHEMA)


def test_objects_come_back_with_the_documented_schema(tmp_path):
    owner = Owner("p/", "id", "Label", "aws-s3", ("A.B", "C.D"), "111122223333")
    strange = object_of(
        7, key='a,"b"\n\u4e16', last_modified="2021-02-05T09:00:00.123Z", size=2**40,
        storage_class="GLACIER",
    )  # fmt: skip
    parts = [
        part_file(tmp_path, 0, [object_of(1), strange], owner),
        part_file(tmp_path, 1, [object_of(2)], Owner(""), bucket="other"),
    ]
    result.write(tmp_path / "o.parquet", rows.Format(rows.PARQUET), parts, tmp_path)
    table = pq.read_table(tmp_path / "o.parquet")
    assert table.schema.equals(SCHEMA)
    first, second, third = table.to_pylist()
    nine = datetime.datetime(2021, 2, 5, 9, tzinfo=datetime.UTC)
    assert first == {
        "bucket": "bucket", "key": "k/000001", "size": 1, "last_modified": nine,
        "etag": f"{1:032x}", "storage_class": "STANDARD", "source_id": "id",
        "source_label": "Label", "source_type": "aws-s3", "log_types": "A.B|C.D", "prefix": "p/",
        "account_id": "111122223333", "region": "us-east-1",
    }  # fmt: skip
    assert second["key"] == strange.key and second["size"] == 2**40
    assert second["last_modified"] == nine + datetime.timedelta(milliseconds=123)
    assert second["storage_class"] == "GLACIER"
    assert (third["bucket"], third["source_id"], third["log_types"]) == ("other", "", "")


def test_file_does_not_depend_on_how_rows_were_cut_into_pages_and_parts(tmp_path, monkeypatch):
    monkeypatch.setattr(result, "PAGE_ROWS", 100)
    monkeypatch.setattr(parquet_file, "GROUP_PAGES", 4)
    objects = [object_of(number) for number in range(1234)]
    owner = Owner("k/", "id", "Label")
    files = []
    for name, size in (("a", 1000), ("b", 77), ("c", 1)):
        folder = tmp_path / name
        folder.mkdir()
        parts = []
        for number, start in enumerate(range(0, len(objects), size)):
            part = part_file(folder, number // 3, objects[start : start + size], owner)
            parts = [*parts, part] if part not in parts else parts
        result.write(folder / "o.parquet", rows.Format(rows.PARQUET), parts, folder)
        files.append((folder / "o.parquet").read_bytes())
    assert files[0] == files[1] == files[2]
    table = pq.read_table(pa.BufferReader(files[0]))
    assert table.column("key").to_pylist() == [found.key for found in objects]
    assert table.column("size").to_pylist() == [found.size for found in objects]


def test_time_that_is_no_time_is_an_error_that_says_so(tmp_path):
    part = part_file(tmp_path, 0, [object_of(1, last_modified="yesterday")], Owner(""))
    with pytest.raises(ToolError, match="yesterday"):
        result.write(tmp_path / "o.parquet", rows.Format(rows.PARQUET), [part], tmp_path)
    assert not list(tmp_path.glob("o.parquet*"))
