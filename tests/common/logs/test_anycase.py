"""Keys in any case fill the fields of the schema, on both ways of reading a line."""

import json
import random

import pytest

from common.logs.codec import LEARNED_NAMES, Codec
from tests.common.logs.small_schemas import WAYS, codec, field, one, schema

INNER = [field("userName", "string"), field("Age", "int")]
ANY_CASE = schema(
    field("userName", "string", indicators=["username"]),
    field("COUNT", "int"),
    field("extra_", "string"),
    field("owner", "object", fields=INNER),
    field("Items", "array", element={"type": "object", "fields": INNER}),
    field(
        "grid",
        "array",
        element={"type": "array", "element": {"type": "object", "fields": INNER}},
    ),
    field("rows", "array", element={"type": "array", "element": {"type": "string"}}),
    field("payLoad", "json"),
    field("seen", "timestamp", timeFormat="unix", isEventTime=True),
    native={"anyCase": True},
    is_builtin=True,
)


def after(*lines, way="fast"):
    """The event of the last line, for a codec that has read all of them."""
    made = codec(ANY_CASE, way)
    return [one(made.from_line, line) for line in lines][-1].body.decode()


CASES = [
    ('{"userName":"a"}', '{"userName":"a"}'),
    ('{"username":"a"}', '{"userName":"a"}'),
    ('{"USERNAME":"a","count":"3"}', '{"userName":"a","COUNT":3}'),
    ('{"owner":{"USERname":"a","age":1}}', '{"owner":{"userName":"a","Age":1}}'),
    ('{"OWNER":{"USERname":"a"}}', '{"owner":{"userName":"a"}}'),
    ('{"items":[{"AGE":1},null,{"aGe":"2","x":1}]}', '{"Items":[{"Age":1},null,{"Age":2}]}'),
    ('{"Items":[{"AGE":1},{}]}', '{"Items":[{"Age":1},{}]}'),
    ('{"ROWS":[["a"],["b"]]}', '{"rows":[["a"],["b"]]}'),
    ('{"GRID":[[{"AGE":1},null],null]}', '{"grid":[[{"Age":1},null],null]}'),
    ('{"grid":[[{"AGE":1,"age":2,"b":3}]]}', '{"grid":[[{"Age":2}]]}'),
    ('{"payload":{"Ab" : 1}}', '{"payLoad":{"Ab":1}}'),
    ('{"PAYLOAD":null}', "{}"),
    ('{"SEEN":5}', '{"seen":5}'),
    ('{"other":[1,{"x":2}],"Other":"y","OWNER":null}', "{}"),
    ('{"un\\"known":1,"back\\\\slash":2,"username":"a"}', '{"userName":"a"}'),
    ('{"EXTRA_":"a"}', '{"extra_":"a"}'),
    # The last spelling in the line wins, null says nothing.
    ('{"userName":"a","USERNAME":"b"}', '{"userName":"b"}'),
    ('{"USERNAME":"b","userName":"a"}', '{"userName":"a"}'),
    ('{"username":"a","USERNAME":"b","Username":"c"}', '{"userName":"c"}'),
    ('{"USERNAME":"a","userName":"b","USERNAME":"c"}', '{"userName":"c"}'),
    ('{"userName":"a","USERNAME":null}', '{"userName":"a"}'),
    ('{"username":null,"USERNAME":"b"}', '{"userName":"b"}'),
    ('{"payLoad":1,"PAYLOAD":null}', '{"payLoad":1}'),
    ('{"owner":{"Age":1},"OWNER":{"userName":"b"}}', '{"owner":{"userName":"b"}}'),
    ('{"owner":{"age":1,"AGE":2,"x":1e400}}', '{"owner":{"Age":2}}'),
    ('{"items":[{"Age":1,"AGE":2},{"AGE":3,"Age":4}]}', '{"Items":[{"Age":2},{"Age":4}]}'),
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("line", "wanted"), CASES)
def test_a_key_in_any_case_fills_its_field(line, wanted, way):
    assert after(line, way=way) == wanted
    assert after(line, line, way=way) == wanted


@pytest.mark.parametrize(("line", "wanted"), CASES)
def test_an_event_does_not_depend_on_the_lines_before(line, wanted):
    before = [other for other, _ in CASES]
    random.Random(line).shuffle(before)
    assert after(*before, line) == wanted


def test_learnt_spellings_are_read_the_fast_way(monkeypatch):
    made = Codec(ANY_CASE, False)
    line = '{"USERNAME":"a","Count":1,"other":{"x":[]},"OWNER":{"AGE":2,"y":0},"ITEMS":[{"Z":1}]}'
    first = one(made.from_line, line)
    monkeypatch.setattr(made, "_slowly", lambda line: pytest.fail("read the slow way"))
    assert one(made.from_line, line) == first
    assert one(made.from_line, '{"OWNER":{"AGE":2}}').body == b'{"owner":{"Age":2}}'


def test_learnt_spellings_are_still_known_after_a_line_was_coerced(monkeypatch):
    made = Codec(ANY_CASE, False)
    line = '{"USERNAME":true,"other":1,"OWNER":{"AGE":2}}'
    first = one(made.from_line, line)
    assert one(made.from_line, line) == first
    monkeypatch.setattr(made, "_slowly", lambda line: pytest.fail("read the slow way"))
    assert one(made.from_line, line) == first


def test_unknown_keys_by_the_hundred_are_dropped(monkeypatch):
    monkeypatch.setattr("common.logs.codec.LEARNED_NAMES", 50)
    made = Codec(ANY_CASE, False)
    for number in range(150):
        line = json.dumps({f"other{number}": number, "USERNAME": f"{number}", "count": number})
        assert json.loads(one(made.from_line, line).body) == {
            "userName": f"{number}",
            "COUNT": number,
        }
    many = json.dumps({f"more{number}": {} for number in range(1000)} | {"Username": "a"})
    assert one(made.from_line, many).body == b'{"userName":"a"}'
    assert sum(map(len, made._learned.values())) == 50


def test_a_line_with_too_many_unknown_keys_at_once_teaches_nothing():
    made = Codec(ANY_CASE, False)
    many = json.dumps({f"more{number}": 1 for number in range(LEARNED_NAMES + 1)} | {"Count": 1})
    assert one(made.from_line, many).body == b'{"COUNT":1}'
    assert made._learned == {}


def test_both_ways_agree_for_random_spellings():
    randoms = random.Random(5)
    fast, slow = codec(ANY_CASE), codec(ANY_CASE, "slow")
    names = ["userName", "COUNT", "owner", "Items", "Age", "payLoad", "other"]
    values = ['"a"', "1", "null", '{"age":1}', '[{"AGE":2}]', '{"userNAME":"b","username":null}']
    events = 0
    for _ in range(3000):
        keys = [spelled(randoms, randoms.choice(names)) for _ in range(randoms.randrange(5))]
        line = "{" + ",".join(f'"{key}":{randoms.choice(values)}' for key in keys) + "}"
        results = []
        for made in (fast, slow):
            try:
                results.append(one(made.from_line, line))
            except ValueError:
                results.append("refused")
        assert results[0] == results[1], line
        events += results[0] != "refused"
    assert events > 1000


def spelled(randoms, name):
    return randoms.choice((name, name, name.lower(), name.upper(), name.swapcase()))
