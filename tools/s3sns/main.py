"""s3sns: publish processed data again, to reload Snowflake or run rules on it."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from common import cli, consent, delivery, panther, s3, selection
from common.aws import connect
from common.batch import Refusal
from common.cli import Args, Io
from common.errors import ToolError, UsageError
from common.goflags import INTEGER, SWITCH, TEXT, Flag
from common.journal import Journal
from common.s3xml import Object
from common.selection import Selection
from common.times import TIME
from tools.s3sns import ages, log_types, messages, topics
from tools.s3sns.log_types import LogTypes
from tools.s3sns.messages import Attributes, Entry

if TYPE_CHECKING:
    from common.aws import Aws

AttributesOf = Callable[[str, Object], Attributes | Refusal]

# ---- what the user can ask -------------------------------------------------------------------

TOOL = cli.Tool(
    name="s3sns",
    summary="publish processed data again, to reload Snowflake or run rules on it",
    usage="s3sns -s3path s3://BUCKET/PREFIX [flags]",
    flags=(
        Flag("s3path", TEXT, "", "s3://bucket/prefix whose objects to publish"),
        Flag("topic", TEXT, panther.PROCESSED_TOPIC, "name or ARN of the topic to publish to"),
        Flag("account", TEXT, "", "account id of the topic (default: the caller's)"),
        Flag("attributes", SWITCH, False, "tell type and id, so that rules and catalog listen"),
        Flag("confirm-rules", SWITCH, False, "do not ask before every rule runs again"),
        Flag("limit", INTEGER, 0, "publish at most this many objects, 0 = all"),
        delivery.CONCURRENCY_FLAG,
        *selection.WINDOW_FLAGS,
        Flag("partition-start", TIME, None, "only hours (in the key) at or after this time (UTC)"),
        Flag("partition-end", TIME, None, "only hours (in the key) before this time (UTC)"),
        *selection.GLOB_FLAGS,
        *selection.FROM_FILE_FLAGS,
        *delivery.DELIVERY_FLAGS,
        cli.INTERACTIVE_FLAG,
        *cli.PLAN_FLAGS,
        *cli.AWS_FLAGS,
        *cli.OUTPUT_FLAGS,
    ),
    examples=(
        "s3sns -s3path s3://acme-processed/logs/aws_cloudtrail/ -dry-run",
        "s3sns -s3path s3://acme-processed/logs/ -partition-start 2021-02-05",
        "s3sns -s3path s3://acme-processed/rules/aws_cloudtrail/ -attributes",
    ),
)


@dataclass(frozen=True)
class Options:
    """A checked command line."""

    objects: Selection
    partitions: tuple[datetime | None, datetime | None]
    topic: topics.Address
    region: str
    attributes: bool
    confirm_rules: bool
    delivery: delivery.Settings
    dry_run: bool

    @property
    def identity(self) -> dict[str, object]:
        """The arguments that a checkpoint belongs to."""
        return {
            **self.objects.identity,
            "partition-start": self.partitions[0],
            "partition-end": self.partitions[1],
            "topic": self.topic.name,
            "region": self.topic.region or self.region,
            "account": self.topic.account,
            "attributes": self.attributes,
        }


def options(args: Args, io: Io) -> Options:
    """Check the command line. Raises UsageError naming the flag and the remedy."""
    start, end = args["partition-start"], args["partition-end"]
    if start and end and start >= end:
        raise UsageError(
            "-partition-start is not before -partition-end", "No hour can lie between them."
        )
    objects = selection.selection_of(args, io)
    if start or end:
        also = in_partitions(start, end)
        objects = replace(objects, filter=replace(objects.filter, also=also))
    return Options(
        objects=objects,
        partitions=(start, end),
        topic=topics.parse_address(
            cli.require_text(args, io, "topic", "Topic name"), args["account"]
        ),
        region=args["region"],
        attributes=args["attributes"],
        confirm_rules=args["confirm-rules"],
        delivery=delivery.settings_of(args),
        dry_run=args["dry-run"],
    )


# ---- deciding: pure --------------------------------------------------------------------------


def in_partitions(start: datetime | None, end: datetime | None) -> Callable[[str], bool]:
    """A function that is true for keys whose hour lies in [start, end); keys without one do not."""

    def is_inside(key: str) -> bool:
        hour = panther.partition_hour(key)
        return hour is not None and not (start and hour < start) and not (end and hour >= end)

    return is_inside


def may_hold(path: s3.Path | None, folders: Sequence[str]) -> bool:
    """Whether objects of one of these top folders can be below `path` (None = in a list)."""
    if path is None:
        return True
    return any(path.prefix.startswith(top) or top.startswith(path.prefix) for top in folders)


def kind_of(found: Object) -> str:
    """What an object is counted as: its data type, or Other."""
    return panther.DATA_TYPES.get(found.key.partition("/")[0], "Other")


def attributes_by(log_type_of: Callable[[str, str, str], str | Refusal]) -> AttributesOf:
    """A function that gives an object's `type` and `id`: the rule of rule data, otherwise the log
    type, which `log_type_of` gives for (bucket, key, table)."""
    parsed = lru_cache(maxsize=1024)(panther.parse_processed_key)

    def attributes_of(bucket: str, found: Object) -> Attributes | Refusal:
        key = parsed(found.key.rpartition("/")[0] + "/")
        if key is None:
            what = ", ".join(f"{top}/" for top in panther.DATA_TYPES)
            return Refusal("NoDataType", f"its key is not TABLE/... below one of {what}", True)
        if key.data_type in panther.RULE_DATA_TYPES:
            missing = Refusal("NoRuleId", "its key has no rule_id= element", is_final=True)
            described = key.rule_id or missing
        else:
            described = log_type_of(bucket, found.key, key.table)
        if isinstance(described, Refusal):
            return described
        return (("type", key.data_type), ("id", described))

    return attributes_of


# ---- doing -----------------------------------------------------------------------------------


def attributes_for(aws: Aws, wanted: Options, io: Io) -> AttributesOf:
    """A function that gives an object's attributes, after Panther's log types have been read."""
    from botocore.exceptions import ClientError

    if not wanted.attributes:
        return lambda bucket, found: ()
    known: log_types.Tables = {}
    if may_hold(wanted.objects.path, panther.LOG_FOLDERS):
        known = log_types.by_table(log_types.listed(aws))
        io.out.debug(f"{len(known)} tables have a log type")

    def deleted() -> Sequence[str]:
        try:
            return log_types.deleted(aws)
        except (ClientError, ToolError) as error:
            io.out.warn(f"cannot list deleted log types: {cli.explain(error).message}")
            return ()

    return attributes_by(LogTypes(known, deleted, log_types.reader(aws), io.out.debug).of)


def confirm(wanted: Options, topic: topics.Topic, io: Io) -> None:
    """Say that every rule will run again, and ask unless that was agreed to beforehand."""
    path = wanted.objects.path
    if not wanted.attributes or not may_hold(path, panther.LOG_FOLDERS):
        return
    plan = (
        f"warning: with -attributes every rule runs again on the log data of "
        f"{path or wanted.objects.from_file}, published to {topic.arn}: alerts may be raised again"
    )
    if wanted.confirm_rules:
        io.out.info(plan)
    else:
        consent.ask(io, plan, "Publish it?", unattended_is_fine=True)


def poster(wire: topics.TopicWire, attributes_of: AttributesOf) -> delivery.Post:
    """A function that publishes one batch of objects of one bucket."""
    renderer = lru_cache(maxsize=None)(messages.renderer)

    def post(bucket: str, objects: Sequence[Object]) -> Sequence[Refusal | None]:
        render = renderer(bucket)
        told = [attributes_of(bucket, found) for found in objects]
        entries = [
            Entry(render(found), attributes)
            for found, attributes in zip(objects, told, strict=True)
            if not isinstance(attributes, Refusal)
        ]
        answers = iter(wire.publish(entries) if entries else ())
        return [each if isinstance(each, Refusal) else next(answers) for each in told]

    return post


def line_printer(attributes_of: AttributesOf, wanted: Options, io: Io) -> delivery.LineOf:
    """A function that shows what would be published: the URL, or with -output json the message,
    with -attributes as an object of message and attributes."""

    def line_of(bucket: str, found: Object) -> str | Refusal:
        attributes = attributes_of(bucket, found)
        if isinstance(attributes, Refusal):
            return attributes
        if not io.out.is_json:
            return delivery.url(bucket, found)
        message = messages.body(bucket, found)
        if not wanted.attributes:
            return message
        row = {"message": message, "attributes": dict(attributes)}
        return json.dumps(row, ensure_ascii=False, separators=(",", ":"))

    return line_of


# ---- joining ---------------------------------------------------------------------------------


def run(wanted: Options, io: Io) -> int:
    """List, filter, batch, publish, report; the exit code."""
    started = time.monotonic()
    keep = wanted.delivery
    journal = Journal(keep.checkpoint, TOOL.name, wanted.identity, keep.restart)
    if journal.is_complete:
        io.out.info(f"everything was sent before, says {keep.checkpoint}; -restart sends it again")
        return cli.DONE
    aws = connect(io, wanted.topic.region)
    topic = topics.locate(aws, wanted.topic)
    io.out.debug(f"topic {topic.arn}")
    topics.check(aws, topic, io.out)
    attributes_of = attributes_for(aws, wanted, io)
    objects = selection.open_objects(aws, wanted.objects, io.stop, journal.resumed)
    if any(wanted.partitions):
        io.out.info("objects whose keys name no hour are left out")
    found = selection.limited(objects.chunks(), wanted.objects.limit, journal.total.sent)
    found = ages.watched(found, datetime.now(UTC), io.out.warn)
    if wanted.dry_run:
        line_of = line_printer(attributes_of, wanted, io)
        return delivery.show(io, aws, found, topic.name, line_of)
    confirm(wanted, topic, io)
    post = poster(topics.TopicWire(aws, topic, io.out.debug), attributes_of)
    sender = delivery.sender(io, aws, keep, journal, post, kind_of)
    try:
        batches = delivery.batches(found, journal)
        delivery.deliver(sender, batches, objects.ranges, keep.workers, io)
    finally:
        by_type = dict(sorted(journal.total.kinds.items()))
        code = delivery.conclude(
            io, journal, keep, topic.name, topic.region, started, topic=topic.name, by_type=by_type
        )
    return code


def main(argv: Sequence[str] | None = None) -> int:
    """Run the tool; returns its exit code."""
    return cli.run(TOOL, options, run, argv)


if __name__ == "__main__":
    sys.exit(main())
