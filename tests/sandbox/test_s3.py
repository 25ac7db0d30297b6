"""S3 as the tools rely on it: paging, versions, batched deletes, regions."""

import urllib.error
import urllib.request
from typing import Any

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.sandbox.helpers import refused
from tests.support import Sandbox

ODD_KEYS = sorted(
    [
        "a b+c=d%e/\u00e9.gz",
        "100%.log",
        "a?b#c",
        "a&b<c>\"d'",
        "tab\tnewline\nreturn\r",
        "/leading",
        "double//slash",
        "plus+plus",
        "~tilde*star",
        "\U0001f600/smile",
    ]
)


def _pages(operation: str, sandbox: Sandbox, **parameters: Any) -> list[dict[str, Any]]:
    return list(sandbox.client("s3").get_paginator(operation).paginate(**parameters))


def _signed(sandbox: Sandbox, path: str, host: str = "") -> urllib.request.Request:
    """A GET signed for us-east-1."""
    request = AWSRequest("GET", sandbox.url + path, headers={"host": host} if host else {})
    keys = Credentials(
        sandbox.aws_env["AWS_ACCESS_KEY_ID"], sandbox.aws_env["AWS_SECRET_ACCESS_KEY"]
    )
    S3SigV4Auth(keys, "s3", "us-east-1").add_auth(request)
    return urllib.request.Request(request.url, headers=dict(request.headers))


