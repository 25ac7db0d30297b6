"""The built-in schemas are found by name, from their files or from the packed copy."""

import json

import pytest

from common.logs import registry
from common.logs.model import TYPES, walk
from common.logs.native.json_types import HOOKS
from common.logs.native.text import PARSERS


def test_names_are_sorted_and_complete():
    names = registry.names()
    assert list(names) == sorted(set(names))
    assert len(names) == 123
    assert {"AWS.CloudTrail", "Syslog.RFC5424", "Zoom.Operation"} <= set(names)


@pytest.mark.parametrize("name", registry.names())
def test_a_built_in_schema_is_that_of_its_name(name):
    schema = registry.schema(name)
    assert schema.name == name
    assert schema.file == ""
    assert schema.fields
    assert {value.type for _, value in walk(schema.fields)} <= set(TYPES) - {"ref"}


def test_a_name_that_is_none_is_an_error():
    with pytest.raises(KeyError):
        registry.schema("AWS.Nothing")


def test_what_native_code_there_is_belongs_to_built_in_types():
    assert HOOKS.keys() <= set(registry.names())
    assert PARSERS.keys() <= set(registry.names())
    assert not HOOKS.keys() & PARSERS.keys()


def test_a_packed_copy_gives_the_same_schemas(monkeypatch):
    some = ["AWS.ALB", "Duo.Authentication", "Salesforce.Login"]
    packed = json.loads(json.dumps({name: registry.read(name) for name in some}))
    unpacked = [registry.schema(name) for name in some]
    monkeypatch.setattr(registry, "_packed", lambda: packed)
    assert registry.names.__wrapped__() == tuple(some)
    assert [registry.schema.__wrapped__(name) for name in some] == unpacked
