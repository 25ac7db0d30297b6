"""One source under check: its role's clients, and calls whose failure is an outcome."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from common import cli, s3
from common.errors import ToolError
from common.sources import S3, Source
from common.stop import Stop
from tools.sources.findings import FAILED, SKIPPED, Check, Finding, check_of

if TYPE_CHECKING:
    from common.aws import Aws
    from tools.sources.roles import Roles

# Per call: 10 seconds, and two more tries.
CALL_SETTINGS: Mapping[str, Any] = {
    "connect_timeout": 10,
    "read_timeout": 10,
    "retries": {"mode": "standard", "total_max_attempts": 3},
}
NO_ROLE = Finding(SKIPPED, "no_role", "it needs the role, which cannot be assumed")
NO_BUCKET = Finding(SKIPPED, "no_bucket", "there is no bucket to look into")


@dataclass(frozen=True)
class Bench:
    """What the checks of all sources share: the caller, and what the user asked for."""

    aws: Aws
    roles: Roles
    caller: str
    panther: str
    samples: int
    named: s3.Path | None
    with_notifications: bool
    stop: Stop


@dataclass
class Visit:
    """One source under check, and what its earlier checks have found out."""

    source: Source
    bench: Bench
    role: Aws | None = None
    role_arn: str = ""
    region: str = ""
    has_bucket: bool = True

    @property
    def s3(self) -> Any:
        """A client in the region of the bucket, for the role, which must have been assumed."""
        assert self.role is not None
        return self.role.client("s3", self.region)

    @property
    def bucket(self) -> dict[str, str]:
        """The arguments that name the bucket and, where it is known, its owner."""
        source = self.source
        place = {"Bucket": source.bucket}
        if source.type == S3 and source.account:
            place["ExpectedBucketOwner"] = source.account
        return place

    @property
    def named_keys(self) -> list[str]:
        """The key that the user named, if it is in this bucket."""
        named = self.bench.named
        return [named.prefix] if named and named.bucket == self.source.bucket else []

    @property
    def obstacle(self) -> Finding | None:
        """Why the bucket cannot be looked into, None when it can."""
        if self.role is None:
            return NO_ROLE
        return None if self.has_bucket else NO_BUCKET


class Abandoned(Exception):
    """A stop was asked for before all checks of a source were done."""


def attempt(
    visit: Visit,
    name: str,
    target: str,
    look: Callable[[], Finding],
    if_denied: Callable[[str], Finding] | None = None,
) -> Check:
    """A check by one call. `if_denied` makes the outcome of a missing permission from what the
    service said; without it that is a failure like any other.

    Raises Abandoned instead of making the call when a stop was asked for.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    from common import awserrors

    if visit.bench.stop.requested:
        raise Abandoned
    started = time.monotonic()
    try:
        finding = look()
    except (BotoCoreError, ClientError, ToolError) as error:
        cause = error.__cause__ if isinstance(error, ToolError) else error
        said = cause if isinstance(cause, Exception) else error
        if if_denied is not None and awserrors.is_denied(said):
            finding = if_denied(_message(said))
        else:
            code = awserrors.code_of(said) or type(said).__name__
            finding = Finding(FAILED, code, cli.explain(error).message)
    return check_of(name, target, finding, round((time.monotonic() - started) * 1000))


def _message(error: Exception) -> str:
    response: Mapping[str, Any] = getattr(error, "response", {})
    return " ".join(str(response.get("Error", {}).get("Message", "")).split())