def _raw(sandbox: Sandbox, path: str, host: str = "") -> str:
    """A reply that nobody has decoded."""
    with urllib.request.urlopen(_signed(sandbox, path, host), timeout=30) as reply:
        return str(reply.read().decode())


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_odd_keys_are_listed_as_they_are(sandbox: Sandbox, bucket: str, size: int) -> None:
    sandbox.bulk_objects(bucket, ODD_KEYS)
    pages = _pages("list_objects_v2", sandbox, Bucket=bucket, PaginationConfig={"PageSize": size})
    assert [entry["Key"] for page in pages for entry in page["Contents"]] == ODD_KEYS
    assert len(pages) == -(-len(ODD_KEYS) // size)


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_odd_keys_are_listed_by_version(sandbox: Sandbox, versioned_bucket: str, size: int) -> None:
    for _ in range(2):
        sandbox.bulk_objects(versioned_bucket, ODD_KEYS)
    sandbox.bulk_deletes(versioned_bucket, ODD_KEYS[:4])
    pages = _pages(
        "list_object_versions",
        sandbox,
        Bucket=versioned_bucket,
        PaginationConfig={"PageSize": size},
    )
    versions = [entry for page in pages for entry in page.get("Versions", [])]
    markers = [entry for page in pages for entry in page.get("DeleteMarkers", [])]
    assert [entry["Key"] for entry in versions] == [key for key in ODD_KEYS for _ in range(2)]
    assert [entry["Key"] for entry in markers] == ODD_KEYS[:4]
    assert all(entry["IsLatest"] for entry in markers)
    live = [entry["Key"] for entry in versions if entry["IsLatest"]]
    assert live == ODD_KEYS[4:]
    expected = {(e["key"], e["version_id"]) for e in sandbox.versions(versioned_bucket)}
    assert {(e["Key"], e["VersionId"]) for e in versions + markers} == expected


def test_keys_come_in_url_encoding_when_asked_for(sandbox: Sandbox, bucket: str) -> None:
    sandbox.bulk_objects(bucket, ["a b+c/\u00e9"])
    path = f"/{bucket}?encoding-type=url&list-type=2"
    assert "<Key>a+b%2Bc/%C3%A9</Key>" in _raw(sandbox, path)
    assert "<Key>a b+c/\u00e9</Key>" in _raw(sandbox, f"/{bucket}?list-type=2")
    assert "<Key>a+b%2Bc/%C3%A9</Key>" in _raw(sandbox, f"/{bucket}?encoding-type=url&versions=")


def test_versions_and_markers_come_in_one_sequence(sandbox: Sandbox, versioned_bucket: str) -> None:
    sandbox.bulk_objects(versioned_bucket, ["a", "b"])
    sandbox.bulk_deletes(versioned_bucket, ["a"])
    xml = _raw(sandbox, f"/{versioned_bucket}?versions=")
    tags = [part.split(">")[0] for part in xml.split("<") if part.startswith(("Version>", "Del"))]
    assert tags == ["DeleteMarker", "Version", "Version"]


@pytest.mark.parametrize("size", [1, 2, 1000])
def test_common_prefixes_are_paged_once_each(sandbox: Sandbox, bucket: str, size: int) -> None:
    keys = [f"{folder}/{name}" for folder in "abc" for name in "xyz"] + ["b0", "top"]
    sandbox.bulk_objects(bucket, keys)
    pages = _pages(
        "list_objects_v2",
        sandbox,
        Bucket=bucket,
        Delimiter="/",
        PaginationConfig={"PageSize": size},
    )
    prefixes = [entry["Prefix"] for page in pages for entry in page.get("CommonPrefixes", [])]
    assert prefixes == ["a/", "b/", "c/"]
    assert [e["Key"] for page in pages for e in page.get("Contents", [])] == ["b0", "top"]


@pytest.mark.parametrize("size", [1, 2, 1000])
def test_common_prefixes_of_versions_are_paged_once_each(
    sandbox: Sandbox, versioned_bucket: str, size: int
) -> None:
    sandbox.bulk_objects(versioned_bucket, ["a/1", "a/2", "b", "c/1"])
    sandbox.bulk_deletes(versioned_bucket, ["a/1", "b", "c/1"])
    pages = _pages(
        "list_object_versions",
        sandbox,
        Bucket=versioned_bucket,
        Delimiter="/",
        PaginationConfig={"PageSize": size},
    )
    prefixes = [entry["Prefix"] for page in pages for entry in page.get("CommonPrefixes", [])]
    assert prefixes == ["a/", "c/"]
    assert [e["Key"] for page in pages for e in page.get("Versions", [])] == ["b"]
    assert [e["Key"] for page in pages for e in page.get("DeleteMarkers", [])] == ["b"]


def test_a_listing_starts_after_a_key(sandbox: Sandbox, bucket: str) -> None:
    sandbox.bulk_objects(bucket, ["a", "b", "b+", "c"])
    reply = sandbox.client("s3").list_objects_v2(Bucket=bucket, StartAfter="b")
    assert [entry["Key"] for entry in reply["Contents"]] == ["b+", "c"]


def test_a_version_listing_starts_after_a_key(sandbox: Sandbox, versioned_bucket: str) -> None:
    sandbox.bulk_objects(versioned_bucket, ["a", "b", "c"])
    reply = sandbox.client("s3").list_object_versions(Bucket=versioned_bucket, KeyMarker="a")
    assert [entry["Key"] for entry in reply["Versions"]] == ["b", "c"]


def test_a_version_listing_goes_on_when_its_marker_was_deleted(
    sandbox: Sandbox, versioned_bucket: str
) -> None:
    for _ in range(4):
        sandbox.bulk_objects(versioned_bucket, ["a"])
    sandbox.bulk_objects(versioned_bucket, ["b"])
    s3 = sandbox.client("s3")
    first = s3.list_object_versions(Bucket=versioned_bucket, MaxKeys=2)
    seen = [entry["VersionId"] for entry in first["Versions"]]
    for version_id in seen:
        s3.delete_object(Bucket=versioned_bucket, Key="a", VersionId=version_id)
    rest = s3.list_object_versions(
        Bucket=versioned_bucket,
        KeyMarker=first["NextKeyMarker"],
        VersionIdMarker=first["NextVersionIdMarker"],
    )
    assert [entry["Key"] for entry in rest["Versions"]] == ["a", "a", "b"]
    assert not {entry["VersionId"] for entry in rest["Versions"]} & set(seen)


def test_a_page_never_holds_more_than_a_thousand(sandbox: Sandbox, bucket: str) -> None:
    sandbox.bulk_objects(bucket, [f"{number:05}" for number in range(1009)])
    reply = sandbox.client("s3").list_objects_v2(Bucket=bucket, MaxKeys=5000)
    assert (reply["KeyCount"], reply["MaxKeys"], reply["IsTruncated"]) == (1000, 1000, True)


def test_a_made_up_token_is_refused(sandbox: Sandbox, bucket: str) -> None:
    with refused() as refusal:
        sandbox.client("s3").list_objects_v2(Bucket=bucket, ContinuationToken="no such")
    assert (refusal.status, refusal.code) == (400, "InvalidArgument")


def test_a_listing_of_no_bucket_is_refused(sandbox: Sandbox) -> None:
    s3 = sandbox.client("s3")
    for operation in (s3.list_objects_v2, s3.list_object_versions):
        with refused() as refusal:
            operation(Bucket="no-such-bucket")
        assert (refusal.status, refusal.code) == (404, "NoSuchBucket")


def _suspend(sandbox: Sandbox, bucket: str) -> None:
    sandbox.client("s3").put_bucket_versioning(
        Bucket=bucket, VersioningConfiguration={"Status": "Suspended"}
    )


def _history(sandbox: Sandbox, bucket: str) -> list[tuple[str, bool, bool]]:
    found = sandbox.versions(bucket)
    return [(e["version_id"], e["is_marker"], e["is_latest"]) for e in found]


def test_a_suspended_bucket_replaces_only_the_null_version(
    sandbox: Sandbox, versioned_bucket: str
) -> None:
    (old,) = sandbox.bulk_objects(versioned_bucket, ["k"], body="old")
    _suspend(sandbox, versioned_bucket)
    s3 = sandbox.client("s3")
    s3.put_object(Bucket=versioned_bucket, Key="k", Body=b"first")
    s3.put_object(Bucket=versioned_bucket, Key="k", Body=b"second")
    assert _history(sandbox, versioned_bucket) == [("null", False, True), (old, False, False)]
    s3.delete_object(Bucket=versioned_bucket, Key="k")
    assert _history(sandbox, versioned_bucket) == [("null", True, True), (old, False, False)]
    s3.delete_object(Bucket=versioned_bucket, Key="k", VersionId="null")
    assert _history(sandbox, versioned_bucket) == [(old, False, True)]
    assert s3.get_object(Bucket=versioned_bucket, Key="k")["Body"].read() == b"old"


def test_a_delete_of_nothing_leaves_a_marker(sandbox: Sandbox, versioned_bucket: str) -> None:
    reply = sandbox.client("s3").delete_object(Bucket=versioned_bucket, Key="never")
    assert reply["DeleteMarker"] is True
    assert _history(sandbox, versioned_bucket) == [(reply["VersionId"], True, True)]


def test_removed_markers_are_reported_as_such(sandbox: Sandbox, versioned_bucket: str) -> None:
    (data,) = sandbox.bulk_objects(versioned_bucket, ["k"])
    (marker,) = sandbox.bulk_deletes(versioned_bucket, ["k"])
    reply = sandbox.client("s3").delete_objects(
        Bucket=versioned_bucket, Delete={"Objects": [{"Key": "k", "VersionId": marker}]}
    )
    (deleted,) = reply["Deleted"]
    assert (deleted["DeleteMarker"], deleted["DeleteMarkerVersionId"]) == (True, marker)
    assert _history(sandbox, versioned_bucket) == [(data, False, True)]


def test_odd_keys_can_be_deleted_in_a_batch(sandbox: Sandbox, versioned_bucket: str) -> None:
    sandbox.bulk_objects(versioned_bucket, ODD_KEYS)
    reply = sandbox.client("s3").delete_objects(
        Bucket=versioned_bucket, Delete={"Objects": [{"Key": key} for key in ODD_KEYS]}
    )
    assert sorted(entry["Key"] for entry in reply["Deleted"]) == ODD_KEYS
    assert all(
        entry["is_marker"] for entry in sandbox.versions(versioned_bucket) if entry["is_latest"]
    )


def test_more_than_a_thousand_deletes_are_refused(sandbox: Sandbox, bucket: str) -> None:
    objects = [{"Key": str(number)} for number in range(1001)]
    with refused() as refusal:
        sandbox.client("s3").delete_objects(Bucket=bucket, Delete={"Objects": objects})
    assert (refusal.status, refusal.code) == (400, "MalformedXML")


def test_a_quiet_delete_reports_failures_alone(sandbox: Sandbox, bucket: str) -> None:
    sandbox.bulk_objects(bucket, ["a", "b"])
    sandbox.faults({"operation": "DeleteObjects", "kind": "fail_entries", "contains": "b"})
    reply = sandbox.client("s3").delete_objects(
        Bucket=bucket, Delete={"Objects": [{"Key": "a"}, {"Key": "b"}], "Quiet": True}
    )
    assert "Deleted" not in reply
    assert [entry["Key"] for entry in reply["Errors"]] == ["b"]


def test_a_bucket_in_another_region_redirects(sandbox: Sandbox) -> None:
    bucket = sandbox.create_bucket(region="eu-west-1")
    with pytest.raises(urllib.error.HTTPError) as caught:
        _raw(sandbox, f"/{bucket}?list-type=2")
    assert caught.value.code == 301
    assert caught.value.headers["x-amz-bucket-region"] == "eu-west-1"
    assert b"<Code>PermanentRedirect</Code>" in caught.value.read()
    location = sandbox.client("s3").get_bucket_location(Bucket=bucket)
    assert location["LocationConstraint"] == "eu-west-1"
    assert sandbox.client("s3", "eu-west-1").list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_head_bucket_names_the_region(sandbox: Sandbox) -> None:
    bucket = sandbox.create_bucket(region="eu-west-1")
    request = _signed(sandbox, f"/{bucket}")
    request.method = "HEAD"
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=30)
    assert (caught.value.code, caught.value.read()) == (301, b"")
    assert caught.value.headers["x-amz-bucket-region"] == "eu-west-1"
    reply = sandbox.client("s3", "eu-west-1").head_bucket(Bucket=bucket)
    assert reply["BucketRegion"] == "eu-west-1"


