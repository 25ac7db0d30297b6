"""Which log type s3sns finds for a table, and what it reads for that."""

import gzip

import pytest

from common.batch import Refusal
from tools.s3sns import log_types


class Panther:
    """Lists and objects that count how often they are asked."""

    def __init__(self, known=(), deleted=(), says="Custom.Gone"):
        self.deleted, self.says = deleted, says
        self.asked = self.read = 0
        tables = log_types.by_table(known)
        self.types = log_types.LogTypes(tables, self.list_deleted, self.look, lambda text: None)

    def list_deleted(self):
        self.asked += 1
        return self.deleted

    def look(self, bucket, key):
        self.read += 1
        return self.says

    def of(self, table, key="k"):
        return self.types.of("b", key, table)


def test_known_table_needs_neither_the_deleted_types_nor_an_object():
    panther = Panther(known=["AWS.ALB", "AWS.CloudTrail"], says="?")
    assert panther.of("aws_alb") == "AWS.ALB"
    assert (panther.asked, panther.read) == (0, 0)


def test_deleted_types_are_asked_for_once():
    panther = Panther(deleted=["Custom.Gone", "Custom.Old"], says="?")
    assert [panther.of("custom_gone"), panther.of("custom_old")] == ["Custom.Gone", "Custom.Old"]
    assert (panther.asked, panther.read) == (1, 0)


def test_table_that_nobody_lists_is_known_from_one_object():
    panther = Panther(says="Custom.Gone")
    assert [panther.of("custom_gone", "k1"), panther.of("custom_gone", "k2")] == ["Custom.Gone"] * 2
    assert (panther.asked, panther.read) == (1, 1)


@pytest.mark.parametrize("known", [["A.B_C", "A.B.C"], ["A.B.C", "a.b.c"]])
def test_table_of_two_log_types_asks_every_object(known):
    panther = Panther(known=known, says=known[0])
    assert panther.of("a_b_c", "k1") == known[0]
    panther.says = known[1]
    assert panther.of("a_b_c", "k2") == known[1]
    assert panther.of("a_b_c", "k2") == known[1]
    assert panther.read == 2, "an object that is tried again is not read again"


def test_log_type_of_another_table_is_refused():
    refusal = Panther(says="Other.Type").of("custom_gone")
    assert (refusal.code, refusal.is_final) == ("WrongLogType", True)


def test_object_that_says_nothing_is_refused_and_the_next_one_is_asked():
    panther = Panther(says=Refusal("NoLogType", "empty", True))
    assert panther.of("custom_gone", "k1").code == "NoLogType"
    panther.says = "Custom.Gone"
    assert panther.of("custom_gone", "k2") == "Custom.Gone"


EVENT = b'{"p_log_type":"AWS.ALB","x":"' + b"y" * 90 + b'"}'


def in_blocks(content, size):
    return [content[place : place + size] for place in range(0, len(content), size)]


@pytest.mark.parametrize("size", [2, 7, 4096])
@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(EVENT + b"\n" + EVENT),
        gzip.compress(EVENT),
        gzip.compress(b"\n\r\n" + EVENT + b"\n"),
        gzip.compress(b"") + gzip.compress(EVENT[:9]) + gzip.compress(EVENT[9:] + b"\nrest"),
        EVENT + b"\n" + EVENT,
        EVENT,
    ],
    ids=["lines", "no end", "empty lines", "members", "plain", "plain no end"],
)
def test_first_line_of_gzip_and_plain_content(content, size):
    assert log_types.first_line(in_blocks(content, size)) == EVENT


def test_first_line_does_not_read_on():
    def blocks():
        yield gzip.compress(EVENT + b"\n")
        raise AssertionError("read too far")

    assert log_types.first_line(blocks()) == EVENT


@pytest.mark.parametrize(
    "content", [b"\x1f\x8bnot gzip at all", b"\x1f\x8b\x08" + bytes(7) + b"\x07"]
)
def test_damaged_gzip_is_a_value_error(content):
    with pytest.raises(ValueError, match="gzip"):
        log_types.first_line([content])


def test_endless_line_is_a_value_error(monkeypatch):
    monkeypatch.setattr(log_types, "LINE_BYTES", 1000)
    with pytest.raises(ValueError, match="too long"):
        log_types.first_line([b"x" * 600] * 3)


@pytest.mark.parametrize(
    ("line", "reason"),
    [(b"", "no JSON"), (b"{", "no JSON"), (b"[]", "no p_log_type"), (b"{}", "no p_log_type"),
     (b'{"p_log_type":""}', "no p_log_type"), (b'{"p_log_type":7}', "no p_log_type"),
     (b"\xff", "no JSON")],
)  # fmt: skip
def test_event_without_a_log_type_is_a_value_error(line, reason):
    with pytest.raises(ValueError, match=reason):
        log_types.log_type_in(line)
