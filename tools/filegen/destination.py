"""Where files go: a folder, a bucket, or both."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from common import s3
from common.files import write_whole
from common.upload import upload

if TYPE_CHECKING:
    from common.aws import Aws

TRIES = 3
PAUSE_SECONDS = 1.0

Write = Callable[[str, bytes], None]
"""Puts a file in its place: its key, its bytes."""


def key_of(prefix: str, name: str) -> str:
    """The key below a prefix: no slash at the beginning, none doubled behind the prefix."""
    prefix = prefix.strip("/")
    return f"{prefix}/{name}" if prefix else name


# ---- a folder --------------------------------------------------------------------------------


def folder_writer(folder: Path) -> Write:
    """Writes files below a folder; each appears when it is complete. Raises OSError."""
    return lambda key, data: write_whole(folder / key, data)


def existing(folder: Path, keys: Iterator[str]) -> str:
    """The first of these files that is there already, "" if none is."""
    if not folder.exists():
        return ""
    return next((key for key in keys if (folder / key).exists()), "")


# ---- a bucket --------------------------------------------------------------------------------


def bucket_writer(aws: Aws, bucket: str, region: str, tell: Callable[[str], None]) -> Write:
    """Uploads objects, each up to TRIES times; `region` "" is asked for. `tell` hears of tries that
    failed. Raises what the last try raised, and ToolError for a bucket that does not exist."""
    client = aws.client("s3", region=region or s3.bucket_region(aws, bucket))

    def write(key: str, data: bytes) -> None:
        for left in reversed(range(TRIES)):
            try:
                upload(client, bucket, key, data)
                return
            except Exception as error:
                if not left:
                    raise
                tell(f"upload of {key} failed, trying again: {error}")
                time.sleep(PAUSE_SECONDS)

    return write


# ---- both ------------------------------------------------------------------------------------


def writer_to(writers: list[Write]) -> Write:
    """Writes to each of several places."""

    def write(key: str, data: bytes) -> None:
        for one in writers:
            one(key, data)

    return write
