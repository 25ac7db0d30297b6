"""The generated last step of reading an event: checks, times, indicators, and what is left out.

Walking a schema for each event would cost more than all the rest, so that the walk is done once,
and writes a Python function that does for each field just what that field needs. It changes the
event in place (times become the literals to be written, what counts as no value becomes None), adds
the indicators to `found`, returns the event's time in nanoseconds or None, and raises Refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from msgspec import Raw

from common.logs.checks import checks
from common.logs.coerce import compact, without_lone_surrogates
from common.logs.coerce_text import bounds, integer, text_reader
from common.logs.found import Found
from common.logs.indicators import SCANNERS
from common.logs.model import INTEGERS, Value
from common.logs.numbers import MOST_32, number, number_32
from common.logs.refused import Refused
from common.logs.shapes import Member, Shape

Finish = Callable[[Any, Found], int | None]
ReadEmbedded = Callable[[Value, Shape | None, str], Callable[[str], Any]]
ReadTime = Callable[[str, Value], Callable[[Any], tuple[int, Raw]]]


def tidy(literal: Raw) -> Raw | None:
    """A `json` value as it is written: without white space and half surrogate pairs, None for
    null."""
    text = bytes(literal)
    if text == b"null":
        return None
    tidied = compact(without_lone_surrogates(text) if b"\\u" in text else text)
    return literal if tidied is text else Raw(tidied)


def spelled(value: bool | int) -> str:
    """A boolean or an integer as JSON spells it."""
    return str(value).lower()


_TOO_LARGE_32 = "is out of a 32-bit float's range"
_SHARED: Mapping[str, Any] = {
    one.__name__: one for one in (Refused, number, number_32, spelled, tidy)
}


def finisher(
    shape: Shape, read_time: ReadTime, read_embedded: ReadEmbedded, event_time: Sequence[str]
) -> Finish:
    """The last step for events of `shape`. `read_time` makes the reader of a field's time: to
    nanoseconds and to the literal that is written; `read_embedded` that of JSON in a text;
    `event_time` names the top-level fields that give the event's time, best first, () for the
    first one marked in schema order."""
    writer = _Writer(read_time, read_embedded, frozenset(event_time), shape.coerces)
    writer.object("event", shape, "", 1, is_in_list=False)
    for name in event_time:
        writer.line(1, f"if time is None: time = times.get({name!r})")
    body = "\n".join(writer.lines)
    start = "    times = {}\n" if event_time else ""
    source = f"def finish(event, found):\n    time = None\n{start}{body}\n    return time\n"
    names: dict[str, Any] = {**_SHARED, **writer.names}
    exec(compile(source, f"<finish {shape.path}>", "exec"), names)
    finish: Finish = names["finish"]
    return finish


class _Spot(NamedTuple):
    """Where the function finds a value: the place that holds it, the variable that it is in, its
    path in the schema, the indentation of what deals with it, whether it is an element of a list,
    and whether there is a list around it."""

    place: str
    value: str
    path: str
    depth: int
    is_element: bool = False
    is_in_list: bool = False


class _Writer:
    """Lines of the function, and the objects that they refer to by name."""

    def __init__(
        self,
        read_time: ReadTime,
        read_embedded: ReadEmbedded,
        event_time: frozenset[str],
        coerces: bool,
    ) -> None:
        self._read_time = read_time
        self._read_embedded = read_embedded
        self._coerces = coerces
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

    def object(self, holder: str, shape: Shape, path: str, depth: int, is_in_list: bool) -> None:
        for member in shape.members:
            inner = f"{path}.{member.field.name}" if path else member.field.name
            place = f"{holder}.{member.attribute}"
            self.member(_Spot(place, f"v{depth}", inner, depth, is_in_list=is_in_list), member)

    def member(self, spot: _Spot, member: Member) -> None:
        """Read a member and deal with it. Objects in lists are not asked for what they lack."""
        value, depth = spot.value, spot.depth
        is_required = member.field.required and not spot.is_in_list
        missing = _refusal("is missing", spot.path)
        start = len(self.lines)
        self.line(depth, f"{value} = {spot.place}")
        self._before(spot, member.field.value, member.shape)
        opening = len(self.lines)
        self.line(depth, f"if {value} is not None:")
        self.value(spot._replace(depth=depth + 1), member.field.value, member.shape, is_required)
        if len(self.lines) == opening + 1:
            del self.lines[opening:]
            if is_required:
                self.line(depth, f"if {value} is None: {missing}")
            elif opening == start + 1:
                del self.lines[start:]
        elif is_required:
            self.line(depth, "else:")
            self.line(depth + 1, missing)

    def _before(self, spot: _Spot, what: Value, shape: Shape | None) -> None:
        """Values of another type than their field's, and what may turn out to be no value."""
        place, value, depth = spot.place, spot.value, spot.depth
        is_coerced = self._coerces and what.type in ("float", "boolean")
        if what.type in INTEGERS or is_coerced:
            read = self.name("text", _reader_of_text(what, spot.path))
            self.line(depth, f"if {value}.__class__ is str: {value} = {place} = {read}({value})")
        elif self._coerces and what.type == "string":
            is_other = f"{value} is not None and {value}.__class__ is not str"
            self.line(depth, f"if {is_other}: {value} = {place} = spelled({value})")
        elif what.is_embedded_json and what.type != "json":
            read = self.name("embedded", self._read_embedded(what, shape, spot.path))
            self.line(depth, f"if {value}.__class__ is str: {value} = {place} = {read}({value})")
        elif what.type == "json" and not what.native.kind:
            self.line(depth, f"if {value} is not None: {value} = {place} = tidy({value})")
        elif what.type == "timestamp":
            self.line(depth, f"if {value} == '': {value} = {place} = None")

    def value(self, spot: _Spot, what: Value, shape: Shape | None, is_required: bool) -> None:
        """What a value that is there needs."""
        place, value, depth = spot.place, spot.value, spot.depth
        for check in checks(what, is_required):
            bad = check.bad.format(value=value, thing=self.name("thing", check.thing))
            spared = f" and {value}" if check.spares_empty else ""
            self.line(depth, f"if {bad}{spared}: {_refusal(check.reason, spot.path)}")
        if what.native.kind.startswith("map<"):
            self._map(spot, what)
        elif what.type == "string":
            for name in what.indicators:
                self.line(depth, f"{self.name('scan', SCANNERS[name])}({value}, found)")
        elif what.type == "float":
            self._float(spot, what)
        elif what.type == "timestamp":
            self._time(spot, what)
        elif what.type == "object" and shape is not None:
            self.object(value, shape, spot.path, depth, spot.is_in_list)
        elif what.type == "array":
            self._array(spot, what, shape)
        is_leaf = what.type not in ("object", "array", "timestamp")
        if what.native.omits_zero and is_leaf and not spot.is_element:
            left_out = _refusal("is missing", spot.path) if is_required else f"{place} = None"
            self.line(depth, f"if not {value}: {left_out}")

    def _float(self, spot: _Spot, what: Value) -> None:
        place, value = spot.place, spot.value
        if what.native.kind != "float32":
            self.line(spot.depth, f"{place} = number({value})")
            return
        too_large = _refusal(_TOO_LARGE_32, spot.path)
        self.line(spot.depth, f"if not -{MOST_32} < {value} < {MOST_32}: {too_large}")
        self.line(spot.depth, f"{place} = number_32({value})")

    def _map(self, spot: _Spot, what: Value) -> None:
        place, value = spot.place, spot.value
        tidy_item = "tidy(x) or x" if "json" in what.native.kind else "'' if x is None else x"
        # Left out where it is a member; a list keeps its elements.
        if not spot.is_element:
            self.line(spot.depth, f"if not {value}: {place} = None")
        written = f"{{k: {tidy_item} for k, x in {value}.items()}}"
        self.line(spot.depth, f"if {value}: {place} = {written}")

    def _time(self, spot: _Spot, what: Value) -> None:
        read = self.name("time", self._read_time(spot.path, what))
        self.line(spot.depth, f"n, {spot.place} = {read}({spot.value})")
        if spot.path in self._event_time:
            self.line(spot.depth, f"times[{spot.path!r}] = n")
        elif what.is_event_time and not self._event_time and not spot.is_element:
            self.line(spot.depth, "if time is None: time = n")

    def _array(self, spot: _Spot, what: Value, shape: Shape | None) -> None:
        assert what.element is not None
        value, depth, path = spot.value, spot.depth, f"{spot.path}[]"
        self.line(depth, f"if not {value}: {spot.place} = None")
        start = len(self.lines)
        index, item = f"i{depth}", f"x{depth}"
        self.line(depth, f"for {index}, {item} in enumerate({value}):")
        element = _Spot(f"{value}[{index}]", item, path, depth + 1, True, True)
        self._before(element, what.element, shape)
        self.line(depth + 1, f"if {item} is not None:")
        opening = len(self.lines)
        self.value(element._replace(depth=depth + 2), what.element, shape, is_required=False)
        if len(self.lines) == opening:
            del self.lines[opening - 1 :]
            if len(self.lines) == start + 1:
                del self.lines[start:]


def _refusal(reason: str, path: str) -> str:
    return f"raise Refused({reason!r}, {path!r})"


def _reader_of_text(what: Value, path: str) -> Callable[[str], Any]:
    if what.native.takes_text:
        lowest, highest = bounds(what)
        of_text: Callable[[str], Any] = partial(integer, lowest=lowest, highest=highest)
    else:
        of_text = text_reader(what)

    def read(text: str) -> Any:
        try:
            return of_text(text)
        except Refused as error:
            raise Refused(error.reason, path) from None

    return read
