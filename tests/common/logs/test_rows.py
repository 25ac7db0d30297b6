"""Rows of CSV: quotes, headers, columns, and how many fields a row has."""

import random

import pytest

from common.logs.rows import in_steps, row_matcher, splitter
from common.logs.textlines import text_parser
from tests.common.logs.small_schemas import REFUSED, field, outcomes, schema, typed


@pytest.mark.parametrize(
    ("row", "fields"),
    [
        ("a,b", ["a", "b"]),
        ("", [""]),
        (",", ["", ""]),
        ('"a,b",c', ["a,b", "c"]),
        ('"say ""hi""",x', ['say "hi"', "x"]),
        ('""', [""]),
        ('"",', ["", ""]),
        ('""""', ['"']),
        ('a"b",c', ['a"b"', "c"]),
        ('a "quoted, b" c', ['a "quoted', ' b" c']),
        ('"a"b,c",d', ['a"b,c', "d"]),
        ('"not closed,b', ["not closed,b"]),
        ('x,"not closed', ["x", "not closed"]),
        ('"', [""]),
        ('"a', ["a"]),
        (' "a",b', [' "a"', "b"]),
        ('"a" ,b', ['a" ,b']),
        (" a , b ", [" a ", " b "]),
        ('"a\tb",é', ["a\tb", "é"]),
    ],
)
def test_a_row_is_split_at_commas_outside_of_quotes(row, fields):
    assert splitter(",")(row) == fields


@pytest.mark.parametrize("delimiter", [",", "\t", " "])
def test_quoted_rows_come_back(delimiter):
    randoms = random.Random(1)
    for _ in range(300):
        fields = ["".join(randoms.choices('a"\t, é', k=randoms.randrange(5))) for _ in range(3)]
        row = delimiter.join('"' + text.replace('"', '""') + '"' for text in fields)
        assert splitter(delimiter)(row) == fields


@pytest.mark.parametrize("row", ['"' * 200_001, '""x' * 100_000, '"a' * 100_000, "," * 200_000])
def test_a_long_row_takes_no_longer_than_its_length(row):
    assert len(splitter(",")(row)) <= 200_001


def csv(*fields, **config):
    return schema(*fields, parser={"csv": config})


A_AND_N = (field("a", "string"), field("n", "int"))


@pytest.mark.parametrize(
    ("config", "lines", "events"),
    [
        (
            {"columns": ["a", "n"]},
            ["x,1", "y,", ",2", '"y,z",3'],
            [[{"a": "x", "n": 1}], [{"a": "y"}], [{"a": "", "n": 2}], [{"a": "y,z", "n": 3}]],
        ),
        (
            {"hasHeader": True},
            ["n,a,other", "1,x,?", "1,x", "2,y,!"],
            [[], [{"a": "x", "n": 1}], REFUSED, [{"a": "y", "n": 2}]],
        ),
        (
            {"hasHeader": True, "columns": ["a", "n"]},
            ["whatever", "x,1"],
            [[], [{"a": "x", "n": 1}]],
        ),
        (
            {"hasHeader": True},
            ["b,c", "x,y", "a,n", "x,1"],
            [REFUSED] * 2 + [[], [{"a": "x", "n": 1}]],
        ),
        ({"columns": ["a", "", "n"]}, ["x,y,1"], [[{"a": "x", "n": 1}]]),
        ({"columns": ["a", "n"]}, ["x", "y", "y,1"], [[{"a": "x"}], [{"a": "y"}], REFUSED]),
        ({"columns": ["a"]}, ["x,1", "y,2", "z"], [[{"a": "x"}], [{"a": "y"}], REFUSED]),
        ({"columns": ["a", "n"]}, ["x,no", "y,1"], [REFUSED, [{"a": "y", "n": 1}]]),
        ({"columns": ["a", "n"], "delimiter": "\t"}, ["x\t1"], [[{"a": "x", "n": 1}]]),
        ({"columns": ["a", "n"], "delimiter": " "}, ['"x y" 1'], [[{"a": "x y", "n": 1}]]),
        (
            {"columns": ["a", "n"], "trimSpace": True, "emptyValues": ["-", ""]},
            [" x , 1 ", "- ,-", " ,2"],
            [[{"a": "x", "n": 1}], [{}], [{"n": 2}]],
        ),
        ({"columns": ["a", "n"]}, ["x, 1"], [REFUSED]),
        (
            {"columns": ["a", "n"], "hasHeader": True, "skipPrefix": "#"},
            ["#Fields: a n", "#more", "x,1"],
            [[], [], [{"a": "x", "n": 1}]],
        ),
        (
            {"hasHeader": True, "skipPrefix": "#"},
            ["# comment", "a,n", "# comment", "x,1"],
            [[], [], [], [{"a": "x", "n": 1}]],
        ),
    ],
)
def test_rows_become_events(config, lines, events):
    assert outcomes(csv(*A_AND_N, **config), *lines) == events


def test_two_files_have_two_parsers_and_two_headers():
    made = typed(csv(*A_AND_N, hasHeader=True))
    assert made.is_stateful
    first, second = made.new(), made.new()
    assert first(b"a,n") == () == second(b"n,a")
    assert first(b"x,1")[0].body == second(b"1,x")[0].body == b'{"a":"x","n":1}'


def test_the_header_of_a_built_in_type_begins_with_the_columns_that_are_known():
    config = {"hasHeader": True, "columns": ["a", "b", "c"]}
    match = row_matcher(config, ["a", "b"])
    for other in ("x,y", "a,c,b", "x"):
        with pytest.raises(ValueError, match="other columns"):
            match(other)
    assert match('"a","b"') is None
    assert match("x,y") == [("a", "x"), ("b", "y"), ("c", "")]
    assert row_matcher(config, [])("a,b,c,later") is None


def test_the_header_of_a_users_file_may_say_anything():
    config = in_steps({"hasHeader": True, "columns": ["a"], "skipLines": 5})
    parse = text_parser(config, lambda: row_matcher(config, ["a"]))
    assert [parse("anything"), parse("x")] == [None, [("a", "x")]]


def test_columns_with_the_same_name_in_a_header_leave_the_last():
    assert outcomes(csv(*A_AND_N, hasHeader=True), "a,n,a", "x,1,y") == [[], [{"a": "y", "n": 1}]]


def test_columns_of_other_types_come_from_texts_too():
    of = csv(
        field("t", "timestamp", timeFormat="unix"),
        field("j", "json"),
        field("o", "object", fields=[field("x", "int")], isEmbeddedJSON=True),
        field("l", "array", element={"type": "int"}),
        columns=["t", "j", "o", "l"],
        emptyValues=["-"],
    )
    row = '1.5,a b,"{""x"":""3""}",'
    assert outcomes(of, f"{row}-", row, f"{row}[]") == [
        [{"t": 1.5, "j": "a b", "o": {"x": 3}}],
        REFUSED,
        REFUSED,
    ]
