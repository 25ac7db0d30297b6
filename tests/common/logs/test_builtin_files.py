"""The built-in schema files say what is known of their log types, all in the same form."""

import json
import re
from functools import cache
from itertools import chain
from pathlib import Path

import pytest
import yaml

import common.logs

FOLDER = Path(common.logs.__file__).parent / "builtin"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yml"))
FACTS_FILE = Path(__file__).parents[4] / "shared/data/logs/log_types.json"
WIDTH = 100
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

FILE_KEYS = "version schema description referenceURL parser native fields".split()
NATIVE_KEYS = "wire strict anyCase eventTime discriminator".split()
VALUE_KEYS = (
    "name required type description timeFormat isEventTime indicators validate native"
    " fields element".split()
)
VALUE_NATIVE_KEYS = "kind omitZero numberOrText inputName constraints".split()
PLAIN_TYPES = {"string", "smallint", "int", "bigint", "float", "boolean", "json"}
INDICATORS = set(
    "ip domain hostname url net_addr md5 sha1 sha256 email username trace_id"
    " aws_account_id aws_instance_id aws_tag aws_arn aws_arn_only".split()
)

# Where a file deliberately says something else than the facts: facts of a field that are replaced.
CORRECTIONS = {
    # The event's time, so it has to be read as a time.
    ("Atlassian.Audit", "attributes/time"): {"type": "timestamp"},
    # A file may not leave the format out.
    ("OnePassword.ItemUsage", "timestamp"): {"timeFormat": "rfc3339"},
    ("OnePassword.SignInAttempt", "timestamp"): {"timeFormat": "rfc3339"},
    # As wide as the other 16-bit numbers of these packets.
    ("Juniper.Firewall", "WINDOW"): {"kind": "uint16"},
    # The member of the line that fills the field.
    ("Osquery.Differential", "logType"): {"inputName": "log_type"},
    ("Osquery.Status", "logType"): {"inputName": "log_type"},
    # A boolean that lines hold as text.
    ("Osquery.Differential", "logNumericsAsNumbers"): {"numberOrText": True},
}
# Later fields that only spell an older one anew: one column cannot hold both, so keys match in any
# case instead.
RESPELLED = {
    "Crowdstrike.ManagedAssets": {"MACPrefix"},
    "Crowdstrike.NotManagedAssets": {"aipCount", "MACPrefix"},
}


def text_of(name):
    return (FOLDER / f"{name}.yml").read_text(encoding="utf-8")


@cache
def schema_of(name):
    return yaml.load(text_of(name), Loader=LOADER)


@cache
def all_facts():
    if not FACTS_FILE.exists():
        pytest.skip("the facts of the log types are not on this machine")
    return json.loads(FACTS_FILE.read_text(encoding="utf-8"))["logTypes"]


def values(fields, path=""):
    """Every value with its path, parents first; elements are called `[]`."""
    for field in fields:
        yield from value_and_parts(field, f"{path}/{field['name']}" if path else field["name"])


def value_and_parts(value, path):
    yield path, value
    yield from values(value.get("fields", ()), path)
    if "element" in value:
        yield from value_and_parts(value["element"], f"{path}/[]")


def every_value():
    for name in NAMES:
        for path, value in values(schema_of(name)["fields"]):
            yield f"{name}: {path}", value


# ---- the same as the facts ------------------------------------------------------------------


def declared(name):
    """What the file says of each value, in its order."""
    return [
        (path, {key: value[key] for key in plain_keys(value)} | value.get("native", {}))
        for path, value in values(schema_of(name)["fields"])
    ]


def plain_keys(value):
    return value.keys() - {"name", "description", "native", "fields", "element"}


def known(name, facts):
    """The same from the facts, with the corrections."""
    later = [
        {key: fact for key, fact in field.items() if key != "required"}
        for field in facts.get("laterFields", ())
        if field["name"] not in RESPELLED.get(name, ())
    ]
    return [
        (path, known_of(value) | CORRECTIONS.get((name, path), {}))
        for path, value in values(chain(facts["fields"], later))
    ]


def known_of(value):
    names = {"nativeType": "kind"}
    kept = value.keys() - {"name", "fields", "element"}
    return {names.get(key, key): value[key] for key in kept}


@pytest.mark.parametrize("name", NAMES)
def test_fields_are_those_of_the_facts_in_their_order(name):
    facts = all_facts()[name]
    assert declared(name) == known(name, facts)


@pytest.mark.parametrize("name", NAMES)
def test_parser_and_recognition_are_those_of_the_facts(name):
    facts, schema = all_facts()[name], schema_of(name)
    native = schema.get("native", {})
    config = {"name": name} if facts["parser"] == "native" else facts.get("parserConfig")
    parser = None if facts["parser"] == "json" else {facts["parser"]: config}
    assert schema.get("parser") == parser
    assert native.get("wire") == facts.get("wire")
    assert native.get("strict") == facts.get("strictTypes")
    assert native.get("anyCase", False) == ("keyMatch" in facts or name in RESPELLED)
    discriminator = facts.get("discriminator")
    if discriminator is not None:
        discriminator = {key: discriminator[key] for key in ("field", "oneOf")}
    assert native.get("discriminator") == discriminator


def test_there_is_a_file_for_each_known_log_type():
    assert sorted(all_facts()) == NAMES


def test_corrections_and_respelled_fields_are_still_needed():
    facts = all_facts()
    for (name, path), corrected in CORRECTIONS.items():
        fact = known_of(dict(values(facts[name]["fields"]))[path])
        assert fact | corrected != fact, f"{name}: {path}"
    for name, respelled in RESPELLED.items():
        older = {field["name"].lower() for field in facts[name]["fields"]}
        later = {field["name"] for field in facts[name]["laterFields"]}
        assert respelled <= later and {field.lower() for field in respelled} <= older


