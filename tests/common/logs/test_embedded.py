"""JSON in texts is decoded in its place, on both ways of reading a line and in columns of rows."""

import json
import re

import pytest

from tests.common.logs.small_schemas import WAYS, body, codec, event_time, fails, field, one, schema

EMBEDDED = schema(
    field("o", "object", fields=[field("a", "int", required=True)], isEmbeddedJSON=True),
    field("l", "array", element={"type": "int"}, isEmbeddedJSON=True),
)
EMBEDDED_VALUE = schema(field("j", "json", isEmbeddedJSON=True))
IN_TEXTS = [
    ("o", '{"a":"5","b":1}', '{"a":5}'),
    ("o", ' {"a" : 5} ', '{"a":5}'),
    ("o", "", None),
    ("o", "null", None),
    ("o", "[1]", "o: is a list, an object is needed"),
    ("o", '"{}"', "o: is text, an object is needed"),
    ("o", "{}", "o.a: is missing"),
    ("o", '{"a":5} x', "o: the text holds no JSON"),
    ("o", "x", "o: the text holds no JSON"),
    ("o", " ", "o: the text holds no JSON"),
    ("l", '[1, "2", null]', "[1,2,null]"),
    ("l", "[]", None),
    ("l", "{}", "l: is an object, a list is needed"),
    ("l", "[" * 100_000 + "]" * 100_000, "l: is nested too deeply"),
    ("j", '{"b" : 1.0, "a": [ ]}', '{"b":1.0,"a":[]}'),
    ("j", "1e400", "1e400"),
    ("j", '"text"', '"text"'),
    ("j", "", None),
    ("j", "null", None),
    ("j", "text", "j: the text holds no JSON"),
    ("j", "[" * 100_000 + "]" * 100_000, "j: is nested too deeply"),
    ("j", r'"\ud83d"', r'"\ufffd"'),
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("name", "text", "wanted"), IN_TEXTS)
def test_json_in_a_text_is_decoded_in_its_place(name, text, wanted, way):
    of = EMBEDDED_VALUE if name == "j" else EMBEDDED
    from_line, from_texts = codec(of, way).from_line, codec(of, way).from_texts
    line = json.dumps({name: text})
    if wanted and wanted.startswith(name):
        assert fails(from_line, line) == wanted
        with pytest.raises(ValueError, match=re.escape(wanted)):
            from_texts([(name, text)])
    else:
        written = f'{{"{name}":{wanted}}}' if wanted else "{}"
        assert one(from_line, line).body.decode() == written
        assert from_texts([(name, text)]).body.decode() == written


@pytest.mark.parametrize("way", WAYS)
def test_where_json_may_be_in_a_text_it_need_not_be(way):
    assert body(EMBEDDED, '{"o":{"a":1},"l":[1]}', way) == '{"o":{"a":1},"l":[1]}'
    assert body(EMBEDDED_VALUE, '{"j":[1, {}]}', way) == '{"j":[1,{}]}'


@pytest.mark.parametrize("way", WAYS)
def test_json_may_be_in_texts_within_texts(way):
    inner = field("o", "object", fields=[event_time("t", "unix")], isEmbeddedJSON=True)
    element = {"type": "object", "fields": [inner], "isEmbeddedJSON": True}
    parse = codec(schema(field("l", "array", element=element, isEmbeddedJSON=True)), way).from_line
    deepest = json.dumps({"o": json.dumps({"t": "1.5"})})
    for elements in ([deepest, None, {"o": None}], json.dumps([deepest, "", {}])):
        event = one(parse, json.dumps({"l": elements}))
        assert event.body == b'{"l":[{"o":{"t":1.5}},null,{}]}'
        assert event.time_ns == 1_500_000_000
    assert fails(parse, json.dumps({"l": [json.dumps({"o": "x"})]})).startswith("l[")


def test_objects_in_texts_are_read_the_fast_way(monkeypatch):
    made = codec(EMBEDDED)
    monkeypatch.setattr(made, "_slowly", lambda line: pytest.fail("read the slow way"))
    line = json.dumps({"o": json.dumps({"a": 5}), "l": "[1]"})
    assert one(made.from_line, line).body == b'{"o":{"a":5},"l":[1]}'
