"""Versions in suspended buckets and delete markers of absent keys, which moto gets wrong.

In a bucket whose versioning is suspended moto drops all older versions on a write, and on a
delete. S3 replaces only the version called "null".
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from moto.s3.models import FakeBucket, FakeDeleteMarker, FakeKey, S3Backend

_NULL = "null"


def install() -> None:
    """Replaces moto's put and delete; idempotent."""
    if hasattr(S3Backend, "sandbox_put_object"):
        return
    S3Backend.sandbox_put_object = S3Backend.put_object
    S3Backend.put_object = _put
    S3Backend.sandbox_delete_object = S3Backend.delete_object
    S3Backend.delete_object = _delete


def _put(backend: S3Backend, bucket_name: str, key_name: str, *args: Any, **kwargs: Any) -> FakeKey:
    bucket = backend.get_bucket(bucket_name)
    if bucket.versioning_status != "Suspended":
        return backend.sandbox_put_object(bucket_name, key_name, *args, **kwargs)
    bucket.versioning_status = "Enabled"
    try:
        made = backend.sandbox_put_object(bucket_name, key_name, *args, **kwargs)
    finally:
        bucket.versioning_status = "Suspended"
    made._version_id = _NULL
    _replace_null(bucket, key_name, made)
    return made


def _delete(
    backend: S3Backend,
    bucket_name: str,
    key_name: str,
    version_id: str | None = None,
    bypass: bool = False,
) -> tuple[bool, dict[str, Any]]:
    bucket = backend.get_bucket(bucket_name)
    if not bucket.versioning_status:
        return backend.sandbox_delete_object(bucket_name, key_name, version_id, bypass)
    if version_id is None:
        return True, _mark(bucket, key_name)
    found = _find(bucket, key_name, version_id)
    status = bucket.versioning_status
    bucket.versioning_status = "Enabled"
    try:
        done, meta = backend.sandbox_delete_object(bucket_name, key_name, version_id, bypass)
    finally:
        bucket.versioning_status = status
    meta.pop("delete-marker", None)
    if isinstance(found, FakeDeleteMarker):
        meta["delete-marker"] = "true"
    return done, meta


def _mark(bucket: FakeBucket, key_name: str) -> dict[str, Any]:
    # S3 makes a marker for any name, also for one that was never written.
    latest = bucket.keys.get(key_name) or SimpleNamespace(name=key_name)
    marker = FakeDeleteMarker(key=latest)
    if bucket.versioning_status == "Suspended":
        marker._version_id = _NULL
        _replace_null(bucket, key_name, marker)
    else:
        bucket.keys.setlist(key_name, [*bucket.keys.getlist(key_name, []), marker])
    return {"version-id": marker.version_id, "delete-marker": "true"}


def _replace_null(bucket: FakeBucket, key_name: str, made: FakeKey | FakeDeleteMarker) -> None:
    others = [
        version
        for version in bucket.keys.getlist(key_name, [])
        if version.version_id != _NULL and version is not made
    ]
    bucket.keys.setlist(key_name, [*others, made])


def _find(bucket: FakeBucket, key_name: str, version_id: str) -> Any:
    versions = bucket.keys.getlist(key_name, [])
    return next((v for v in versions if v.version_id == version_id), None)
