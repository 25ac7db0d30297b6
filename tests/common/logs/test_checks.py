"""What values must be beyond their type."""

import pytest

from common.logs.checks import checks
from common.logs.model import Native, Value
from tests.common.logs.small_schemas import WAYS, body, codec, fails, field, schema

VALIDATED = [
    ({"allow": ["a", "b"]}, ["a", "b"], ["", "A", "c", "a "]),
    ({"allow": ["", "a"]}, ["", "a"], ["b"]),
    ({"deny": ["a", "b"]}, ["", "c", "A"], ["a", "b"]),
    (
        {"ip": "ipv4"},
        ["192.0.2.1", " 192.0.2.1\t"],
        ["", "192.0.2", "192.0.2.01", "192.0.2.1/32", "::1", "::ffff:192.0.2.1", "x"],
    ),
    ({"ip": "ipv6"}, ["::1", "2001:DB8::1 ", "::ffff:192.0.2.1"], ["192.0.2.1", "::1%eth0", "["]),
    ({"ip": "any"}, ["192.0.2.1", "::1"], ["", "x", "::1%1"]),
    (
        {"cidr": "ipv4"},
        ["192.0.2.0/24", "192.0.2.1/24", " 0.0.0.0/0 "],
        ["192.0.2.0", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/255.255.255.0", "::/0", "/24"],
    ),
    ({"cidr": "ipv6"}, ["::/0", "2001:db8::/32"], ["192.0.2.0/24", "::/129", "::1%1/64"]),
    ({"cidr": "any"}, ["192.0.2.0/24", "::/0"], ["192.0.2.1", "192.0.2.0/٢٤"]),
    ({"ip": "any", "deny": ["::1"]}, ["::2"], ["::1", "x"]),
    ({"ip": "ipv4", "allow": ["192.0.2.1", "x"]}, ["192.0.2.1"], ["192.0.2.2", "x"]),
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("rules", "taken", "refused"), VALIDATED)
def test_a_validated_text_is_taken_or_refused(rules, taken, refused, way):
    of = schema(field("x", "string", validate=rules))
    parse = codec(of, way).from_line
    for text in taken:
        parse(f'{{"x":"{text}"}}'.replace("\t", "\\t").encode())
    for text in refused:
        assert fails(parse, f'{{"x":"{text}"}}').startswith("x: is ")
    assert body(of, "{}", way) == "{}"
    assert body(of, '{"x":null}', way) == "{}"


@pytest.mark.parametrize("way", WAYS)
def test_elements_and_members_are_validated_too(way):
    element = {"type": "string", "validate": {"allow": ["a"]}}
    of = schema(
        field("l", "array", element=element), field("o", "object", fields=[{"name": "x"} | element])
    )
    assert body(of, '{"l":["a",null],"o":{"x":"a"}}', way) == '{"l":["a",null],"o":{"x":"a"}}'
    assert fails(codec(of, way).from_line, '{"l":["a","b"]}').startswith("l[]: is not one of a")
    assert fails(codec(of, way).from_line, '{"o":{"x":"b"}}') == "o.x: is not one of a"


def reasons(held, value):
    """Why a value is refused, by the expressions that the generated code has."""
    return [
        check.reason
        for check in held
        if eval(
            check.bad.format(value="value", thing="thing"), {"thing": check.thing, "value": value}
        )
        and (value or not check.spares_empty)
    ]


CONSTRAINED = [
    ("string", {"oneOf": ["a", "b"]}, ["a", "b"], ["c"]),
    ("string", {"equals": "a"}, ["a"], ["A"]),
    ("string", {"notOneOf": ["a"]}, ["b"], ["a"]),
    ("string", {"len": 2}, ["ab", "éé"], ["a", "abc"]),
    ("string", {"numeric": True}, ["012"], ["-1", "1.0", "٣", "a"]),
    ("string", {"alphanum": True}, ["aZ0"], ["a-b", "é", " "]),
    (
        "string",
        {"uuid": True},
        ["01234567-89ab-CDEF-0123-456789abcdef"],
        ["0123456789abCDEF0123456789abcdef", "01234567-89ab-CDEF-0123-456789abcdeg"],
    ),
    ("int", {"min": 1, "max": 3}, [1, 3], [-1, 4]),
    ("int", {"oneOf": [1, 2]}, [1, 2], [3]),
    ("int", {"equals": 5}, [5], [6]),
    ("array", {"min": 1}, [["a"]], []),
]


@pytest.mark.parametrize(("kind", "rules", "taken", "refused"), CONSTRAINED)
def test_a_constraint_of_a_built_in_type_takes_or_refuses(kind, rules, taken, refused):
    for is_required in (True, False):
        held = checks(Value(kind, native=Native(constraints=rules)), is_required)
        for value in taken:
            assert reasons(held, value) == []
        for value in refused:
            assert [reason[:3] for reason in reasons(held, value)] == ["is "]


def test_constraints_do_not_concern_an_empty_value_that_is_not_required():
    value = Value("string", native=Native(constraints={"len": 2}))
    assert reasons(checks(value, False), "") == []
    assert reasons(checks(value, True), "") == ["is not 2 characters long"]


def test_a_long_list_is_not_shown_in_full():
    (check,) = checks(Value("string", validate={"allow": [str(n) for n in range(100)]}), True)
    assert check.reason == "is not one of 0, 1, 2, 3, 4, 5, 6, 7 and 92 more"
