"""Audit log of Aurora MySQL: values between commas, with a statement that can hold commas itself.

The format: Amazon Aurora User Guide, "Audit log details" of advanced auditing.
"""

from __future__ import annotations

from common.logs.found import Found
from common.logs.native import times
from common.logs.native.addresses import add_domain, add_ip
from common.logs.native.fields import integer
from common.logs.native.lines import Values
from common.logs.native.quoted import commas

_TEXTS = (("serverHost", 1), ("username", 2), ("host", 3), ("operation", 6), ("database", 7))
_OBJECT = 8


def parse(line: str) -> Values:
    """One audited action. Numbers that cannot be read are no value. Raises ValueError for fewer
    than nine fields, and for a time that cannot be read."""
    fields = commas(line)
    if len(fields) <= _OBJECT:
        raise ValueError("not an audit line: fewer than 9 fields")
    values: Values = {name: fields[place] for name, place in _TEXTS}
    values["timestamp"] = times.epoch_microseconds(fields[0])
    values["connectionId"] = integer(fields[4])
    values["queryId"] = integer(fields[5])
    values["object"] = ",".join(fields[_OBJECT:-1])
    values["retCode"] = integer(fields[-1])
    return values


def collect(values: Values, found: Found) -> None:
    """The client's address and the server's name."""
    add_ip(values.get("host"), found)
    add_domain(values.get("serverHost"), found)
