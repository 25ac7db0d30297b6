"""What the `parser` of a schema file must look like: every problem with its path."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from common.logs.problems import (
    Problem,
    Problems,
    is_texts,
    kind_of,
    not_switches,
    not_texts,
    unknown_keys,
)

PARSERS = ("csv", "fastmatch", "regex", "native")


def parser_problems(data: Any, is_there: bool) -> Problems:
    """What is wrong with the part that says how lines are read; `is_there` when there is one."""
    if not is_there:
        return
    if not isinstance(data, Mapping):
        yield Problem("parser", f"Invalid type. Expected: object, given: {kind_of(data)}")
        return
    named = [name for name in data if name in PARSERS]
    if len(named) > 1:
        yield Problem("parser", "Must have at most 1 properties: keep one parser")
    elif not named:
        names = ", ".join(PARSERS)
        yield Problem("parser", f"Must have at least 1 properties: name one of {names}")
    yield from unknown_keys(data, set(PARSERS), "parser")
    for name in named:
        if not isinstance(data[name], Mapping):
            given = kind_of(data[name])
            yield Problem(f"parser.{name}", f"Invalid type. Expected: object, given: {given}")
        else:
            yield from _PARSER_RULES[name](data[name], f"parser.{name}")


def _common(data: Mapping[str, Any], path: str, also: set[str]) -> Problems:
    known = {"skipPrefix", "emptyValues", "trimSpace", "expandFields"} | also
    yield from unknown_keys(data, known, path)
    yield from not_texts(data, ("skipPrefix",), path)
    yield from not_switches(data, ("trimSpace",), path)
    empty = data.get("emptyValues")
    if empty is not None and not (
        isinstance(empty, list) and all(isinstance(one, str) for one in empty)
    ):
        yield Problem(f"{path}.emptyValues", "must be a list of texts")
    expand = data.get("expandFields")
    if expand is not None and not isinstance(expand, Mapping):
        yield Problem(f"{path}.expandFields", "must be a map of names to templates")
    for name, template in expand.items() if isinstance(expand, Mapping) else ():
        if not isinstance(name, str) or not isinstance(template, str):
            yield Problem(f"{path}.expandFields.{name}", "name and template must be texts")
        elif _is_unclosed(template):
            yield Problem(f"{path}.expandFields.{name}", "%{ without a closing }")


def _is_unclosed(template: str) -> bool:
    rest = template
    while "%{" in rest:
        _, _, rest = rest.partition("%{")
        _, closing, rest = rest.partition("}")
        if not closing:
            return True
    return False


def _csv(data: Mapping[str, Any], path: str) -> Problems:
    yield from _common(data, path, {"delimiter", "hasHeader", "columns"})
    yield from not_switches(data, ("hasHeader",), path)
    if data.get("delimiter", ",") not in (",", "\t", " "):
        yield Problem(f"{path}.delimiter", 'must be one of the following: ",", "\\t", " "')
    columns = data.get("columns")
    if columns is None:
        if not data.get("hasHeader"):
            yield Problem(path, "columns are needed where hasHeader is not true")
    elif not is_texts(columns):
        yield Problem(f"{path}.columns", "must be a list of texts, at least one")
    else:
        for place, name in enumerate(columns):
            if name and name in columns[:place]:
                yield Problem(f"{path}.columns.{place}", f'column "{name}" is there twice')


def _lines(data: Mapping[str, Any], path: str) -> Problems:
    skip = data.get("skipLines")
    if skip is not None and (isinstance(skip, bool) or not isinstance(skip, int) or skip < 0):
        yield Problem(f"{path}.skipLines", "must be a number of lines, 0 or more")
    if not is_texts(data.get("match")):
        yield Problem(f"{path}.match", "must be a list of patterns, at least one")


def _fastmatch(data: Mapping[str, Any], path: str) -> Problems:
    yield from _common(data, path, {"match", "skipLines"})
    yield from _lines(data, path)


def _regex(data: Mapping[str, Any], path: str) -> Problems:
    yield from _common(data, path, {"match", "skipLines", "patternDefinitions"})
    yield from _lines(data, path)
    given = data.get("patternDefinitions")
    if given is not None and not (
        isinstance(given, Mapping)
        and all(isinstance(k, str) and isinstance(v, str) for k, v in given.items())
    ):
        yield Problem(f"{path}.patternDefinitions", "must be a map of names to expressions")


def _native(data: Mapping[str, Any], path: str) -> Problems:
    yield from unknown_keys(data, {"name"}, path)
    if not isinstance(data.get("name"), str):
        yield Problem(path, "native needs the name of a built-in log type")


_PARSER_RULES: Mapping[str, Callable[[Mapping[str, Any], str], Problems]] = {
    "csv": _csv,
    "fastmatch": _fastmatch,
    "regex": _regex,
    "native": _native,
}
