"""What is required, what counts as no value, which time an event has, and what indicators it
feeds: on both ways of reading a line."""

import json

import pytest

from common.logs.codec import Codec
from tests.common.logs.small_schemas import (
    WAYS,
    body,
    codec,
    event_time,
    fails,
    field,
    found,
    one,
    schema,
)

KINDS = {
    "string": {},
    "int": {},
    "float": {},
    "boolean": {},
    "timestamp": {"timeFormat": "rfc3339"},
    "object": {"fields": [field("a", "string")]},
    "array": {"element": {"type": "string"}},
    "json": {},
}
SATISFIED = [
    ("string", '""'),
    ("string", "0"),
    ("int", "0"),
    ("int", '"0"'),
    ("float", "0"),
    ("boolean", "false"),
    ("timestamp", '"2022-03-14T09:26:53Z"'),
    ("object", "{}"),
    ("array", "[]"),
    *(("json", literal) for literal in ("{}", "[]", '""', "0", "false")),
]
NOT_SATISFIED = [
    *((kind, "null") for kind in KINDS),
    *((kind, '""') for kind in ("int", "float", "boolean", "timestamp")),
]


def required(kind):
    return field("x", kind, required=True, **KINDS[kind])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("kind", "literal"), SATISFIED)
def test_a_value_satisfies_required(kind, literal, way):
    body(schema(required(kind)), f'{{"x":{literal}}}', way)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("kind", "literal"), NOT_SATISFIED)
def test_no_value_does_not_satisfy_required(kind, literal, way):
    assert fails(codec(schema(required(kind)), way).from_line, f'{{"x":{literal}}}') == (
        "x: is missing"
    )


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_key_does_not_satisfy_required(kind, way):
    assert fails(codec(schema(required(kind)), way).from_line, "{}") == "x: is missing"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{}", ""),
        ('{"o":null}', ""),
        ('{"o":{"x":"","p":{"x":0}}}', ""),
        ('{"o":{"x":"a","p":null}}', ""),
        ('{"o":{}}', "o.x: is missing"),
        ('{"o":{"x":"a","p":{}}}', "o.p.x: is missing"),
        ('{"l":[{}]}', ""),
        ('{"l":[{"o":{}}]}', ""),
        ('{"l":[{"l":[{"x":null}]}]}', ""),
    ],
)
def test_members_are_required_where_their_object_is_present_but_not_in_lists(line, reason, way):
    inner = {"type": "object", "fields": [field("x", "int", required=True)]}
    element = {
        "type": "object",
        "fields": [
            field("x", "int", required=True),
            field("o", "object", fields=[field("x", "string", required=True)]),
            field("l", "array", element=inner),
        ],
    }
    deep = [field("x", "string", required=True), {"name": "p", **inner}]
    of = schema(field("o", "object", fields=deep), field("l", "array", element=element))
    if reason:
        assert fails(codec(of, way).from_line, line) == reason
    else:
        body(of, line, way)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["a[", "a[]", "a[].b"])
def test_a_name_with_brackets_is_no_list(name, way):
    inner = field(name, "object", fields=[required("int"), event_time("t", "unix")])
    parse = codec(schema(inner, event_time(f"{name}[]", "unix")), way).from_line
    assert fails(parse, json.dumps({name: {}})) == f"{name}.x: is missing"
    assert one(parse, json.dumps({f"{name}[]": 3})).time_ns == 3_000_000_000
    assert one(parse, json.dumps({f"{name}[]": 3, name: {"x": 1, "t": 2}})).time_ns == 2_000_000_000


# ---- what is left out -------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ('{"s":"","i":0,"f":0,"b":false,"o":{},"j":""}',) * 2,
        ('{"i":"","f":"","b":"","t":"","l":[],"s":null,"o":null,"j":null}', "{}"),
        ('{"o":{"a":null,"l":[]}}', '{"o":{}}'),
        ('{"l":[null,{},{"a":null}]}', '{"l":[null,{},{}]}'),
        ('{"l":[null]}', '{"l":[null]}'),
        ('{"j":{"a":null,"b":[null]}}', '{"j":{"a":null,"b":[null]}}'),
        ('{"j": [ ] }', '{"j":[]}'),
        ('{"ll":[[1,""],[],null]}', '{"ll":[[1,null],null,null]}'),
        ('{"tt":["1",null,"",2]}', '{"tt":[1,null,null,2]}'),
        ('{"jj":[null,{"a" : 1},""]}', '{"jj":[null,{"a":1},""]}'),
    ],
)
def test_no_value_is_left_out_and_everything_else_is_written(line, wanted, way):
    inner = [field("a", "int"), field("l", "array", element={"type": "int"})]
    of = schema(
        *(field(kind[0], kind, **KINDS[kind]) for kind in ("string", "int", "float", "boolean")),
        field("t", "timestamp", timeFormat="rfc3339"),
        field("o", "object", fields=inner),
        field("l", "array", element={"type": "object", "fields": inner}),
        field("ll", "array", element={"type": "array", "element": {"type": "int"}}),
        field("tt", "array", element={"type": "timestamp", "timeFormat": "unix"}),
        field("jj", "array", element={"type": "json"}),
        field("j", "json"),
    )
    assert body(of, line, way) == wanted


