"""The generated last step of reading an event: checks, times, indicators, and what is left out.

Walking a schema for each event would cost more than all the rest, so that the walk is done once,
and writes a Python function that does for each field just what that field needs. It changes the
event in place (times become the literals to be written, what counts as no value becomes None), adds
the indicators to `found`, returns the event's time in nanoseconds or None, and raises Refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Raw

from common.logs.checks import checks
from common.logs.coerce import bounds, compact, integer
from common.logs.found import Found
from common.logs.indicators import SCANNERS
from common.logs.model import INTEGERS, Value
from common.logs.numbers import number, number_32
from common.logs.refused import Refused
from common.logs.shapes import Member, Shape

Finish = Callable[[Any, Found], int | None]
ReadTime = Callable[[str, Value], Callable[[Any], tuple[int, Raw]]]


def tidy(literal: Raw) -> Raw | None:
    """A `json` value as it is written: without white space, None for null."""
    text = bytes(literal)
    if text == b"null":
        return None
    short = compact(text)
    return literal if short is text else Raw(short)


_SHARED = {"Refused": Refused, "number": number, "number_32": number_32, "tidy": tidy}


def finisher(shape: Shape, read_time: ReadTime, event_time: Sequence[str]) -> Finish:
    """The last step for events of `shape`. `read_time` makes the reader of a field's time: to
    nanoseconds and to the literal that is written; `event_time` names the top-level fields that
    give the event's time, best first, () for the first one marked in schema order."""
    writer = _Writer(read_time, frozenset(event_time))
    writer.object("event", shape, "", 1, is_element=False)
    for name in event_time:
        writer.line(1, f"if time is None: time = times.get({name!r})")
    body = "\n".join(writer.lines)
    start = "    times = {}\n" if event_time else ""
    source = f"def finish(event, found):\n    time = None\n{start}{body}\n    return time\n"
    names: dict[str, Any] = {**_SHARED, **writer.names}
    exec(compile(source, f"<finish {shape.path}>", "exec"), names)
    finish: Finish = names["finish"]
    return finish


class _Writer:
    """Lines of the function, and the objects that they refer to by name."""

    def __init__(self, read_time: ReadTime, event_time: frozenset[str]) -> None:
        self._read_time = read_time
        self._event_time = event_time
        self.lines: list[str] = []
        self.names: dict[str, Any] = {}

    def line(self, depth: int, text: str) -> None:
        self.lines.append("    " * depth + text)

    def name(self, prefix: str, thing: Any) -> str:
        """A name for an object that the function uses."""
        chosen = f"{prefix}{len(self.names)}"
        self.names[chosen] = thing
        return chosen

    def object(self, holder: str, shape: Shape, path: str, depth: int, is_element: bool) -> None:
        for member in shape.members:
            self.member(holder, member, path, depth, is_element)

    def member(self, holder: str, member: Member, path: str, depth: int, is_element: bool) -> None:
        field = member.field
        inner = f"{path}.{field.name}" if path else field.name
        is_required = field.required and not is_element
        place, value = f"{holder}.{member.attribute}", f"v{depth}"
        start = len(self.lines)
        self.line(depth, f"{value} = {place}")
        self._before(place, value, field.value, inner, depth)
        opening = len(self.lines)
        self.line(depth, f"if {value} is not None:")
        self.value(place, value, field.value, member.shape, inner, depth + 1, is_required)
        if len(self.lines) == opening + 1:
            del self.lines[opening:]
            if is_required:
                self.line(depth, f"if {value} is None: raise {self._missing(inner)}")
            elif opening == start + 1:
                del self.lines[start:]
        elif is_required:
            self.line(depth, "else:")
            self.line(depth + 1, f"raise {self._missing(inner)}")

    def _missing(self, path: str) -> str:
        return f"Refused('is missing', {path!r})"

    def _before(self, place: str, value: str, what: Value, path: str, depth: int) -> None:
        """Integers in texts, and null as JSON: what may turn out to be no value at all."""
        if what.type in INTEGERS:
            read = self.name("integer", _integer_reader(what, path))
            self.line(depth, f"if {value}.__class__ is str: {value} = {place} = {read}({value})")
        elif what.type == "json" and not what.native.kind:
            self.line(depth, f"if {value} is not None: {value} = {place} = tidy({value})")
        elif what.type == "timestamp":
            self.line(depth, f"if {value} == '': {value} = {place} = None")

    def value(
        self,
        place: str,
        value: str,
        what: Value,
        shape: Shape | None,
        path: str,
        depth: int,
        is_required: bool,
    ) -> None:
        """What a value that is there needs."""
        for check in checks(what, path, is_required):
            self.line(depth, f"{self.name('check', check)}({value})")
        if what.native.kind.startswith("map<"):
            self._map(place, value, what, depth)
        elif what.type == "string":
            for name in what.indicators:
                self.line(depth, f"{self.name('scan', SCANNERS[name])}({value}, found)")
        elif what.type == "float":
            make = "number_32" if what.native.kind == "float32" else "number"
            self.line(depth, f"{place} = {make}({value})")
        elif what.type == "timestamp":
            self._time(place, value, what, path, depth)
        elif what.type == "object" and shape is not None:
            self.object(value, shape, path, depth, is_element="[" in path)
        elif what.type == "array":
            self._array(place, value, what, shape, path, depth)
        is_leaf = what.type not in ("object", "array", "timestamp")
        if what.native.omits_zero and is_leaf and not path.endswith("[]"):
            self.line(depth, f"if not {value}: {place} = None")

    def _map(self, place: str, value: str, what: Value, depth: int) -> None:
        self.line(depth, f"if not {value}: {place} = None")
        tidy_item = "'' if x is None else x" if "string" in what.native.kind[4:] else "tidy(x)"
        if "json" in what.native.kind:
            tidy_item = "tidy(x) or x"
        self.line(depth, f"else: {place} = {{k: {tidy_item} for k, x in {value}.items()}}")

    def _time(self, place: str, value: str, what: Value, path: str, depth: int) -> None:
        read = self.name("time", self._read_time(path, what))
        self.line(depth, f"n, {place} = {read}({value})")
        if path in self._event_time:
            self.line(depth, f"times[{path!r}] = n")
        elif what.is_event_time and not self._event_time and not path.endswith("[]"):
            self.line(depth, "if time is None: time = n")

    def _array(
        self, place: str, value: str, what: Value, shape: Shape | None, path: str, depth: int
    ) -> None:
        assert what.element is not None
        self.line(depth, f"if not {value}: {place} = None")
        start = len(self.lines)
        index, item = f"i{depth}", f"x{depth}"
        self.line(depth, f"for {index}, {item} in enumerate({value}):")
        target = f"{value}[{index}]"
        self._before(target, item, what.element, path + "[]", depth + 1)
        self.line(depth + 1, f"if {item} is not None:")
        opening = len(self.lines)
        self.value(target, item, what.element, shape, path + "[]", depth + 2, is_required=False)
        if len(self.lines) == opening:
            del self.lines[opening - 1 :]
            if len(self.lines) == start + 1:
                del self.lines[start:]


def _integer_reader(what: Value, path: str) -> Callable[[str], int | None]:
    lowest, highest = bounds(what)
    has_empty = not what.native.takes_text

    def read(text: str) -> int | None:
        if has_empty and not text:
            return None
        try:
            return integer(text, lowest, highest)
        except Refused as error:
            raise Refused(error.reason, path) from None

    return read
