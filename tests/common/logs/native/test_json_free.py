"""JSON that no schema describes is decoded whatever it holds, but for endless nesting."""

import math

import pytest
from msgspec import Raw

from common.logs.native.free_json import decoded


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        (b'{"a":[1,2.5,"x",null,true]}', {"a": [1, 2.5, "x", None, True]}),
        (b'"text"', "text"),
        (b"null", None),
        (b'{"a":"\\ud83d\\ude00"}', {"a": "\U0001f600"}),
        (b'{"a":"x\\ud83dy"}', {"a": "x\ufffdy"}),
        (b'{"a":"x\xffy"}', {"a": "x\ufffdy"}),
        (b'{"\\udc00":1}', {"\ufffd": 1}),
        (b'{"a":"b","n":1e999}', {"a": "b", "n": math.inf}),
        (b'{"a":"b","n":' + b"9" * 5000 + b"}", {"a": "b", "n": math.inf}),
    ],
)
def test_every_literal_has_a_value(literal, value):
    assert decoded(Raw(literal)) == value


@pytest.mark.parametrize("inner", [b"", b'"\\ud800"', b"1e999"])
def test_endless_nesting_is_an_error_of_the_line(inner):
    with pytest.raises(ValueError, match="nested too deeply"):
        decoded(Raw(b'{"a":[' * 100_000 + inner + b"]}" * 100_000))
