"""The fast and the slow way of reading a line of JSON give the same, and usual lines go fast."""

import json
import random

import pytest

from common.logs import registry
from common.logs.codec import Codec
from common.logs.native.hooks import Hooks
from common.logs.native.json_types import HOOKS
from tests.common.logs import random_lines
from tests.common.logs.small_schemas import MIXED, body, codec, fails, field, one, schema


def both_ways(of, is_lake=False, hooks=None):
    fast, slow = Codec(of, is_lake, hooks), Codec(of, is_lake, hooks)
    slow._is_slow = True
    return fast.from_line, slow.from_line


def result(parse, line):
    try:
        return parse(line)
    except ValueError:
        return "refused"


@pytest.mark.parametrize("seed", range(8))
def test_random_lines_of_random_schemas_give_the_same_both_ways(seed):
    randoms = random.Random(seed)
    events = 0
    for _ in range(50):
        of = schema(*random_lines.fields(randoms))
        fast, slow = both_ways(of, is_lake=randoms.random() < 0.5)
        for _ in range(40):
            line = random_lines.line(randoms)
            outcome = result(fast, line)
            assert outcome == result(slow, line), line
            if outcome != "refused":
                (event,) = outcome
                json.loads(event.body)
                events += 1
    assert events > 300


def test_random_lines_of_built_in_types_give_the_same_both_ways():
    randoms = random.Random(4)
    events = 0
    for name in registry.names():
        of = registry.schema(name)
        fast, slow = both_ways(of, hooks=HOOKS.get(name))
        for _ in range(6):
            line = random_lines.line_of(randoms, of)
            outcome = result(fast, line)
            assert outcome == result(slow, line), (name, line)
            events += outcome != "refused"
    assert events > 100


def test_usual_lines_are_not_read_the_slow_way(monkeypatch):
    made = codec(MIXED)
    monkeypatch.setattr(made, "_slowly", lambda line: pytest.fail("read the slow way"))
    line = '{"s":"é","n":"12","t":1.5,"o":{"a.b":1,"j":[1]},"l":[{"x@y":true},null],"other":0}'
    assert json.loads(one(made.from_line, line).body)["n"] == 12


COERCED = schema(
    field("s", "string", indicators=["username"]),
    field("f", "float"),
    field("b", "boolean"),
    field("l", "array", element={"type": "string"}),
    field("o", "object", fields=[field("s", "string", required=True)]),
)


@pytest.mark.parametrize(
    "line",
    [
        '{"s":true,"o":{"s":false}}',
        '{"s":7,"l":["a",12,null,true,""]}',
        '{"s":18446744073709551616}',
        '{"f":"5.50","b":"T"}',
        '{"f":"","b":""}',
        '{"f":"1e3","b":false,"s":"x"}',
    ],
)
def test_where_one_line_was_coerced_the_next_ones_are_read_the_fast_way(line, monkeypatch):
    made = codec(COERCED)
    first = one(made.from_line, line)
    assert first == one(codec(COERCED, "slow").from_line, line)
    monkeypatch.setattr(made, "_slowly", lambda line: pytest.fail("read the slow way"))
    assert one(made.from_line, line) == first
    assert one(made.from_line, '{"s":"x","f":1,"b":true}').body == b'{"s":"x","f":1,"b":true}'


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ('{"s":-0}', '{"s":"-0"}'),
        ('{"s":0}', '{"s":"0"}'),
        ('{"s":-5}', '{"s":"-5"}'),
        ('{"s":1.0}', '{"s":"1.0"}'),
        ('{"s":1e3}', '{"s":"1e3"}'),
        ('{"b":1}', '{"b":true}'),
        ('{"l":[1.50]}', '{"l":["1.50"]}'),
        ('{"f":"x"}', "f: is no number"),
        ('{"b":"x"}', "b: is neither true nor false"),
        ('{"o":{"s":null}}', "o.s: is missing"),
    ],
)
def test_a_number_keeps_its_spelling_after_a_line_was_coerced(line, wanted):
    parse = codec(COERCED).from_line
    assert one(parse, '{"s":true}').body == b'{"s":"true"}'
    if wanted.startswith("{"):
        assert one(parse, line).body.decode() == wanted
    else:
        assert fails(parse, line) == wanted


def test_hooks_get_values_of_the_types_that_they_are_made_for():
    seen = []
    hooks = Hooks(accept=lambda event: seen.append(event.s))
    parse = Codec(COERCED, False, hooks).from_line
    for _ in range(2):
        parse(b'{"s":true}')
    assert seen == ["true", "true"]


def test_a_duplicate_key_does_not_change_the_way_the_others_are_read():
    plain = body(MIXED, '{"s":"a","n":1}')
    assert body(MIXED, '{"n":{},"s":5,"s":"a","n":1}') == plain
