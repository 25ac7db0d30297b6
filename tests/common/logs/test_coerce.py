"""Every cell of the coercion table, as JSON on both ways of reading it and as text."""

import json

import pytest

from common.logs import coerce, coerce_text
from common.logs.model import INTEGERS
from common.logs.refused import Refused
from tests.common.logs.small_schemas import WAYS, body, codec, fails, field, schema

NOTHING = None
NO = "refused"

# Type, literal in the line, JSON that is written.
FROM_JSON = [
    ("string", "1.0", '"1.0"'),
    ("string", "1e3", '"1e3"'),
    ("string", "-0", '"-0"'),
    ("string", "1e400", '"1e400"'),
    ("string", "123456789012345678901234567890", '"123456789012345678901234567890"'),
    ("string", '""', '""'),
    ("string", '" a "', '" a "'),
    ("string", "true", '"true"'),
    ("string", "false", '"false"'),
    ("string", "{}", NO),
    ("string", "[]", NO),
    ("int", "12", "12"),
    ("int", "-0", "0"),
    ("int", "2147483647", "2147483647"),
    ("int", "2147483648", NO),
    ("int", "-2147483648", "-2147483648"),
    ("int", "-2147483649", NO),
    ("int", "1.0", NO),
    ("int", "1e3", NO),
    ("int", '""', NOTHING),
    ("int", '"12"', "12"),
    ("int", '"+5"', "5"),
    ("int", '"-007"', "-7"),
    ("int", '"2147483648"', NO),
    ("int", '" 12"', NO),
    ("int", '"12 "', NO),
    ("int", '"1.0"', NO),
    ("int", '"0x10"', NO),
    ("int", '"1_0"', NO),
    ("int", '"٣"', NO),
    ("int", '"-"', NO),
    ("int", "true", NO),
    ("int", "[]", NO),
    ("int", "{}", NO),
    ("smallint", "32767", "32767"),
    ("smallint", "32768", NO),
    ("smallint", "-32768", "-32768"),
    ("smallint", '"-32769"', NO),
    ("bigint", "9223372036854775807", "9223372036854775807"),
    ("bigint", "9223372036854775808", NO),
    ("bigint", '"-9223372036854775808"', "-9223372036854775808"),
    ("bigint", "123456789012345678901234567890", NO),
    ("bigint", '"+0000000000000000000000000000001"', "1"),
    ("bigint", '"-0000000000000000000000000000000"', "0"),
    ("bigint", '"123456789012345678901234567890"', NO),
    ("float", "1", "1"),
    ("float", "1.0", "1"),
    ("float", "-0", "0"),
    ("float", "-0.0", "-0"),
    ("float", "1e-400", "0"),
    ("float", "1e400", NO),
    ("float", '""', NOTHING),
    ("float", '"5.50"', "5.5"),
    ("float", '"1e3"', "1000"),
    ("float", '".5"', "0.5"),
    ("float", '"5."', "5"),
    ("float", '"."', NO),
    ("float", '"0x1p-2"', NO),
    ("float", '"NaN"', NO),
    ("float", '"Inf"', NO),
    ("float", '"1e400"', NO),
    ("float", '" 1"', NO),
    ("float", '"1_0"', NO),
    ("float", "true", NO),
    ("float", "[]", NO),
    ("float", "{}", NO),
    ("boolean", "0", "false"),
    ("boolean", "1", "true"),
    ("boolean", "2", NO),
    ("boolean", "1.0", NO),
    ("boolean", '""', NOTHING),
    *(("boolean", f'"{text}"', "true") for text in ("1", "t", "T", "TRUE", "true", "True")),
    *(("boolean", f'"{text}"', "false") for text in ("0", "f", "F", "FALSE", "false", "False")),
    ("boolean", '"tRUE"', NO),
    ("boolean", '"yes"', NO),
    ("boolean", "true", "true"),
    ("boolean", "false", "false"),
    ("boolean", "[]", NO),
    ("boolean", "{}", NO),
    ("timestamp", '"2022-03-14T09:26:53Z"', '"2022-03-14T09:26:53Z"'),
    ("timestamp", '""', NOTHING),
    ("timestamp", '" 2022-03-14T09:26:53Z"', NO),
    ("timestamp", '"2022-03-14T09:26:53Z "', NO),
    ("timestamp", "1647250013", NO),
    ("timestamp", "true", NO),
    ("timestamp", "[]", NO),
    ("timestamp", "{}", NO),
    ("object", '{"a":"1"}', '{"a":1}'),
    ("object", "{}", "{}"),
    ("object", '{"a":""}', "{}"),
    ("object", "1", NO),
    ("object", '""', NO),
    ("object", '"{}"', NO),
    ("object", "true", NO),
    ("object", "[]", NO),
    ("array", '[1,"2"]', "[1,2]"),
    ("array", '["",null,3]', "[null,null,3]"),
    ("array", "[]", NOTHING),
    ("array", "1", NO),
    ("array", '""', NO),
    ("array", '"[]"', NO),
    ("array", "true", NO),
    ("array", "{}", NO),
    ("array", "[true]", NO),
    ("json", "1.0", "1.0"),
    ("json", "-0", "-0"),
    ("json", "1e400", "1e400"),
    ("json", '""', '""'),
    ("json", '"a b"', '"a b"'),
    ("json", "false", "false"),
    ("json", "0", "0"),
    ("json", "{}", "{}"),
    ("json", "[]", "[]"),
    ("json", '{"b" : [1 , 2.0, null ], "a": 1, "b":2}', '{"b":[1,2.0,null],"a":1,"b":2}'),
    *((kind, "null", NOTHING) for kind in "string int float boolean timestamp json".split()),
    ("object", "null", NOTHING),
    ("array", "null", NOTHING),
]
MORE = {
    "timestamp": {"timeFormat": "rfc3339"},
    "object": {"fields": [field("a", "int")]},
    "array": {"element": {"type": "int"}},
}


