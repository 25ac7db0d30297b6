"""Streams are cut into the same records whatever their layout, and in whatever pieces they come."""

import io
import json
import random

import pytest

from common.logs import framing as module
from common.logs.framing import Block, FramingError, framing
from common.logs.unread import LARGEST_BYTES

CLOUDTRAIL_NAME = "123456789012_CloudTrail_us-east-1_20210205T0910Z_AbC.json.gz"


def cut(data, wanted="auto", name="f", has_cloudtrail=False, block_bytes=1 << 18):
    """The framing, the records, and the error that ended them."""
    found = []
    try:
        kind, blocks = framing(name, io.BytesIO(data), wanted, has_cloudtrail, block_bytes)
    except FramingError as error:
        return "", found, str(error)
    try:
        for block in blocks:
            assert block.first == len(found) + 1
            found += block.records
    except FramingError as error:
        return kind, found, str(error)
    return kind, found, ""


# ---- which framing --------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "lines"),
        (b"\n\n", "lines"),
        (b"text", "lines"),
        (b'{"a":1}', "lines"),
        (b' \n\t[{"a":1}]', "json-array"),
        (b"\xef\xbb\xbf[]", "json-array"),
        (b'{"Records":[]}', "records"),
        (b'\r\n{ "Records" :\n [ {}]}', "records"),
        (b'{"Records":{}}', "lines"),
        (b'{"Records":null}', "lines"),
        (b'{"records":[]}', "lines"),
        (b'{"Rec ords":[]}', "lines"),
        (b'{"a":1,"Records":[]}', "lines"),
        (b" " * 6_007 + b"[]", "json-array"),
        (b" " * 70_000 + b"[]", "lines"),
    ],
)
def test_the_first_bytes_decide(data, kind):
    assert cut(data)[0] == kind
    assert cut(data, block_bytes=5)[0] == kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (CLOUDTRAIL_NAME, "records"),
        ("logs/2021/" + CLOUDTRAIL_NAME, "records"),
        ("C:\\logs\\" + CLOUDTRAIL_NAME, "records"),
        (CLOUDTRAIL_NAME.removesuffix(".gz"), "records"),
        (CLOUDTRAIL_NAME.replace(".gz", ".zst"), "records"),
        (CLOUDTRAIL_NAME.replace("CloudTrail", "CloudTrail-Digest"), "lines"),
        (CLOUDTRAIL_NAME.replace("CloudTrail", "CloudTrail-Insight"), "lines"),
        (CLOUDTRAIL_NAME.replace("123", "12"), "lines"),
        (CLOUDTRAIL_NAME + ".bak", "lines"),
        (CLOUDTRAIL_NAME + "/other.json", "lines"),
    ],
)
def test_cloudtrail_files_are_known_by_their_names(name, kind):
    data = b'{"first":1,"Records":[{}]}'
    assert cut(data, name=name, has_cloudtrail=True)[0] == kind
    assert cut(data, name=name, has_cloudtrail=False)[0] == "lines"


def test_what_is_wanted_is_not_guessed():
    assert cut(b"[1]", "lines") == ("lines", [b"[1]"], "")
    assert cut(b"[1]\n[2]\n", "lines", CLOUDTRAIL_NAME, True)[1] == [b"[1]", b"[2]"]


@pytest.mark.parametrize("wanted", ["auto", "lines", "json-array", "records"])
@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf"])
def test_an_empty_file_has_no_records(wanted, data):
    assert cut(data, wanted)[1:] == ([], "")