@pytest.mark.parametrize("way", WAYS)
def test_zero_values_are_left_out_where_the_built_in_type_says_so(way):
    zero = '{"s":"","i":0,"b":false,"f":0}'
    kinds = ("string", "int", "boolean", "float")
    kept = schema(*(field(kind[0], kind) for kind in kinds))
    omitted = schema(
        *(field(kind[0], kind, native={"omitZero": True}) for kind in kinds), is_builtin=True
    )
    assert body(kept, zero, way) == zero
    assert body(omitted, zero, way) == "{}"
    assert body(omitted, '{"s":"a","i":1,"b":true,"f":0.5}', way) == (
        '{"s":"a","i":1,"b":true,"f":0.5}'
    )


@pytest.mark.parametrize("way", WAYS)
def test_a_zero_value_is_no_value_where_one_is_required(way):
    kinds = ("string", "int", "boolean")
    needed = schema(
        *(field(kind[0], kind, required=True, native={"omitZero": True}) for kind in kinds),
        is_builtin=True,
    )
    parse = codec(needed, way).from_line
    assert fails(parse, '{"s":"","i":1,"b":true}') == "s: is missing"
    assert fails(parse, '{"s":"a","i":0,"b":true}') == "i: is missing"
    assert body(needed, '{"s":"a","i":1,"b":true}', way) == '{"s":"a","i":1,"b":true}'


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ["map<string,string>", "map<string,json>"])
def test_an_empty_map_is_left_out_but_not_from_a_list(kind, way):
    native = {"kind": kind}
    rows = field("l", "array", element={"type": "json", "native": native})
    of = schema(field("m", "json", native=native), rows, is_builtin=True)
    assert body(of, '{"m":{},"l":[{},null,{"k":"v"}]}', way) == '{"l":[{},null,{"k":"v"}]}'
    assert body(of, '{"m":{"k":"v"},"l":[]}', way) == '{"m":{"k":"v"}}'


# ---- the event's time -------------------------------------------------------------------------

TIMES = schema(
    event_time("first", "unix"),
    field("o", "object", fields=[field("x", "int"), event_time("nested", "unix")]),
    field("l", "array", element={"type": "object", "fields": [event_time("t", "unix")]}),
    field(
        "plain", "array", element={"type": "timestamp", "timeFormat": "unix", "isEventTime": True}
    ),
    field("no", "timestamp", timeFormat="unix"),
    event_time("last", "unix"),
)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        ('{"last":9,"first":1}', 1),
        ('{"first":null,"last":9}', 9),
        ('{"first":"","last":9}', 9),
        ('{"last":9,"o":{"nested":2}}', 2),
        ('{"last":9,"o":{"x":1},"l":[null,{},{"t":3},{"t":4}]}', 3),
        ('{"plain":[5],"last":9}', 9),
        ('{"plain":[5],"no":6}', None),
        ('{"first":0,"last":9}', 0),
        ("{}", None),
    ],
)
def test_the_first_candidate_with_a_value_is_the_events_time(line, seconds, way):
    event = one(codec(TIMES, way).from_line, line)
    assert event.time_ns == (None if seconds is None else seconds * 1_000_000_000)


@pytest.mark.parametrize("way", WAYS)
def test_a_built_in_type_can_name_the_fields_that_give_the_time_best_first(way):
    of = schema(
        event_time("marked", "unix"),
        field("second", "timestamp", timeFormat="unix"),
        field("best", "timestamp", timeFormat="unix"),
        native={"eventTime": ["best", "second"]},
        is_builtin=True,
    )
    parse = codec(of, way).from_line
    assert one(parse, '{"marked":1,"second":2,"best":3}').time_ns == 3_000_000_000
    assert one(parse, '{"marked":1,"second":2}').time_ns == 2_000_000_000
    assert one(parse, '{"marked":1}').time_ns is None


