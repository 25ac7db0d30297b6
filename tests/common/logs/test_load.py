"""Schema files become schemas, or every problem with its path."""

import pytest

from common.logs.load import DEEPEST, MOST_VALUES, build, load, schema_files
from common.logs.model import walk
from tests.common.logs.small_schemas import field

A = field("a", "string")


def errors(data):
    loaded = build(data)
    assert (loaded.schema is None) == any(not one.is_warning for one in loaded.problems)
    return [(one.path, one.text) for one in loaded.problems if not one.is_warning]


# ---- text ------------------------------------------------------------------------------------


def test_yaml_and_json_are_read_alike():
    yaml = "schema: Custom.Foo\nfields:\n- name: a\n  type: string\n  required: true\n"
    json = '{"schema":"Custom.Foo","fields":[{"name":"a","type":"string","required":true}]}'
    assert load(yaml, "x.yml") == load(json, "x.yml")
    schema = load(yaml, "x.yml").schema
    assert (schema.name, schema.file, schema.parser) == ("Custom.Foo", "x.yml", "json")
    assert schema.description == "Custom.Foo log type"
    assert schema.reference_url == "-"
    assert schema.fields[0].required


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: b: c", "is no YAML: line 1: "),
        ("a: 1\nb:\n  - c\n d: 2", "is no YAML: line 4: "),
        ("a: !!python/object:os.system {}", "is no YAML: "),
        ("? [a]\n: b", "is no YAML: "),
        ("a: *x", "is no YAML: "),
        ("--- 1\n--- 2", "is no YAML: "),
        ("\x00", "is no YAML: "),
        ("[" * 100_000, "is no YAML: "),
        ("", "is no schema"),
        ("fields", "is no schema"),
    ],
)
def test_a_text_that_is_no_schema_is_a_problem_of_its_root(text, reason):
    ((path, found, _),) = load(text).problems
    assert path == "(root)"
    assert found.startswith(reason)


def test_a_schema_that_contains_itself_is_nested_too_deeply():
    loaded = load("fields: &f\n- name: a\n  type: object\n  fields: *f\n")
    assert loaded.schema is None
    assert "max nesting level (64) exceeded" in loaded.problems[0].text


@pytest.mark.parametrize(
    ("said", "given", "name"),
    [
        ({"schema": "Foo"}, "Other", "Foo"),
        ({}, "Other", "Other"),
        ({}, "", "Custom.Test"),
        ({"schema": None}, "", "Custom.Test"),
    ],
)
def test_a_log_type_is_named_by_its_file_or_else_from_outside(said, given, name):
    assert build({"fields": [A], **said}, name=given).schema.name == name


# ---- references -------------------------------------------------------------------------------


def test_a_reference_is_replaced_by_its_definition():
    data = {
        "definitions": {
            "Outer": {"type": "object", "fields": [field("x", "ref", target="Inner")]},
            "Inner": {"type": "string", "indicators": ["ip"]},
            "Alias": {"type": "ref", "target": "Inner"},
        },
        "fields": [
            field("a", "ref", target="Outer", required=True),
            field("b", "array", element={"type": "ref", "target": "Outer"}),
            field("c", "ref", target="Alias"),
        ],
    }
    schema = build(data).schema
    assert [(path, value.type) for path, value in walk(schema.fields)] == [
        *(("a", "object"), ("a.x", "string")),
        *(("b", "array"), ("b.[]", "object"), ("b.[].x", "string")),
        ("c", "string"),
    ]
    assert [one.required for one in schema.fields] == [True, False, False]
    assert schema.fields[2].value.indicators == ("ip",)


def test_every_reference_that_leads_nowhere_is_reported():
    data = {
        "definitions": {
            "Foo": {"type": "object", "fields": [field("o", "ref", target="Bar")]},
            "Bar": {"type": "array", "element": {"type": "ref", "target": "Foo"}},
            "Unused": {"type": "ref", "target": "Nothing"},
        },
        "fields": [
            field("a", "ref", target="None"),
            field("b", "ref", target="Foo"),
            field("c", "array", element={"type": "ref", "target": "foo"}),
        ],
    }
    assert errors(data) == [
        ("fields.0", 'unresolved type reference "None"'),
        ("fields.1.fields.0.element", 'cyclic reference "Foo": [Foo, Bar, Foo]'),
        ("fields.2.element", 'unresolved type reference "foo"'),
    ]


def nested(levels):
    inner = A
    for _ in range(levels):
        inner = field("o", "object", fields=[inner])
    return {"fields": [inner]}


