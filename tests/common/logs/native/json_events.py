"""Events of built-in JSON types as hooks get them, made from members of a line."""

import json
from types import SimpleNamespace

from msgspec import Raw

from common.logs import registry
from common.logs.found import Found
from common.logs.model import attribute
from common.logs.native.json_types import HOOKS


def event_of(log_type, members):
    """The event with these members, all others None. Raises KeyError for a name of no field."""
    return _object(registry.schema(log_type).fields, members)


def found_in(log_type, members):
    """The indicators that a type's hook adds for an event with these members."""
    found = Found()
    HOOKS[log_type].collect(event_of(log_type, members), found)
    return {name: values for name, values in found.items() if values}


def _object(fields, members):
    unknown = members.keys() - {field.name for field in fields}
    if unknown:
        raise KeyError(*unknown)
    values = {one.name: _value(one.value, members.get(one.name)) for one in fields}
    return SimpleNamespace(**{attribute(name): value for name, value in values.items()})


def _value(value, given):
    if given is None or value.native.kind.startswith("map<"):
        return given
    if value.type == "json":
        return Raw(json.dumps(given).encode())
    if value.type == "object":
        return _object(value.fields, given)
    if value.type == "array":
        return [_value(value.element, element) for element in given]
    return given
