"""Reading a place with the first role that may: sessions of roles, and a lister that changes them.

A source that cannot be read must not end the others' listing, so a failure of one place is kept
with it; a failure that would meet every place (network, the caller's own login) is raised.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from common.errors import ToolError
from common.listing import ObjectLister, Position, ReadPage
from common.s3xml import Object

if TYPE_CHECKING:
    from common.aws import Aws
    from common.s3 import Bucket
    from tools.s3list.places import Place

SESSION_NAME = "s3list"
# Enough for 32 workers at a few hundred buckets; macOS allows no more than this.
MOST_FILES = 10_240

Result = TypeVar("Result")


class Roles:
    """Sessions of roles, each assumed when it is first needed; "" is the caller's own."""

    def __init__(self, aws: Aws) -> None:
        self._own = aws
        self._sessions: dict[str, Aws] = {}
        self._locks: dict[str, threading.Lock] = {}

    def session(self, role: str, refused: Aws | None = None) -> Aws:
        """The session of a role, a new one when `refused` is the one that there is.

        Raises the SDK's errors when the role cannot be assumed.
        """
        if not role:
            return self._own
        with self._locks.setdefault(role, threading.Lock()):
            known = self._sessions.get(role)
            if known is None or known is refused:
                known = self._sessions[role] = self._own.assume(role, SESSION_NAME)
            return known


class PlaceLister:
    """The objects of a place. After a failure it reads as empty, `error` says why and `tell` has
    been called."""

    def __init__(
        self,
        place: Place,
        roles: Roles,
        open_bucket: Callable[[Aws, str], Bucket],
        tell: Callable[[Place, Exception], None],
    ) -> None:
        self.place = place
        self.prefix = place.prefix
        self.error: Exception | None = None
        self.region = ""
        self._roles = roles
        self._open_bucket = open_bucket
        self._tell = tell
        self._lock = threading.Lock()
        self._choice = 0
        self._session: Aws | None = None
        self._bucket: Bucket | None = None
        self._renewed = False
        self._attempt = 0

    def fetch(self, position: Position) -> ReadPage:
        """One page, not read yet; an empty last one when the place cannot be read.

        Raises what would stop every other place too.
        """
        while self.error is None:
            attempt = self._attempt
            try:
                read_page = ObjectLister(self._ready(), self.prefix).fetch(position)
            except Exception as error:
                self._go_on(attempt, error)
            else:
                self._renewed = False
                return partial(self._read, read_page)
        return _read_nothing

    def folders(self, prefix: str, after: str) -> Sequence[str]:
        """Folders to split at; none when that cannot be asked."""
        return self._asked(lambda lister: lister.folders(prefix, after)) or ()

    def first(self, after: str) -> str | None:
        """The first key behind `after`; None when that cannot be asked."""
        return self._asked(lambda lister: lister.first(after))

    def close(self) -> None:
        """Let go of the connections."""
        with self._lock:
            self._bucket = None

    def _asked(self, ask: Callable[[ObjectLister], Result]) -> Result | None:
        # A policy may allow the place's own prefix alone. Then it is read in one piece.
        from botocore.exceptions import ClientError, HTTPClientError

        bucket = self._bucket
        if bucket is not None:
            with suppress(ClientError, HTTPClientError, ValueError):
                return ask(ObjectLister(bucket, self.prefix))
        return None

    def _read(self, read_page: ReadPage) -> tuple[Sequence[Object], Position | None]:
        try:
            return read_page()
        except ValueError as error:  # no role would be sent another reply
            with self._lock:
                self._give_up(error)
            return _read_nothing()

    def _give_up(self, error: Exception) -> None:
        if self.error is None:
            self.error = error
            self._tell(self.place, error)

    def _ready(self) -> Bucket:
        with self._lock:
            if self._bucket is None:
                role = self.place.roles[self._choice]
                self._session = self._session or self._roles.session(role)
                self._bucket = self._open_bucket(self._session, self.place.bucket)
                self.region = self._bucket.region
            return self._bucket

    def _go_on(self, attempt: int, error: Exception) -> None:
        """Prepare another way to read the place after `error`, or give it up."""
        from common import awserrors

        with self._lock:
            if self._attempt != attempt:
                return  # another thread met the same error first
            self._attempt += 1
            role = self.place.roles[self._choice]
            if concerns_everybody(error, role):
                self.error = error
                raise error
            self._bucket = None
            if awserrors.is_bad_login(error) and not self._renewed:
                # A role that was deleted and made again refuses the keys of its old self.
                self._renewed = True
                self._session = self._fresh(role)
            elif is_refusal(error) and self._choice + 1 < len(self.place.roles):
                self._choice += 1
                self._session = None
                self._renewed = False
            else:
                self._give_up(error)

    def _fresh(self, role: str) -> Aws | None:
        try:
            return self._roles.session(role, refused=self._session)
        except Exception as error:
            if concerns_everybody(error, role):
                self.error = error
                raise
            return None  # the next try assumes the role again and says why it fails


def _read_nothing() -> tuple[Sequence[Object], Position | None]:
    return (), None


def concerns_everybody(error: Exception, role: str) -> bool:
    """True for a failure that says nothing about the place: the network, AWS itself, or the
    caller's own credentials."""
    from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

    from common import awserrors

    if isinstance(error, ClientError):
        is_own = not role or error.operation_name == "AssumeRole"
        return awserrors.is_transient(error) or (is_own and awserrors.is_bad_login(error))
    if isinstance(error, ParamValidationError | ToolError):
        return False
    return isinstance(error, BotoCoreError) or not isinstance(error, ValueError)


def is_refusal(error: Exception) -> bool:
    """True when another role may be allowed what this one is not."""
    from botocore.exceptions import ParamValidationError

    from common import awserrors

    is_no_role = getattr(error, "operation_name", "") == "AssumeRole"
    is_bad_arn = isinstance(error, ParamValidationError) and "RoleArn" in str(error)
    refused = awserrors.is_denied(error) or awserrors.is_bad_login(error)
    return refused or is_no_role or is_bad_arn


def code_of(error: BaseException | None) -> str:
    """The AWS code of a failure, its own or that of its cause; the kind of error otherwise."""
    from common import awserrors

    kind = type(error).__name__
    while isinstance(error, Exception):
        code = awserrors.code_of(error)
        if code:
            return code
        error = error.__cause__
    return kind


def allow_many_connections() -> None:
    """Let the process have as many open sockets as it may: each worker keeps one to every bucket
    that it is reading."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = MOST_FILES if most == resource.RLIM_INFINITY else min(most, MOST_FILES)
        if now != resource.RLIM_INFINITY and now < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
