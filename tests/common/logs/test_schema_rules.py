"""Every problem of a schema file has its path and says what would be right."""

import pytest

from common.logs.indicators import SCANNERS
from common.logs.schema_rules import is_log_type, problems

FIELD = {"name": "a", "type": "string"}
GOOD = {"version": 0, "schema": "Custom.Foo", "fields": [FIELD]}


def of_field(**more):
    return {"fields": [{**FIELD, **more}]}


def of_parser(**parser):
    return {**GOOD, "parser": parser}


NO_LIST = "Invalid type. Expected: array, given: "
NO_MAP = "Invalid type. Expected: object, given: "
ONE_OF = "must be one of the following: "
WRONG = [
    # the file
    (None, "(root)", "is no schema"),
    ([], "(root)", "is no schema"),
    ("text", "(root)", "is no schema"),
    ({**GOOD, "version": 1}, "version", "version does not match: 0"),
    ({**GOOD, "version": "0"}, "version", "version does not match: 0"),
    ({**GOOD, "version": False}, "version", "version does not match: 0"),
    ({**GOOD, "schema": "foo"}, "schema", "log type such as Custom.Name"),
    ({**GOOD, "schema": "Fo"}, "schema", "3 characters"),
    ({**GOOD, "schema": ""}, "schema", "log type"),
    ({**GOOD, "schema": 5}, "schema", "log type"),
    ({**GOOD, "description": 5}, "description", "must be text"),
    ({**GOOD, "referenceURL": []}, "referenceURL", "must be text"),
    ({**GOOD, "referenceURL": "x"}, "referenceURL", 'invalid reference URL scheme ""'),
    ({**GOOD, "referenceURL": "ftp://x"}, "referenceURL", 'invalid reference URL scheme "ftp"'),
    ({**GOOD, "referenceURL": "https://x/y z"}, "referenceURL", "must be a URL such as"),
    ({**GOOD, "referenceURL": "http:///x"}, "referenceURL", "must be a URL such as"),
    # fields
    ({}, "fields", NO_LIST + "null"),
    ({"fields": None}, "fields", NO_LIST + "null"),
    ({"fields": {}}, "fields", NO_LIST + "object"),
    ({"fields": []}, "fields", "Array must have at least 1 items"),
    ({"fields": ["a"]}, "fields.0", NO_MAP + "string"),
    ({"fields": [{"type": "string"}]}, "fields.0", "name is required"),
    (of_field(name=5), "fields.0.name", "is a number: put it in quotes"),
    (of_field(name=True), "fields.0.name", "is a boolean: put it in quotes"),
    (of_field(name=""), "fields.0.name", "Does not match pattern"),
    (of_field(name="0a"), "fields.0.name", "Does not match pattern"),
    (of_field(name="-a"), "fields.0.name", "Does not match pattern"),
    (of_field(name=" a"), "fields.0.name", "Does not match pattern"),
    (of_field(required="yes"), "fields.0.required", "must be true or false"),
    (of_field(description=1), "fields.0.description", "must be text"),
    ({"fields": [{"name": "a"}]}, "fields.0", "type is required"),
    (of_field(type="text"), "fields.0.type", ONE_OF + '"string", "smallint"'),
    (of_field(type=["string"]), "fields.0.type", ONE_OF),
    (of_field(type=5), "fields.0.type", ONE_OF),
    # values
    (of_field(indicators="ip"), "fields.0.indicators", NO_LIST + "string"),
    (of_field(indicators=["ip", "foo"]), "fields.0.indicators.1", ONE_OF + '"ip"'),
    (of_field(indicators=[["ip"]]), "fields.0.indicators.0", ONE_OF),
    (of_field(indicators=[{}]), "fields.0.indicators.0", ONE_OF),
    (of_field(validate=[]), "fields.0.validate", NO_MAP + "array"),
    (of_field(validate={"allow": ["a"], "deny": ["b"]}), "fields.0.validate", "exclude each other"),
    (of_field(validate={"allow": []}), "fields.0.validate.allow", "at least one"),
    (of_field(validate={"deny": [1]}), "fields.0.validate.deny", "list of texts"),
    (of_field(validate={"ip": "ipv5"}), "fields.0.validate.ip", ONE_OF),
    (of_field(validate={"cidr": True}), "fields.0.validate.cidr", ONE_OF),
    (of_field(type="int", validate={"allow": ["1"]}), "fields.0.validate", "only a string"),
    (of_field(type="timestamp"), "fields.0", "timestamp needs timeFormat"),
    (of_field(type="timestamp", timeFormat=""), "fields.0", "timestamp needs timeFormat"),
    (of_field(type="timestamp", timeFormat="no"), "fields.0.timeFormat", ONE_OF + "rfc3339, unix"),
    (of_field(type="timestamp", timeFormat=5), "fields.0.timeFormat", ONE_OF + "rfc3339, unix"),
    (of_field(type="timestamp", timeFormat=[]), "fields.0.timeFormat", ONE_OF + "rfc3339, unix"),
    (
        of_field(type="timestamp", timeFormat="unix", isEventTime="yes"),
        "fields.0.isEventTime",
        "must be true or false",
    ),
    (of_field(type="object"), "fields.0", "object needs fields"),
    (of_field(type="object", fields=[]), "fields.0.fields", "at least 1 items"),
    (of_field(type="object", fields=[{"name": "b"}]), "fields.0.fields.0", "type is required"),
    (of_field(type="array"), "fields.0", "array needs element"),
    (of_field(type="array", element="string"), "fields.0", "array needs element"),
    (of_field(type="array", element={"type": "x"}), "fields.0.element.type", ONE_OF),
    (of_field(type="ref"), "fields.0", "ref needs target"),
    (of_field(type="ref", target=5), "fields.0", "ref needs target"),
    (of_field(type="ref", target=""), "fields.0.target", "empty reference"),
    (of_field(type="json", isEmbeddedJSON=1), "fields.0.isEmbeddedJSON", "must be true or false"),
    ({**GOOD, "definitions": []}, "definitions", NO_MAP + "array"),
    ({**GOOD, "definitions": {"foo": FIELD}}, "definitions.foo", "a capital letter"),
    ({**GOOD, "definitions": {"Foo": "string"}}, "definitions.Foo", NO_MAP + "string"),
    ({**GOOD, "definitions": {"Foo": {}}}, "definitions.Foo", "type is required"),
    (
        {
            **GOOD,
            "definitions": {"Foo": {"type": "object", "fields": [{"name": "x", "type": "y"}]}},
        },
        "definitions.Foo.fields.0.type",
        ONE_OF,
    ),
    # parsers
    ({**GOOD, "parser": None}, "parser", NO_MAP + "null"),
    ({**GOOD, "parser": "csv"}, "parser", NO_MAP + "string"),
    (of_parser(), "parser", "Must have at least 1 properties"),
    (of_parser(csv=None), "parser.csv", NO_MAP + "null"),
    (
        of_parser(csv={"columns": ["a"]}, regex={"match": ["a"]}),
        "parser",
        "Must have at most 1 properties",
    ),
    (of_parser(csv={}), "parser.csv", "columns are needed"),
    (of_parser(csv={"columns": []}), "parser.csv.columns", "at least one"),
    (of_parser(csv={"columns": [1]}), "parser.csv.columns", "list of texts"),
    (of_parser(csv={"columns": ["a", "b", "a"]}), "parser.csv.columns.2", "is there twice"),
    (of_parser(csv={"columns": ["a"], "delimiter": ";"}), "parser.csv.delimiter", ONE_OF),
    (of_parser(csv={"columns": ["a"], "hasHeader": 1}), "parser.csv.hasHeader", "true or false"),
    (of_parser(csv={"columns": ["a"], "trimSpace": 1}), "parser.csv.trimSpace", "true or false"),
    (of_parser(csv={"columns": ["a"], "skipPrefix": 1}), "parser.csv.skipPrefix", "must be text"),
    (of_parser(csv={"columns": ["a"], "emptyValues": "-"}), "parser.csv.emptyValues", "of texts"),
    (of_parser(csv={"columns": ["a"], "emptyValues": [0]}), "parser.csv.emptyValues", "of texts"),
    (of_parser(csv={"columns": ["a"], "expandFields": []}), "parser.csv.expandFields", "map"),
    (
        of_parser(csv={"columns": ["a"], "expandFields": {"b": 1}}),
        "parser.csv.expandFields.b",
        "must be texts",
    ),
    (
        of_parser(csv={"columns": ["a"], "expandFields": {"b": "%{a} %{"}}),
        "parser.csv.expandFields.b",
        "without a closing",
    ),
    (of_parser(fastmatch={}), "parser.fastmatch.match", "at least one"),
    (of_parser(fastmatch={"match": "%{a} "}), "parser.fastmatch.match", "list of patterns"),
    (
        of_parser(fastmatch={"match": ["%{a} b"], "skipLines": -1}),
        "parser.fastmatch.skipLines",
        "0 or more",
    ),
    (
        of_parser(regex={"match": ["a"], "skipLines": True}),
        "parser.regex.skipLines",
        "number of lines",
    ),
    (of_parser(regex={"match": []}), "parser.regex.match", "at least one"),
    (
        of_parser(regex={"match": ["a"], "patternDefinitions": {"A": 1}}),
        "parser.regex.patternDefinitions",
        "map of names",
    ),
    (of_parser(native={}), "parser.native", "needs the name"),
    (of_parser(native={"name": 5}), "parser.native", "needs the name"),
]


