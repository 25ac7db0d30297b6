"""Sample lines give the schema that reads them, however they are put together."""

import random
from functools import reduce
from pathlib import Path

import pytest

from common.logs import infer
from common.logs.infer import DEEPEST, Array, Object, Place, gathered, merge, note, value_of
from common.logs.looks import look
from common.logs.model import Field, Schema, Value
from common.logs.schema_yaml import schema_yaml

CASES = Path(__file__).parents[4] / "shared/data/logs/infer"


def shape(*lines):
    place = Place()
    for line in lines:
        note(place, infer.members_of(line) if isinstance(line, bytes) else line)
    return gathered(place)


def fields(*lines):
    return infer.finish(shape(*lines))


def names(*lines):
    return [field.name for field in fields(*lines)]


@pytest.mark.parametrize("name", ["stable", "types", "mixed"])
def test_sample_lines_give_the_expected_file(name):
    if not CASES.is_dir():
        pytest.skip("the sample lines are not here")
    lines = (CASES / f"{name}.jsonl").read_bytes().split(b"\n")
    schema = Schema("", fields(*filter(bytes.strip, lines)))
    assert schema_yaml(schema) == (CASES / f"{name}.yml").read_text()


# ---- texts ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        ("bigint", ["0", "1", "-7", "+5", "007", "9223372036854775807", "-9223372036854775808"]),
        ("bigint", ["0" * 99 + "1", "-" + "0" * 99 + "9223372036854775808"]),
        ("float", ["9223372036854775808", "-9223372036854775809", "1" * 300]),
        ("float", ["1.5", ".5", "5.", "-0.0", "1e5", "1E-400", "+1.e+5", "NaN", "nan", "Inf"]),
        ("float", ["+inf", "-Infinity", "0x1p-2", "-0X.8P0", "0x1.p1"]),
        ("boolean", ["t", "T", "TRUE", "true", "True", "f", "F", "FALSE", "false", "False"]),
        ("timestamp", ["2022-01-01T00:00:00Z", "2024-02-29T23:59:59.123456789123+05:30"]),
        ("timestamp", ["2022-01-01T00:00:00,5-00:00"]),
        ("ip", ["192.0.2.4", "0.0.0.0", "::", "::1", "2001:DB8::1", "::ffff:192.0.2.4"]),
        ("url", ["http://h.example.com/y", "HTTPS://h", "http:", "http:x", "http://u:p@[::1]:80/"]),
        ("url", ["https://h/a b?%zz#c", "http://h?q", "http://\u00e9.example/\u00e9"]),
        ("aws_arn", ["arn:aws:s3:::b", "arn:::::", "arn:a:b:c:d:e:f\n:g"]),
        ("string", ["", " ", " 1", "1 ", "1_000", "0x10", "0b1", "1e400", "0x1p9999", "+", "."]),
        ("string", ["-nan", "infi", "tRUE", "yes", "\u0661", "1\n", "true\n"]),
        ("string", ["2022-02-30T00:00:00Z", "2022-01-01T00:00:00", "2022-01-01 00:00:00Z"]),
        ("string", ["2022-01-01", "2022-01-01t00:00:00z", "2022-01-01T24:00:00Z"]),
        ("string", ["192.0.2.04", "192.0.2", "192.0.2.4/24", "192.0.2.4:80", "fe80::1%eth0"]),
        ("string", ["dead", "12:30", "1:2", ":::"]),
        ("string", ["ftp://h", "//h", "httpx://h", "http://a b", "http://h:port", "http://h/%zz"]),
        ("string", ["http://h/#%zz", "http://h\x00", "http//h", "xhttp://h"]),
        ("string", ["arn:aws:s3::", "ARN:aws:s3:::b", " arn:aws:s3:::b"]),
    ],
)
def test_texts_are_what_they_look_like(kind, texts):
    assert {text: look(text) for text in texts} == dict.fromkeys(texts, kind)


# ---- values ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("literal", "expected"),
    [
        (b"null", None),
        (b"true", "boolean"),
        (b"1", "bigint"),
        (b"-0", "bigint"),
        (b"9223372036854775807", "bigint"),
        (b"9223372036854775808", "float"),
        (b"-9223372036854775809", "float"),
        (b"1.0", "float"),
        (b"1e3", "float"),
        (b"1e400", "float"),
        (b"1" * 5003, "float"),
        (b'"12"', "bigint"),
        (b'"x"', "string"),
        (b'"\\ud800"', "string"),
        (b'"\xff"', "string"),
        (b"[]", Array()),
        (b"[null]", Array()),
        (b"[1,null,2.5]", Array("float")),
        (b"[[],[1]]", Array(Array("bigint"))),
        (b"[1,[1]]", Array("json")),
        (b"{}", Object()),
        (
            b'[{"y":1},{"x":1,"y":2}]',
            Array(Object((("x", "bigint", False), ("y", "bigint", True)))),
        ),
    ],
)
def test_values_have_shapes(literal, expected):
    members = infer.members_of(b'{"a":' + literal + b"}")
    assert value_of(members["a"]) == expected
    inside = gathered_one(members)
    assert inside.members == (() if expected is None else (("a", expected, True),))


def gathered_one(members):
    place = Place()
    note(place, members)
    return gathered(place)


def test_members_are_sorted_as_bytes_and_the_last_of_equal_names_counts():
    line = '{"b":1,"\U00010000":1,"\uffff":1,"B":1,"a":1,"a":"x"}'.encode()
    assert names(line) == ["B", "a", "b", "\uffff", "\U00010000"]
    assert fields(line)[1].value.type == "string"


