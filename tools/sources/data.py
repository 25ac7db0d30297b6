"""Checks of a source's data: bucket, key, listing, objects and notifications."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from common import aws as aws_session
from common import s3
from common.sources import outermost
from tools.sources import notifications, rules
from tools.sources.findings import FAILED, OK, SKIPPED, Check, Finding, check_of
from tools.sources.visit import NO_ROLE, Visit, attempt

LIST_KEYS = 50


def bucket(visit: Visit) -> Iterator[Check]:
    """s3:GetBucketLocation, or HeadBucket where that is denied."""
    name = visit.source.bucket
    if not name:
        visit.has_bucket = False
        yield check_of("bucket", "", Finding(FAILED, "no_bucket", "the source stores no bucket"))
        return
    if visit.role is None:
        yield check_of("bucket", name, NO_ROLE)
        return
    role = visit.role

    def look() -> Finding:
        visit.region = s3.bucket_region(role, name)
        return Finding(OK, "", f"in {visit.region}")

    check = attempt(visit, "bucket", name, look)
    visit.has_bucket = check.code not in ("NoSuchBucket", "404")
    yield check


def kms_key(visit: Visit) -> Iterator[Check]:
    """kms:DescribeKey, for sources with a key of their own."""
    arn = visit.source.kms_key
    if not arn:
        return
    if visit.role is None:
        yield check_of("kms key", arn, NO_ROLE)
        return
    role = visit.role

    def look() -> Finding:
        region = rules.key_region(arn, visit.region or visit.bench.aws.region)
        reply = role.client("kms", region).describe_key(KeyId=arn)
        return rules.key_finding(reply["KeyMetadata"])

    yield attempt(visit, "kms key", arn, look)


def listings(visit: Visit) -> Iterator[Check]:
    """s3:ListBucket below each prefix, and s3:GetObject (with kms:Decrypt) on its first objects."""
    for prefix in outermost(prefix for prefix, _ in visit.source.prefixes):
        if visit.obstacle:
            target = f"s3://{visit.source.bucket}/{prefix}"
            yield check_of("list", target, visit.obstacle)
        else:
            yield from _below(visit, prefix)


def _below(visit: Visit, prefix: str) -> Iterator[Check]:
    target = f"s3://{visit.source.bucket}/{prefix}"
    named = [key for key in visit.named_keys if key.startswith(prefix)]
    listed: list[Mapping[str, Any]] = []

    def look() -> Finding:
        reply = visit.s3.list_objects_v2(Prefix=prefix, MaxKeys=LIST_KEYS, **visit.bucket)
        listed.extend(reply.get("Contents", ()))
        return Finding(OK)

    def if_denied(_said: str) -> Finding:
        return _wrong_owner(visit, prefix) or rules.list_denied_finding(bool(named))

    check = attempt(visit, "list", target, look, if_denied)
    yield check
    samples = rules.sample_keys(listed, visit.bench.samples)
    if check.result == OK and not named and not samples:
        yield check_of("read", target, rules.empty_finding(bool(listed)))
    for key in dict.fromkeys((*named, *samples)):
        yield from _read(visit, key)


def _wrong_owner(visit: Visit, prefix: str) -> Finding | None:
    # S3 refuses a bucket of another owner just as it refuses a missing permission.
    from botocore.exceptions import BotoCoreError, ClientError

    if "ExpectedBucketOwner" not in visit.bucket:
        return None
    try:
        visit.s3.list_objects_v2(Bucket=visit.source.bucket, Prefix=prefix, MaxKeys=1)
    except (BotoCoreError, ClientError):
        return None
    account = visit.source.account
    return Finding(FAILED, "wrong_owner", f"the bucket does not belong to account {account}")


def _read(visit: Visit, key: str) -> Iterator[Check]:
    from botocore.exceptions import ClientError

    from common import awserrors

    target = f"s3://{visit.source.bucket}/{key}"

    def head() -> Finding:
        visit.s3.head_object(Key=key, **visit.bucket)
        return Finding(OK)

    def first_byte() -> Finding:
        try:
            reply = visit.s3.get_object(Key=key, Range="bytes=0-0", **visit.bucket)
        except ClientError as error:
            # An empty object has no first byte; S3 says so only to who may read it.
            if awserrors.code_of(error) == "InvalidRange":
                return Finding(OK)
            raise
        with reply["Body"] as body:
            body.read(1)
        return Finding(OK)

    yield attempt(visit, "head", target, head)
    yield attempt(visit, "read", target, first_byte)


def bucket_notifications(visit: Visit) -> Iterator[Check]:
    """s3:GetBucketNotification: somebody is told of new objects below each prefix."""
    source = visit.source
    if not visit.bench.with_notifications:
        return
    if visit.obstacle:
        yield check_of("notifications", source.bucket, visit.obstacle)
        return
    configuration: dict[str, Any] = {}

    def look() -> Finding:
        reply = visit.s3.get_bucket_notification_configuration(**visit.bucket)
        configuration.update(reply)
        return Finding(OK)

    def if_denied(_said: str) -> Finding:
        return Finding(SKIPPED, "denied", "the role lacks s3:GetBucketNotification")

    check = attempt(visit, "notifications", source.bucket, look, if_denied)
    if check.result != OK:
        yield check
        return
    partition = aws_session.partition(visit.bench.aws.region)
    topic = notifications.own_topic(partition, visit.region or visit.bench.aws.region, source)
    for prefix in sorted({prefix for prefix, _ in source.prefixes}):
        finding = notifications.coverage(configuration, prefix, topic)
        yield check_of("notifications", f"s3://{source.bucket}/{prefix}", finding, check.ms)