def errors(data):
    return [(one.path, one.text) for one in problems(data) if not one.is_warning]


@pytest.mark.parametrize(("data", "path", "text"), WRONG)
def test_a_problem_has_its_path_and_says_what_would_be_right(data, path, text):
    ((found_path, found_text),) = errors(data)
    assert (found_path, text in found_text) == (path, True), found_text


@pytest.mark.parametrize(
    "data",
    [
        GOOD,
        {"fields": [FIELD]},
        {**GOOD, "version": None, "schema": None, "description": None, "definitions": None},
        {**GOOD, "referenceURL": "-", "description": ""},
        {**GOOD, "referenceURL": "HTTPS://a.example"},
        {**GOOD, "referenceURL": "https://a.example/x y".replace(" ", "%20")},
        {**GOOD, "schema": "Microsoft365.Audit.General"},
        of_field(type="timestamp", timeFormat="unix", isExpiration=True, isEventTime=False),
        of_field(indicators=list(SCANNERS)),
        of_field(indicators=None, validate=None, required=None),
        of_field(validate={"ip": "any", "deny": ["::1"]}),
        of_parser(csv={"columns": ["a", "", ""]}),
        of_parser(csv={"hasHeader": True}),
        of_parser(csv={"columns": ["a"], "delimiter": "\t", "expandFields": {"b": "}%{a}"}}),
        of_parser(fastmatch={"match": ["%{a} b"], "skipLines": 0}),
        of_parser(native={"name": "AWS.ALB"}),
        {"parser": {"native": {"name": "Dropbox.TeamEvent"}}, **of_field(name=".tag")},
    ],
)
def test_a_good_schema_has_no_problems(data):
    assert list(problems(data)) == []


