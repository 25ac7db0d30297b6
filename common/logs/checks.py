"""What a value must be beyond its type: `validate` of the schema language, and the constraints of
built-in types."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from common.logs.model import INTEGERS, Value


class Check(NamedTuple):
    """Something that a present value must not be: `bad` is a Python expression of `{value}` that is
    true for a refused one, and may call `{thing}`. An empty value is spared where the constraint is
    a built-in type's and the field not required."""

    bad: str
    thing: Any
    reason: str
    spares_empty: bool = False


_DIGITS = re.compile(r"[0-9]+", re.ASCII)
_LETTERS_AND_DIGITS = re.compile(r"[A-Za-z0-9]+", re.ASCII)
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
_SHOWN = 8


def checks(value: Value, is_required: bool) -> list[Check]:
    """What a present value is held to."""
    constraints = _constraints(value)
    if not is_required:
        constraints = [check._replace(spares_empty=True) for check in constraints]
    return [*_validations(value.validate), *constraints]


def _among(allowed: Any) -> str:
    names = [str(one) for one in allowed]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _validations(rules: Mapping[str, Any]) -> list[Check]:
    found: list[Check] = []
    if allow := rules.get("allow"):
        found.append(_one_of(allow))
    if deny := rules.get("deny"):
        found.append(_none_of(deny))
    for name, read in (("ip", ipaddress.ip_address), ("cidr", _prefix)):
        if wanted := rules.get(name):
            version = {"ipv4": 4, "ipv6": 6}.get(wanted, 0)
            what = "address" if name == "ip" else "prefix"
            reason = f"is no {'IP' if wanted == 'any' else wanted} {what}"
            found.append(Check("not {thing}({value})", _of_version(read, version), reason))
    return found


def _prefix(text: str) -> Any:
    if not re.fullmatch(r"[^/]+/[0-9]{1,3}", text, re.ASCII):
        raise ValueError(text)
    return ipaddress.ip_network(text, strict=False)


def _of_version(read: Callable[[str], Any], version: int) -> Callable[[str], bool]:
    def test(text: str) -> bool:
        try:
            found = read(text.strip())
        except ValueError:
            return False
        return "%" not in text and version in (0, found.version)

    return test


def _constraints(value: Value) -> list[Check]:
    # Some types bound times and lists from below by 0, which says nothing.
    is_number = value.type in INTEGERS or value.type == "float"
    return [
        _RULES[name](rule)
        for name, rule in value.native.constraints.items()
        if is_number or name not in ("min", "max")
    ]


def _one_of(rule: Any) -> Check:
    return Check("{value} not in {thing}", frozenset(rule), f"is not one of {_among(rule)}")


def _none_of(rule: Any) -> Check:
    return Check("{value} in {thing}", frozenset(rule), f"is one of {_among(rule)}")


_RULES: Mapping[str, Callable[[Any], Check]] = {
    "oneOf": _one_of,
    "equals": lambda rule: Check("{value} != {thing}", rule, f"is not {rule}"),
    "notOneOf": _none_of,
    "len": lambda rule: Check("len({value}) != {thing}", rule, f"is not {rule} characters long"),
    "min": lambda rule: Check("{value} < {thing}", rule, f"is less than {rule}"),
    "max": lambda rule: Check("{value} > {thing}", rule, f"is more than {rule}"),
    "numeric": lambda _: Check("not {thing}({value})", _DIGITS.fullmatch, "is not made of digits"),
    "alphanum": lambda _: Check(
        "not {thing}({value})", _LETTERS_AND_DIGITS.fullmatch, "is not made of letters and digits"
    ),
    "uuid": lambda _: Check("not {thing}({value})", _UUID.fullmatch, "is no UUID"),
}
