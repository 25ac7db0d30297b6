"""Indicators found in an event: the p_any lists, in the order in which they are written."""

from __future__ import annotations

IP = "p_any_ip_addresses"
DOMAIN = "p_any_domain_names"
MD5 = "p_any_md5_hashes"
SHA1 = "p_any_sha1_hashes"
SHA256 = "p_any_sha256_hashes"
TRACE_ID = "p_any_trace_ids"
ACCOUNT_ID = "p_any_aws_account_ids"
INSTANCE_ID = "p_any_aws_instance_ids"
ARN = "p_any_aws_arns"
TAG = "p_any_aws_tags"
EMAIL = "p_any_emails"
USERNAME = "p_any_usernames"

ORDER = (
    IP,
    DOMAIN,
    MD5,
    SHA1,
    SHA256,
    TRACE_ID,
    ACCOUNT_ID,
    INSTANCE_ID,
    ARN,
    TAG,
    EMAIL,
    USERNAME,
)


class Found(dict[str, set[str]]):
    """Values by the name of their list: `found[IP].add(address)`. Empty texts are never written."""

    def __missing__(self, name: str) -> set[str]:
        values: set[str] = set()
        self[name] = values
        return values
