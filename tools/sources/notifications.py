"""Whether a bucket tells anybody about new objects below a prefix (pure).

Shapes: Amazon S3 API Reference, GetBucketNotificationConfiguration.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from common.sources import Source
from tools.sources.findings import FAILED, OK, Finding

ALL_CREATED = "s3:ObjectCreated:*"
EACH_CREATED = frozenset(
    f"s3:ObjectCreated:{way}" for way in ("Put", "Post", "Copy", "CompleteMultipartUpload")
)
NO_NOTIFICATION = "no_notification"
PARTIAL = "partial_notification"
OTHER_TARGET = "other_target"
_KINDS = (
    ("TopicConfigurations", "TopicArn"),
    ("QueueConfigurations", "QueueArn"),
    ("LambdaFunctionConfigurations", "LambdaFunctionArn"),
)


class Rule(NamedTuple):
    """Where a bucket sends which events about which keys."""

    target: str
    events: frozenset[str]
    prefix: str = ""
    suffix: str = ""

    def covers(self, prefix: str) -> bool:
        """True when it tells of new objects below `prefix`, perhaps not of all of them."""
        is_about_new = any(event.startswith("s3:ObjectCreated:") for event in self.events)
        return is_about_new and prefix.startswith(self.prefix)


def own_topic(partition: str, region: str, source: Source) -> str:
    """The topic that Panther's template makes in a source's account."""
    return f"arn:{partition}:sns:{region}:{source.account}:panther-notifications-topic"


def rules_of(configuration: Mapping[str, Any]) -> Iterator[Rule]:
    """The rules of a bucket's notification configuration."""
    for kind, arn in _KINDS:
        for entry in configuration.get(kind, ()):
            filters = {
                rule["Name"].lower(): rule.get("Value", "")
                for rule in entry.get("Filter", {}).get("Key", {}).get("FilterRules", ())
            }
            yield Rule(
                entry.get(arn, ""),
                frozenset(entry.get("Events", ())),
                filters.get("prefix", ""),
                filters.get("suffix", ""),
            )
    if "EventBridgeConfiguration" in configuration:
        yield Rule("EventBridge", frozenset((ALL_CREATED,)))


def coverage(configuration: Mapping[str, Any], prefix: str, topic: str) -> Finding:
    """Whether objects made below `prefix` are told to `topic`, to another target, or to nobody."""
    covering = [rule for rule in rules_of(configuration) if rule.covers(prefix)]
    told = _all_told(covering)
    if topic in told:
        return Finding(OK)
    if told:
        return Finding(OK, OTHER_TARGET, f"told to {told[0]}, not to {topic}")
    if covering:
        return Finding(FAILED, PARTIAL, f"only {_limits(covering[0])}, to {covering[0].target}")
    return Finding(FAILED, NO_NOTIFICATION, f"nobody is told of new objects; expected {topic}")


def _all_told(covering: Iterable[Rule]) -> list[str]:
    """The targets that learn of every new object, however it is made and whatever its key."""
    events: dict[str, frozenset[str]] = {}
    for rule in covering:
        if not rule.suffix:
            events[rule.target] = events.get(rule.target, frozenset()) | rule.events
    return [
        target for target, seen in events.items() if ALL_CREATED in seen or seen >= EACH_CREATED
    ]


def _limits(rule: Rule) -> str:
    events = ", ".join(sorted(rule.events))
    return f"{events} of keys ending in {rule.suffix!r}" if rule.suffix else events
