"""Lines of JSON become events, the same on the fast and on the slow way, whatever the lines."""

import json
import random
import re

import pytest

from common.logs import coerce, registry
from common.logs.codec import KNOWN_TIMES, Codec
from common.logs.moment import Moment
from common.logs.native.hooks import Hooks
from common.logs.native.json_types import HOOKS
from tests.common.logs import random_lines
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

TEXT = schema(field("s", "string"))
MIXED = schema(
    field("s", "string", indicators=["ip", "domain"]),
    field("n", "bigint"),
    event_time("t", "unix"),
    field("o", "object", fields=[field("a.b", "float"), field("j", "json")]),
    field("l", "array", element={"type": "object", "fields": [field("x@y", "boolean")]}),
)


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


# ---- JSON in texts ----------------------------------------------------------------------------

EMBEDDED = schema(
    field("o", "object", fields=[field("a", "int", required=True)], isEmbeddedJSON=True),
    field("l", "array", element={"type": "int"}, isEmbeddedJSON=True),
)
EMBEDDED_VALUE = schema(field("j", "json", isEmbeddedJSON=True))
IN_TEXTS = [
    ("o", '{"a":"5","b":1}', '{"a":5}'),
    ("o", ' {"a" : 5} ', '{"a":5}'),
    ("o", "", None),
    ("o", "null", None),
    ("o", "[1]", "o: is a list, an object is needed"),
    ("o", '"{}"', "o: is text, an object is needed"),
    ("o", "{}", "o.a: is missing"),
    ("o", '{"a":5} x', "o: the text holds no JSON"),
    ("o", "x", "o: the text holds no JSON"),
    ("o", " ", "o: the text holds no JSON"),
    ("l", '[1, "2", null]', "[1,2,null]"),
    ("l", "[]", None),
    ("l", "{}", "l: is an object, a list is needed"),
    ("l", "[" * 100_000 + "]" * 100_000, "l: is nested too deeply"),
    ("j", '{"b" : 1.0, "a": [ ]}', '{"b":1.0,"a":[]}'),
    ("j", "1e400", "1e400"),
    ("j", '"text"', '"text"'),
    ("j", "", None),
    ("j", "null", None),
    ("j", "text", "j: the text holds no JSON"),
    ("j", "[" * 100_000 + "]" * 100_000, "j: is nested too deeply"),
    ("j", r'"\ud83d"', r'"\ufffd"'),
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("name", "text", "wanted"), IN_TEXTS)
def test_json_in_a_text_is_decoded_in_its_place(name, text, wanted, way):
    of = EMBEDDED_VALUE if name == "j" else EMBEDDED
    from_line, from_texts = codec(of, way).from_line, codec(of, way).from_texts
    line = json.dumps({name: text})
    if wanted and wanted.startswith(name):
        assert fails(from_line, line) == wanted
        with pytest.raises(ValueError, match=re.escape(wanted)):
            from_texts([(name, text)])
    else:
        written = f'{{"{name}":{wanted}}}' if wanted else "{}"
        assert one(from_line, line).body.decode() == written
        assert from_texts([(name, text)]).body.decode() == written


@pytest.mark.parametrize("way", WAYS)
def test_where_json_may_be_in_a_text_it_need_not_be(way):
    assert body(EMBEDDED, '{"o":{"a":1},"l":[1]}', way) == '{"o":{"a":1},"l":[1]}'
    assert body(EMBEDDED_VALUE, '{"j":[1, {}]}', way) == '{"j":[1,{}]}'


@pytest.mark.parametrize("way", WAYS)
def test_json_may_be_in_texts_within_texts(way):
    inner = field("o", "object", fields=[event_time("t", "unix")], isEmbeddedJSON=True)
    element = {"type": "object", "fields": [inner], "isEmbeddedJSON": True}
    parse = codec(schema(field("l", "array", element=element, isEmbeddedJSON=True)), way).from_line
    deepest = json.dumps({"o": json.dumps({"t": "1.5"})})
    for elements in ([deepest, None, {"o": None}], json.dumps([deepest, "", {}])):
        event = one(parse, json.dumps({"l": elements}))
        assert event.body == b'{"l":[{"o":{"t":1.5}},null,{}]}'
        assert event.time_ns == 1_500_000_000
    assert fails(parse, json.dumps({"l": [json.dumps({"o": "x"})]})).startswith("l[")


def test_objects_in_texts_are_read_the_fast_way(monkeypatch):
    made = codec(EMBEDDED)
    monkeypatch.setattr(made, "_slowly", lambda line: pytest.fail("read the slow way"))
    line = json.dumps({"o": json.dumps({"a": 5}), "l": "[1]"})
    assert one(made.from_line, line).body == b'{"o":{"a":5},"l":[1]}'


