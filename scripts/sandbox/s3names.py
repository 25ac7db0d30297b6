"""Names of S3 operations and places, read from method, address and query (pure)."""

from collections.abc import Mapping
from urllib.parse import unquote

_BUCKET = {
    "": {
        "GET": "ListObjects",
        "PUT": "CreateBucket",
        "DELETE": "DeleteBucket",
        "HEAD": "HeadBucket",
    },
    "versions": {"GET": "ListObjectVersions"},
    "location": {"GET": "GetBucketLocation"},
    "versioning": {"GET": "GetBucketVersioning", "PUT": "PutBucketVersioning"},
    "delete": {"POST": "DeleteObjects"},
    "uploads": {"GET": "ListMultipartUploads"},
    "notification": {
        "GET": "GetBucketNotificationConfiguration",
        "PUT": "PutBucketNotificationConfiguration",
    },
    "tagging": {
        "GET": "GetBucketTagging",
        "PUT": "PutBucketTagging",
        "DELETE": "DeleteBucketTagging",
    },
    "policy": {"GET": "GetBucketPolicy", "PUT": "PutBucketPolicy", "DELETE": "DeleteBucketPolicy"},
    "lifecycle": {
        "GET": "GetBucketLifecycleConfiguration",
        "PUT": "PutBucketLifecycleConfiguration",
        "DELETE": "DeleteBucketLifecycle",
    },
    "encryption": {
        "GET": "GetBucketEncryption",
        "PUT": "PutBucketEncryption",
        "DELETE": "DeleteBucketEncryption",
    },
    "replication": {"GET": "GetBucketReplication", "PUT": "PutBucketReplication"},
    "acl": {"GET": "GetBucketAcl", "PUT": "PutBucketAcl"},
    "cors": {"GET": "GetBucketCors", "PUT": "PutBucketCors", "DELETE": "DeleteBucketCors"},
    "logging": {"GET": "GetBucketLogging", "PUT": "PutBucketLogging"},
    "object-lock": {"GET": "GetObjectLockConfiguration", "PUT": "PutObjectLockConfiguration"},
    "publicAccessBlock": {"GET": "GetPublicAccessBlock", "PUT": "PutPublicAccessBlock"},
    "ownershipControls": {
        "GET": "GetBucketOwnershipControls",
        "PUT": "PutBucketOwnershipControls",
    },
    "inventory": {
        "PUT": "PutBucketInventoryConfiguration",
        "DELETE": "DeleteBucketInventoryConfiguration",
    },
}
_KEY = {
    "": {"GET": "GetObject", "HEAD": "HeadObject", "PUT": "PutObject", "DELETE": "DeleteObject"},
    "tagging": {
        "GET": "GetObjectTagging",
        "PUT": "PutObjectTagging",
        "DELETE": "DeleteObjectTagging",
    },
    "acl": {"GET": "GetObjectAcl", "PUT": "PutObjectAcl"},
    "uploads": {"POST": "CreateMultipartUpload"},
    "uploadId": {
        "GET": "ListParts",
        "PUT": "UploadPart",
        "POST": "CompleteMultipartUpload",
        "DELETE": "AbortMultipartUpload",
    },
    "restore": {"POST": "RestoreObject"},
    "select": {"POST": "SelectObjectContent"},
    "attributes": {"GET": "GetObjectAttributes"},
    "retention": {"GET": "GetObjectRetention", "PUT": "PutObjectRetention"},
    "legal-hold": {"GET": "GetObjectLegalHold", "PUT": "PutObjectLegalHold"},
}


def place(host: str, path: str) -> tuple[str, str]:
    """(bucket, key) of a request. `path` is percent-encoded; both results are decoded."""
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    path = path.removeprefix("/")
    for end in (".localhost", ".amazonaws.com"):
        bucket = name.removesuffix(end).partition(".s3")[0]
        if name.endswith(end) and bucket and bucket != "s3" and not bucket.startswith("s3."):
            return bucket, unquote(path)
    bucket, _, key = path.partition("/")
    return unquote(bucket), unquote(key)


def operation(
    method: str,
    bucket: str,
    key: str,
    arguments: Mapping[str, str],
    headers: Mapping[str, str],
) -> str:
    """The operation's name in the AWS API, "" for what S3 would not understand."""
    if not bucket:
        return "ListBuckets" if method == "GET" else ""
    table = _KEY if key else _BUCKET
    subresource = next((name for name in table if name and name in arguments), "")
    name = table[subresource].get(method, "")
    if name == "ListObjects" and arguments.get("list-type") == "2":
        return "ListObjectsV2"
    if subresource == "inventory" and method == "GET":
        one = "id" in arguments
        return "GetBucketInventoryConfiguration" if one else "ListBucketInventoryConfigurations"
    if "x-amz-copy-source" in headers:
        return {"PutObject": "CopyObject", "UploadPart": "UploadPartCopy"}.get(name, name)
    return name
