"""A schema compiled into the fastest form that Python offers: lines to events to JSON.

A line is decoded into typed structures by msgspec. What that refuses is read again by `coerce`,
which knows every coercion and says what is wrong with a field. Both give the same structures, which
a generated function (`finish`) completes and msgspec encodes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw

from common.logs import coerce, coerce_text
from common.logs.anycase import settler, unlearned
from common.logs.columns import column_name
from common.logs.finish import Finish, finisher
from common.logs.found import Found, drained, emptied
from common.logs.instants import time_format
from common.logs.memo import Memo
from common.logs.model import Field, Schema, Value, walk
from common.logs.moment import Moment
from common.logs.native.hooks import Hooks
from common.logs.native.lines import Collect
from common.logs.refused import Refused
from common.logs.shapes import Shape, has_plain_texts, is_plain, renamer, shape_of

KNOWN_TIMES = 4096
# What a stream may teach of keys that belong to no field; beyond it lines are read the slow way.
LEARNED_NAMES = 256
_UNKNOWN = "Object contains unknown field"


class Event(NamedTuple):
    """An event of a log type: its own fields as a JSON object, its time (nanoseconds since 1970,
    None when it has none) and its indicators: p_any members as JSON, a comma before each."""

    log_type: str
    body: bytes
    time_ns: int | None
    indicators: bytes


class Codec:
    """Makes events of one schema, in event JSON or in data-lake JSON (`is_lake`). Keeps what it
    learns about lines; events do not depend on it."""

    def __init__(self, schema: Schema, is_lake: bool, hooks: Hooks | None = None) -> None:
        self.log_type = schema.name
        self._schema = schema
        self._fields = _limited_by_discriminator(schema, _unshadowed(schema.fields))
        self._is_lake = is_lake
        self._hooks = hooks or Hooks()
        self._found = Found()
        self._encode = msgspec.json.Encoder().encode
        self._learned: dict[str, list[str]] = {}
        # A `json` value that was in a text may be a text itself: the fast way cannot tell.
        self._is_slow = any(
            (value.is_embedded_json and value.type == "json") or not is_plain(path)
            for path, value in walk(schema.fields)
        )
        # Hooks are made for values of their types, and strict values are never coerced.
        self._may_coerce = not (schema.is_strict or self._is_slow or hooks)
        self._coerces = False
        self._compile()

    def _compile(self) -> None:
        schema = self._schema
        shape = shape_of(self._fields, schema, coerces=self._coerces)
        self._shape = shape
        self._compile_decoder()
        fields = _field_readers(shape, schema)
        self._slowly = coerce.object_reader(shape.make, fields, schema.is_any_case)
        self._finish: Finish = finisher(
            shape, self._read_time, self._read_embedded, schema.event_time
        )
        self._out = renamer(shape, column_name if self._is_lake else str)
        self._attributes = {one.field.name: one.attribute for one in shape.members}
        self._maps = frozenset(
            one.attribute
            for one in shape.members
            if one.field.value.native.kind == "map<string,json>"
        )
        # Built-in text parsers give values of their type's fields and of nothing else.
        is_same = all(name == attribute for name, attribute in self._attributes.items())
        self._is_by_name = is_same and not (schema.file or self._maps)
        self._texts = {
            name: (one.attribute, self._text_reader(one.field.value, fields[name][1]))
            for one in shape.members
            if (name := _known_as(shape.input_name(one), schema))
        }

    def _compile_decoder(self) -> None:
        shape = self._shape
        if self._learned:
            shape = shape_of(self._fields, self._schema, self._learned, coerces=self._coerces)
        self._decode = msgspec.json.Decoder(shape.make).decode
        self._settle = settler(shape) if self._learned else None

    # ---- reading -----------------------------------------------------------------------------

    def from_line(self, line: bytes) -> list[Event]:
        """The events of a line of JSON: one, unless the type's lines hold several. Raises Refused,
        or ValueError from the hooks of built-in types."""
        if not line.isascii():
            line = line.decode("utf-8", "replace").encode()
        split = self._hooks.split
        records = split(line) if split else (line,)
        return [self._event(self._read(record), record) for record in records]

    def from_texts(self, pairs: Iterable[tuple[str, str]]) -> Event:
        """The event of named texts, such as the columns of a row. Raises Refused."""
        given: dict[str, Any] = {}
        known = self._texts
        for name, text in pairs:
            place = known.get(name)
            if place is not None:
                try:
                    given[place[0]] = place[1](text)
                except Refused as error:
                    raise error.under(name) from None
        return self._event(self._shape.make(**given), b"")

    def _text_reader(self, value: Value, read: coerce.FromJson) -> coerce_text.FromText:
        if value.is_embedded_json:
            return lambda text: read(self._encode(text))
        return coerce_text.text_reader(value)

    def from_values(self, values: dict[str, Any], collect: Collect | None) -> Event:
        """The event of values as the native text parsers give them, with the indicators that
        `collect` adds. Raises Refused."""
        given = values
        if not self._is_by_name:
            known = self._attributes
            given = {known[name]: value for name, value in values.items() if name in known}
        for name in self._maps.intersection(given):
            given[name] = {key: Raw(self._encode(item)) for key, item in given[name].items()}
        return self._completed(self._shape.make(**given), collect, values)

    def _read(self, line: bytes) -> Any:
        event = None if self._is_slow else self._read_fast(line)
        if event is None:
            event = self._slowly(line)
            if self._may_coerce:
                # Where one value is coerced others will be: from now on on the fast way.
                self._may_coerce, self._coerces = False, True
                self._compile()
        return event

    def _read_fast(self, line: bytes) -> Any:
        """The event of a line that is plainly of the right types, else None."""
        try:
            event = self._decode(line)
        except msgspec.ValidationError as error:
            if str(error).startswith(_UNKNOWN) and self._learn(line):
                return self._read_fast(line)
            return None
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            return None
        return event if self._settle is None or self._settle(event) else None

    def _learn(self, line: bytes) -> bool:
        """Take note of the keys of a line that are no field's exact name; False when all were known
        or too many were seen."""
        try:
            content = msgspec.json.decode(line)
        except (msgspec.DecodeError, RecursionError):
            return False
        new = {
            (path, name)
            for path, name in unlearned(content, self._shape)
            if name not in self._learned.get(path, ())
        }
        known = sum(map(len, self._learned.values()))
        if not new or known + len(new) > LEARNED_NAMES:
            return False
        if not all(is_plain(name) for _, name in new):
            return False
        for path, name in sorted(new):
            self._learned.setdefault(path, []).append(name)
        self._compile_decoder()
        return True

    # ---- completing --------------------------------------------------------------------------

    def _event(self, event: Any, line: bytes) -> Event:
        hooks = self._hooks
        if hooks.prepare:
            hooks.prepare(event, line)
        if hooks.accept:
            hooks.accept(event)
        if hooks.accept_line:
            hooks.accept_line(line)
        return self._completed(event, hooks.collect, event)

    def _completed(
        self, event: Any, collect: Callable[[Any, Found], None] | None, collected: Any
    ) -> Event:
        found = self._found
        try:
            if collect:
                collect(collected, found)
            time_ns = self._finish(event, found)
            body = self._encode(self._out(event) if self._out else event)
        except Exception:
            emptied(found)
            raise
        return Event(self.log_type, body, time_ns, drained(found))

    def _read_embedded(self, value: Value, shape: Shape | None, path: str) -> coerce_text.FromText:
        read = self._text_reader(value, _reader_of(value, shape, self._schema))

        def read_text(text: str) -> Any:
            try:
                return read(text)
            except Refused as error:
                raise error.under(path) from None

        return read_text

    def _read_time(self, path: str, value: Value) -> Callable[[Any], tuple[int, Raw]]:
        form = time_format(value.time_format)
        write = form.write_lake if self._is_lake else form.write
        custom = self._hooks.times.get(path)
        # The types of old write all times in UTC, others in the zone of the line.
        is_utc = self._schema.is_strict

        def moment_of(given: Any) -> Moment:
            if given.__class__ is Moment:
                return given
            if custom is not None:
                return custom(given)
            if given.__class__ is str:
                return form.read(given)
            if form.read_number is None:
                raise ValueError("is a number")
            return form.read_number(str(given))

        def written(given: Any) -> tuple[int, Raw]:
            try:
                moment = moment_of(given)
            except ValueError as error:
                raise Refused(str(error), path) from None
            if is_utc:
                moment = Moment(moment.ns)
            return moment.ns, Raw(write(moment).encode())

        known = Memo(written, KNOWN_TIMES)

        def read(given: Any) -> tuple[int, Raw]:
            # A number's literal is equal to the same text, which may be another time or none.
            return written(given) if given.__class__ is coerce.Number else known[given]

        return read


def _unshadowed(fields: Sequence[Field]) -> tuple[Field, ...]:
    """Without those whose key in the line belongs to another field."""
    taken = {field.value.native.input_name for field in fields}
    return tuple(field for field in fields if field.name not in taken)


def _limited_by_discriminator(schema: Schema, fields: tuple[Field, ...]) -> tuple[Field, ...]:
    if schema.discriminator is None:
        return fields
    name, allowed = schema.discriminator
    return tuple(
        replace(field, required=True, value=_limited(field.value, allowed))
        if field.name == name
        else field
        for field in fields
    )


def _limited(value: Value, allowed: Sequence[Any]) -> Value:
    rules = {**value.native.constraints, "oneOf": allowed}
    return replace(value, native=replace(value.native, constraints=rules))


def _known_as(name: str, schema: Schema) -> str:
    return name.lower() if schema.is_any_case else name


def _field_readers(shape: Shape, schema: Schema) -> dict[str, tuple[str, coerce.FromJson]]:
    """Attribute and reader of each field by its key, as `coerce.object_reader` needs them."""
    return {
        _known_as(shape.input_name(one), schema): (
            one.attribute,
            _reader_of(one.field.value, one.shape, schema),
        )
        for one in shape.members
    }


def _reader_of(value: Value, shape: Shape | None, schema: Schema) -> coerce.FromJson:
    """Reads literals as `value`; `shape` is that of the objects in it, if any."""

    def nested(outer: Value) -> coerce.FromJson:
        if outer.type == "object" and shape is not None:
            fields = _field_readers(shape, schema)
            return coerce.object_reader(shape.make, fields, schema.is_any_case)
        assert outer.element is not None
        texts = has_plain_texts(outer, schema)
        return coerce.array_reader(
            coerce.json_reader(outer.element, nested, schema.is_strict or texts),
            "" if texts else None,
        )

    return coerce.json_reader(value, nested, schema.is_strict)