def of_type(kind):
    return schema(field("x", kind, **MORE.get(kind, {})))


def written(wanted):
    return "{}" if wanted is NOTHING else f'{{"x":{wanted}}}'


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("kind", "literal", "wanted"), FROM_JSON)
def test_a_value_of_a_line_becomes_the_type_of_its_field(kind, literal, wanted, way):
    line = f'{{"x": {literal}}}'
    if wanted == NO:
        assert fails(codec(of_type(kind), way).from_line, line).startswith("x")
    else:
        assert body(of_type(kind), line, way) == written(wanted)


@pytest.mark.parametrize(
    ("kind", "literal", "wanted"), [case for case in FROM_JSON if case[1][0] == '"']
)
def test_a_text_is_read_as_the_same_text_in_a_line_of_json(kind, literal, wanted):
    from_texts = codec(of_type(kind)).from_texts
    pairs = [("x", json.loads(literal))]
    if wanted == NO:
        with pytest.raises(Refused, match=r"^x: "):
            from_texts(pairs)
    else:
        assert from_texts(pairs).body.decode() == written(wanted)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", sorted(coerce_text.RANGES))
def test_both_ends_of_a_range_are_in_it(kind, way):
    if kind in INTEGERS:
        of = schema(field("x", kind))
    else:
        of = schema(field("x", "bigint", native={"kind": kind}), is_builtin=True)
    lowest, highest = coerce_text.RANGES[kind]
    for number in (lowest, highest):
        assert body(of, f'{{"x":{number}}}', way) == f'{{"x":{number}}}'
    for number in (lowest - 1, highest + 1):
        assert "is not between" in fails(codec(of, way).from_line, f'{{"x":{number}}}')


# ---- strict values of built-in types ----------------------------------------------------------

