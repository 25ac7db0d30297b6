"""Panther's naming rules for roles, and what the replies of AWS mean for a source (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from common.sources import S3, SCAN, SQS, Source
from tools.sources.findings import FAILED, OK, SKIPPED, Finding

ARN_FROM_RULE = "arn_from_rule"
UNUSUAL_ARN = "unusual_arn"
LIST_DENIED = "list_denied"
EMPTY = "empty"

# ---- roles -----------------------------------------------------------------------------------


def ruled_role(source: Source, partition: str, region: str, panther_account: str) -> str:
    """The ARN that Panther's own templates give a source's log processing role, "" when it does
    not follow from what is known. `region` is that of the deployment."""
    if source.type == S3:
        account, name = source.account, _suffix(source.label)
    else:
        account, name = panther_account, f"PantherInputDataLogProcessingRole-{region}"
    return role_arn(partition, account, name) if account and name else ""


def _suffix(label: str) -> str:
    suffix = label.replace(" ", "-").lower()
    return f"PantherLogProcessingRole-{suffix}" if suffix else ""


def role_arn(partition: str, account: str, name: str) -> str:
    """The ARN of a role."""
    return f"arn:{partition}:iam::{account}:role/{name}"


def role_finding(stored: str, ruled: str) -> Finding:
    """What to remark about a role that could be assumed; neither remark is a fault."""
    if not stored:
        return Finding(OK, ARN_FROM_RULE, "the source stores no role; this is the usual name")
    if ruled and stored != ruled:
        return Finding(OK, UNUSUAL_ARN, f"Panther's own templates name it {ruled}")
    return Finding(OK)


def identity_finding(arn: str, account: str) -> Finding:
    """Whether the keys of a role belong to the account that its ARN names."""
    if account == arn.split(":")[4]:
        return Finding(OK, "", f"in account {account}")
    return Finding(FAILED, "other_account", f"its keys belong to account {account}")


def cloud_roles(source: Source, partition: str, region: str) -> list[tuple[str, str]]:
    """(check name, role ARN) of the further roles that cloud security uses in the account."""
    wanted = [("audit role", "PantherAuditRole")]
    if source.raw.get("cweEnabled") is True:
        wanted.append(("stack set role", "PantherCloudFormationStackSetExecutionRole"))
    if source.raw.get("remediationEnabled") is True:
        wanted.append(("remediation role", "PantherRemediationRole"))
    return [
        (check, role_arn(partition, source.account, f"{name}-{region}")) for check, name in wanted
    ]


def panther_account(known: Iterable[Source]) -> str:
    """The account that Panther runs in, told by the roles on its own bucket; "" when no source
    reads that bucket."""
    roles = (source.role_arn.split(":") for source in known if source.type in (SQS, SCAN))
    return next((parts[4] for parts in roles if len(parts) == 6 and parts[4]), "")


def refused_role(said: str, caller: str, panther: str) -> str:
    """Why AssumeRole answered AccessDenied: `said` is its message, `caller` and `panther` are
    account ids, `panther` is "" when it is not known."""
    if panther and caller != panther:
        return (
            f"the caller is in account {caller}, not in the Panther account {panther}: "
            "use credentials of that account"
        )
    if "identity-based policy" in said:
        return "the caller's own policies lack sts:AssumeRole on this role"
    if "resource-based policy" in said or "trust policy" in said:
        return f"the role's trust policy does not let account {caller} in"
    if "explicit deny" in said:
        return f"a policy forbids it: {said}"
    return (
        f"the role does not exist or its trust policy does not let account {caller} in, "
        "or the caller lacks sts:AssumeRole on it"
    )


# ---- places ----------------------------------------------------------------------------------


def key_region(key: str, otherwise: str) -> str:
    """The region of a KMS key's ARN."""
    parts = key.split(":")
    return parts[3] if len(parts) >= 6 and parts[3] else otherwise


def queue_region(url: str, otherwise: str) -> str:
    """The region in the URL of a queue, `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME`."""
    try:
        host = (urlsplit(url).hostname or "").split(".")
    except ValueError:
        return otherwise
    return host[1] if host[0] == "sqs" and len(host) > 3 else otherwise


# ---- replies ---------------------------------------------------------------------------------


def key_finding(metadata: Mapping[str, Any]) -> Finding:
    """Whether a KMS key (KeyMetadata of DescribeKey) can decrypt anything."""
    if metadata.get("Enabled"):
        return Finding(OK)
    state = str(metadata.get("KeyState") or "Disabled")
    return Finding(FAILED, state, "the key is not enabled: nothing that it encrypted can be read")


def sample_keys(listed: Iterable[Mapping[str, Any]], count: int) -> list[str]:
    """The first `count` keys that hold data: neither empty objects nor folder marks."""
    fit = [one["Key"] for one in listed if one["Size"] > 0 and not one["Key"].endswith("/")]
    return fit[:count]


def empty_finding(has_objects: bool) -> Finding:
    """Why no object below a prefix could be read: nothing is wrong, but nothing is proven."""
    if has_objects:
        return Finding(SKIPPED, EMPTY, "none of the first objects here holds data to read")
    return Finding(SKIPPED, EMPTY, "there is no object here to read yet")


def list_denied_finding(has_named_key: bool) -> Finding:
    """ListBucket denied: normal for a role made by hand, as the log processor does not list."""
    if has_named_key:
        return Finding(OK, LIST_DENIED, "the role may not list; the object of -key is read instead")
    message = "the role may not list, which log processing does not need: name an object with -key"
    return Finding(SKIPPED, LIST_DENIED, message)


def queue_finding(attributes: Mapping[str, str], created: str) -> Finding:
    """How full a queue is; `created` is when it was made."""
    waiting = attributes.get("ApproximateNumberOfMessages", "0")
    in_flight = attributes.get("ApproximateNumberOfMessagesNotVisible", "0")
    return Finding(OK, "", f"{waiting} waiting, {in_flight} in flight, created {created}")
