"""Glue's pages, segments and limits."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.helpers import refused
from tests.support import Sandbox


@pytest.fixture
def database(sandbox: Sandbox) -> Iterator[str]:
    """A database of the test's own."""
    name = f"db_{uuid.uuid4().hex[:12]}"
    sandbox.client("glue").create_database(DatabaseInput={"Name": name})
    yield name
    sandbox.client("glue").delete_database(Name=name)


def _create_table(sandbox: Sandbox, database: str, name: str) -> None:
    sandbox.client("glue").create_table(
        DatabaseName=database,
        TableInput={
            "Name": name,
            "PartitionKeys": [{"Name": "n", "Type": "int"}],
            "StorageDescriptor": {"Columns": [{"Name": "c", "Type": "string"}]},
        },
    )


def _partition(number: int) -> dict[str, Any]:
    return {
        "Values": [str(number)],
        "StorageDescriptor": {
            "Columns": [{"Name": "c", "Type": "string"}],
            "Location": f"s3://b/{number}/",
        },
    }


def _create_partitions(sandbox: Sandbox, database: str, count: int) -> None:
    _create_table(sandbox, database, "t")
    for start in range(0, count, 100):
        sandbox.client("glue").batch_create_partition(
            DatabaseName=database,
            TableName="t",
            PartitionInputList=[_partition(n) for n in range(start, min(start + 100, count))],
        )


def test_tables_come_a_hundred_a_page(sandbox: Sandbox, database: str) -> None:
    names = [f"t{number:03}" for number in range(211)]
    for name in names:
        _create_table(sandbox, database, name)
    glue = sandbox.client("glue")
    pages = list(glue.get_paginator("get_tables").paginate(DatabaseName=database))
    assert [len(page["TableList"]) for page in pages] == [100, 100, 11]
    assert sorted(t["Name"] for page in pages for t in page["TableList"]) == names
    first = glue.get_tables(DatabaseName=database, MaxResults=7)
    assert len(first["TableList"]) == 7
    with refused() as refusal:
        glue.get_tables(DatabaseName=database, MaxResults=101)
    assert refusal.code == "InvalidInputException"


def test_partitions_come_a_thousand_a_page(sandbox: Sandbox, database: str) -> None:
    _create_partitions(sandbox, database, 1009)
    glue = sandbox.client("glue")
    pages = list(
        glue.get_paginator("get_partitions").paginate(DatabaseName=database, TableName="t")
    )
    assert [len(page["Partitions"]) for page in pages] == [1000, 9]
    values = {p["Values"][0] for page in pages for p in page["Partitions"]}
    assert values == {str(number) for number in range(1009)}


def test_segments_split_the_partitions_between_them(sandbox: Sandbox, database: str) -> None:
    _create_partitions(sandbox, database, 101)
    parts = []
    for number in range(4):
        reply = sandbox.client("glue").get_partitions(
            DatabaseName=database,
            TableName="t",
            Segment={"SegmentNumber": number, "TotalSegments": 4},
        )
        parts.append({p["Values"][0] for p in reply["Partitions"]})
    assert all(parts)
    assert sum(map(len, parts)) == 101
    assert set().union(*parts) == {str(number) for number in range(101)}


def test_columns_can_be_left_out(sandbox: Sandbox, database: str) -> None:
    _create_partitions(sandbox, database, 1)
    glue = sandbox.client("glue")
    asked = {"DatabaseName": database, "TableName": "t"}
    (full,) = glue.get_partitions(**asked)["Partitions"]
    (bare,) = glue.get_partitions(**asked, ExcludeColumnSchema=True)["Partitions"]
    assert full["StorageDescriptor"]["Columns"] == [{"Name": "c", "Type": "string"}]
    assert "Columns" not in bare["StorageDescriptor"]
    assert bare["StorageDescriptor"]["Location"] == "s3://b/0/"


@pytest.mark.parametrize(
    ("operation", "parameter", "limit", "entry"),
    [
        ("batch_create_partition", "PartitionInputList", 100, lambda n: _partition(n)),
        ("batch_delete_partition", "PartitionsToDelete", 25, lambda n: {"Values": [str(n)]}),
        ("batch_get_partition", "PartitionsToGet", 1000, lambda n: {"Values": [str(n)]}),
        (
            "batch_update_partition",
            "Entries",
            100,
            lambda n: {"PartitionValueList": [str(n)], "PartitionInput": _partition(n)},
        ),
    ],
)
def test_batches_have_limits(
    sandbox: Sandbox, database: str, operation: str, parameter: str, limit: int, entry: Any
) -> None:
    _create_table(sandbox, database, "t")
    call = getattr(sandbox.client("glue"), operation)
    asked = {"DatabaseName": database, "TableName": "t"}
    call(**asked, **{parameter: [entry(number) for number in range(limit)]})
    with refused() as refusal:
        call(**asked, **{parameter: [entry(number) for number in range(limit + 1)]})
    assert refusal.code == "ValidationException"
    assert f"less than or equal to {limit}" in refusal.message


def test_a_partition_cannot_change_its_values(sandbox: Sandbox, database: str) -> None:
    _create_partitions(sandbox, database, 2)
    glue = sandbox.client("glue")
    asked = {"DatabaseName": database, "TableName": "t"}
    with refused() as refusal:
        glue.update_partition(**asked, PartitionValueList=["0"], PartitionInput=_partition(5))
    assert refusal.code == "InvalidInputException"
    moved = {**_partition(1), "StorageDescriptor": {"Columns": [], "Location": "s3://b/new/"}}
    reply = glue.batch_update_partition(
        **asked,
        Entries=[
            {"PartitionValueList": ["0"], "PartitionInput": _partition(5)},
            {"PartitionValueList": ["1"], "PartitionInput": moved},
        ],
    )
    (error,) = reply["Errors"]
    assert error["PartitionValueList"] == ["0"]
    assert error["ErrorDetail"]["ErrorCode"] == "InvalidInputException"
    places = {
        p["Values"][0]: p["StorageDescriptor"]["Location"]
        for p in glue.get_partitions(**asked)["Partitions"]
    }
    assert places == {"0": "s3://b/0/", "1": "s3://b/new/"}
