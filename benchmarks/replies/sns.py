"""SNS over the query protocol: topics that count what is published."""

from __future__ import annotations

import hashlib
import re
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes

from benchmarks import synthetic
from benchmarks.replies import query
from benchmarks.serving import Reply

_SPACE = "http://sns.amazonaws.com/doc/2010-03-31/"
_TOPIC = re.compile(rb"(?:^|&)TopicArn=([^&]*)")
_BATCH_FIELD = re.compile(rb"PublishBatchRequestEntries\.member\.(\d+)\.(Id|Message)=([^&]*)")


class Topic:
    """What has been published to one topic."""

    def __init__(self) -> None:
        self.arrivals = 0
        self.arrived: set[bytes] = set()
        self.arrived_marks: set[bytes] = set()

    def state(self) -> dict[str, Any]:
        """The figures that a benchmark verifies its work with."""
        return {
            "arrivals": self.arrivals,
            "distinct": len(self.arrived),
            "distinct_indexes": len(self.arrived_marks),
            "highest_index": int(max(self.arrived_marks, default=b"-1"), 16),
        }


class Topics:
    """All topics; one that was never named before is made empty."""

    def __init__(self) -> None:
        self._topics: dict[str, Topic] = {}

    def reset(self) -> None:
        """Forget every topic."""
        self._topics.clear()

    def state(self) -> dict[str, Any]:
        """The figures of every topic by name."""
        return {name: topic.state() for name, topic in self._topics.items()}

    def _named(self, arn: str) -> Topic:
        name = arn.rpartition(":")[2]
        if name not in self._topics:
            self._topics[name] = Topic()
        return self._topics[name]

    def publish_batch(self, body: bytes) -> Reply:
        """The reply to PublishBatch."""
        found = _TOPIC.search(body)
        topic = self._named(unquote_to_bytes(found[1]).decode() if found else "")
        ids: list[tuple[int, bytes]] = []
        for number, name, value in _BATCH_FIELD.findall(body):
            if name == b"Id":
                ids.append((int(number), value))
            else:
                # The encoding of a message is as good as the message to tell messages apart.
                topic.arrived.add(hashlib.md5(value).digest())
        ids.sort()
        members = []
        for _, entry_id in ids:
            topic.arrivals += 1
            members.append(
                f"<member><Id>{entry_id.decode()}</Id><MessageId>{topic.arrivals:08x}"
                "-0000-4000-8000-000000000000</MessageId></member>"
            )
        topic.arrived_marks.update(synthetic.marks(body))
        return query.result(
            "PublishBatch", _SPACE, f"<Failed/><Successful>{''.join(members)}</Successful>"
        )

    def publish(self, body: bytes) -> Reply:
        """The reply to Publish."""
        fields = dict(parse_qsl(body.decode(), keep_blank_values=True))
        topic = self._named(fields["TopicArn"])
        topic.arrivals += 1
        topic.arrived.add(hashlib.md5(fields["Message"].encode()).digest())
        topic.arrived_marks.update(synthetic.marks(fields["Message"].encode()))
        message_id = f"{topic.arrivals:08x}-0000-4000-8000-000000000000"
        return query.result("Publish", _SPACE, f"<MessageId>{message_id}</MessageId>")

    def attributes(self, body: bytes) -> Reply:
        """The reply to GetTopicAttributes."""
        arn = dict(parse_qsl(body.decode()))["TopicArn"]
        values = {
            "TopicArn": arn,
            "Owner": synthetic.ACCOUNT,
            "DisplayName": "",
            "SubscriptionsConfirmed": "4",
            "SubscriptionsPending": "0",
            "SubscriptionsDeleted": "0",
        }
        entries = "".join(
            f"<entry><key>{name}</key><value>{value}</value></entry>"
            for name, value in values.items()
        )
        return query.result("GetTopicAttributes", _SPACE, f"<Attributes>{entries}</Attributes>")
