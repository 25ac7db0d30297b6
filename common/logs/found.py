"""Indicators found in an event: the p_any lists, in the order in which they are written."""

from __future__ import annotations

import msgspec

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


_RANKS = {name: place for place, name in enumerate(ORDER)}
_HEADS = {name: b',"%b":' % name.encode() for name in ORDER}
_encode = msgspec.json.Encoder().encode


class Found(dict[str, set[str]]):
    """Values by the name of their list: `found[IP].add(address)`. Empty texts are never written.
    The lists stand in the order of writing."""

    def __missing__(self, name: str) -> set[str]:
        self[name] = values = set[str]()
        lists = sorted(self.items(), key=lambda one: _RANKS[one[0]])
        self.clear()
        self.update(lists)
        return values


def drained(found: Found) -> bytes:
    """The lists as JSON members, each with a comma before it: distinct values by Unicode code
    point. They are empty then, for the next event: few types use more than three."""
    parts = []
    for name, values in found.items():
        if values:
            values.discard("")
            if values:
                parts.append(_HEADS[name] + _encode(sorted(values)))
                values.clear()
    return b"".join(parts)


def emptied(found: Found) -> None:
    """Forget what was found in an event that turned out to be none."""
    for values in found.values():
        values.clear()
