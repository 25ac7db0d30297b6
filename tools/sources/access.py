"""Checks of what a source is reached by: its roles and its queue."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from common import aws as aws_session
from tools.sources import rules
from tools.sources.findings import FAILED, OK, Check, Finding, check_of
from tools.sources.visit import Bench, Visit, attempt


def assume_role(visit: Visit) -> Iterator[Check]:
    """sts:AssumeRole on the stored role or, for sources without one, on the usual name."""
    bench, source = visit.bench, visit.source
    region = bench.aws.region
    ruled = rules.ruled_role(source, aws_session.partition(region), region, bench.panther)
    arn = source.role_arn or ruled
    if not arn:
        yield check_of("role", "", Finding(FAILED, "no_role", "the source stores no role"))
        return

    def look() -> Finding:
        visit.role, visit.role_arn = bench.roles.assume(arn), arn
        return rules.role_finding(source.role_arn, ruled)

    yield attempt(visit, "role", arn, look, lambda said: _refused(bench, said))


def _refused(bench: Bench, said: str) -> Finding:
    return Finding(FAILED, "AccessDenied", rules.refused_role(said, bench.caller, bench.panther))


def identity(visit: Visit) -> Iterator[Check]:
    """sts:GetCallerIdentity with the role: the keys that it gave are good."""
    role = visit.role
    if role is None:
        return

    def look() -> Finding:
        account = str(role.client("sts").get_caller_identity()["Account"])
        return rules.identity_finding(visit.role_arn, account)

    yield attempt(visit, "identity", visit.role_arn, look)


def cloud_roles(visit: Visit) -> Iterator[Check]:
    """sts:AssumeRole on the roles that scan an account and remediate in it."""
    region = visit.bench.aws.region
    for name, arn in rules.cloud_roles(visit.source, aws_session.partition(region), region):
        yield _assumable(visit, name, arn)


def _assumable(visit: Visit, name: str, arn: str) -> Check:
    bench = visit.bench

    def look() -> Finding:
        bench.roles.try_on(arn)
        return Finding(OK)

    return attempt(visit, name, arn, look, lambda said: _refused(bench, said))


def queue(visit: Visit) -> Iterator[Check]:
    """sqs:GetQueueAttributes on the queue that senders use, with the caller's permissions."""
    url = visit.source.queue_url
    if not url:
        yield check_of("queue", "", Finding(FAILED, "no_queue", "the source stores no queue"))
        return

    def look() -> Finding:
        aws = visit.bench.aws
        client = aws.client("sqs", rules.queue_region(url, aws.region))
        got = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        created = datetime.fromtimestamp(int(float(got.get("CreatedTimestamp", 0))), UTC)
        return rules.queue_finding(got, created.strftime("%Y-%m-%dT%H:%M:%SZ"))

    yield attempt(visit, "queue", url, look)
