"""STS over the query protocol: who the caller is, and roles that may always be assumed."""

from __future__ import annotations

from urllib.parse import parse_qsl

from benchmarks import synthetic
from benchmarks.replies import query
from benchmarks.serving import Reply

_SPACE = "https://sts.amazonaws.com/doc/2011-06-15/"


def caller(_body: bytes) -> Reply:
    """The reply to GetCallerIdentity."""
    arn = f"arn:aws:iam::{synthetic.ACCOUNT}:user/operator"
    return query.result(
        "GetCallerIdentity",
        _SPACE,
        f"<Arn>{arn}</Arn><UserId>AIDAEXAMPLE</UserId><Account>{synthetic.ACCOUNT}</Account>",
    )


def assume(body: bytes) -> Reply:
    """The reply to AssumeRole."""
    fields = dict(parse_qsl(body.decode()))
    arn = f"{fields['RoleArn'].replace(':iam:', ':sts:')}/{fields['RoleSessionName']}"
    return query.result(
        "AssumeRole",
        _SPACE,
        "<Credentials><AccessKeyId>ASIAEXAMPLE000000000</AccessKeyId>"
        f"<SecretAccessKey>{'s' * 40}</SecretAccessKey><SessionToken>{'t' * 356}</SessionToken>"
        "<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
        f"<AssumedRoleUser><AssumedRoleId>AROAEXAMPLE:session</AssumedRoleId><Arn>{arn}</Arn>"
        "</AssumedRoleUser>",
    )