INNER = Object((("x", "bigint", True),))


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("bigint", "float", "float"),
        ("bigint", "boolean", "string"),
        ("float", "boolean", "string"),
        ("timestamp", "bigint", "string"),
        ("timestamp", "float", "string"),
        ("timestamp", "string", "string"),
        ("ip", "url", "string"),
        ("ip", "string", "string"),
        ("aws_arn", "bigint", "string"),
        ("string", INNER, "json"),
        ("bigint", Array("bigint"), "json"),
        (Array("bigint"), INNER, "json"),
        ("json", "string", "json"),
        ("json", INNER, "json"),
        (Array(), Array(INNER), Array(INNER)),
        (Array("bigint"), Array("float"), Array("float")),
        (INNER, Object((("x", "float", True),)), Object((("x", "float", True),))),
    ],
)
def test_shapes_merge(left, right, expected):
    assert merge(left, right) == expected
    assert merge(right, left) == expected
    assert merge(expected, left) == expected


def test_members_of_both_stand_last_and_only_those_are_required():
    left = Object((("d", "bigint", True), ("a", "bigint", True), ("c", "bigint", False)))
    right = Object((("b", "bigint", True), ("c", "bigint", True), ("d", "float", True)))
    assert merge(left, right).members == (
        ("a", "bigint", False),
        ("b", "bigint", False),
        ("d", "float", True),
        ("c", "bigint", False),
    )


# ---- lines ----------------------------------------------------------------


def anything(chance, depth=0):
    kind = chance.random()
    if depth > 3 or kind < 0.45:
        return chance.choice([None, 1, 1 << 63, 1.5, True, "x", "1", "true", "::1", "http://x"])
    if kind < 0.65:
        return [anything(chance, depth + 1) for _ in range(chance.randrange(4))]
    return members(chance, depth + 1)


def members(chance, depth=0):
    return {name: anything(chance, depth) for name in chance.sample("abcdef", chance.randrange(6))}


@pytest.mark.parametrize("most_shapes", [1, 2, 7, 1000])
def test_noting_lines_comes_to_the_same_as_merging_one_by_one(most_shapes, monkeypatch):
    monkeypatch.setattr(infer, "_MOST_SHAPES", most_shapes)
    for seed in range(211):
        chance = random.Random(seed)
        kinds = [members(chance) for _ in range(chance.randrange(1, 6))]
        lines = [chance.choice(kinds) for _ in range(chance.randrange(1, 23))]
        assert shape(*lines) == reduce(merge, map(value_of, lines)), seed


def test_a_member_is_required_if_all_objects_have_it():
    optional = {"a": {"x": 1, "y": None}}
    found = fields(optional, {"a": {"x": 2, "y": 1}}, {"b": None})
    assert found == (
        Field(
            "a",
            Value(
                "object", (Field("y", Value("bigint")), Field("x", Value("bigint"), required=True))
            ),
        ),
    )


def test_what_no_value_is_known_of_is_left_out():
    line = {"a": {}, "b": [], "c": [{}, []], "d": {"e": {"f": None}}, "g": [[{"h": []}]], "i": 1}
    assert names({**line, "c": [{}]}) == ["i"]
    assert fields(line)[0] == Field("c", Value("array", element=Value("json")), required=True)


@pytest.mark.parametrize("lines", [[], [{}], [{"a": None, "b": [[]]}]])
def test_no_fields_is_an_error(lines):
    with pytest.raises(ValueError, match="no fields"):
        fields(*lines)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"null", "not a JSON object"),
        (b"[1]", "not a JSON object"),
        (b'"secret"', "not a JSON object"),
        (b"secret", "not JSON"),
        (b'{"a":1} secret', "not JSON"),
        (b'{"a":NaN}', "not JSON"),
        (b'{"a":01}', "not JSON"),
        (b'{"a":"secret', "not JSON"),
        (b"", "not JSON"),
    ],
)
def test_other_lines_are_refused_without_showing_them(line, reason):
    with pytest.raises(ValueError, match=reason) as raised:
        infer.members_of(line)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("kind", [(b'{"a":', b"}"), (b'{"a":[', b"]}")])
def test_nesting_has_a_limit(kind):
    start, end = kind
    levels = DEEPEST // (1 + start.count(b"["))
    names(start * levels + b"1" + end * levels)
    for levels in (DEEPEST + 2, 50_021):
        with pytest.raises(ValueError, match="nested deeper than 100 objects and arrays"):
            shape(start * levels + b"1" + end * levels)


def test_long_texts_are_not_kept():
    from common.logs.looks import LOOKS

    text = "x" * 1009
    assert LOOKS[text] == "string"
    assert text not in LOOKS


# ---- CSV ------------------------------------------------------------------


def test_csv_rows_are_texts_by_column_without_empty_ones():
    read = infer.row_reader(b'id,"the ""name""",,when')
    assert read(b'7,"a, b",ignored,') == {"id": "7", 'the "name"': "a, b"}
    assert read(b'7,a "b" c,,"x') == {"id": "7", 'the "name"': 'a "b" c', "when": "x"}
    found = fields(read(b"7,x,,"), read(b"8,y,,2022-01-01T00:00:00Z"))
    assert found == (
        Field("when", Value("timestamp", time_format="rfc3339")),
        Field("id", Value("bigint"), required=True),
        Field('the "name"', Value("string"), required=True),
    )


def test_tabs_and_spaces_delimit_columns():
    assert infer.row_reader(b"a\tb\tc", "\t")(b"\t1\t") == {"b": "1"}
    assert infer.row_reader(b"a b", " ")(b"1 2") == {"a": "1", "b": "2"}


def test_csv_rows_of_another_width_and_empty_headers_are_refused():
    with pytest.raises(ValueError, match="3 columns, the header has 2"):
        infer.row_reader(b"a,b")(b"1,2,3")
    with pytest.raises(ValueError, match="names no column"):
        infer.row_reader(b",,")
