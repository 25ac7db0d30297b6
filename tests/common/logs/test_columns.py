"""Columns have the names and types that Glue and Athena take, in the order of the data lake."""

import subprocess
import sys

import pytest

from common.logs import columns, found
from common.logs.model import Field, Native, Schema, Value

TEXT = Value("string")
INNER = Value("object", (Field("c", TEXT),))


@pytest.mark.parametrize(
    "name, column",
    [("@foo", "at_sign_foo"), ("foo,bar", "foo_comma_bar"), ("a@", "a_at_sign"), ("@", "at_sign"),
     ("meta.user", "meta_user"), ("id.orig_h", "id_orig_h"), (".foo", "_foo"),
     ("foo-bar", "foo-bar"), ("<foo>bar", "_foo_bar"), ("we ird.na@me", "we_ird_na_at_sign_me"),
     ("userAgent_2", "userAgent_2"), ("@@", "at_sign__at_sign"), ("a[0]:b", "a_0__b"), ("", "")],
)  # fmt: skip
def test_a_name_is_spelled_for_glue(name, column):
    assert columns.column_name(name) == column


@pytest.mark.parametrize(
    "symbol, word",
    [("@", "at_sign"), (",", "comma"), ("`", "backtick"), ("'", "apostrophe"), ("$", "dollar_sign"),
     ("*", "asterisk"), ("&", "ampersand"), ("!", "exclamation"), ("%", "percent"), ("+", "plus"),
     ("/", "slash"), ("\\", "backslash"), ("#", "hash"), ("~", "tilde"), ("=", "eq")],
)  # fmt: skip
def test_a_symbol_is_spoken_between_underscores_except_at_the_ends(symbol, word):
    assert columns.column_name(f"a{symbol}b") == f"a_{word}_b"
    assert columns.column_name(f"{symbol}b") == f"{word}_b"
    assert columns.column_name(f"a{symbol}") == f"a_{word}"
    assert columns.column_name(symbol) == word


@pytest.mark.parametrize(
    "name, column",
    [("naïve", "naive"), ("Größe", "Grosse"), ("имя", "imya"), ("名", "Ming"),
     ("e\u0301", "e_"), ("\u0663", "_"), ("№1", "_1"), ("соль", "sol_"), ("\u11a8x", "gx"),
     ("\u0627", "_")],
)  # fmt: skip
def test_letters_beyond_ascii_are_transliterated_and_all_else_is_an_underscore(name, column):
    assert columns.column_name(name) == column


def test_names_in_ascii_do_without_the_table_of_letters():
    code = (
        "import sys; from common.logs.columns import column_name; "
        "assert column_name('a b@c.d') == 'a_b_at_sign_c_d'; assert 'anyascii' not in sys.modules; "
        "assert column_name('é') == 'e'; assert 'anyascii' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    "value, type_",
    [(TEXT, "string"), (Value("int"), "int"), (Value("smallint"), "smallint"),
     (Value("bigint"), "bigint"), (Value("float"), "double"), (Value("boolean"), "boolean"),
     (Value("timestamp"), "timestamp"), (Value("json"), "string"),
     (Value("smallint", native=Native("uint8")), "smallint"),
     (Value("smallint", native=Native("int8")), "tinyint"),
     (Value("int", native=Native("uint16")), "int"),
     (Value("bigint", native=Native("uint32")), "bigint"),
     (Value("bigint", native=Native("uint64")), "bigint"),
     (Value("float", native=Native("float32")), "float"),
     (Value("json", native=Native("map<string,string>")), "map<string,string>"),
     (Value("json", native=Native("map<string,json>")), "map<string,string>"),
     (Value("array", element=Value("array", element=Value("float"))), "array<array<double>>"),
     (Value("object", (Field("@id", Value("int")), Field("a.b", INNER))),
      "struct<at_sign_id:int,a_b:struct<c:string>>")],
)  # fmt: skip
def test_values_have_glue_types(value, type_):
    assert columns.glue_type(value) == type_


@pytest.mark.parametrize("value", [Value("ref"), Value("array"), Value("text")])
def test_a_value_without_a_glue_type_is_refused(value):
    with pytest.raises(ValueError, match=f"type {value.type} has no Glue type"):
        columns.glue_type(value)


def test_own_fields_come_first_and_then_those_of_every_event():
    schema = Schema("Custom.Foo", (Field("b", TEXT, description="what b is"), Field("@a", TEXT)))
    assert columns.columns(schema)[:2] == [
        ("b", "string", "what b is"),
        ("at_sign_a", "string", ""),
    ]
    assert [(name, type_) for name, type_, _ in columns.columns(schema)[2:]] == [
        ("p_log_type", "string"),
        ("p_row_id", "string"),
        ("p_event_time", "timestamp"),
        ("p_parse_time", "timestamp"),
        ("p_source_id", "string"),
        ("p_source_label", "string"),
    ]


def test_a_schema_has_the_lists_that_its_indicators_feed_in_their_fixed_order():
    arns = Value("array", element=Value("string", indicators=("aws_arn",)))
    host = Value("string", indicators=("username", "hostname"))
    schema = Schema(
        "Custom.Foo", (Field("o", Value("object", (Field("arns", arns),))), Field("h", host))
    )
    assert columns.columns(schema)[8:] == [
        (name, "array<string>", comment)
        for name, comment in [
            (found.IP, "IP addresses found in the event"),
            (found.DOMAIN, "Domain names found in the event"),
            (found.ACCOUNT_ID, "AWS account ids found in the event"),
            (found.INSTANCE_ID, "EC2 instance ids found in the event"),
            (found.ARN, "AWS resource names (ARNs) found in the event"),
            (found.EMAIL, "Email addresses found in the event"),
            (found.USERNAME, "User names found in the event"),
        ]
    ]


def test_indicators_of_other_types_than_text_feed_nothing():
    number = Value("int", indicators=("ip",))
    array = Value("array", element=TEXT, indicators=("domain",))
    schema = Schema("Custom.Foo", (Field("n", number), Field("a", array)))
    assert len(columns.columns(schema)) == 8


def test_lists_that_only_code_feeds_are_named_by_the_caller():
    schema = Schema("AWS.Foo", (Field("ip", Value("string", indicators=("ip",))),))
    assert [name for name, _, _ in columns.columns(schema, also=(found.TAG, found.IP))[7:]] == [
        found.IP,
        found.TAG,
    ]
    every = columns.columns(schema, also=found.ORDER)[7:]
    assert [name for name, _, _ in every] == list(found.ORDER)
    assert all(comment for _, _, comment in every)


@pytest.mark.parametrize(
    "description, comment",
    [("x" * 255, "x" * 255), ("x" * 256, "x" * 252 + "..."), ("two\n  lines\n", "two lines")],
)
def test_a_comment_is_one_line_of_at_most_255_characters(description, comment):
    schema = Schema("Custom.Foo", (Field("a", TEXT, description=description),))
    assert columns.columns(schema)[0][2] == comment