# ---- the two ways -----------------------------------------------------------------------------


def both_ways(of, is_lake=False, hooks=None):
    fast, slow = Codec(of, is_lake, hooks), Codec(of, is_lake, hooks)
    slow._is_slow = True
    return fast.from_line, slow.from_line


def result(parse, line):
    try:
        return parse(line)
    except ValueError:
        return "refused"


@pytest.mark.parametrize("seed", range(8))
def test_random_lines_of_random_schemas_give_the_same_both_ways(seed):
    randoms = random.Random(seed)
    events = 0
    for _ in range(50):
        of = schema(*random_lines.fields(randoms))
        fast, slow = both_ways(of, is_lake=randoms.random() < 0.5)
        for _ in range(40):
            line = random_lines.line(randoms)
            outcome = result(fast, line)
            assert outcome == result(slow, line), line
            if outcome != "refused":
                (event,) = outcome
                json.loads(event.body)
                events += 1
    assert events > 300


def test_random_lines_of_built_in_types_give_the_same_both_ways():
    randoms = random.Random(4)
    events = 0
    for name in registry.names():
        of = registry.schema(name)
        fast, slow = both_ways(of, hooks=HOOKS.get(name))
        for _ in range(6):
            line = random_lines.line_of(randoms, of)
            outcome = result(fast, line)
            assert outcome == result(slow, line), (name, line)
            events += outcome != "refused"
    assert events > 100


def test_usual_lines_are_not_read_the_slow_way(monkeypatch):
    made = codec(MIXED)
    monkeypatch.setattr(made, "_slowly", lambda line: pytest.fail("read the slow way"))
    line = '{"s":"é","n":"12","t":1.5,"o":{"a.b":1,"j":[1]},"l":[{"x@y":true},null],"other":0}'
    assert json.loads(one(made.from_line, line).body)["n"] == 12


COERCED = schema(
    field("s", "string", indicators=["username"]),
    field("f", "float"),
    field("b", "boolean"),
    field("l", "array", element={"type": "string"}),
    field("o", "object", fields=[field("s", "string", required=True)]),
)


@pytest.mark.parametrize(
    "line",
    [
        '{"s":true,"o":{"s":false}}',
        '{"s":7,"l":["a",12,null,true,""]}',
        '{"s":18446744073709551616}',
        '{"f":"5.50","b":"T"}',
        '{"f":"","b":""}',
        '{"f":"1e3","b":false,"s":"x"}',
    ],
)
def test_where_one_line_was_coerced_the_next_ones_are_read_the_fast_way(line, monkeypatch):
    made = codec(COERCED)
    first = one(made.from_line, line)
    assert first == one(codec(COERCED, "slow").from_line, line)
    monkeypatch.setattr(made, "_slowly", lambda line: pytest.fail("read the slow way"))
    assert one(made.from_line, line) == first
    assert one(made.from_line, '{"s":"x","f":1,"b":true}').body == b'{"s":"x","f":1,"b":true}'


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ('{"s":-0}', '{"s":"-0"}'),
        ('{"s":0}', '{"s":"0"}'),
        ('{"s":-5}', '{"s":"-5"}'),
        ('{"s":1.0}', '{"s":"1.0"}'),
        ('{"s":1e3}', '{"s":"1e3"}'),
        ('{"b":1}', '{"b":true}'),
        ('{"l":[1.50]}', '{"l":["1.50"]}'),
        ('{"f":"x"}', "f: is no number"),
        ('{"b":"x"}', "b: is neither true nor false"),
        ('{"o":{"s":null}}', "o.s: is missing"),
    ],
)
def test_a_number_keeps_its_spelling_after_a_line_was_coerced(line, wanted):
    parse = codec(COERCED).from_line
    assert one(parse, '{"s":true}').body == b'{"s":"true"}'
    if wanted.startswith("{"):
        assert one(parse, line).body.decode() == wanted
    else:
        assert fails(parse, line) == wanted


def test_hooks_get_values_of_the_types_that_they_are_made_for():
    seen = []
    hooks = Hooks(accept=lambda event: seen.append(event.s))
    parse = Codec(COERCED, False, hooks).from_line
    for _ in range(2):
        parse(b'{"s":true}')
    assert seen == ["true", "true"]


def test_a_duplicate_key_does_not_change_the_way_the_others_are_read():
    plain = body(MIXED, '{"s":"a","n":1}')
    assert body(MIXED, '{"n":{},"s":5,"s":"a","n":1}') == plain


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
