"""A column for a scalar value of a schema, by its type, indicators, constraints and name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from common.logs.model import INTEGERS, Value
from tools.filegen import pools
from tools.filegen.columns import (
    Spell,
    constant,
    decimal,
    digits,
    filled,
    hexes,
    number,
    pick,
    time,
    uuids,
)
from tools.filegen.draw import TABLE, Column

_MOST = {"uint8": 2**8 - 1, "int8": 2**7 - 1, "uint16": 2**16 - 1}
_LARGEST = 10**9
# Counts and sizes are of all magnitudes, and most are small.
_MAGNITUDES = tuple(str(int(_LARGEST ** (place / TABLE))) for place in range(TABLE))
_HASHES = {"md5": 32, "sha1": 40, "sha256": 64, "trace_id": 32}
_POOLS: Mapping[str, Callable[[], Sequence[str]]] = {
    "ip": pools.addresses,
    "domain": pools.domains,
    "hostname": pools.hostnames,
    "url": pools.urls,
    "net_addr": pools.network_addresses,
    "email": pools.emails,
    "username": pools.people,
    "aws_account_id": lambda: pools.ACCOUNTS,
    "aws_instance_id": pools.instances,
    "aws_arn": pools.arns,
    "aws_arn_only": pools.arns,
    "aws_tag": pools.tags,
}
# A value with several indicators is one that all of them take: an email address is a user's name.
_BEST_FIRST = (
    "aws_arn", "aws_arn_only", "aws_account_id", "aws_instance_id", "aws_tag", "email", "url",
    "net_addr", "ip", "hostname", "domain", "sha256", "sha1", "md5", "trace_id", "username",
)  # fmt: skip
# Names say what a text is about; a text is right in any case.
_BY_NAME: Sequence[tuple[re.Pattern[str], Callable[[], Sequence[str]]]] = [
    (re.compile(name, re.IGNORECASE), pool)
    for name, pool in (
        (r"user_?agent$", lambda: pools.AGENTS),
        (r"e?mail$", pools.emails),
        (r"^arn$|Arn$|_arn$", pools.arns),
        (r"account_?id$", lambda: pools.ACCOUNTS),
        (r"region$", lambda: pools.REGIONS),
        (r"method$", lambda: pools.METHODS),
        (r"protocol$", lambda: pools.PROTOCOLS),
        (r"(src|dest|source|client|remote|local|server).*(ip|addr(ess)?)$", pools.addresses),
        (r"(^|_)ip(_?addr(ess)?)?$|(?-i:[a-z]I[pP](Address|Addr)?$)|_h$|^rdata$", pools.addresses),
        (r"^(query|rrname|fqdn|dnsname|query_name)$", pools.domains),
        (r"^(proto|transport)$", lambda: pools.TRANSPORTS),
        (r"^(rrtype|qtype_name|query_type|recordtype)$", lambda: pools.RECORD_TYPES),
        (r"version$", lambda: pools.VERSIONS),
        (r"country(_?code)?$", lambda: pools.COUNTRIES),
        (r"(ur[il]|link|referr?er)$", pools.urls),
        (r"path$", pools.paths),
        (r"^request$", pools.requests),
        (r"host(name)?$|domain$", pools.domains),
        (r"user(_?name)?$|login$|author_name$", pools.people),
        (r"severity$|level$", lambda: pools.LEVELS),
        (r"(type|name|status|action|category|state)$", lambda: pools.WORDS),
    )
]
_IS_ID = re.compile(r"(^|[_.a-z])(id|Id|ID|uuid|guid|uid|gid)$")
_V4_PREFIXES = ("10.0.0.0/8", "192.168.0.0/16", "192.0.2.0/24", "198.51.100.0/24")
_V6_PREFIXES = ("2001:db8::/32", "2001:db8:1::/48")


def scalar(value: Value, name: str, spell: Spell) -> Column:
    """The column of a string, number, boolean or timestamp. `spell` puts a text into the row;
    numbers stand as they are. Raises ValueError for constraints that nothing is known for."""
    if fixed := _fixed(value):
        is_text = value.type == "string"
        return pick([spell(str(one)) if is_text else _literal(one) for one in fixed])
    if value.type == "string":
        return _text(value, name, spell)
    if value.type in INTEGERS:
        return _integer(value, name)
    if value.type == "float":
        least = float(value.native.constraints.get("min", 0))
        most = float(value.native.constraints.get("max", least + 10))
        return decimal(most) if least <= 0 else constant(f"{least:g}")
    if value.type == "boolean":
        return pick(("true", "false"))
    return time(value.time_format, spell)


def _literal(item: object) -> str:
    return str(item).lower() if isinstance(item, bool) else str(item)


def _fixed(value: Value) -> Sequence[object]:
    """The only values that a field may have, if there are such."""
    constraints = value.native.constraints
    if "equals" in constraints:
        return (constraints["equals"],)
    allowed = constraints.get("oneOf") or value.validate.get("allow") or ()
    denied = value.validate.get("deny") or ()
    return [one for one in allowed if one not in denied]


def _text(value: Value, name: str, spell: Spell) -> Column:
    constraints, rules = value.native.constraints, value.validate
    if "uuid" in constraints:
        return uuids(spell)
    if constraints.get("numeric") and constraints.get("len") == len(pools.ACCOUNTS[0]):
        return pick(pools.ACCOUNTS, spell)
    if "len" in constraints or "numeric" in constraints or "alphanum" in constraints:
        length = constraints.get("len", 12)
        return digits(length, spell) if "numeric" in constraints else filled(spell("?" * length))
    if kind := rules.get("ip"):
        pool = {"ipv4": pools.addresses_v4(), "ipv6": pools.addresses()[-410:]}
        return pick(pool.get(kind, pools.addresses()), spell)
    if kind := rules.get("cidr"):
        return pick({"ipv6": _V6_PREFIXES}.get(kind, _V4_PREFIXES), spell)
    column = _indicated(value, spell) or _named(name, spell)
    if column is not None and not rules.get("deny"):
        return column
    denied = frozenset([*(rules.get("deny") or ()), *(constraints.get("notOneOf") or ())])
    return pick([one for one in pools.phrases() if one not in denied][:TABLE], spell)


def _indicated(value: Value, spell: Spell) -> Column | None:
    for indicator in _BEST_FIRST:
        if indicator not in value.indicators:
            continue
        if indicator in _HASHES:
            return hexes(_HASHES[indicator], spell)
        return pick(_POOLS[indicator](), spell)
    return None


def _named(name: str, spell: Spell) -> Column | None:
    for pattern, pool in _BY_NAME:
        if pattern.search(name):
            return pick(pool(), spell)
    return hexes(16, spell) if _IS_ID.search(name) else None


def _integer(value: Value, name: str) -> Column:
    constraints = value.native.constraints
    bits = INTEGERS[value.type]
    least = int(constraints.get("min", 0))
    most = int(
        constraints.get("max", min(_MOST.get(value.native.kind, _LARGEST), 2 ** (bits - 1) - 1))
    )
    if re.search(r"status(_?code)?$", name, re.IGNORECASE) and least <= 200 and most >= 500:
        return pick(pools.STATUSES)
    if re.search(r"port$", name, re.IGNORECASE):
        most = min(most, 2**16 - 1)
    elif not least and most == _LARGEST:
        return pick(_MAGNITUDES)
    return number(least, most)
