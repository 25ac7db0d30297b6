"""Indicators in the free-form JSON of AWS events, told by the names and the looks of its texts.

Two sets of rules: `collect_anywhere` (GuardDuty, CloudWatch events) and `collect_by_key`
(CloudTrail). Both run on every event of large sources: the JSON is decoded once, walked without
recursion, a name's rule is one look-up, and what an ARN gives is remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from msgspec import Raw

from common.logs.found import EMAIL, TAG, Found
from common.logs.indicators import SCANNERS
from common.logs.memo import Memo
from common.logs.native.addresses import add_domain, add_ip
from common.logs.native.free_json import decoded

Rule = Callable[[str, Found], None]

_scan_arn = SCANNERS["aws_arn"]
_scan_account = SCANNERS["aws_account_id"]
_scan_instance = SCANNERS["aws_instance_id"]
_LONGEST_ARN = 2048  # AWS IAM User Guide, quotas; anything longer is not worth remembering

# ---- rules ---------------------------------------------------------------------------------------

_HOSTS = dict.fromkeys(("publicDnsName", "privateDnsName", "domain"), add_domain)
_ADDRESSES = ("publicIp", "privateIpAddress", "ipAddressV4")
_ANYWHERE: Mapping[str, Rule] = {
    "accountId": _scan_account,
    "instanceId": _scan_instance,
    **dict.fromkeys(_ADDRESSES, add_ip),
    **_HOSTS,
}
# `arn`, `ARN` and `aws:SourceArn` need no rule: ARNs count under names without one.
_BY_KEY: Mapping[str, Rule] = {
    **dict.fromkeys(("accountId", "account"), _scan_account),
    **dict.fromkeys(("instanceId", "instance-id"), _scan_instance),
    **dict.fromkeys((*_ADDRESSES, "ipv6Addresses", "sourceIPAddress"), SCANNERS["ip"]),
    **_HOSTS,
    "tags": SCANNERS["aws_tag"],
}


def _rule(rules: Mapping[str, Rule], name: str) -> Rule | None:
    if name.endswith("AccountId"):
        return _scan_account
    if name.endswith("InstanceId"):
        return _scan_instance
    return rules.get(name)


_anywhere = Memo(partial(_rule, _ANYWHERE))
_by_key = Memo(partial(_rule, _BY_KEY))

# ---- ARNs ----------------------------------------------------------------------------------------


def _given_by(arn: str) -> tuple[tuple[str, str], ...]:
    """The lists and the values that an ARN adds to them."""
    found = Found()
    _scan_arn(arn, found)
    return tuple((name, value) for name, values in found.items() for value in values)


_remembered = Memo(_given_by)


def _add_arn(arn: str, found: Found) -> None:
    for name, value in _remembered[arn] if len(arn) <= _LONGEST_ARN else _given_by(arn):
        found[name].add(value)


def _add_arn_without_email(arn: str, found: Found) -> None:
    for name, value in _remembered[arn] if len(arn) <= _LONGEST_ARN else _given_by(arn):
        if name != EMAIL:
            found[name].add(value)


# ---- walking -------------------------------------------------------------------------------------


def collect_anywhere(literal: Raw, found: Found) -> None:
    """Collect from JSON at every depth. An ARN counts under any name, and no other rule sees it;
    elements of arrays have no name. Raises ValueError for JSON nested too deeply."""
    top = decoded(literal)
    todo: list[Any] = [top if type(top) is dict else [top]]
    for value in todo:  # grows on the way
        if type(value) is list:
            for item in value:
                kind = type(item)
                if kind is str and item.startswith("arn:"):
                    _add_arn_without_email(item, found)
                elif kind is dict or kind is list:
                    todo.append(item)
            continue
        for name, item in value.items():
            kind = type(item)
            if kind is str:
                if item.startswith("arn:"):
                    _add_arn_without_email(item, found)
                elif (rule := _anywhere[name]) is not None:
                    rule(item, found)
            elif kind is dict:
                todo.append(item)
            elif kind is list:
                todo.append(item)
                if name == "tags":
                    _add_tags(item, found)
                elif name == "ipv6Addresses":
                    _add_ips(item, found)


def collect_by_key(literal: Raw, found: Found) -> None:
    """Collect from JSON at every depth, where elements of arrays go by the array's name. ARNs count
    only under names without a rule, and nothing in a tag counts but the tag. Raises ValueError for
    JSON nested too deeply."""
    top = decoded(literal)
    todo: list[tuple[str, Any]] = [("", top if type(top) is dict else [top])]
    for outer, value in todo:  # grows on the way
        if type(value) is list:
            for item in value:
                kind = type(item)
                if kind is str:
                    if (rule := _by_key[outer]) is not None:
                        rule(item, found)
                    elif item.startswith("arn:"):
                        _add_arn(item, found)
                elif kind is dict or kind is list:
                    todo.append((outer, item))
        elif outer == "tags":
            if value.get("key") and value.get("value"):
                _add_tag(value, found)
        else:
            for name, item in value.items():
                kind = type(item)
                if kind is str:
                    if (rule := _by_key[name]) is not None:
                        rule(item, found)
                    elif item.startswith("arn:"):
                        _add_arn(item, found)
                elif kind is dict or kind is list:
                    todo.append((name, item))


def _add_tags(tags: list[Any], found: Found) -> None:
    for tag in tags:
        if type(tag) is dict:
            _add_tag(tag, found)


def _add_tag(tag: Mapping[str, Any], found: Found) -> None:
    key, value = tag.get("key"), tag.get("value")
    if type(key) is str and type(value) is str:
        found[TAG].add(f"{key}:{value}")


def _add_ips(texts: list[Any], found: Found) -> None:
    for text in texts:
        if type(text) is str:
            add_ip(text, found)
