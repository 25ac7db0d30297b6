"""Cisco Umbrella's logs: quoted values between commas, times in UTC.

The formats: Cisco Umbrella documentation, "Log Formats and Versioning". Newer versions of a format
only have more columns, which is why DNS and Proxy take rows of several lengths.
"""

from __future__ import annotations

from collections.abc import Sequence

from common.logs.found import SHA256, Found
from common.logs.native.addresses import add_domain, add_ip
from common.logs.native.fields import UINT16_MAX, integer, needed, unsigned
from common.logs.native.lines import Values
from common.logs.native.quoted import commas
from common.logs.native.times import plain
from common.logs.refused import Refused

_DNS = (
    "timestamp policyIdentity identities internalIp externalIp action queryType responseCode"
    " domain categories policyIdentityType identityTypes blockedCategories"
).split()
_IP = (
    "timestamp identity sourceIp sourcePort destinationIp destinationPort categories identityTypes"
).split()
_CLOUD_FIREWALL = (
    "timestamp originId identity identityType direction ipProtocol packetSize sourceIp sourcePort"
    " destinationIp destinationPort dataCenter ruleId verdict"
).split()
_PROXY = (
    "timestamp identity identities internalIp externalIp destinationIp contentType verdict url"
    " referrer userAgent statusCode requestSize responseSize responseBodySize sha categories"
    " avDetections puas ampDisposition ampMalwareName ampScore identityType blockedCategories"
).split()
_PROXY_STATUSES = (200, 201)


def parse_dns(line: str) -> Values:
    """One query. Raises ValueError for fewer than 10 fields, or a time that cannot be read."""
    fields = commas(line)
    if len(fields) < 10:
        raise ValueError("not an Umbrella DNS row: fewer than 10 fields")
    if len(fields) == 11:
        # The type of the policy's identity and those of all identities came in the same version.
        del fields[10]
    values = _row(_DNS, fields)
    _split(values, ("identities", "categories", "identityTypes", "blockedCategories"))
    return values


def parse_ip(line: str) -> Values:
    """One connection. Raises ValueError for another number of fields than 8, or a time or a port
    that cannot be read."""
    values = _exact_row("IP", _IP, line)
    for name in ("sourcePort", "destinationPort"):
        values[name] = needed(unsigned(values[name], UINT16_MAX), name)
    _split(values, ("categories", "identityTypes"))
    return values


def parse_cloud_firewall(line: str) -> Values:
    """One packet or flow. Raises ValueError for another number of fields than 14, or a time,
    protocol or size that cannot be read; protocols such as ICMP have no ports."""
    values = _exact_row("CloudFirewall", _CLOUD_FIREWALL, line)
    for name in ("ipProtocol", "packetSize"):
        values[name] = needed(unsigned(values[name], UINT16_MAX), name)
    for name in ("sourcePort", "destinationPort"):
        values[name] = unsigned(values[name], UINT16_MAX) or 0
    return values


def parse_proxy(line: str) -> Values:
    """One web request. Raises ValueError for fewer than 22 fields, another status than 200 and
    201, or a time that cannot be read."""
    fields = commas(line)
    if len(fields) < 22:
        raise ValueError("not an Umbrella Proxy row: fewer than 22 fields")
    values = _row(_PROXY, fields)
    status = integer(values["statusCode"])
    if status not in _PROXY_STATUSES:
        raise Refused("neither 200 nor 201", "statusCode")
    values["statusCode"] = status
    for name in ("requestSize", "responseSize", "responseBodySize"):
        values[name] = integer(values[name]) or 0
    _split(values, ("identities", "categories", "avDetections", "puas", "blockedCategories"))
    return values


def collect_dns(values: Values, found: Found) -> None:
    """Both addresses, and the name asked for without the dot of the root."""
    add_ip(values.get("internalIp"), found)
    add_ip(values.get("externalIp"), found)
    if domain := values.get("domain"):
        add_domain(domain.rstrip("."), found)


def collect_ends(values: Values, found: Found) -> None:
    """The addresses of both ends of a connection."""
    add_ip(values.get("sourceIp"), found)
    add_ip(values.get("destinationIp"), found)


def collect_proxy(values: Values, found: Found) -> None:
    """The three addresses, and the hash of the response."""
    for name in ("internalIp", "externalIp", "destinationIp"):
        add_ip(values.get(name), found)
    if sha := values.get("sha"):
        found[SHA256].add(sha)


def _row(names: Sequence[str], fields: Sequence[str]) -> Values:
    values: Values = dict(zip(names, fields, strict=False))
    values["timestamp"] = plain(values["timestamp"])
    return values


def _exact_row(kind: str, names: Sequence[str], line: str) -> Values:
    fields = commas(line)
    if len(fields) != len(names):
        raise ValueError(f"not an Umbrella {kind} row: not {len(names)} fields")
    return _row(names, fields)


def _split(values: Values, names: Sequence[str]) -> None:
    for name in names:
        text = values.get(name)
        values[name] = text.split(",") if text else None
