"""The elements of JSON arrays, as their literal text, out of a stream that fits no memory.

Where the last whole element of a block ends is guessed: at the last place that looks like the one
between two earlier elements. The decoder says whether it was right, for only whole elements make a
valid array; it is so much faster than a search for brackets that some wrong guesses cost less.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from typing import NamedTuple

import msgspec

from common.logs.unread import SPACE, Block, FramingError, Unread

_GUESSES = 4
_COMMA, _CLOSE = b",]"
_NOT_FOUND = 'key "Records" not found'

_TEXT = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_LEVELS = 4


def _up_to(marks: bytes) -> re.Pattern[bytes]:
    """Text outside of quotes up to one of `marks`. Brackets that are closed again, with others
    inside down to _LEVELS, are skipped at once: most elements are."""
    skipped = _TEXT
    for _ in range(_LEVELS):
        inside = rb'[^"\[\]{}]*+(?:%b[^"\[\]{}]*+)*+' % skipped
        skipped = rb"(?:%b|[\[{]%b[\]}])" % (_TEXT, inside)
    plain = rb'[^"%b]*+' % marks
    return re.compile(rb"%b(?:%b%b)*+([%b])" % (plain, skipped, plain, marks), re.DOTALL)


_BETWEEN = _up_to(rb"\[\]{},")
_INSIDE = _up_to(rb"\[\]{}")
_MEMBER = re.compile(rb"[ \t\r\n]*(%b)[ \t\r\n]*:[ \t\r\n]*+(\[|null\b|[^\[n])" % _TEXT, re.DOTALL)
_BEFORE_NEXT = re.compile(rb'[ \t\r\n]*(?:\{[ \t\r\n]*%b|["\[{])?' % _TEXT, re.DOTALL)
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")

_decode_array = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_value = msgspec.json.Decoder(msgspec.Raw).decode


def array(unread: Unread) -> Iterator[Block]:
    """The elements of a top-level array, and of arrays that follow it; `null` is an empty one."""
    first = 1
    while start := unread.next_byte():
        if start == b"[":
            unread.drop(1)
            first = yield from _elements(unread, first)
        elif unread.fill(len(b"null ")) and unread.data[:5].rstrip(SPACE) == b"null":
            unread.drop(len(b"null"))
        elif unread.data == b"null":
            return
        else:
            raise FramingError("text outside of a JSON array")


def records(unread: Unread) -> Iterator[Block]:
    """The elements of the array under "Records" in the top-level object, and in objects that follow
    it, as they do in files joined together. What else follows the array is ignored."""
    first = 1
    is_behind = False
    while start := unread.next_byte():
        if start != b"{":
            if is_behind:
                return
            raise FramingError(_NOT_FOUND)
        unread.drop(1)
        if _is_at_records(unread):
            first = yield from _elements(unread, first)
        is_behind = True
        if not _leave(unread):
            return


def _is_at_records(unread: Unread) -> bool:
    """Go on from the opening brace of an object to the first element under "Records"; False if
    there is null instead of an array."""
    while True:
        member = _MEMBER.match(unread.data)
        if member and member[1] == b'"Records"':
            unread.drop(member.end())
            if member[2] not in (b"[", b"null"):
                raise FramingError('"Records" is not an array')
            return member[2] == b"["
        mark = next(_marks(unread.data), -1)
        if mark >= 0 and unread.data[mark] == _COMMA:
            unread.drop(mark + 1)
        elif mark >= 0 or not unread.grow():
            raise FramingError(_NOT_FOUND)


def _leave(unread: Unread) -> bool:
    """Go behind the closing brace of the object; False if it is not in reach."""
    while True:
        for mark in _marks(unread.data):
            if unread.data[mark] != _COMMA:
                unread.drop(mark + 1)
                return True
        if not unread.grow():
            return False


class _Joint(NamedTuple):
    """What stands between two elements, to find more such places by: white space, the outermost
    bytes of both if they are brackets or quotes, the key with which the second one begins; and the
    offset of the comma."""

    text: bytes
    comma: int


class _Cut(NamedTuple):
    """Whole elements, and where the comma or bracket stands that ends the last one. They are
    followed by something that is no JSON if `is_malformed`, by nothing if `is_last`."""

    elements: list[bytes]
    end: int
    joint: _Joint
    is_last: bool = False
    is_malformed: bool = False


def _elements(unread: Unread, first: int) -> Generator[Block, None, int]:
    """The elements from behind the opening bracket of an array to its closing one, and the number
    of the one that would follow."""
    if unread.next_byte() == b"]":
        unread.drop(1)
        return first
    joint = _Joint(b"", 0)
    while True:
        cut = _guessed(unread.data, joint) or _searched(unread.data)
        if cut is None:
            if unread.grow():
                continue
            yield from _without_end(unread.data, first)
            return first
        if cut.elements:
            yield Block(first, cut.elements)
            first += len(cut.elements)
        if cut.is_malformed:
            raise FramingError(f"element {first} is malformed")
        unread.drop(cut.end + 1)
        if cut.is_last:
            return first
        joint = cut.joint
        unread.more()


def _without_end(data: bytes, first: int) -> Iterator[Block]:
    """What can be had of an array that is cut short, and then the error."""
    element = data.strip(SPACE)
    if element[-1:] in (b"]", b"}", b'"') and _is_json(element):
        yield Block(first, [element])
        raise FramingError("the array has no end")
    raise FramingError(f"element {first} has no end, or is larger than 64 MiB")


def _guessed(data: bytes, joint: _Joint) -> _Cut | None:
    end = len(data)
    for _ in range(_GUESSES if joint.text else 0):
        end = data.rfind(joint.text, 0, end)
        if end < 0:
            break
        elements = _decoded(data[: end + joint.comma])
        if elements:
            return _Cut(elements, end + joint.comma, joint)
    return None


def _searched(data: bytes) -> _Cut | None:
    """The same without a guess, exactly; None if `data` ends within its first element."""
    marks = list(_marks(data))
    if not marks:
        return None
    end = marks[-1]
    is_last = data[end] != _COMMA
    elements = _decoded(data[:end])
    if elements is None or len(elements) != len(marks):
        elements = list(_good(data, marks))
    is_malformed = len(elements) < len(marks) or (is_last and data[end] != _CLOSE)
    return _Cut(elements, end, _joint(data, end), is_last, is_malformed)


def _marks(data: bytes) -> Iterator[int]:
    """Where the commas between elements (or members) stand, and in the end the closing bracket of
    the array (or object) around them, if it is in `data`."""
    depth = end = 0
    while found := (_INSIDE if depth else _BETWEEN).match(data, end):
        end = found.end()
        mark = found[1]
        if mark in b"[{":
            depth += 1
        elif depth:
            depth -= 1
        else:
            yield end - 1
            if mark != b",":
                return


def _joint(data: bytes, comma: int) -> _Joint:
    start = comma
    while start and data[start - 1] in SPACE:
        start -= 1
    if start and data[start - 1] in b'"]}':
        start -= 1
    following = _BEFORE_NEXT.match(data, comma + 1)
    end = following.end() if following else comma + 1
    return _Joint(data[start:end], comma - start)


def _decoded(elements: bytes) -> list[bytes] | None:
    try:
        return list(map(bytes, _decode_array(b"[%b]" % elements)))
    except (msgspec.DecodeError, RecursionError):
        return None


def _good(data: bytes, marks: list[int]) -> Iterator[bytes]:
    """The elements that end at `marks`, up to the first that is no JSON."""
    start = 0
    for end in marks:
        element = data[start:end].strip(SPACE)
        if not _is_json(element):
            return
        yield element
        start = end + 1


def _is_json(element: bytes) -> bool:
    # The decoder refuses halves of surrogate pairs. JSON does not (RFC 8259, section 8.2), and they
    # are in real logs: a text that was cut between the two.
    for text in (element, _SURROGATE.sub(rb"\\ufffd", element)):
        try:
            _decode_value(text)
        except (msgspec.DecodeError, RecursionError):
            continue
        return True
    return False
