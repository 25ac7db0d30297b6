"""What filegen has written, for tests: files by key, their rows, and what parsers make of them."""

from __future__ import annotations

import gzip

import zstandard

from common.logs import registry
from common.logs.load import load
from common.logs.logtype import log_type

HOUR = 1_647_248_400
"""2022-03-14T09, in seconds since 1970."""
START = ("-start", "2022-03-14T09", "-end", "2022-03-14T09")


def written(folder):
    """The bytes of every file by its key."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def content(key, data):
    """What was compressed, as text."""
    if key.endswith(".gz"):
        data = gzip.decompress(data)
    elif key.endswith(".zst"):
        data = zstandard.decompress(data)
    return data.decode()


def schema_of(name, file=""):
    """A built-in schema, or that of a file."""
    return load(file.read_text(), str(file)).schema if file else registry.schema(name)


def parser(schema, hour=HOUR):
    """A parser for one file; its clock stands at the hour, for times without a year."""
    now = hour * 10**9
    return log_type(schema, True, lambda: now, lambda _: None).new()


def parsed(schema, text, hour=HOUR):
    """For each line the events, or the reason why it was refused."""
    parse = parser(schema, hour)
    found = []
    for line in text.splitlines():
        try:
            found.append(parse(line.strip().encode()))
        except ValueError as error:
            found.append(str(error))
    return found