@pytest.mark.parametrize("wanted", ["auto", "lines", "json-array", "records"])
@pytest.mark.parametrize("mark", [b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\0\0"])
def test_utf_16_is_refused(wanted, mark):
    _, found, error = cut(mark + b"{\0}\0", wanted)
    assert found == []
    assert "UTF-16" in error


# ---- lines ----------------------------------------------------------------


@pytest.mark.parametrize("block_bytes", [1, 2, 3, 1 << 18])
@pytest.mark.parametrize(
    ("data", "records"),
    [
        (b"a\nb\n", [b"a", b"b"]),
        (b"a\nb", [b"a", b"b"]),
        (b"a\r\nb\r\n", [b"a", b"b"]),
        (b"a\r\r\n\rb\n", [b"a\r", b"\rb"]),
        (b"a\r", [b"a"]),
        (b"a\n\n\r\nb\n\n", [b"a", b"", b"", b"b", b""]),
        (b"\na", [b"", b"a"]),
        (b"\xef\xbb\xbfa\n\xef\xbb\xbfb", [b"a", b"\xef\xbb\xbfb"]),
        (b" a \t\n", [b" a \t"]),
        (b"a\n\xff\0\n", [b"a", b"\xff\0"]),
        (b"a\x0b\x0c\x1c\xc2\x85\xe2\x80\xa8b", [b"a\x0b\x0c\x1c\xc2\x85\xe2\x80\xa8b"]),
    ],
)
def test_lines_end_at_line_feeds_only(data, records, block_bytes):
    assert cut(data, "lines", block_bytes=block_bytes)[1:] == (records, "")


def test_a_line_of_any_length_is_one_record():
    data = b"x" * 3_000_017 + b"\nnext\n"
    assert [len(record) for record in cut(data)[1]] == [3_000_017, 4]


def test_blocks_say_where_they_begin():
    data = b"".join(b"%d\n" % number for number in range(1, 1010))
    _, blocks = framing("f", io.BytesIO(data), block_bytes=97)
    blocks = list(blocks)
    assert len(blocks) > 10
    assert all(block.first == int(block.records[0]) for block in blocks)


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\n",
        b"\xff",
        b"a\0b\n",
        b"\xc3",
        b"\xc3\n",
        b"\n\xff\n",
        b"\r\na\0\n",
        b"\x89PNG\r\n\x1a\n",
        b"x" * 100_000 + b"\0",
    ],
)
def test_binary_data_is_refused(data):
    kind, records, error = cut(data)
    assert (kind, records) == ("lines", [])
    assert error.startswith("invalid UTF8 encoding")


@pytest.mark.parametrize("length", [1 << 16, (1 << 16) - 1, 1 << 17])
def test_a_character_across_the_end_of_what_is_looked_at_is_no_binary_data(length):
    data = b"x" * (length - 1) + "\u00e9\u20ac\n".encode()
    for block_bytes in (length, 1 << 14):
        assert cut(data, block_bytes=block_bytes)[1:] == ([data[:-1]], "")


def test_lines_that_come_slowly_are_not_held_back():
    class Live(io.BytesIO):
        def read1(self, size):
            return self.readline()

    _, blocks = framing("-", Live(b'{"a":1}\n{"a":2}\n'))
    assert next(blocks) == Block(1, [b'{"a":1}'])
    assert next(blocks) == Block(2, [b'{"a":2}'])


# ---- JSON arrays ----------------------------------------------------------

LAYOUTS = [
    {"separators": (",", ":")},
    {},
    {"indent": 2},
    {"indent": "\t", "separators": (" ,", " : ")},
    {"ensure_ascii": False},
]
NASTY = ["", "a,b", "}],{", '\\"x', "\u00e9\n", '"},{"', "\\", 1, -2.5e9, True, None, "\u2028"]


def anything(chance, depth=0):
    kind = chance.random()
    if depth > 6 or kind < 0.35:
        return chance.choice(NASTY)
    if kind < 0.6:
        return [anything(chance, depth + 1) for _ in range(chance.randrange(4))]
    keys = [f"{chance.choice(NASTY)}{number}" for number in range(chance.randrange(4))]
    return {key: anything(chance, depth + 1) for key in keys}


@pytest.mark.parametrize("block_bytes", [1, 7, 53, 1009, 1 << 18])
@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_any_layout_in_any_pieces_gives_the_elements(layout, block_bytes):
    chance = random.Random(5)
    for _ in range(31):
        elements = [anything(chance) for _ in range(chance.randrange(13))]
        members = {"a": anything(chance), "Records": elements, "z": {"Records": [1]}}
        for document, wanted in ((elements, "json-array"), (members, "records")):
            text = json.dumps(document, **layout)
            _, found, error = cut(text.encode(), wanted, block_bytes=block_bytes)
            assert error == ""
            assert [json.loads(element) for element in found] == elements
            assert all(element.decode() in text for element in found)


def test_elements_keep_their_spelling():
    data = b'[ {"a" : 1.0e+1,\n "a":2} ,"\\u0041\\/",  1E5,null,[ ] ]'
    elements = [b'{"a" : 1.0e+1,\n "a":2}', b'"\\u0041\\/"', b"1E5", b"null", b"[ ]"]
    assert cut(data)[1:] == (elements, "")


def test_guesses_that_are_wrong_change_nothing():
    # Every element ends in what looks like the place between two elements.
    element = b'{"a":[' + b",".join([b'{"a":"},{\\"a\\":"}'] * 31) + b"]}"
    data = b"[" + b",".join([element] * 1009) + b"]"
    assert cut(data, block_bytes=1 << 14)[1:] == ([element] * 1009, "")


def test_invalid_bytes_and_halves_of_surrogates_are_text():
    elements = [b'"\xff"', b'{"a":"\\ud83d"}', b'"\\uDE00\\n"', b"1"]
    assert cut(b"[" + b",".join(elements) + b"]")[1:] == (elements, "")


