"""Lines of JSON become events, the same on the fast and on the slow way, whatever the lines."""

import json

import pytest

from common.logs import coerce, registry
from common.logs.codec import KNOWN_TIMES, Codec
from common.logs.moment import Moment
from common.logs.native.hooks import Hooks
from tests.common.logs.small_schemas import (
    MIXED,
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

TEXT = schema(field("s", "string"))


# ---- the line as a whole ----------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ('  {"s" : "a" }\t', '{"s":"a"}'),
        ("null", "{}"),
        (" null ", "{}"),
        ("{}", "{}"),
        ('{"other":1}', "{}"),
        ('{"S":"a"}', "{}"),
        ('{"s":"a","other":{"s":[1,{"s":2}]}}', '{"s":"a"}'),
        ('{"s":"a","s":"b"}', '{"s":"b"}'),
        ('{"s":["no text"],"s":"b"}', '{"s":"b"}'),
        ('{"s":"a","s":null}', "{}"),
        (r'{"\u0073":"a"}', '{"s":"a"}'),
        (r'{"s":"\u00e9\ud83d\ude00\n\/"}', '{"s":"é😀\\n/"}'),
        (r'{"s":"a\ud83db"}', '{"s":"a\ufffdb"}'),
        (r'{"s":"a","\ud83d":1}', '{"s":"a"}'),
        ('{"s":"<&>\\u0001"}', '{"s":"<&>\\u0001"}'),
    ],
)
def test_a_line_is_read_as_one_json_object(line, wanted, way):
    assert body(TEXT, line, way) == wanted


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"s":"a"} x', "trailing data"),
        ('{"s":"a"}{"s":"b"}', "trailing data"),
        ("null null", "trailing data"),
        ("[1]", "is a list, an object is needed"),
        ('"{}"', "is text, an object is needed"),
        ("1", "is a number, an object is needed"),
        ("true", "is a boolean, an object is needed"),
        ("nil", "is no JSON"),
        ("not json", "is no JSON"),
        ("", "is no JSON"),
        ('{"s":"a"', "is no JSON"),
        ('{"s":NaN}', "is no JSON"),
        ('{"s":Infinity}', "is no JSON"),
        ('{"s":-}', "is no JSON"),
        ('{"s":01}', "is no JSON"),
        ('{"s":.5}', "is no JSON"),
        ("{'s':1}", "is no JSON"),
        ('{"s":"a\tb"}', "is no JSON"),
        ('{"s":"\\x41"}', "is no JSON"),
        ('{"s":1,}', "is no JSON"),
        ('{"other":NaN}', "is no JSON"),
    ],
)
def test_what_is_no_json_object_is_refused_with_the_reason(line, reason, way):
    assert reason in fails(codec(TEXT, way).from_line, line)


@pytest.mark.parametrize("way", WAYS)
def test_reasons_never_show_the_line(way):
    parse = codec(MIXED, way).from_line
    for line in ('{"n":"secret"}', '{"t":"secret"}', '{"s":"secret', '{"o":{"a.b":"secret"}}'):
        assert "secret" not in fails(parse, line)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["s", "j", "other"])
@pytest.mark.parametrize(("opening", "closing"), ["[]", ('{"a":', "}")])
def test_deep_nesting_is_refused_with_a_reason(way, name, opening, closing):
    of = schema(field("s", "string"), field("j", "json"))
    line = f'{{"{name}":{opening * 100_000}1{closing * 100_000}}}'
    assert "nested too deeply" in fails(codec(of, way).from_line, line)


@pytest.mark.parametrize("way", WAYS)
def test_invalid_utf_8_is_replaced(way):
    assert body(TEXT, b'{"s":"a\xff\xc3b\xc3\xa9"}', way) == '{"s":"a\ufffd\ufffdbé"}'
    assert body(TEXT, b'{"s":"a","\xff":1}', way) == '{"s":"a"}'
    assert body(schema(field("j", "json")), b'{"j":["\xff"]}', way) == '{"j":["\ufffd"]}'


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("text", ["x" * 1_000_000, r"\u00e9" * 200_000, r"\"" * 500_000])
def test_a_line_of_a_megabyte_is_kept(way, text):
    event = json.loads(body(TEXT, f'{{"other":"{text}","s":"{text}"}}', way))
    assert event == {"s": json.loads(f'"{text}"')}


@pytest.mark.parametrize("way", WAYS)
def test_a_json_value_keeps_its_spelling_but_for_white_space(way):
    of = schema(field("j", "json"))
    literal = '{"b":[1.0,1e400,123456789012345678901234567890,-0,null],"a":" x ","b":"\\u00e9"}'
    assert body(of, f'{{"j":{literal}}}', way) == f'{{"j":{literal}}}'
    spaced = literal.replace(",", " ,\t").replace('":', '" : ')
    assert body(of, f'{{"j": {spaced} }}', way) == f'{{"j":{literal}}}'


# ---- names ------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "name",
    [
        *("a&b", "a,b", "a\\b", 'a"b', "a\nb", "a b", "a.b", "a[b", "a[]", "aé", "_", "a\x7f"),
        *("self", "None", "class", "__class__", "__init__", "__struct_fields__", "extra_", "_1"),
    ],
)
def test_any_name_finds_its_key(name, way):
    of = schema(
        field(name, "string"),
        field("o", "object", fields=[field(name, "int")]),
        field("l", "array", element={"type": "object", "fields": [field(name, "string")]}),
        event_time(f"time {name}"),
    )
    line = {name: "v", "o": {name: 1}, "l": [{name: "w"}], f"time {name}": "2022-03-14T00:00:00Z"}
    parse = codec(of, way).from_line
    for event in (one(parse, json.dumps(line)), one(parse, json.dumps(line, ensure_ascii=False))):
        assert list(json.loads(event.body).items()) == list(line.items())
        assert event.time_ns == 1_647_216_000_000_000_000


