"""What a value must be beyond its type: `validate` of the schema language, and the constraints of
built-in types."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from functools import partial
from operator import eq, ge, le
from typing import Any

from common.logs.model import INTEGERS, Value
from common.logs.refused import Refused

Check = Callable[[Any], None]
Rule = tuple[Callable[[Any], object], str]

_DIGITS = re.compile(r"[0-9]+", re.ASCII)
_LETTERS_AND_DIGITS = re.compile(r"[A-Za-z0-9]+", re.ASCII)
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
_SHOWN = 8


def checks(value: Value, path: str, is_required: bool) -> list[Check]:
    """What a present value is held to; each raises Refused. Constraints of built-in types do not
    concern an empty value that is not required."""
    return [*_validations(value.validate, path), *_constraints(value, path, not is_required)]


def _among(allowed: Any) -> str:
    names = [str(one) for one in allowed]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _must(
    test: Callable[[Any], object], reason: str, path: str, spares_empty: bool = False
) -> Check:
    def check(value: Any) -> None:
        if not test(value) and (value or not spares_empty):
            raise Refused(reason, path)

    return check


def _validations(rules: Mapping[str, Any], path: str) -> list[Check]:
    found: list[Check] = []
    if allow := rules.get("allow"):
        found.append(_must(frozenset(allow).__contains__, f"is not one of {_among(allow)}", path))
    if deny := rules.get("deny"):
        denied = frozenset(deny)
        found.append(_must(lambda text: text not in denied, f"is one of {_among(deny)}", path))
    for name, read in (("ip", ipaddress.ip_address), ("cidr", _prefix)):
        if wanted := rules.get(name):
            version = {"ipv4": 4, "ipv6": 6}.get(wanted, 0)
            what = "address" if name == "ip" else "prefix"
            reason = f"is no {'IP' if wanted == 'any' else wanted} {what}"
            found.append(_must(_of_version(read, version), reason, path))
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


def _constraints(value: Value, path: str, spares_empty: bool) -> list[Check]:
    # Some types bound times and lists from below by 0, which says nothing.
    is_number = value.type in INTEGERS or value.type == "float"
    return [
        _must(*_RULES[name](rule), path, spares_empty)
        for name, rule in value.native.constraints.items()
        if is_number or name not in ("min", "max")
    ]


def _one_of(rule: Any) -> Rule:
    return frozenset(rule).__contains__, f"is not one of {_among(rule)}"


def _none_of(rule: Any) -> Rule:
    denied = frozenset(rule)
    return lambda value: value not in denied, f"is one of {_among(rule)}"


_RULES: Mapping[str, Callable[[Any], Rule]] = {
    "oneOf": _one_of,
    "equals": lambda rule: (partial(eq, rule), f"is not {rule}"),
    "notOneOf": _none_of,
    "len": lambda rule: (lambda value: len(value) == rule, f"is not {rule} characters long"),
    "min": lambda rule: (partial(le, rule), f"is less than {rule}"),
    "max": lambda rule: (partial(ge, rule), f"is more than {rule}"),
    "numeric": lambda _: (_DIGITS.fullmatch, "is not made of digits"),
    "alphanum": lambda _: (_LETTERS_AND_DIGITS.fullmatch, "is not made of letters and digits"),
    "uuid": lambda _: (_UUID.fullmatch, "is no UUID"),
}
