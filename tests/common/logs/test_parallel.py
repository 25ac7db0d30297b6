"""Blocks parsed by other processes give what one process gives, whatever the stream."""

import itertools
import json
import random

import pytest

from common.logs import parallel, registry
from common.logs.classifier import Classifier
from common.logs.engine import Engine, Spec
from common.logs.parallel import Pool, reduced
from common.logs.unread import Block
from tests.common.logs.small_schemas import field, schema
from tests.common.logs.typical_lines import NOW_NS, lines_of

WORKERS = 2
JSON_A = schema(field("a", "int", required=True), schema="Custom.Aaa")
JSON_B = schema(field("b", "int", required=True), schema="Custom.Bbb")
LENIENT = schema(field("a", "json"), schema="Custom.Lenient")
WIDE = schema(
    field("x", "int"),
    field("y", "int"),
    schema="Custom.Wide",
    parser={"csv": {"columns": ["x", "y"]}},
)
NAMED = schema(
    field("x", "int"), field("y", "int"), schema="Custom.Zed", parser={"csv": {"hasHeader": True}}
)
BUILT_IN = ("AWS.VPCFlow", "Salesforce.Logout", "Duo.Authentication", "Zoom.Activity")
FLOW_HEADER = "version account-id start end action log-status"
FLOW = "2 123456789012 1647250000 1647250013 ACCEPT OK"


def facts(engine, classifier, block):
    """What becomes of a block's records, without what differs from run to run."""
    return [
        (one.number, one.reason, [(event.log_type, event.body) for event, _ in one.events])
        for one in engine.parse(classifier, block)
    ]


def spec(*schemas):
    return Spec(schemas, is_lake=False, now_ns=NOW_NS)


def blocks(lines, size):
    numbered = itertools.count(1)
    records = iter([line.encode() for line in lines])
    while batch := list(itertools.islice(records, size)):
        first = next(numbered)
        yield Block(first, batch)
        numbered = itertools.count(first + len(batch))


def outcome(of, lines, size, pool):
    engine = Engine(of)
    classifier = Classifier(engine.types)
    results = list(reduced(blocks(lines, size), engine, classifier, facts, pool))
    statistics = classifier.statistics
    for tally in (statistics.whole, *statistics.types.values()):
        tally.parse_ns = 0
    return results, statistics, classifier.learnt


SPECS = {
    "one": spec(JSON_A),
    "two": spec(JSON_A, JSON_B, LENIENT),
    "rows": spec(JSON_A, WIDE),
    "header": spec(JSON_A, NAMED),
    "juniper": spec("Juniper.Access"),
    "built in": spec(*map(registry.schema, BUILT_IN)),
}


@pytest.fixture(scope="module")
def pool_of():
    """A pool for each of SPECS, made when it is needed, all ended with the module."""
    made = {}

    def pool(name):
        if name not in made:
            made[name] = Pool(SPECS[name], WORKERS)
        return made[name]

    yield pool
    for one in made.values():
        one.__exit__()


def assert_same(name, pool_of, lines, size):
    alone = outcome(SPECS[name], lines, size, None)
    assert outcome(SPECS[name], lines, size, pool_of(name)) == alone
    return alone


A, B, TEXT = '{"a":1}', '{"b":2}', "no line of any type"


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("one", [A] * 60),
        ("one", [A, TEXT, B, A] * 15),
        ("one", [TEXT] * 30),
        ("two", [A] * 60),
        ("two", [A] * 31 + [B] * 29),
        ("two", [A] * 30 + [TEXT] + [A] * 30),
        ("two", [A, B] * 30),
        ("two", [A] * 20 + [B] + [A] * 20 + [TEXT] * 3 + [B] * 20),
        ("two", ["", " ", A] * 20),
        ("two", []),
        ("rows", ["1,2"] * 40),
        ("rows", [A] * 10 + ["1,2"] * 10 + [A] * 10 + ["1,2,3"] * 5 + ["1,2"] * 10),
        ("header", ["x,y"] + ["1,2"] * 40),
        ("header", [A] * 10 + ["y,x"] + ["1,2"] * 10 + [A] * 10 + ["1,2"] * 10),
        ("header", [A] * 10 + ["x,y", A, "1,2", A, A] * 10),
    ],
)
@pytest.mark.parametrize("size", [1, 4])
def test_the_result_is_that_of_one_process(name, lines, size, pool_of):
    results, statistics, _ = assert_same(name, pool_of, lines, size)
    assert statistics.whole.lines == sum(map(len, results))


