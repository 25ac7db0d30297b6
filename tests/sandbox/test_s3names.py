"""Names and places of S3 requests."""

import botocore.session
import pytest

from scripts.sandbox import s3names


def test_every_name_is_an_operation_of_s3() -> None:
    known = set(botocore.session.get_session().get_service_model("s3").operation_names)
    tables = (s3names._BUCKET, s3names._KEY)
    named = {name for table in tables for methods in table.values() for name in methods.values()}
    assert named - known == set()


@pytest.mark.parametrize(
    ("host", "path", "expected"),
    [
        ("127.0.0.1:4566", "/bucket", ("bucket", "")),
        ("127.0.0.1:4566", "/bucket/", ("bucket", "")),
        ("127.0.0.1:4566", "/bucket/a%20b/c%2Fd", ("bucket", "a b/c/d")),
        ("127.0.0.1:4566", "/bucket//x", ("bucket", "/x")),
        ("127.0.0.1:4566", "/", ("", "")),
        ("localhost:4566", "/bucket/key", ("bucket", "key")),
        ("bucket.localhost:4566", "/key", ("bucket", "key")),
        ("my.bucket.s3.eu-west-1.amazonaws.com", "/key", ("my.bucket", "key")),
        ("s3.amazonaws.com", "/bucket/key", ("bucket", "key")),
        ("s3.eu-west-1.amazonaws.com", "/bucket/key", ("bucket", "key")),
    ],
)
def test_bucket_and_key_are_found_in_either_style(
    host: str, path: str, expected: tuple[str, str]
) -> None:
    assert s3names.place(host, path) == expected


@pytest.mark.parametrize(
    ("method", "key", "arguments", "headers", "expected"),
    [
        ("GET", "", {}, {}, "ListObjects"),
        ("GET", "", {"list-type": "2", "prefix": "a"}, {}, "ListObjectsV2"),
        ("GET", "", {"versions": ""}, {}, "ListObjectVersions"),
        ("POST", "", {"delete": ""}, {}, "DeleteObjects"),
        ("HEAD", "", {}, {}, "HeadBucket"),
        ("GET", "", {"location": ""}, {}, "GetBucketLocation"),
        ("GET", "", {"inventory": "", "id": "x"}, {}, "GetBucketInventoryConfiguration"),
        ("GET", "", {"inventory": ""}, {}, "ListBucketInventoryConfigurations"),
        ("GET", "k", {"versionId": "v"}, {}, "GetObject"),
        ("PUT", "k", {}, {}, "PutObject"),
        ("PUT", "k", {}, {"x-amz-copy-source": "b/k"}, "CopyObject"),
        ("PUT", "k", {"uploadId": "u", "partNumber": "1"}, {}, "UploadPart"),
        ("DELETE", "k", {}, {}, "DeleteObject"),
        ("PATCH", "k", {}, {}, ""),
    ],
)
def test_operations_are_told_by_method_query_and_headers(
    method: str, key: str, arguments: dict[str, str], headers: dict[str, str], expected: str
) -> None:
    assert s3names.operation(method, "bucket", key, arguments, headers) == expected
