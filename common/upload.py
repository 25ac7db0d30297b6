"""Putting objects into S3, large ones in parts."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

PART_BYTES = 5 * 1024**2
Try = Callable[[Callable[[], Any]], Any]


def _once(call: Callable[[], Any]) -> Any:
    return call()


def upload(client: Any, bucket: str, key: str, data: bytes, attempt: Try = _once) -> None:
    """Write an object with a boto3 client, above PART_BYTES in parts, several at a time. `attempt`
    makes each request, and decides whether to try again. Raises what that raises; an upload that
    was begun is aborted then."""
    place = {"Bucket": bucket, "Key": key}
    if len(data) <= PART_BYTES:
        attempt(lambda: client.put_object(**place, Body=data))
        return
    place["UploadId"] = attempt(lambda: client.create_multipart_upload(**place))["UploadId"]
    try:
        whole = {"Parts": _parts(client, place, data, attempt)}
        attempt(lambda: client.complete_multipart_upload(**place, MultipartUpload=whole))
    except BaseException:
        # Parts of an upload that is neither complete nor aborted are kept, and paid for, for ever.
        with suppress(Exception):
            client.abort_multipart_upload(**place)
        raise


def _parts(client: Any, place: dict[str, str], data: bytes, attempt: Try) -> list[dict[str, Any]]:
    view = memoryview(data)
    starts = range(0, len(data), PART_BYTES)

    def put(number: int) -> dict[str, Any]:
        start = starts[number - 1]
        body = bytes(view[start : start + PART_BYTES])
        reply = attempt(lambda: client.upload_part(**place, PartNumber=number, Body=body))
        return {"PartNumber": number, "ETag": reply["ETag"]}

    with ThreadPoolExecutor(len(data) // PART_BYTES + 1) as threads:
        return list(threads.map(put, range(1, len(starts) + 1)))