def test_a_row_is_not_judged_by_a_reader_that_has_not_seen_those_before(pool_of):
    """In every block another type is asked and the first one wins again: the penalties do not show
    that anything was learnt."""
    lines = [A, "1,2", A] * 6 + [A, "1,2,3", A] * 4
    results, _, _ = assert_same("rows", pool_of, lines, 3)
    assert [block[1][1] != "" for block in results] == [False] * 6 + [True] * 4


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("name", ["two", "rows", "header"])
def test_random_streams_give_the_same(name, seed, pool_of):
    randoms = random.Random(seed)
    lines = []
    while len(lines) < 80:
        line = randoms.choice([A, A, A, B, TEXT, "1,2", "1,2,3", "x,y", "y,x", '{"a":"no"}'])
        lines += [line] * randoms.choice([1, 1, 5, 20])
    assert_same(name, pool_of, lines, randoms.randrange(1, 7))


def test_built_in_types_with_headers_give_the_same(pool_of):
    header, row = (line.decode() for line in lines_of("Salesforce.Logout"))
    (duo,), (zoom,) = lines_of("Duo.Authentication"), lines_of("Zoom.Activity")
    flows = [FLOW_HEADER, *[FLOW] * 12]
    rows = [header, *[row] * 12]
    others = [duo.decode()] * 12 + [zoom.decode()] * 12
    assert_same(
        "built in", pool_of, [*flows, *others, *flows[1:], *rows, *others, *rows[1:], TEXT], 5
    )


def counted_blocks(monkeypatch, pool_of, lines, name="two"):
    """How many blocks of two lines were parsed here, of how many."""
    here = []

    def noting(engine, classifier, block):
        here.append(block.first)
        return facts(engine, classifier, block)

    def elsewhere(self, reduce, block, learnt):
        return self._processes.submit(parallel._parse, facts, block, learnt)

    monkeypatch.setattr(Pool, "submit", elsewhere)
    engine = Engine(SPECS[name])
    every = list(blocks(lines, 2))
    list(reduced(every, engine, Classifier(engine.types), noting, pool_of(name)))
    return len(here), len(every)


def test_blocks_of_a_settled_stream_are_parsed_elsewhere(monkeypatch, pool_of):
    here, whole = counted_blocks(monkeypatch, pool_of, [A] * 60)
    assert (here, whole) == (2, 30)


def test_after_a_change_of_types_blocks_are_parsed_elsewhere_again(monkeypatch, pool_of):
    here, whole = counted_blocks(monkeypatch, pool_of, [A] * 30 + [B] * 30)
    assert whole == 30
    assert here <= 6


def test_rows_are_parsed_elsewhere_once_the_header_is_known(monkeypatch, pool_of):
    here, whole = counted_blocks(monkeypatch, pool_of, ["x,y"] + ["1,2"] * 39, "header")
    assert (here, whole) == (2, 20)


def test_blocks_of_a_reader_whose_memory_changes_are_parsed_here(monkeypatch, pool_of):
    lines = [line.decode() for line in lines_of("Juniper.Access")] * 20
    here, whole = counted_blocks(monkeypatch, pool_of, lines, "juniper")
    assert here == whole >= 10


def test_very_many_wrong_guesses_do_no_harm():
    class Wrong:
        """A pool whose guesses are always wrong."""

        workers = 1

        def submit(self, reduce, block, learnt):
            return self

        def result(self):
            return None, None, False

        def cancel(self):
            pass

    engine = Engine(spec(JSON_A))
    count = 0
    stream = (Block(number + 1, [A.encode()]) for number in range(30_000))
    for result in reduced(stream, engine, Classifier(engine.types), facts, Wrong()):
        count += 1
        assert result[0][0] == count
    assert count == 30_000


def test_an_error_elsewhere_is_an_error_here(pool_of):
    engine = Engine(SPECS["one"])
    results = reduced(blocks([A] * 20, 2), engine, Classifier(engine.types), broken, pool_of("one"))
    with pytest.raises(ZeroDivisionError):
        list(results)


def broken(engine, classifier, block):
    if block.first > 7:
        raise ZeroDivisionError
    return facts(engine, classifier, block)


def test_row_ids_of_all_processes_differ(pool_of):
    engine = Engine(SPECS["one"])
    stream = blocks([A] * 200, 5)
    parts = reduced(stream, engine, Classifier(engine.types), row_ids, pool_of("one"))
    ids = [one for part in parts for one in part]
    assert len(set(ids)) == 200


def row_ids(engine, classifier, block):
    return [
        json.loads(line)["p_row_id"]
        for one in engine.parse(classifier, block)
        for _, line in one.events
    ]
