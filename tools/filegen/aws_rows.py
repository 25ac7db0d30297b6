"""Rows of the AWS logs that are words between spaces: flow logs, load balancers, Aurora, S3."""

from __future__ import annotations

from common.logs.civil import SECOND_NS
from tools.filegen import pools
from tools.filegen.columns import (
    choice,
    constant,
    decimal,
    framed,
    hexes,
    joined,
    listed,
    number,
    pick,
    plain,
    sometimes,
    time,
    written,
)
from tools.filegen.draw import Column

VPC_FLOW_HEADER = (
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start"
    " end action log-status vpc-id subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr"
)
_HTTP_TIME = "[%d/%b/%Y:%H:%M:%S %z]"
_OWNER = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"


def _seconds(ns: int) -> str:
    return str(ns // SECOND_NS)


def _micros(ns: int) -> str:
    return str(ns // 1000)


def vpc_flow() -> Column:
    """Flows in the columns of VPC_FLOW_HEADER."""
    address = pick(pools.addresses_v4())
    return joined(
        " ",
        constant("5"),
        pick(pools.ACCOUNTS),
        framed("eni-%s", hexes(17)),
        address,
        address,
        number(1024, 65535),
        pick(("443", "443", "80", "22", "53", "3389", "8080")),
        pick(("6", "6", "6", "17", "1")),
        number(1, 2000),
        number(40, 1_000_000),
        written(_seconds),
        written(_seconds),
        pick(("ACCEPT", "ACCEPT", "ACCEPT", "REJECT")),
        constant("OK"),
        framed("vpc-%s", hexes(17)),
        framed("subnet-%s", hexes(17)),
        sometimes(pick(pools.instances())),
        number(0, 63),
        pick(("IPv4", "IPv4", "IPv4", "IPv6")),
        sometimes(address),
        sometimes(address),
    )


def alb() -> Column:
    """Requests that a load balancer passed on."""
    address = pick(pools.addresses_v4())
    stamp = time("rfc3339", plain)
    timing = decimal(2)
    certificate = framed(
        '"arn:aws:acm:us-east-2:%s:certificate/%s"', pick(pools.ACCOUNTS), hexes(32)
    )
    return joined(
        " ",
        pick(("http", "https", "h2", "ws", "wss")),
        stamp,
        pick([f"app/{name}/50dc6c495c0c9188" for name in ("web", "api", "login")]),
        joined(":", address, number(1024, 65535)),
        sometimes(joined(":", address, pick(("80", "443", "8080")))),
        timing,
        timing,
        timing,
        pick(pools.STATUSES),
        sometimes(pick(pools.STATUSES)),
        number(30, 5000),
        number(30, 500_000),
        framed('"%s https://%s:443%s %s"', pick(pools.METHODS), pick(pools.domains()),
               pick(pools.paths()), pick(pools.PROTOCOLS)),
        framed('"%s"', pick(pools.AGENTS)),
        sometimes(pick(pools.CIPHERS)),
        sometimes(pick(pools.TLS_VERSIONS)),
        framed(
            "arn:aws:elasticloadbalancing:us-east-2:%s:targetgroup/web/%s",
            pick(pools.ACCOUNTS), hexes(16),
        ),
        framed('"Root=1-%s-%s"', hexes(8), hexes(24)),
        sometimes(framed('"%s"', pick(pools.domains())), '"-"'),
        sometimes(certificate, '"-"'),
        number(0, 40),
        stamp,
        pick(('"forward"', '"waf,forward"', '"authenticate,forward"', '"redirect"')),
        sometimes(framed('"%s"', pick(pools.urls())), '"-"', 0.1),
        sometimes(constant('"TargetNotFound"'), '"-"', 0.1),
    )  # fmt: skip


def aurora() -> Column:
    """Audited statements; the one of a row may hold commas."""
    names = listed(pick(pools.WORDS), 4, ", ", least=1)
    query = framed("'SELECT %s FROM %s WHERE id = %s'", names, pick(pools.WORDS), number(1, 9999))
    return joined(
        ",",
        written(_micros),
        pick([f"db-{number}.example.com" for number in range(8)]),
        pick(pools.people()),
        pick(pools.addresses_v4()),
        number(1, 100_000),
        number(1, 10_000_000),
        pick(("CONNECT", "QUERY", "QUERY", "READ", "WRITE", "CREATE", "ALTER", "RENAME", "DROP")),
        pick(("shop", "users", "billing")),
        sometimes(query, ""),
        pick(("0", "0", "0", "1146")),
    )  # fmt: skip


def s3_access() -> Column:
    """Requests to a bucket as a real one has them."""
    words = pick(pools.METHODS[:4])
    return joined(
        " ",
        constant(_OWNER),
        pick(("acme-logs", "acme-web", "acme-backup")),
        time(_HTTP_TIME, plain),
        pick(pools.addresses()),
        choice(0.3, constant("-"), pick(pools.arns())),
        hexes(16),
        pick(("REST.GET.OBJECT", "REST.PUT.OBJECT", "REST.HEAD.OBJECT", "REST.GET.BUCKET")),
        sometimes(framed("%s.log", pick(pools.WORDS))),
        framed('"%s %s HTTP/1.1"', words, pick(pools.paths())),
        pick(pools.STATUSES),
        sometimes(constant("AccessDenied"), "-", 0.1),
        sometimes(number(0, 1_000_000)),
        sometimes(number(0, 1_000_000)),
        number(1, 900),
        sometimes(number(1, 900)),
        choice(0.8, constant('"-"'), framed('"%s"', pick(pools.urls()))),
        framed('"%s"', pick(pools.AGENTS)),
        sometimes(hexes(32), "-", 0.2),
        hexes(64),
        constant("SigV4"),
        pick(pools.CIPHERS),
        constant("AuthHeader"),
        constant("acme-logs.s3.us-east-1.amazonaws.com"),
        pick(pools.TLS_VERSIONS),
    )
