"""The topic that s3sns publishes to: its name, whether it exists, and requests to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

from common.aws import partition
from common.batch import Refusal, refusal_of
from common.errors import ToolError, UsageError
from tools.s3sns import messages
from tools.s3sns.messages import Entry

if TYPE_CHECKING:
    from common.aws import Aws
    from common.output import Output
    from common.wire import Wire

_NAME = re.compile(r"[A-Za-z0-9_-]{1,256}")
_NO_BATCHES = ("InvalidAction", "UnknownOperation", "UnknownOperationException")
_WRONG_ENTRY = "InvalidParameter ParameterValueInvalid BatchRequestTooLong".split()
_TYPE = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}


@dataclass(frozen=True)
class Address:
    """A topic as -topic and -account name it; "" for what they leave open."""

    name: str
    partition: str = ""
    region: str = ""
    account: str = ""


@dataclass(frozen=True)
class Topic:
    """A topic in its place."""

    name: str
    region: str
    arn: str


def parse_address(text: str, account: str) -> Address:
    """The address that a name or ARN stands for; an ARN's account wins over `account`.

    Raises UsageError.
    """
    address = Address(text, account=account)
    if text.startswith("arn:"):
        parts = text.split(":")
        if len(parts) != 6 or parts[2] != "sns" or not all(parts[1:]):
            raise UsageError(
                f"-topic {text!r} is no topic ARN", "Write arn:aws:sns:REGION:ACCOUNT:NAME."
            )
        address = Address(parts[5], parts[1], parts[3], parts[4])
    if address.name.endswith(".fifo"):
        raise UsageError(
            f"-topic {address.name} is a FIFO topic", "The processed-data topic is a standard one."
        )
    if not _NAME.fullmatch(address.name):
        raise UsageError(
            f"-topic {text!r} is no topic name", "It has letters, digits, - and _, or is an ARN."
        )
    return address


def locate(aws: Aws, address: Address) -> Topic:
    """The topic at an address; what that leaves open comes from the session and the caller."""
    region = address.region or aws.region
    account = address.account or aws.account()
    arn = f"arn:{address.partition or partition(region)}:sns:{region}:{account}:{address.name}"
    return Topic(address.name, region, arn)


def check(aws: Aws, topic: Topic, out: Output) -> None:
    """Make sure that a topic exists; only warns when it may not be looked at.

    Raises ToolError naming a topic that does not exist.
    """
    from botocore.exceptions import ClientError

    from common import awserrors

    try:
        aws.client("sns", region=topic.region).get_topic_attributes(TopicArn=topic.arn)
    except ClientError as error:
        if awserrors.code_of(error) == "NotFound":
            raise ToolError(
                f"topic {topic.arn} does not exist", "Check -topic, -region and -account."
            ) from error
        if not awserrors.is_denied(error):
            raise
        out.warn(f"cannot check topic {topic.name}: {awserrors.translate(error).message}")


class TopicWire:
    """Requests to one topic by the hundred thousand; safe for many threads."""

    def __init__(self, aws: Aws, topic: Topic, debug: Callable[[str], None]) -> None:
        from common.wire import Wire

        base = aws.client("sns", region=topic.region).meta.endpoint_url
        self._wire: Wire = Wire(aws, "sns", topic.region, base)
        self._target = f"Version=2010-03-31&TopicArn={quote_plus(topic.arn)}"
        self._debug = debug
        self._has_batches = True

    def publish(self, entries: Sequence[Entry]) -> Sequence[Refusal | None]:
        """Publish up to 10 messages: one answer for each entry, None when SNS took it.

        Raises the SDK's errors when the request fails as a whole.
        """
        from botocore.exceptions import ClientError

        from common import awserrors

        if self._has_batches:
            try:
                return self._publish_batches(entries)
            except ClientError as error:
                if awserrors.code_of(error) not in _NO_BATCHES:
                    raise
                self._has_batches = False
                self._debug("the endpoint does not know PublishBatch: using Publish")
        return _each([[entry] for entry in entries], self._publish_one)

    def _publish_batches(self, entries: Sequence[Entry]) -> Sequence[Refusal | None]:
        fields = messages.batch_fields(entries)
        # What is encoded is never shorter than what it stands for.
        if len(fields) <= messages.BATCH_BYTES:
            return self._publish_batch(fields, len(entries))
        slices = messages.parts([messages.entry_bytes(entry) for entry in entries])
        return _each(
            [entries[part] for part in slices],
            lambda part: self._publish_batch(messages.batch_fields(part), len(part)),
        )

    def _publish_batch(self, fields: str, count: int) -> Sequence[Refusal | None]:
        return messages.answers(self._call("PublishBatch", fields), count)

    def _publish_one(self, part: Sequence[Entry]) -> Sequence[Refusal | None]:
        self._call("Publish", messages.single_fields(part[0]))
        return [None]

    def _call(self, operation: str, fields: str) -> bytes:
        data = f"Action={operation}&{self._target}{fields}".encode("ascii")
        path = self._wire.path or "/"
        return bytes(self._wire.send(operation, "POST", path, "", _TYPE, data).body)


def _each(
    parts: Sequence[Sequence[Entry]], send: Callable[[Sequence[Entry]], Sequence[Refusal | None]]
) -> Sequence[Refusal | None]:
    """The answers of several requests: one that fails must not make the others be sent again."""
    from botocore.exceptions import BotoCoreError, ClientError

    from common import awserrors

    found: list[Refusal | None] = []
    for part in parts:
        try:
            found += send(part)
        except (ClientError, BotoCoreError) as error:
            code = awserrors.code_of(error)
            if len(part) == 1 and code in _WRONG_ENTRY:
                found.append(Refusal(code, str(error), is_final=True))
            elif awserrors.is_transient(error):
                found += [refusal_of(error)] * len(part)
            else:
                raise
    return found
