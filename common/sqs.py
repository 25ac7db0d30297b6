"""SQS: finding queues, and batches of messages sent, received and deleted entry by entry.

The wire format is SQS's JSON protocol (Amazon SQS API Reference, "Making requests using the AWS
JSON protocol"); entries are JSON fragments so that callers can make them from templates.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from common.batch import UNANSWERED, Refusal
from common.errors import ToolError, UsageError

if TYPE_CHECKING:
    from common.aws import Aws
    from common.wire import Reply, Wire

BATCH_ENTRIES = 10
BATCH_BYTES = 262_144
# Final: a copy is there already, and another try would only add a second one.
CHECKSUM_MISMATCH = Refusal(
    "ChecksumMismatch", "SQS stored something else than was sent", is_final=True, is_doubtful=True
)


@dataclass(frozen=True)
class Queue:
    """A queue as it was found; sizes are bytes, counts are SQS's approximations, `read_at` is
    when the attributes were read: seconds since the epoch by the server's clock."""

    name: str
    url: str
    region: str
    attributes: Mapping[str, str]
    read_at: float = 0.0

    @property
    def is_fifo(self) -> bool:
        """True for a first-in-first-out queue."""
        return self.name.endswith(".fifo")

    @property
    def message_bytes(self) -> int:
        """The longest message the queue takes, attributes included."""
        return int(self.attributes.get("MaximumMessageSize", BATCH_BYTES))

    @property
    def batch_bytes(self) -> int:
        """The most that one batch request may carry: 256 KiB unless the queue allows more."""
        return max(BATCH_BYTES, self.message_bytes)

    @property
    def visible(self) -> int:
        """About how many messages can be received."""
        return int(self.attributes.get("ApproximateNumberOfMessages", 0))


def find(aws: Aws, text: str) -> Queue:
    """The queue called by name, URL or ARN, with its attributes.

    Raises ToolError when it does not exist; the SDK's ClientError when it may not be read.
    """
    from botocore.exceptions import ClientError

    from common import awserrors

    name, region, owner = _place(text)
    client = aws.client("sqs", region=region or aws.region)
    asked = {"QueueName": name} | ({"QueueOwnerAWSAccountId": owner} if owner else {})
    try:
        url = client.get_queue_url(**asked)["QueueUrl"]
        reply = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    except ClientError as error:
        if awserrors.is_missing_queue(error):
            where = region or aws.region
            raise ToolError(
                f"queue {name} does not exist in {where}", "Check the name and -region."
            ) from error
        raise
    return Queue(
        name, url, region or aws.region, reply.get("Attributes", {}), _server_seconds(reply)
    )


def _server_seconds(reply: Mapping[str, Any]) -> float:
    from email.utils import parsedate_to_datetime

    date = reply.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date", "")
    try:
        return parsedate_to_datetime(date).timestamp()
    except ValueError:
        return time.time()


def _place(text: str) -> tuple[str, str, str]:
    """Queue name, region and owner of a name, URL or ARN; "" for what it does not say."""
    if text.startswith("arn:"):
        parts = text.split(":")
        if len(parts) != 6 or parts[2] != "sqs" or not parts[5]:
            raise UsageError(f"{text!r} is no queue ARN", "Write arn:aws:sqs:REGION:ACCOUNT:NAME.")
        return parts[5], parts[3], parts[4]
    if text.startswith(("https://", "http://")):
        url = urlsplit(text)
        owner, _, name = url.path.strip("/").rpartition("/")
        if not name:
            raise UsageError(f"{text!r} is no queue URL", "Give the queue's name, URL or ARN.")
        host = (url.hostname or "").split(".")
        region = host[1] if host[0] == "sqs" and len(host) > 3 else ""
        return name, region, owner if owner.isdigit() else ""
    return text, "", ""