@pytest.mark.parametrize("first", "_!#%&',/=@$*+\\`~aZ")
def test_a_name_may_begin_with_some_symbols(first):
    assert errors(of_field(name=f"{first} [].é")) == []


def test_all_problems_are_found_in_reading_order():
    data = {
        "version": 2,
        "schema": "x",
        "fields": [{"name": "0"}, {"name": "b", "type": "timestamp"}],
        "definitions": {"a": {"type": "no"}},
        "parser": {"csv": {"delimiter": ";"}},
    }
    assert [path for path, _ in errors(data)] == [
        *("version", "schema", "fields.0.name", "fields.0", "fields.1"),
        *("definitions.a", "definitions.a.type", "parser.csv.delimiter", "parser.csv"),
    ]


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({**GOOD, "Fields": []}, "Fields"),
        ({**GOOD, "native": {}}, "native"),
        ({**GOOD, 5: 1}, "5"),
        (of_field(isEventTime=True), "fields.0.isEventTime"),
        (of_field(type="int", indicators=["ip"]), "fields.0.indicators"),
        (of_field(native={}), "fields.0.native"),
        (of_field(validate={"max": 3}), "fields.0.validate.max"),
        (of_field(type="array", element={**FIELD}), "fields.0.element.name"),
        (of_parser(csv={"columns": ["a"], "skipLines": 1}), "parser.csv.skipLines"),
        (of_parser(csv={"columns": ["a"]}, foo={}), "parser.foo"),
        (of_parser(native={"name": "AWS.ALB", "x": 1}), "parser.native.x"),
    ],
)
def test_an_unknown_key_is_ignored_with_a_warning(data, path):
    ((found, _, is_warning),) = problems(data)
    assert (found, is_warning) == (path, True)


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("Foo", True),
        ("Foo.Bar.Baz", True),
        ("F1.B2", True),
        ("Fo", False),
        ("foo", False),
        ("Foo.", False),
        ("Foo.bar", False),
        ("Foo.B", False),
        ("Foo_Bar", False),
        ("Föo", False),
        ("Foo\n", False),
    ],
)
def test_a_log_type_is_made_of_capitalized_words(name, is_one):
    assert is_log_type(name) is is_one