@pytest.mark.parametrize(
    ("time_format", "given", "written", "lake"),
    [
        ("rfc3339", '"2022-03-14T09:26:53.5+02:00"', None, "2022-03-14 07:26:53.500000000"),
        ("rfc3339", '"2022-03-14T09:26:53.123456789Z"', None, "2022-03-14 09:26:53.123456789"),
        (
            "rfc3339",
            '"2022-03-14T09:26:53.120Z"',
            '"2022-03-14T09:26:53.12Z"',
            "2022-03-14 09:26:53.120000000",
        ),
        (
            "rfc3339",
            '"2022-03-14T09:26:53.000Z"',
            '"2022-03-14T09:26:53Z"',
            "2022-03-14 09:26:53.000000000",
        ),
        (
            "cloudflare",
            '"2022-03-14T09:26:53.5+02:00"',
            '"2022-03-14T09:26:53+02:00"',
            "2022-03-14 07:26:53.500000000",
        ),
        (
            "cloudflare",
            "1647250013123456789",
            '"2022-03-14T09:26:53Z"',
            "2022-03-14 09:26:53.123456789",
        ),
        ("unix", "1647250013.369", None, "2022-03-14 09:26:53.369000000"),
        ("unix", '"1647250013.0"', "1647250013", "2022-03-14 09:26:53.000000000"),
        ("unix_ms", '"1647250013123"', "1647250013123", "2022-03-14 09:26:53.123000000"),
        ("unix_us", "1647250013123456", None, "2022-03-14 09:26:53.123456000"),
        ("unix_ns", "1647250013123456789", None, "2022-03-14 09:26:53.123456789"),
        (
            "%d/%b/%Y:%H:%M:%S %z",
            '"14/Mar/2022:09:26:53 +0200"',
            None,
            "2022-03-14 07:26:53.000000000",
        ),
        (
            "layout=2006-01-02T15:04:05",
            '"2022-03-14T09:26:53.25"',
            '"2022-03-14T09:26:53"',
            "2022-03-14 09:26:53.250000000",
        ),
    ],
)
@pytest.mark.parametrize("way", WAYS)
def test_a_time_is_written_in_its_own_format_or_in_that_of_the_data_lake(
    time_format, given, written, lake, way
):
    of = schema(field("t", "timestamp", timeFormat=time_format))
    assert body(of, f'{{"t":{given}}}', way) == f'{{"t":{written or given}}}'
    assert body(of, f'{{"t":{given}}}', way, is_lake=True) == f'{{"t":"{lake}"}}'


# ---- indicators -------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
def test_indicators_of_all_fields_feed_one_sorted_list_for_each_kind(way):
    of = schema(
        field("a", "string", indicators=["domain"]),
        field("b", "string", indicators=["ip", "domain"]),
        field("l", "array", element={"type": "string", "indicators": ["hostname"]}),
        field("o", "object", fields=[field("n", "string", indicators=["trace_id"])]),
    )
    line = '{"a":"z.example","b":"192.0.2.1","l":["z.example",null,"","é","z"],"o":{"n":12.50}}'
    event = one(codec(of, way).from_line, line)
    assert event.indicators.decode() == (
        ',"p_any_ip_addresses":["192.0.2.1"]'
        ',"p_any_domain_names":["192.0.2.1","z","z.example","é"]'
        ',"p_any_trace_ids":["12.50"]'
    )


@pytest.mark.parametrize("way", WAYS)
def test_empty_indicators_make_no_list(way):
    of = schema(field("a", "string", indicators=["domain", "username", "aws_tag"]))
    for line in ('{"a":""}', '{"a":null}', "{}"):
        assert found(one(codec(of, way).from_line, line)) == {}


def test_indicators_of_one_event_are_not_those_of_the_next():
    parse = Codec(schema(field("a", "string", indicators=["ip"])), False).from_line
    assert found(one(parse, '{"a":"192.0.2.1"}')) == {"p_any_ip_addresses": ["192.0.2.1"]}
    assert found(one(parse, '{"a":"192.0.2.2"}')) == {"p_any_ip_addresses": ["192.0.2.2"]}
    assert found(one(parse, "{}")) == {}
