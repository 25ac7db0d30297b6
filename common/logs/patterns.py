"""Regular expressions with `%{NAME:field}` tags, run by RE2: linear time, whatever the line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from common.logs import without_re2
from common.logs.grok import BUILTIN
from common.logs.problems import Problem
from common.logs.refused import Refused
from common.logs.textlines import Matcher, Pairs

_TAG = re.compile(r"%\{\s*([^}:]*?)\s*(?::\s*([^}]*?)\s*)?\}")
_NAME = re.compile(r"[A-Z][A-Z0-9_]*", re.ASCII)
_FIELD = re.compile(r"[A-Za-z_].*", re.DOTALL)
_NAMED_GROUP = re.compile(r"(\\.)|\(\?P?<([A-Za-z_]\w*)>", re.ASCII | re.DOTALL)


# Patterns within patterns can double in length with every level.
LONGEST = 1 << 18


class BadExpression(ValueError):
    """What is wrong with an expression, in words."""


def expression_of(match: Sequence[str], definitions: Mapping[str, str]) -> tuple[str, list[str]]:
    """The RE2 expression of a schema, and the name of the field of each of its named groups.

    Groups are numbered `g0`, `g1`, ..., because RE2 knows each name only once and schemas may use
    one twice. Raises BadExpression.
    """
    names: list[str] = []

    def group(name: str) -> str:
        names.append(name)
        return f"(?P<g{len(names) - 1}>"

    def expand(text: str, within: tuple[str, ...]) -> str:
        expanded = join(text, within)
        if len(expanded) > LONGEST:
            raise BadExpression(f"is longer than {LONGEST} characters when expanded")
        return expanded

    def join(text: str, within: tuple[str, ...]) -> str:
        # Each tag's expansion is a piece of its own: its groups come in the order of the text.
        pieces, position = [], 0
        for tag in _TAG.finditer(text):
            pieces.append(named(text[position : tag.start()]))
            pieces.append(expand_tag(tag[1], tag[2], within))
            position = tag.end()
        return "".join([*pieces, named(text[position:])])

    def expand_tag(name: str, field: str | None, within: tuple[str, ...]) -> str:
        if not _NAME.fullmatch(name):
            raise BadExpression(f'invalid pattern name "{name}"')
        if field and not _FIELD.fullmatch(field):
            raise BadExpression(f'invalid field name "{field}"')
        if name in within:
            raise BadExpression(f'recursive pattern "{name}"')
        inner = definitions.get(name, BUILTIN.get(name))
        if inner is None:
            raise BadExpression(f'unresolved pattern "{name}"')
        opening = group(field) if field else "(?:"
        return f"{opening}{expand(inner, (*within, name))})"

    def named(text: str) -> str:
        return _NAMED_GROUP.sub(lambda found: found[1] or group(found[2]), text)

    return expand("".join(match), ()), names


def engine() -> Callable[[str], Any]:
    """Compiles RE2 expressions, which search UTF-8. Raises BadExpression with RE2's message."""
    try:
        import re2
    except ImportError:
        return _standard

    options = re2.Options()
    options.log_errors = False

    def compiled(expression: str) -> Any:
        try:
            # With bytes: texts would have their offsets converted, which takes four times as long.
            return re2.compile(expression.encode(), options)
        except re2.error as error:
            text = error.args[0]
            reason = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
            raise _uncompiled(reason) from None

    return compiled


def _standard(expression: str) -> without_re2.Expression:
    try:
        return without_re2.Expression(expression)
    except ValueError as error:
        raise _uncompiled(str(error)) from None


def _uncompiled(reason: str) -> BadExpression:
    return BadExpression(f"failed to compile pattern #0: {reason}")


def expression_problems(config: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with the expressions of a schema."""
    definitions = config.get("patternDefinitions") or {}
    sources = [("match", config["match"])]
    sources += [(f"patternDefinitions.{name}", [f"%{{{name}}}"]) for name in definitions]
    compiled = engine()
    found: dict[str, str] = {}
    for path, source in sources:
        try:
            compiled(expression_of(source, definitions)[0])
        except BadExpression as error:
            found.setdefault(str(error), f"parser.regex.{path}")
    problems = [Problem(path, text) for text, path in found.items()]
    if compiled is _standard:
        problems.append(Problem("parser.regex", without_re2.WARNING, is_warning=True))
    return problems


def regex_matcher(config: Mapping[str, Any]) -> Matcher:
    """Searches lines for the expression. A group that took no part gives "". Raises Refused."""
    expression, names = expression_of(config["match"], config.get("patternDefinitions") or {})
    compiled = engine()(expression)
    search = compiled.search
    groups = [(name, compiled.groupindex[b"g%d" % place]) for place, name in enumerate(names)]

    def match(line: str) -> Pairs:
        text = line.encode()
        found = search(text)
        if found is None:
            raise Refused("does not match the expression")
        pairs = []
        for name, number in groups:
            # A group that took no part is at (-1, -1), where there is no text.
            start, end = found.span(number)
            pairs.append((name, text[start:end].decode("utf-8", "replace")))
        return pairs

    return match