def test_nesting_may_be_deep_but_not_deeper():
    assert errors(nested(DEEPEST)) == []
    ((path, text),) = errors(nested(DEEPEST + 1))
    assert path == "fields.0" + ".fields.0" * (DEEPEST + 1)
    assert text == "max nesting level (64) exceeded"


def test_definitions_that_double_again_and_again_are_refused_at_once():
    definitions = {
        f"D{level}": {
            "type": "object",
            "fields": [field(name, "ref", target=f"D{level + 1}") for name in "ab"],
        }
        for level in range(60)
    }
    data = {
        "definitions": definitions | {"D60": {"type": "int"}},
        "fields": [field("x", "ref", target="D0")],
    }
    ((_, text),) = errors(data)
    assert text == f"more than {MOST_VALUES} values"


# ---- names ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "path", "text"),
    [
        (["a", "b", "a"], "fields.2.name", "duplicate field name 'a'"),
        (["o", "O"], "fields.1.name", 'column name collision "o": [o O]'),
        (["a.b", "a_b"], "fields.1.name", 'column name collision "a_b": [a.b a_b]'),
        (["A@", "a_at_sign"], "fields.1.name", 'column name collision "a_at_sign": [A@ a_at_sign]'),
        (["aé", "AE"], "fields.1.name", 'column name collision "ae": [aé AE]'),
        (["p_log_type"], "fields.0.name", '"p_log_type" is reserved'),
        (["p_foo"], "fields.0.name", '"p_foo" is reserved: it begins with p_'),
        (["P_Row_Id"], "fields.0.name", '"P_Row_Id" is reserved: its column is p_row_id'),
        (["p.event.time"], "fields.0.name", "its column is p_event_time"),
        (["P_any_ip_addresses"], "fields.0.name", "its column is p_any_ip_addresses"),
    ],
)
def test_names_that_clash_are_refused(names, path, text):
    ((found_path, found),) = errors({"fields": [field(name, "string") for name in names]})
    assert found_path == path
    assert text in found


def test_names_clash_at_every_level_but_not_across_levels():
    twice = [A, field("A", "int")]
    data = {
        "fields": [
            field("a", "object", fields=twice),
            field("l", "array", element={"type": "object", "fields": twice}),
            field("o", "object", fields=[A, field("p_log_type", "string")]),
            field(
                "ll",
                "array",
                element={"type": "array", "element": {"type": "object", "fields": twice}},
            ),
        ]
    }
    assert [path for path, _ in errors(data)] == [
        "fields.0.fields.1.name",
        "fields.1.element.fields.1.name",
        "fields.3.element.element.fields.1.name",
    ]


# ---- parsers ----------------------------------------------------------------------------------


def test_the_parser_is_the_known_one_among_unknown_keys():
    loaded = build({"fields": [A], "parser": {"foo": {}, "csv": {"columns": ["a"]}}})
    assert (loaded.schema.parser, loaded.schema.config) == ("csv", {"columns": ["a"]})
    assert [(one.path, one.is_warning) for one in loaded.problems] == [("parser.foo", True)]


def test_problems_of_fields_and_of_patterns_are_found_together():
    data = {"fields": [field("a", "text")], "parser": {"fastmatch": {"match": ["abcd", "%{a}"]}}}
    assert [path for path, _ in errors(data)] == [
        "fields.0.type",
        "parser.fastmatch.match.0",
    ]
    data = {"fields": [A, A], "parser": {"regex": {"match": ["%{NO}"]}}}
    assert [path for path, _ in errors(data)] == ["parser.regex.match", "fields.1.name"]


def test_a_native_parser_is_one_of_the_built_in_types():
    assert errors({"fields": [A], "parser": {"native": {"name": "AWS.ALB"}}}) == []
    assert errors({"fields": [A], "parser": {"native": {"name": "AWS.Foo"}}}) == [
        ("parser.native.name", 'unknown native log type "AWS.Foo"')
    ]


def test_a_warning_does_not_keep_a_schema_from_being_used():
    loaded = build({"fields": [A | {"colour": "red"}]})
    assert loaded.schema.fields[0].name == "a"
    assert [one.is_warning for one in loaded.problems] == [True]


# ---- files ------------------------------------------------------------------------------------


def test_a_folder_names_the_schema_files_below_it(tmp_path):
    for name in ("b.yml", "a.yaml", "sub/c.yml", "a_tests.yml", "x.json", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "folder.yml").mkdir()
    found = [str(file.relative_to(tmp_path)) for file in schema_files(tmp_path)]
    assert found == ["a.yaml", "b.yml", "sub/c.yml"]
    assert schema_files(tmp_path / "x.json") == [tmp_path / "x.json"]