NUMBER_OR_TEXT = {"native": {"numberOrText": True}}
STRICT = [
    ("string", {}, '"a"', '"a"'),
    ("string", {}, "1", NO),
    ("string", {}, "true", NO),
    ("int", {}, "1", "1"),
    ("int", {}, '"1"', NO),
    ("int", {}, '""', NO),
    ("int", {}, "1.0", NO),
    ("int", {}, "true", NO),
    ("int", NUMBER_OR_TEXT, '"1"', "1"),
    ("int", NUMBER_OR_TEXT, "1", "1"),
    ("int", NUMBER_OR_TEXT, '""', NO),
    ("int", NUMBER_OR_TEXT, '"1.0"', NO),
    ("float", {}, "1.5", "1.5"),
    ("float", {}, '"1.5"', NO),
    ("float", {"native": {"kind": "float32"}}, "0.1", "0.1"),
    ("float", {"native": {"kind": "float32"}}, "3.4028234e38", "3.4028235e+38"),
    ("float", {"native": {"kind": "float32"}}, "3.5e38", NO),
    ("float", {"native": {"kind": "float32"}}, "-3.5e38", NO),
    ("boolean", {}, "true", "true"),
    ("boolean", {}, "1", NO),
    ("boolean", {}, '"true"', NO),
    ("string", {}, "null", NOTHING),
    ("int", {}, "null", NOTHING),
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("kind", "more", "literal", "wanted"), STRICT)
def test_strict_values_are_not_coerced(kind, more, literal, wanted, way):
    of = schema(field("x", kind, **more), native={"strict": True}, is_builtin=True)
    line = f'{{"x":{literal}}}'
    if wanted == NO:
        assert fails(codec(of, way).from_line, line).startswith("x: ")
    else:
        assert body(of, line, way) == written(wanted)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("kind", "literal", "wanted"),
    [
        ("map<string,string>", '{"k":"v","n":null}', '{"k":"v","n":""}'),
        ("map<string,string>", '{"k":1}', NO),
        ("map<string,string>", "{}", NOTHING),
        ("map<string,string>", "[]", NO),
        ("map<string,json>", '{"k": [1.0 ], "n":null}', '{"k":[1.0],"n":null}'),
        ("map<string,json>", "{}", NOTHING),
        ("map<string,json>", '"{}"', NO),
    ],
)
def test_free_form_maps_keep_their_keys(kind, literal, wanted, way):
    of = schema(field("x", "object", native={"kind": kind}), is_builtin=True)
    line = f'{{"x":{literal}}}'
    if wanted == NO:
        assert fails(codec(of, way).from_line, line).startswith("x")
    else:
        assert body(of, line, way) == written(wanted)


@pytest.mark.parametrize("way", WAYS)
def test_lists_of_texts_in_built_in_types_are_strict_with_empty_texts_for_null(way):
    one = field("x", "array", element={"type": "string"})
    of = schema(one, parser={"native": {"name": "Duo.Authentication"}})
    assert body(of, '{"x":["a",null,""]}', way) == '{"x":["a","",""]}'
    assert fails(codec(of, way).from_line, '{"x":["a",1]}').startswith("x[1]: ")


# ---- literals ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("literal", "wanted"),
    [
        (b'{ "a" : 1 }', b'{"a":1}'),
        (b"[1,\t2 ,\r\n 3]", b"[1,2,3]"),
        (b'{"a b": " c , d "}', b'{"a b":" c , d "}'),
        (b'" \\" : "', b'" \\" : "'),
        (b'["\\\\", " "]', b'["\\\\"," "]'),
        (b"{  }", b"{}"),
        (b"[true , false , null ]", b"[true,false,null]"),
        (b"[1.5e3 ,-2 ]", b"[1.5e3,-2]"),
    ],
)
def test_only_white_space_outside_of_texts_is_removed(literal, wanted):
    assert coerce.compact(literal) == wanted


@pytest.mark.parametrize(
    ("escaped", "wanted"),
    [
        (rb"\ud83d\ude00", rb"\ud83d\ude00"),
        (rb"\uD83D\uDE00", rb"\uD83D\uDE00"),
        (rb"\ud83d", rb"\ufffd"),
        (rb"\ude00", rb"\ufffd"),
        (rb"\ud83d\ud83d\ude00", rb"\ufffd\ud83d\ude00"),
        (rb"\ude00\ud83d", rb"\ufffd\ufffd"),
        (rb"\ud83dx\ude00", rb"\ufffdx\ufffd"),
        (rb"\\ud83d", rb"\\ud83d"),
        (rb"\\\ud83d", rb"\\\ufffd"),
        (rb"\\\\ud83d", rb"\\\\ud83d"),
        (rb"\ud83d\\ude00", rb"\ufffd\\ude00"),
        (rb"\u00e9", rb"\u00e9"),
    ],
)
def test_halves_of_surrogate_pairs_are_replaced_and_nothing_else(escaped, wanted):
    assert coerce.without_lone_surrogates(b'"%b"' % escaped) == b'"%b"' % wanted


@pytest.mark.parametrize("digits", [5_000, 1_000_000])
def test_an_integer_of_very_many_digits_is_refused_without_being_computed(digits):
    with pytest.raises(Refused, match="is not between"):
        coerce_text.integer("9" * digits, 0, 10)
    assert coerce_text.integer("0" * digits + "7", 0, 10) == 7


@pytest.mark.parametrize(
    ("path", "name", "wanted"),
    [("", "a", "a"), ("b", "a", "a.b"), ("[3]", "a", "a[3]"), ("[3].c", "a", "a[3].c")],
)
def test_the_path_of_a_refused_value_leads_through_objects_and_lists(path, name, wanted):
    assert Refused("why", path).under(name).path == wanted