@pytest.mark.parametrize("way", WAYS)
def test_the_data_lake_has_other_names_and_other_times(way):
    line = (
        '{"s":"192.0.2.1","t":"1.5","o":{"a.b":"5.0","j":{"a.b" : 1.0}},"l":[null,{"x@y":"t"},{}]}'
    )
    assert body(MIXED, line, way) == (
        '{"s":"192.0.2.1","t":1.5,"o":{"a.b":5,"j":{"a.b":1.0}},"l":[null,{"x@y":true},{}]}'
    )
    assert body(MIXED, line, way, is_lake=True) == (
        '{"s":"192.0.2.1","t":"1970-01-01 00:00:01.500000000","o":{"a_b":5,"j":{"a.b":1.0}},'
        '"l":[null,{"x_at_sign_y":true},{}]}'
    )


def test_members_are_written_in_the_order_of_the_schema():
    line = '{"l":[{"x@y":true}],"n":1,"s":"a"}'
    for way in WAYS:
        assert body(MIXED, line, way) == '{"s":"a","n":1,"l":[{"x@y":true}]}'


# ---- what built-in types add -------------------------------------------------------------------


def collecting(event, found):
    found["p_any_usernames"].add(event.s)
    if event.s == "broken":
        raise RuntimeError("broken")


def test_nothing_of_a_failed_event_is_left_for_the_next_one():
    of = schema(field("s", "string", indicators=["domain"]), field("n", "int", required=True))
    parse = Codec(of, False, Hooks(collect=collecting)).from_line
    assert fails(parse, '{"s":"first"}') == "n: is missing"
    with pytest.raises(RuntimeError):
        parse(b'{"s":"broken","n":1}')
    assert found(one(parse, '{"s":"last","n":1}')) == {
        "p_any_domain_names": ["last"],
        "p_any_usernames": ["last"],
    }


def test_hooks_split_prepare_and_accept_lines():
    def accept(event):
        if event.s == "no":
            raise ValueError("is not wanted")

    def prepare(event, line):
        event.s = event.s or f"{len(line)} bytes"

    hooks = Hooks(split=lambda line: line.split(b";"), prepare=prepare, accept=accept)
    parse = Codec(TEXT, False, hooks).from_line
    assert [event.body for event in parse(b'{"s":"a"};{}')] == [b'{"s":"a"}', b'{"s":"2 bytes"}']
    assert parse(b'{"s":"a"};{"s":"b"}')[1].log_type == "Custom.Test"
    assert fails(parse, '{"s":"a"};{"s":"no"}') == "is not wanted"


@pytest.mark.parametrize("way", WAYS)
def test_a_discriminator_is_required_and_limited(way):
    of = schema(
        field("kind", "int"),
        native={"discriminator": {"field": "kind", "oneOf": [1, 3]}},
        is_builtin=True,
    )
    assert body(of, '{"kind":3}', way) == '{"kind":3}'
    assert fails(codec(of, way).from_line, '{"kind":2}') == "kind: is not one of 1, 3"
    assert fails(codec(of, way).from_line, "{}") == "kind: is missing"


def test_values_of_a_text_parser_become_an_event():
    of = schema(
        field("name", "string"),
        event_time("t"),
        field("m", "object", native={"kind": "map<string,json>"}),
        is_builtin=True,
    )
    values = {"name": "a", "t": Moment(1_500_000_000), "m": {"k": {"x": 1}}, "unknown": 1}
    event = codec(of).from_values(values, lambda values, found: found["p_any_emails"].add("e"))
    assert event.body == b'{"name":"a","t":"1970-01-01T00:00:01.5Z","m":{"k":{"x":1}}}'
    assert (event.time_ns, found(event)) == (1_500_000_000, {"p_any_emails": ["e"]})
    assert codec(of).from_values({}, None).body == b"{}"


def test_known_times_are_forgotten_before_they_are_too_many():
    parse = codec(schema(event_time("t", "unix_ms"))).from_line
    for number in [*range(KNOWN_TIMES + 2), 0, 1]:
        event = one(parse, f'{{"t":{number}}}')
        assert event.body == b'{"t":%d}' % number
        assert event.time_ns == number * 1_000_000


def test_a_number_is_not_taken_for_the_same_text():
    """Cloudflare's texts are RFC 3339, its numbers seconds."""
    parse = codec(schema(field("t", "timestamp", timeFormat="cloudflare"))).from_line
    assert one(parse, '{"t":60}').body == b'{"t":"1970-01-01T00:01:00Z"}'
    assert fails(parse, '{"t":"60"}').startswith("t: ")
    assert coerce.Number("60") == "60"


def test_types_of_old_write_their_times_in_utc():
    record = {
        "id": "1", "account": "123456789012", "source": "aws.ec2", "resources": [],
        "region": "us-east-1", "detail-type": "x", "version": "0", "detail": {},
        "time": "2022-03-14T10:00:00+02:00",
    }  # fmt: skip
    (event,) = Codec(registry.schema("AWS.CloudWatchEvents"), False).from_line(
        json.dumps(record).encode()
    )
    assert json.loads(event.body)["time"] == "2022-03-14T08:00:00Z"


@pytest.mark.parametrize("way", WAYS)
def test_half_a_surrogate_pair_in_free_json_becomes_a_replacement_character(way):
    of = schema(field("x", "json"))
    assert body(of, '{"x":{"a":"\\ud800 b","c":"\\ud83d\\ude00"}}', way) == (
        '{"x":{"a":"\\ufffd b","c":"\\ud83d\\ude00"}}'
    )