def test_another_owner_than_expected_is_refused(sandbox: Sandbox, bucket: str) -> None:
    s3 = sandbox.client("s3")
    s3.list_objects_v2(Bucket=bucket, ExpectedBucketOwner="123456789012")
    with refused() as refusal:
        s3.list_objects_v2(Bucket=bucket, ExpectedBucketOwner="111122223333")
    assert (refusal.status, refusal.code) == (403, "AccessDenied")


def test_host_style_addresses_reach_the_same_bucket(sandbox: Sandbox, bucket: str) -> None:
    sandbox.bulk_objects(bucket, ["a b"], body="content")
    sandbox.reset_calls()
    host = f"{bucket}.s3.us-east-1.amazonaws.com"
    assert "<Key>a b</Key>" in _raw(sandbox, "/?list-type=2", host=host)
    assert _raw(sandbox, "/a%20b", host=host) == "content"
    assert sandbox.calls() == {"s3.ListObjectsV2": 1, "s3.GetObject": 1}


def test_times_of_bulk_objects_and_markers_are_what_was_asked(
    sandbox: Sandbox, versioned_bucket: str
) -> None:
    when = "2021-02-05T09:00:00.000Z"
    sandbox.bulk_objects(versioned_bucket, ["k"], last_modified=when)
    sandbox.bulk_deletes(versioned_bucket, ["k"], last_modified="2021-02-06T10:00:00+01:00")
    reply = sandbox.client("s3").list_object_versions(Bucket=versioned_bucket)
    assert reply["Versions"][0]["LastModified"].isoformat() == "2021-02-05T09:00:00+00:00"
    assert reply["DeleteMarkers"][0]["LastModified"].isoformat() == "2021-02-06T09:00:00+00:00"
