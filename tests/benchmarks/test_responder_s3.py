"""The responder's S3 listings, read by the real SDK."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from benchmarks import synthetic
from tests.benchmarks.asking import client, control

KEYS, HOURS = 2503, 5
BUCKET = f"bench-{KEYS}-{HOURS}"
FOLDER = "logs/aws_cloudtrail/year=2021/month=01/day=01/"


def listed(s3: Any, operation: str, part: str, **arguments: Any) -> list[Any]:
    pages = s3.get_paginator(operation).paginate(Bucket=BUCKET, **arguments)
    return [entry for page in pages for entry in page.get(part, [])]


def test_paging_gives_every_key_once_and_in_order(url: str) -> None:
    found = [entry["Key"] for entry in listed(client("s3", url), "list_objects_v2", "Contents")]

    assert found == list(synthetic.Keys(synthetic.Bucket(KEYS, HOURS)))
    assert found == sorted(set(found))
    assert len(found) == KEYS
    assert control(url, "stats")["s3"]["entries_listed"] == KEYS


def test_keys_are_the_same_with_and_without_percent_encoding(url: str) -> None:
    pages = [
        client("s3", url).list_objects_v2(Bucket=BUCKET, **extra)
        for extra in ({}, {"EncodingType": "url"})
    ]
    decoded, encoded = ([entry["Key"] for entry in page["Contents"]] for page in pages)

    assert [key.replace("=", "%3D") for key in decoded] == encoded


def test_a_prefix_and_a_start_bound_the_listing(url: str) -> None:
    everything = list(synthetic.Keys(synthetic.Bucket(KEYS, HOURS)))
    prefix = FOLDER + "hour=03/"
    inside = [key for key in everything if key.startswith(prefix)]
    start = inside[100]

    found = listed(
        client("s3", url), "list_objects_v2", "Contents", Prefix=prefix, StartAfter=start
    )

    assert [entry["Key"] for entry in found] == [key for key in inside if key > start]
    assert len(found) == len(inside) - 101


@pytest.mark.parametrize("operation", ["list_objects_v2", "list_object_versions"])
@pytest.mark.parametrize("most", [2, 1000])
def test_a_delimiter_rolls_keys_up_into_folders(url: str, operation: str, most: int) -> None:
    found = listed(
        client("s3", url), operation, "CommonPrefixes", Prefix=FOLDER, Delimiter="/",
        PaginationConfig={"PageSize": most},
    )  # fmt: skip

    assert [entry["Prefix"] for entry in found] == [f"{FOLDER}hour={n:02d}/" for n in range(HOURS)]


def test_versions_come_once_across_page_borders_and_every_second_key_is_deleted(url: str) -> None:
    s3 = client("s3", url)
    pages = list(
        s3.get_paginator("list_object_versions").paginate(
            Bucket=BUCKET, PaginationConfig={"PageSize": 100}
        )
    )
    versions = [entry for page in pages for entry in page.get("Versions", [])]
    markers = [entry for page in pages for entry in page.get("DeleteMarkers", [])]
    keys = list(synthetic.Keys(synthetic.Bucket(KEYS, HOURS)))

    assert [entry["Key"] for entry in versions] == keys
    assert [entry["Key"] for entry in markers] == keys[1::2]
    assert [entry["Key"] for entry in versions if entry["IsLatest"]] == keys[::2]
    assert all(entry["IsLatest"] for entry in markers)
    assert len({entry["VersionId"] for entry in versions + markers}) == len(versions + markers)


def test_removed_markers_are_confirmed_one_by_one_and_counted(url: str) -> None:
    s3 = client("s3", url)
    markers = listed(s3, "list_object_versions", "DeleteMarkers")[:1000]
    entries = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in markers]

    reply = s3.delete_objects(Bucket=BUCKET, Delete={"Objects": entries})

    assert [one["VersionId"] for one in reply["Deleted"]] == [one["VersionId"] for one in entries]
    assert all(one["DeleteMarker"] for one in reply["Deleted"])
    assert control(url, "stats")["s3"]["versions_removed"] == 1000


def test_a_bucket_that_does_not_exist_is_an_error(url: str) -> None:
    with pytest.raises(ClientError, match="NoSuchBucket"):
        client("s3", url).list_objects_v2(Bucket="other-bucket")
