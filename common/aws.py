"""Sessions and clients of the AWS SDK: region, endpoint, roles, retries, timeouts, user agent.

The SDK is imported inside functions, so that a tool's help and usage errors answer at once.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from common import version
from common.errors import ToolError

if TYPE_CHECKING:
    import botocore.session
    from botocore.config import Config
    from botocore.credentials import Credentials

    from common.cli import Io

CONNECT_SECONDS = 10
READ_SECONDS = 60
ATTEMPTS = 5
ROLE_SECONDS = 3600


@dataclass(frozen=True)
class Aws:
    """Who we are and where we talk to. Every client of a run comes from here; `settings` override
    parts of their common config."""

    core: botocore.session.Session
    tool: str
    endpoint_url: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)
    _made: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    _making: threading.Lock = field(
        default_factory=threading.Lock, init=False, repr=False, compare=False
    )

    @property
    def region(self) -> str:
        """The region of -region, the environment or the profile. Raises ToolError without one."""
        region = self.core.get_config_variable("region")
        if not region:
            raise ToolError("no AWS region is configured", "Give -region or set AWS_REGION.")
        return str(region)

    def client(self, service: str, region: str = "", **settings: Any) -> Any:
        """A client with our retries and timeouts, made once and safe for many threads; `settings`
        override parts of the config."""
        place = (service, region or self.region, repr(sorted(settings.items())))
        # A session must not be asked by two threads at once; its clients may be.
        with self._making:
            if place not in self._made:
                self._made[place] = self.core.create_client(
                    service,
                    region_name=region or self.region,
                    endpoint_url=self.endpoint_url or None,
                    config=self.config(**settings),
                )
            return self._made[place]

    def config(self, **settings: Any) -> Config:
        """The SDK settings that every client shares."""
        from botocore.config import Config

        standard: dict[str, Any] = {
            "connect_timeout": CONNECT_SECONDS,
            "read_timeout": READ_SECONDS,
            "retries": {"mode": "standard", "total_max_attempts": ATTEMPTS},
            "max_pool_connections": 64,
            "user_agent_extra": f"panther-tools/{version.number()} {self.tool}",
        }
        if self.endpoint_url:
            # A host name of our own rarely resolves with a bucket in front of it.
            standard["s3"] = {"addressing_style": "path"}
        return Config(**(standard | dict(self.settings) | settings))

    def account(self) -> str:
        """The account id of the caller."""
        return str(self.client("sts").get_caller_identity()["Account"])

    def assume(self, role_arn: str, session_name: str) -> Aws:
        """The same place seen with a role's permissions; keys renew themselves before they expire.

        Raises the SDK's ClientError when the role cannot be assumed, at once and not at first use.
        """
        from botocore.credentials import RefreshableCredentials

        sts = self.client("sts")

        def fetch() -> dict[str, str]:
            reply = sts.assume_role(
                RoleArn=role_arn, RoleSessionName=session_name, DurationSeconds=ROLE_SECONDS
            )
            keys = reply["Credentials"]
            return {
                "access_key": keys["AccessKeyId"],
                "secret_key": keys["SecretAccessKey"],
                "token": keys["SessionToken"],
                "expiry_time": keys["Expiration"].isoformat(),
            }

        return self.signed_with(
            RefreshableCredentials.create_from_metadata(
                fetch(), refresh_using=fetch, method="assume-role", advisory_timeout=600,
                mandatory_timeout=300,
            )
        )  # fmt: skip

    def signed_with(self, credentials: Credentials) -> Aws:
        """The same place, with calls that are signed with other credentials."""
        from botocore.session import Session

        core = Session()
        # Service models take long to read: the sessions of many roles share what one has read.
        core.register_component("data_loader", self.core.get_component("data_loader"))
        core.set_config_variable("region", self.region)
        if self.core.profile:
            core.set_config_variable("profile", self.core.profile)
        core._credentials = credentials
        return replace(self, core=core)


def connect(io: Io, region: str = "") -> Aws:
    """The session that -profile, -region and -endpoint-url ask for; `region` overrides -region.

    Raises ToolError when no credentials can be found, before any work begins.
    """
    from botocore.exceptions import BotoCoreError
    from botocore.session import Session

    from common import awserrors

    core = Session(profile=io.args["profile"] or None)
    try:
        # botocore alone reads only AWS_DEFAULT_REGION; the CLI and the other SDKs read both.
        region = region or io.args["region"] or os.environ.get("AWS_REGION", "")
        if region:
            core.set_config_variable("region", region)
        aws = Aws(core, io.tool.name, io.args["endpoint-url"])
        credentials = core.get_credentials()
        if credentials is None:
            raise ToolError(
                "no AWS credentials found",
                "Set AWS_PROFILE, give -profile, or log in (aws sso login).",
            )
        _ = aws.region
        _check_ca_bundle(core.get_config_variable("ca_bundle"))
        return aws
    except BotoCoreError as error:
        raise awserrors.translate(error) from error


def _check_ca_bundle(path: str | None) -> None:
    # The SDK reports a missing file as an endpoint that cannot be reached.
    if path and not os.access(path, os.R_OK):
        raise ToolError(
            f"the CA bundle {path} cannot be read", "Check AWS_CA_BUNDLE and ca_bundle."
        )


def partition(region: str) -> str:
    """The ARN partition of a region: aws, aws-cn or aws-us-gov."""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"
