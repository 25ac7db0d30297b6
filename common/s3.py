"""S3 paths, bucket regions, and pages of a bucket's objects and versions.

Keys are opaque: `?`, `#`, `%` and blanks mean nothing, so paths are split by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from common import backoff, s3xml
from common.errors import ToolError, UsageError
from common.s3xml import Page, VersionPage

if TYPE_CHECKING:
    from common.aws import Aws
    from common.stop import Stop
    from common.wire import Data, Reply, Wire

PAGE_KEYS = 1000


@dataclass(frozen=True)
class Path:
    """A bucket and everything after its slash, taken literally."""

    bucket: str
    prefix: str

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"


def parse_path(text: str, flag: str = "s3path") -> Path:
    """`s3://bucket[/prefix]`. Raises UsageError naming `flag`."""
    scheme, separator, rest = text.partition("://")
    if scheme.lower() != "s3" or not separator:
        raise UsageError(f"-{flag} {text!r} is no S3 path", "Write it as s3://bucket/prefix.")
    bucket, _, prefix = rest.partition("/")
    if not bucket:
        raise UsageError(f"-{flag} {text!r} names no bucket", "Write it as s3://bucket/prefix.")
    return Path(bucket, prefix)


def bucket_region(aws: Aws, bucket: str) -> str:
    """The region of a bucket, also when only HeadBucket is allowed.

    GetBucketLocation answers null for us-east-1 and EU for old buckets in eu-west-1.
    Raises ToolError when the bucket does not exist, the SDK's ClientError otherwise.
    """
    from botocore.exceptions import ClientError

    from common import awserrors

    s3 = aws.client("s3")
    try:
        place = s3.get_bucket_location(Bucket=bucket).get("LocationConstraint")
        return str({None: "us-east-1", "": "us-east-1", "EU": "eu-west-1"}.get(place, place))
    except ClientError as error:
        if awserrors.code_of(error) == "NoSuchBucket":
            raise ToolError(f"bucket {bucket} does not exist", "Check the path.") from error
        try:
            headers = s3.head_bucket(Bucket=bucket)["ResponseMetadata"]["HTTPHeaders"]
        except ClientError as head_error:
            headers = head_error.response["ResponseMetadata"].get("HTTPHeaders", {})
            if "x-amz-bucket-region" not in headers:
                raise error from None
        return str(headers.get("x-amz-bucket-region") or aws.region)


class Bucket:
    """One bucket in its region, read page by page over raw requests; safe for many threads."""

    def __init__(self, aws: Aws, name: str, region: str, stop: Stop) -> None:
        from common.wire import Wire

        client = aws.client("s3", region=region)
        parts = urlsplit(client.generate_presigned_url("list_objects_v2", Params={"Bucket": name}))
        self.name = name
        self.region = region
        self._stop = stop
        self._wire: Wire = Wire(aws, "s3", region, f"{parts.scheme}://{parts.netloc}{parts.path}")

    def objects(
        self,
        prefix: str,
        after: str = "",
        token: str = "",
        delimiter: str = "",
        max_keys: int = PAGE_KEYS,
    ) -> Page:
        """One page of objects; arguments and errors as fetch_objects(), and ValueError for a reply
        that is no listing."""
        return s3xml.object_page(self.fetch_objects(prefix, after, token, delimiter, max_keys))

    def fetch_objects(
        self,
        prefix: str,
        after: str = "",
        token: str = "",
        delimiter: str = "",
        max_keys: int = PAGE_KEYS,
    ) -> Data:
        """The XML of one page of objects whose keys start with `prefix` and sort behind `after`.

        `token` continues an earlier page. Raises the SDK's ClientError or HTTPClientError when S3
        refuses or cannot be reached after repeated tries.
        """
        query = (
            (f"continuation-token={_encoded(token)}&" if token else "")
            + (f"delimiter={_encoded(delimiter)}&" if delimiter else "")
            + f"list-type=2&max-keys={max_keys}&prefix={_encoded(prefix)}"
            + (f"&start-after={_encoded(after)}" if after and not token else "")
        )
        return self._get("ListObjectsV2", query)

    def versions(
        self,
        prefix: str,
        after: str = "",
        after_version: str = "",
        delimiter: str = "",
        max_keys: int = PAGE_KEYS,
    ) -> VersionPage:
        """One page of versions; arguments and errors as fetch_versions(), and ValueError for a
        reply that is no listing."""
        return s3xml.version_page(
            self.fetch_versions(prefix, after, after_version, delimiter, max_keys)
        )

    def fetch_versions(
        self,
        prefix: str,
        after: str = "",
        after_version: str = "",
        delimiter: str = "",
        max_keys: int = PAGE_KEYS,
    ) -> Data:
        """The XML of one page of versions and delete markers whose keys sort behind `after`.

        With `after_version` the page begins within the versions of the key `after`, behind that
        version. Raises as fetch_objects().
        """
        query = (
            (f"delimiter={_encoded(delimiter)}&" if delimiter else "")
            + (f"key-marker={_encoded(after)}&" if after else "")
            + f"max-keys={max_keys}&prefix={_encoded(prefix)}"
            + (f"&version-id-marker={_encoded(after_version)}" if after_version else "")
            + "&versions="
        )
        return self._get("ListObjectVersions", query)

    def post(self, operation: str, query: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """One request that changes the bucket, tried once; arguments and errors as Wire.send()."""
        return self._wire.send(operation, "POST", self._wire.path or "/", query, headers, body)

    def _get(self, operation: str, query: str) -> Data:
        path = self._wire.path or "/"
        reply = backoff.retrying(
            lambda: self._wire.send(operation, "GET", path, query, {}), self._stop
        )
        return reply.body


def open_bucket(aws: Aws, name: str, stop: Stop) -> Bucket:
    """The bucket `name`, wherever it is. Raises as bucket_region()."""
    return Bucket(aws, name, bucket_region(aws, name), stop)


def _encoded(text: str) -> str:
    return quote(text, safe="")