# ---- the form of a file ---------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_plain_tidy_text(name):
    text = text_of(name)
    assert text.endswith("\n") and not text.endswith("\n\n")
    assert "\t" not in text and "\r" not in text and "\ufeff" not in text
    lines = text.splitlines()
    assert [line for line in lines if line != line.rstrip()] == []
    long = [line for line in lines if len(line) > WIDTH]
    assert [line for line in long if not line.startswith("referenceURL: ")] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_key_is_said_twice(name):
    assert list(repeated_keys(yaml.compose(text_of(name), Loader=LOADER))) == []


def repeated_keys(node):
    if isinstance(node, yaml.MappingNode):
        keys = [key.value for key, _ in node.value]
        yield from {key for key in keys if keys.count(key) > 1}
    parts = getattr(node, "value", ())
    for part in parts if isinstance(parts, list) else ():
        for one in part if isinstance(part, tuple) else (part,):
            yield from repeated_keys(one)


@pytest.mark.parametrize("name", NAMES)
def test_the_head_names_and_describes_the_type(name):
    schema = schema_of(name)
    assert in_order(schema, FILE_KEYS)
    assert in_order(schema.get("native", {}), NATIVE_KEYS)
    assert (schema["version"], schema["schema"]) == (0, name)
    assert re.fullmatch(r"[A-Z][A-Za-z0-9]+(\.[A-Z][A-Za-z0-9]+)+", name)
    assert is_description(schema["description"]) and schema["description"][0].isupper()
    assert schema["referenceURL"] == "-" or schema["referenceURL"].startswith("https://")
    assert "parser" not in schema or len(schema["parser"]) == 1
    assert schema["fields"]


def in_order(found, order):
    return list(found) == [key for key in order if key in found]


def is_description(text):
    return (
        isinstance(text, str)
        and 0 < len(text) < WIDTH
        and text == text.strip()
        and "\n" not in text
        and not text.endswith(".")
    )


def test_keys_of_a_value_are_known_and_in_order():
    for where, value in every_value():
        assert in_order(value, VALUE_KEYS), where
        assert ("name" in value) == (not where.endswith("[]")), where
        assert in_order(value.get("native", {}), VALUE_NATIVE_KEYS), where
        # What is not so is left out.
        assert False not in (value.get("required"), value.get("isEventTime")), where


def test_descriptions_are_short():
    for where, value in every_value():
        assert is_description(value.get("description", "absent")), where


def test_each_type_says_what_it_needs():
    needs = {"timestamp": "timeFormat", "object": "fields", "array": "element"}
    for where, value in every_value():
        assert value["type"] in PLAIN_TYPES | needs.keys(), where
        for kind, key in needs.items():
            assert bool(value.get(key)) == (value["type"] == kind), where
        assert value["type"] == "timestamp" or "isEventTime" not in value, where
        assert value["type"] == "string" or "validate" not in value, where
        assert set(value.get("indicators", ())) <= INDICATORS, where


def test_machine_types_are_narrower_or_wider_forms_of_the_type():
    kinds = {
        "smallint": {"uint8", "int8"},
        "int": {"uint16"},
        "bigint": {"uint32", "uint64"},
        "float": {"float32"},
        "json": {"map<string,string>", "map<string,json>"},
    }
    for where, value in every_value():
        kind = value.get("native", {}).get("kind")
        assert kind is None or kind in kinds.get(value["type"], ()), where


def test_no_object_has_two_fields_for_one_column():
    for name in NAMES:
        schema = schema_of(name)
        for path, value in [("", schema), *values(schema["fields"])]:
            columns = [
                re.sub(r"[^a-z0-9_-]", "_", field["name"].lower())
                for field in value.get("fields", ())
            ]
            assert len(columns) == len(set(columns)), f"{name}: {path}"


def test_every_type_has_an_event_time():
    for name in NAMES:
        schema = schema_of(name)
        marked = [path for path, value in values(schema["fields"]) if value.get("isEventTime")]
        chosen = schema.get("native", {}).get("eventTime", [])
        assert marked or chosen, name
        # Said only where schema order does not say it.
        assert chosen != marked[:1] or not chosen, name
        times = {field["name"] for field in schema["fields"] if field["type"] == "timestamp"}
        assert set(chosen) <= times, name


def test_the_clock_of_the_host_goes_before_that_of_the_cloud():
    for name in NAMES:
        schema = schema_of(name)
        if any(field["name"] == "ContextTimeStamp" for field in schema["fields"]):
            assert schema["native"]["eventTime"] == ["ContextTimeStamp", "timestamp"], name


def test_discriminators_and_csv_columns_are_fields():
    for name in NAMES:
        schema = schema_of(name)
        fields = {field["name"]: field for field in schema["fields"]}
        discriminator = schema.get("native", {}).get("discriminator")
        if discriminator:
            kind = {"string": str, "int": int}[fields[discriminator["field"]]["type"]]
            assert all(isinstance(value, kind) for value in discriminator["oneOf"]), name
        columns = schema.get("parser", {}).get("csv", {}).get("columns", ())
        assert set(columns) <= fields.keys(), name


def test_tags_of_a_pattern_are_fields():
    for name in NAMES:
        schema = schema_of(name)
        fields = {field["name"] for field in schema["fields"]}
        for pattern in schema.get("parser", {}).get("fastmatch", {}).get("match", ()):
            assert set(re.findall(r"%\{(\w+)\}", pattern)) == fields, name
