"""Schemas are written as people write them, and read back as they were."""

from dataclasses import replace

import pytest
import yaml

from common.logs import registry
from common.logs.load import builtin, load
from common.logs.model import Field, Native, Schema, Value
from common.logs.schema_yaml import schema_yaml

FULL = Schema(
    name="Custom.Full",
    description="All that can be said: and more",
    reference_url="https://example.com/#a",
    parser="csv",
    config={"delimiter": "\t", "hasHeader": True, "emptyValues": ["-", ""], "expandFields": {}},
    fields=(
        Field(
            "t",
            Value("timestamp", time_format="%Y", is_event_time=True),
            required=True,
            description="When",
        ),
        Field("s", Value("string", indicators=("ip", "domain"), validate={"allow": ["a", "1"]})),
        Field(
            "o",
            Value(
                "object",
                (Field("l", Value("array", element=Value("array", element=Value("int")))),),
                is_embedded_json=True,
            ),
            description="An object",
        ),
        Field("lo", Value("array", element=Value("object", (Field("x", Value("json")),)))),
    ),
)
FULL_TEXT = """\
version: 0
schema: Custom.Full
description: 'All that can be said: and more'
referenceURL: https://example.com/#a
parser:
  csv:
    delimiter: "\\t"
    hasHeader: true
    emptyValues:
    - '-'
    - ""
    expandFields: {}
fields:
- name: t
  required: true
  type: timestamp
  description: When
  timeFormat: '%Y'
  isEventTime: true
- name: s
  type: string
  indicators:
  - ip
  - domain
  validate:
    allow:
    - a
    - "1"
- name: o
  type: object
  description: An object
  isEmbeddedJSON: true
  fields:
  - name: l
    type: array
    element:
      type: array
      element:
        type: int
- name: lo
  type: array
  element:
    type: object
    fields:
    - name: x
      type: json
"""


def test_everything_a_schema_says_is_written():
    assert schema_yaml(FULL) == FULL_TEXT


def test_a_written_schema_is_read_back():
    assert builtin(yaml.safe_load(schema_yaml(FULL))) == FULL


def test_what_only_built_in_types_can_say_is_left_out():
    native = Native(kind="uint8", input_name="S", omits_zero=True, constraints={"min": 1})
    first, *rest = FULL.fields
    fields = (replace(first, value=replace(first.value, native=native)), *rest)
    schema = replace(
        FULL,
        fields=fields,
        is_strict=True,
        is_any_case=True,
        discriminator=("s", ("a",)),
        wire="csv",
        event_time=("t",),
    )
    assert schema_yaml(schema) == FULL_TEXT


@pytest.mark.parametrize("name", registry.names())
def test_the_schema_of_a_built_in_type_can_be_loaded_as_a_file(name):
    known = registry.schema(name)
    read, problems = load(schema_yaml(known), "a.yml")
    assert (read and read.name, problems) == (name, [])
    assert [one.name for one in read.fields] == [one.name for one in known.fields]


def test_a_schema_without_a_name_is_only_its_fields():
    assert schema_yaml(Schema("", (Field("a", Value("int")),))) == (
        "version: 0\nfields:\n- name: a\n  type: int\n"
    )


def test_comments_stand_in_the_field_they_are_of():
    comments = {
        ("a",): ["indicators:", "- md5"],
        ("l", "[]"): ["one"],
        ("o", "a"): ["two"],
    }
    fields = (
        Field("a", Value("string")),
        Field("l", Value("array", element=Value("string"))),
        Field("o", Value("object", (Field("a", Value("string")), Field("b", Value("int"))))),
    )
    text = schema_yaml(Schema("", fields), comments)
    assert text == (
        "version: 0\nfields:\n"
        "- name: a\n  type: string\n  # indicators:\n  # - md5\n"
        "- name: l\n  type: array\n  element:\n    type: string\n    # one\n"
        "- name: o\n  type: object\n  fields:\n"
        "  - name: a\n    type: string\n    # two\n  - name: b\n    type: int\n"
    )
    assert builtin(yaml.safe_load(text)).fields == fields


@pytest.mark.parametrize(
    ("name", "written"),
    [
        *((plain, plain) for plain in ["a b", "a#b", "it's", "x]", "a,b", "meta.user", "\u00e9"]),
        *((plain, plain) for plain in ["?a", "-a", ":a", "1.2.3", "\u65e5\u672c", "\U0001f600"]),
        *((word, f'"{word}"') for word in ["y", "N", "yes", "No", "on", "OFF", "true", "False"]),
        *((word, f'"{word}"') for word in ["", "~", "null", "1", "-1.5", "1e3", ".5", "0x1f"]),
        *((word, f'"{word}"') for word in ["0o17", "017", "1_000", "2022-01-01", "1:20", "<<"]),
        *((mark, f"'{mark}'") for mark in ["@a", "#a", "a #b", "a: b", "a:", " a", "a ", "- a"]),
        *((mark, f"'{mark}'") for mark in ["[a", "{a", "*a", "&a", "!a", "%a", "`a", ",a", '"a']),
        ("'a'", "'''a'''"),
        ("a\nb", '"a\\nb"'),
        ("\t", '"\\t"'),
        ("a\x85b\u2028c\ufeff\x7f\0", '"a\\u0085b\\u2028c\\ufeff\\u007f\\u0000"'),
        ("\\\n", '"\\\\\\n"'),
    ],
)
def test_names_are_quoted_where_yaml_would_read_something_else(name, written):
    text = schema_yaml(Schema("", (Field(name, Value("string")),)))
    assert text.splitlines()[2] == f"- name: {written}"
    assert yaml.safe_load(text)["fields"][0]["name"] == name


def test_half_a_surrogate_pair_can_be_written_as_utf_8():
    schema_yaml(Schema("", (Field("\ud800", Value("string")),))).encode()
