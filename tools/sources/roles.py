"""Many roles with one set of clients: each call is signed with the keys that its thread holds.

A session and clients of its own for every role would cost far more time than the calls.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from botocore.credentials import Credentials, ReadOnlyCredentials

from common.aws import ROLE_SECONDS, Aws


class Roles:
    """Takes on roles, one at a time on each thread."""

    def __init__(self, own: Aws) -> None:
        self._own = own
        self._held = threading.local()
        self.aws = own.signed_with(_HeldKeys(lambda: self._held.keys))

    def try_on(self, arn: str) -> ReadOnlyCredentials:
        """The keys of a role. Raises the SDK's errors when it cannot be assumed."""
        keys = self._own.client("sts").assume_role(
            RoleArn=arn, RoleSessionName=self._own.tool, DurationSeconds=ROLE_SECONDS
        )["Credentials"]
        return ReadOnlyCredentials(
            keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]
        )

    def assume(self, arn: str) -> Aws:
        """The same place with a role's permissions, on this thread and until its next role.

        Raises as try_on().
        """
        self._held.keys = None
        self._held.keys = self.try_on(arn)
        return self.aws


class _HeldKeys(Credentials):  # type: ignore[misc]
    """The keys that the calling thread holds."""

    def __init__(self, held: Callable[[], ReadOnlyCredentials]) -> None:
        super().__init__("", "", method="assume-role")
        self._held = held

    def get_frozen_credentials(self) -> Any:
        """What a call is signed with."""
        return self._held()
