"""Random schemas, and random lines: some of a schema, some nearly so, some broken."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from common.logs.instants import time_format
from common.logs.model import INTEGERS, Field, Schema, Value
from common.logs.moment import Moment

NUMBERS = (
    "0 1 -1 -0 1.0 1e3 1.5 -0.0 1e400 32768 2147483648 9223372036854775808 1E-7 1e21 0.1 5e-324 100"
    " 1e-400 1647250013123 18446744073709551616 123456789012345678901234567890"
).split()
TEXTS = [
    *('""', '" "', '"1"', '"-5"', '" 12"', '"1.0"', '"true"', '"T"', '"x"', '"null"', '"{}"'),
    *('"2022-03-14T09:26:53.5+02:00"', '"14/Mar/2022:09:26:53 +0200"', '"192.0.2.1"', '"NaN"'),
    *(r'"\u00e9"', '"é"', r'"\ud83d\ude00"', r'"\ud83d"', r'"\ude00x"', r'"\""', r'"\\"', '"1e5"'),
    *('"[1]"', r'"{\"a\":1}"', r'"[{\"b\":\"[]\"}]"'),
]
TIME_FORMATS = ("rfc3339", "unix", "unix_ms", "unix_ns", "cloudflare", "%d/%b/%Y:%H:%M:%S %z")
SCALARS = ("string", *INTEGERS, "float", "boolean", "timestamp", "json")
NAMES = ("a", "b", "c", "d", "A", "aa")
DAMAGE = b'{}[]",:\\0 \xff\xc3e-'
DEEPEST = 2


# ---- any schema, any line ---------------------------------------------------------------------


def fields(randoms: Random, depth: int = 0) -> list[dict[str, Any]]:
    """Fields with the names a, b, c and d, or some of them."""
    names = NAMES[:4] if not depth else randoms.sample(NAMES[:4], randoms.randrange(1, 4))
    return [
        {"name": name, "required": randoms.random() < 0.1, **_type(randoms, depth)}
        for name in names
    ]


def _type(randoms: Random, depth: int) -> dict[str, Any]:
    kinds = SCALARS if depth >= DEEPEST else (*SCALARS, "object", "array")
    made: dict[str, Any] = {"type": randoms.choice(kinds)}
    if made["type"] == "timestamp":
        made |= {"timeFormat": randoms.choice(TIME_FORMATS), "isEventTime": randoms.random() < 0.5}
    elif made["type"] == "string" and randoms.random() < 0.3:
        made["indicators"] = ["ip", "domain"]
    elif made["type"] == "object":
        made |= {"fields": fields(randoms, depth + 1), "isEmbeddedJSON": randoms.random() < 0.3}
    elif made["type"] == "array":
        made |= {"element": _type(randoms, depth + 1), "isEmbeddedJSON": randoms.random() < 0.3}
    return made


def line(randoms: Random) -> bytes:
    """An object with some of NAMES, now and then with a byte changed, added or taken away."""
    made = _object(randoms, 0).encode()
    if randoms.random() < 0.2:
        place = randoms.randrange(len(made))
        damage = bytes([randoms.choice(DAMAGE)])
        made = made[:place] + damage + made[place + randoms.randrange(2) :]
    return made


def _object(randoms: Random, depth: int) -> str:
    colon = randoms.choice((":", " : "))
    members = [
        f'"{randoms.choice(NAMES)}"{colon}{_literal(randoms, depth)}'
        for _ in range(randoms.randrange(5))
    ]
    return "{" + randoms.choice((",", " , ")).join(members) + "}"


def _literal(randoms: Random, depth: int) -> str:
    kind = randoms.random()
    if kind < 0.3:
        return randoms.choice(NUMBERS)
    if kind < 0.7:
        return randoms.choice(TEXTS)
    if kind < 0.85 or depth > DEEPEST:
        return randoms.choice(("true", "false", "null"))
    if kind < 0.93:
        elements = [_literal(randoms, depth + 1) for _ in range(randoms.randrange(4))]
        return "[" + ", ".join(elements) + "]"
    return _object(randoms, depth + 1)


# ---- lines of a schema ------------------------------------------------------------------------


def line_of(randoms: Random, schema: Schema) -> bytes:
    """A line that is likely one of a schema, with some keys unknown or in another case."""
    return _object_of(randoms, schema.fields, schema.is_any_case).encode()


def _object_of(randoms: Random, wanted: tuple[Field, ...], is_any_case: bool) -> str:
    members = []
    for one in wanted:
        if not one.required and randoms.random() < 0.6:
            continue
        name = one.value.native.input_name or one.name
        if is_any_case and randoms.random() < 0.15:
            name = randoms.choice((name.upper(), name.lower(), name.title()))
        members.append((name, _value_of(randoms, one.value, is_any_case)))
        if is_any_case and randoms.random() < 0.03:
            members.append((name.upper(), _value_of(randoms, one.value, is_any_case)))
    if randoms.random() < 0.2:
        members.append((f"unknown{randoms.randrange(5)}", _literal(randoms, 1)))
    if randoms.random() < 0.05:
        members.append(('un"known', "1"))
    randoms.shuffle(members)
    return "{" + ",".join(f"{json.dumps(name)}:{value}" for name, value in members) + "}"


def _value_of(randoms: Random, value: Value, is_any_case: bool) -> str:
    rules = value.native.constraints
    if randoms.random() < 0.05:
        return randoms.choice(("null", _literal(randoms, 1))) if randoms.random() < 0.1 else "null"
    if value.native.kind.startswith("map<"):
        return '{"k":"v","n":null}'
    if allowed := rules.get("oneOf") or value.validate.get("allow"):
        return json.dumps(randoms.choice(list(allowed)))
    if "equals" in rules:
        return json.dumps(rules["equals"])
    if value.type == "object":
        return _object_of(randoms, value.fields, is_any_case)
    if value.element is not None:
        elements = [
            _value_of(randoms, value.element, is_any_case) for _ in range(randoms.randrange(3))
        ]
        return "[" + ",".join(elements) + "]"
    return _scalar_of(randoms, value)


def _scalar_of(randoms: Random, value: Value) -> str:
    if value.type == "string":
        length = value.native.constraints.get("len")
        return json.dumps("1" * length) if length else randoms.choice(TEXTS)
    if value.type in INTEGERS:
        return randoms.choice(("0", "1", "7", "40000"))
    if value.type == "float":
        return randoms.choice(("0", "1.5", "-0", "-0.0", "1e39"))
    if value.type == "boolean":
        return randoms.choice(("true", "false"))
    if value.type == "timestamp":
        written = time_format(value.time_format).write(Moment(1_647_250_013_123_000_000))
        return randoms.choice((written, written, "1647250013", '""'))
    return _literal(randoms, 1)
