"""The log type of a table: from Panther's lists, and where they cannot say, from an object."""

from __future__ import annotations

import json
import threading
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from common import lambdas, panther
from common.batch import Refusal
from common.errors import ToolError

if TYPE_CHECKING:
    from common.aws import Aws

# An event is at most a few megabytes; without a limit a file without line ends would fill memory.
LINE_BYTES = 32 * 1024 * 1024
_BLOCK_BYTES = 65_536

Tables = Mapping[str, Sequence[str]]


def by_table(log_types: Iterable[str]) -> Tables:
    """The log types of each table name; two of them can share one."""
    tables: dict[str, list[str]] = {}
    for log_type in sorted(set(log_types)):
        tables.setdefault(panther.table_name(log_type), []).append(log_type)
    return tables


class LogTypes:
    """Finds log types; safe for many threads.

    `known` is what Panther lists. `deleted` is asked once, when a table is missing there; `read`
    gives what an object says of itself, for tables that no list or more than one log type claims.
    """

    def __init__(
        self,
        known: Tables,
        deleted: Callable[[], Iterable[str]],
        read: Callable[[str, str], str | Refusal],
        debug: Callable[[str], None],
    ) -> None:
        self._known = known
        self._ask_deleted = deleted
        # A batch that is sent again must not read its objects again.
        self._read = lru_cache(maxsize=1024)(read)
        self._debug = debug
        self._lock = threading.Lock()
        self._deleted: Tables | None = None
        self._learnt: dict[str, str] = {}

    def of(self, bucket: str, key: str, table: str) -> str | Refusal:
        """The log type of an object in `table`, or why there is none."""
        claims = self._known.get(table) or self._deleted_tables().get(table, ())
        if len(claims) == 1:
            return claims[0]
        if not claims and table in self._learnt:
            return self._learnt[table]
        said = self._read(bucket, key)
        if isinstance(said, Refusal):
            return said
        if panther.table_name(said) != table:
            return Refusal("WrongLogType", f"its p_log_type {said!r} has another table", True)
        self._debug(f"table {table}: log type {said}, says s3://{bucket}/{key}")
        if not claims:
            self._learnt[table] = said
        return said

    def _deleted_tables(self) -> Tables:
        with self._lock:
            if self._deleted is None:
                self._deleted = by_table(self._ask_deleted())
            return self._deleted


# ---- Panther's lists -------------------------------------------------------------------------


def listed(aws: Aws) -> list[str]:
    """The log types that are in use. Raises as lambdas.call()."""
    return [*_ask(aws, "ListAvailableLogTypes"), *panther.CLOUD_SECURITY_LOG_TYPES]


def deleted(aws: Aws) -> list[str]:
    """The custom log types that somebody deleted; their tables stay. Raises as lambdas.call()."""
    return _ask(aws, "ListDeletedCustomLogs")


def _ask(aws: Aws, operation: str) -> list[str]:
    answer = lambdas.call(aws, panther.LOGTYPES_API, operation) or {}
    error = answer.get("error")
    if error:
        reason = f"{error.get('code', '')}: {error.get('message', '')}"
        raise ToolError(f"{panther.LOGTYPES_API}: {operation} failed: {reason}")
    return list(answer.get("logTypes") or ())


# ---- objects ---------------------------------------------------------------------------------


def reader(aws: Aws) -> Callable[[str, str], str | Refusal]:
    """A function that reads the log type out of an object (bucket, key), or says why it cannot.

    Raises the SDK's error when the session has ended: then no object can be read.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    from common import awserrors

    s3 = aws.client("s3")

    def read(bucket: str, key: str) -> str | Refusal:
        try:
            reply: dict[str, Any] = s3.get_object(Bucket=bucket, Key=key)
            with closing(reply["Body"]) as content:
                line = first_line(content.iter_chunks(_BLOCK_BYTES))
            return log_type_in(line)
        except ClientError as error:
            if awserrors.is_bad_login(error):
                raise
            return Refusal(awserrors.code_of(error), "no log type: it cannot be read", True)
        except (BotoCoreError, ValueError) as error:
            return Refusal("NoLogType", str(error), is_final=True)

    return read


def first_line(blocks: Iterable[bytes]) -> bytes:
    """The first line that is not empty, of gzip or plain content; b"" when there is none.

    Raises ValueError when the content is damaged or the line is longer than LINE_BYTES.
    """
    line = b""
    for text in _unzipped(blocks):
        line = (line + text).lstrip(b"\r\n")
        found, end, _ = line.partition(b"\n")
        if end:
            return found
        if len(line) > LINE_BYTES:
            raise ValueError("its first line is too long")
    return line


def _unzipped(blocks: Iterable[bytes]) -> Iterable[bytes]:
    unzip = None
    is_first = True
    try:
        for block in blocks:
            if is_first and block[:2] == b"\x1f\x8b":
                unzip = zlib.decompressobj(wbits=31)
            is_first = False
            if unzip is None:
                yield block
                continue
            yield unzip.decompress(block)
            while unzip.eof and unzip.unused_data:
                rest, unzip = unzip.unused_data, zlib.decompressobj(wbits=31)
                yield unzip.decompress(rest)
    except zlib.error as error:
        raise ValueError(f"its gzip data is damaged: {error}") from None


def log_type_in(line: bytes) -> str:
    """The p_log_type of an event. Raises ValueError when there is none."""
    try:
        event = json.loads(line)
    except ValueError:
        raise ValueError("its first line is no JSON") from None
    log_type = event.get("p_log_type") if isinstance(event, dict) else None
    if not isinstance(log_type, str) or not log_type:
        raise ValueError("its first event has no p_log_type")
    return log_type