class QueueWire:
    """Requests to one queue by the hundred thousand; safe for many threads."""

    def __init__(self, aws: Aws, queue: Queue) -> None:
        import orjson

        from common.wire import Wire

        base = aws.client("sqs", region=queue.region).meta.endpoint_url
        self._wire: Wire = Wire(aws, "sqs", queue.region, base)
        self._url = orjson.dumps(queue.url).decode()
        self._loads = orjson.loads

    def send(
        self,
        entries: Sequence[str],
        body_md5s: Sequence[str] = (),
        attribute_md5s: Sequence[str | None] = (),
    ) -> Sequence[Refusal | None]:
        """Send up to 10 messages; each entry is `"MessageBody":"...","MessageAttributes":...`.

        One answer for each entry, None when SQS took it and (where checksums are given, None for a
        message without attributes) confirms its content. Raises the SDK's errors when the request
        fails as a whole.
        """
        answer = self._batch("SendMessageBatch", entries)
        found = _answers(answer, len(entries))
        for item in answer.get("Successful", ()) if body_md5s or attribute_md5s else ():
            place = int(item["Id"])
            if body_md5s and item.get("MD5OfMessageBody") != body_md5s[place]:
                found[place] = CHECKSUM_MISMATCH
            if attribute_md5s and item.get("MD5OfMessageAttributes") != attribute_md5s[place]:
                found[place] = CHECKSUM_MISMATCH
        return found

    def delete(self, receipt_handles: Sequence[str]) -> Sequence[Refusal | None]:
        """Delete up to 10 received messages. Answers and raises as send()."""
        entries = [f'"ReceiptHandle":{_json(handle)}' for handle in receipt_handles]
        return _answers(self._batch("DeleteMessageBatch", entries), len(entries))

    def set_visibility(
        self, receipt_handles: Sequence[str], seconds: int
    ) -> Sequence[Refusal | None]:
        """Hide up to 10 received messages for `seconds` from now; 0 makes them visible at once.
        Answers and raises as send()."""
        entries = [
            f'"ReceiptHandle":{_json(handle)},"VisibilityTimeout":{seconds}'
            for handle in receipt_handles
        ]
        return _answers(self._batch("ChangeMessageVisibilityBatch", entries), len(entries))

    def receive(
        self, visibility_seconds: int, wait_seconds: int, most: int = BATCH_ENTRIES
    ) -> list[dict[str, Any]]:
        """Up to `most` messages (10 at most) with all attributes, in SQS's JSON shape.

        Raises the SDK's errors.
        """
        body = (
            f'{{"QueueUrl":{self._url},"MaxNumberOfMessages":{most},'
            f'"VisibilityTimeout":{visibility_seconds},"WaitTimeSeconds":{wait_seconds},'
            '"MessageAttributeNames":["All"],"MessageSystemAttributeNames":["All"],'
            '"AttributeNames":["All"]}'
        )
        messages: list[dict[str, Any]] = self._call("ReceiveMessage", body).get("Messages", [])
        return messages

    def attributes(self, *names: str) -> dict[str, str]:
        """The named queue attributes as they are now. Raises the SDK's errors."""
        body = f'{{"QueueUrl":{self._url},"AttributeNames":[{",".join(map(_json, names))}]}}'
        found: dict[str, str] = self._call("GetQueueAttributes", body).get("Attributes", {})
        return found

    def _batch(self, operation: str, entries: Sequence[str]) -> dict[str, Any]:
        rows = ",".join([f'{{"Id":"{place}",{entry}}}' for place, entry in enumerate(entries)])
        return self._call(operation, f'{{"QueueUrl":{self._url},"Entries":[{rows}]}}')

    def _call(self, operation: str, body: str) -> dict[str, Any]:
        headers = {
            "content-type": "application/x-amz-json-1.0",
            "x-amz-target": f"AmazonSQS.{operation}",
        }
        reply: Reply = self._wire.send(
            operation, "POST", self._wire.path or "/", "", headers, body.encode()
        )
        answer: dict[str, Any] = self._loads(reply.body) if reply.body else {}
        return answer


def _answers(answer: Mapping[str, Any], count: int) -> list[Refusal | None]:
    found: list[Refusal | None] = [UNANSWERED] * count
    for item in answer.get("Successful", ()):
        found[int(item["Id"])] = None
    for item in answer.get("Failed", ()):
        found[int(item["Id"])] = Refusal(
            item.get("Code", ""), item.get("Message", ""), bool(item.get("SenderFault"))
        )
    return found


def _json(text: str) -> str:
    import orjson

    return orjson.dumps(text).decode()
