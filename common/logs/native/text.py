"""The parsers of built-in types whose lines are no JSON, by log type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from common.logs.native import (
    alb,
    aurora,
    juniper,
    juniper_security,
    s3access,
    syslog,
    umbrella,
    vpcflow,
)
from common.logs.native.lines import Collect, Maker, stateless


class TextType(NamedTuple):
    """How lines of a type are read, and which indicators their events have: none of these types
    declares indicators in its schema."""

    parser: Maker
    collect: Collect | None = None


PARSERS: Mapping[str, TextType] = {
    "AWS.ALB": TextType(stateless(alb.parse), alb.collect),
    "AWS.AuroraMySQLAudit": TextType(stateless(aurora.parse), aurora.collect),
    "AWS.S3ServerAccess": TextType(stateless(s3access.parse), s3access.collect),
    "AWS.VPCFlow": TextType(vpcflow.parser, vpcflow.collect),
    "CiscoUmbrella.CloudFirewall": TextType(
        stateless(umbrella.parse_cloud_firewall), umbrella.collect_ends
    ),
    "CiscoUmbrella.DNS": TextType(stateless(umbrella.parse_dns), umbrella.collect_dns),
    "CiscoUmbrella.IP": TextType(stateless(umbrella.parse_ip), umbrella.collect_ends),
    "CiscoUmbrella.Proxy": TextType(stateless(umbrella.parse_proxy), umbrella.collect_proxy),
    "Juniper.Access": TextType(juniper.access_parser, juniper.collect_access),
    "Juniper.Audit": TextType(juniper.audit_parser, juniper.collect_audit),
    "Juniper.Firewall": TextType(juniper.firewall_parser, juniper.collect_firewall),
    "Juniper.MWS": TextType(juniper.mws_parser),
    "Juniper.Postgres": TextType(juniper.postgres_parser),
    "Juniper.Security": TextType(juniper_security.parser, juniper_security.collect),
    "Syslog.RFC3164": TextType(syslog.rfc3164_parser, syslog.collect),
    "Syslog.RFC5424": TextType(stateless(syslog.parse_rfc5424), syslog.collect),
}