@pytest.mark.parametrize(
    ("data", "records"),
    [
        (b"[]", []),
        (b" [ \n ] ", []),
        (b"null", []),
        (b" null\n", []),
        (b"[1]\n[2,3]\n[]\n[4]", [b"1", b"2", b"3", b"4"]),
        (b"[1][2]", [b"1", b"2"]),
        (b"null\n[1]", [b"1"]),
    ],
)
def test_empty_arrays_and_arrays_one_after_the_other(data, records):
    for block_bytes in (1, 1 << 18):
        assert cut(data, "json-array", block_bytes=block_bytes)[1:] == (records, "")


@pytest.mark.parametrize(
    ("data", "records", "reason"),
    [
        (b"{}", [], "text outside of a JSON array"),
        (b"nul", [], "text outside of a JSON array"),
        (b"nullify", [], "text outside of a JSON array"),
        (b"[1] x", [b"1"], "text outside of a JSON array"),
        (b"[1,{bad},2]", [b"1"], "element 2 is malformed"),
        (b"[1,]", [b"1"], "element 2 is malformed"),
        (b"[,1]", [], "element 1 is malformed"),
        (b"[1,,2]", [b"1"], "element 2 is malformed"),
        (b"[1 2]", [], "element 1 is malformed"),
        (b"[1}", [b"1"], "element 2 is malformed"),
        (b'[{"a":1]]', [], "element 1 is malformed"),
        (b'["\t"]', [], "element 1 is malformed"),
        (b"[01]", [], "element 1 is malformed"),
        (b"[NaN]", [], "element 1 is malformed"),
        (b"[" + b"[" * 5003 + b"]" * 5003 + b"]", [], "element 1 is malformed"),
        (b"[", [], "element 1 has no end"),
        (b"[1,2", [b"1"], "element 2 has no end"),
        (b'[1,{"a":2}', [b"1", b'{"a":2}'], "the array has no end"),
        (b'[1,{"a":2},{"a":', [b"1", b'{"a":2}'], "element 3 has no end"),
        (b'[1,"a,', [b"1"], "element 2 has no end"),
    ],
)
def test_a_malformed_element_ends_the_array_after_the_good_ones(data, records, reason):
    for block_bytes in (1, 1 << 18):
        _, found, error = cut(data, "json-array", block_bytes=block_bytes)
        assert found == records
        assert error.startswith(reason)


def test_a_search_for_the_end_of_an_element_has_a_limit(monkeypatch):
    assert LARGEST_BYTES == 64 << 20
    monkeypatch.setattr("common.logs.unread.LARGEST_BYTES", 1 << 12)
    assert cut(b'["' + b"x" * 1009 + b'"]', block_bytes=16)[2] == ""
    stream = io.BytesIO(b'["' + b"x" * 1_000_003 + b'"]')
    with pytest.raises(FramingError, match="element 1 has no end, or is larger than 64 MiB"):
        list(framing("f", stream, block_bytes=16)[1])
    assert stream.tell() < 1 << 14


# ---- Records --------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "records"),
    [
        (b'{"Records":[]}', []),
        (b'{"Records":null,"a":[1]}', []),
        (b'{"a":{"Records":[9]},"b":"\\"Records\\":[9]","Records":[1,{}],"c":[2]}', [b"1", b"{}"]),
        (b'{"Records":[1]} and more', [b"1"]),
        (b'{"Records":[1], and more', [b"1"]),
        (b'{"Records":[1]', [b"1"]),
        (b'{"Records":[1]}{"a":0,"Records":[2]}\n{"Records":[3]}', [b"1", b"2", b"3"]),
        (b'{"Records":null}\n{"Records":[2]}', [b"2"]),
        (b'{"Records":[1],"a":{"Records":[9]}}\n{"Records":[2]}', [b"1", b"2"]),
    ],
)
def test_records_are_found_in_objects(data, records):
    for block_bytes in (1, 1 << 18):
        assert cut(data, "records", block_bytes=block_bytes)[1:] == (records, "")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"{}", 'key "Records" not found'),
        (b'{"a":[{"Records":[]}]}', 'key "Records" not found'),
        (b'{"a":"Records"', 'key "Records" not found'),
        (b"[1]", 'key "Records" not found'),
        (b"null", 'key "Records" not found'),
        (b'{"Records":{}}', '"Records" is not an array'),
        (b'{"Records":1}', '"Records" is not an array'),
        (b'{"Records":[{"a":}]}', "element 1 is malformed"),
    ],
)
def test_an_object_without_records_is_an_error(data, reason):
    for block_bytes in (1, 1 << 18):
        assert cut(data, "records", block_bytes=block_bytes)[1:] == ([], reason)


def test_every_framing_that_can_be_wanted_is_named():
    for wanted in module.FRAMINGS:
        framing("f", io.BytesIO(b""), wanted)
