"""Whether an event is the expected one, member by member."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tools.pantherlog.asked import nanoseconds

# Told from a member with the same text by being this very object.
ABSENT = "<absent>"


class Difference(NamedTuple):
    """A member that is not as wanted: its dotted path, and both values."""

    path: str
    got: Any
    want: Any


def differences(got: Mapping[str, Any], want: Mapping[str, Any]) -> list[Difference]:
    """Where an event differs from its expectation. What changes from run to run only has to be
    there (p_row_id, p_parse_time), times are compared as instants, p_any lists as sets."""
    actual, expected = dict(_pruned(got)), dict(_pruned(want))
    found: list[Difference] = []
    for name in ("p_row_id", "p_parse_time"):
        if not actual.pop(name, ""):
            found.append(Difference(name, ABSENT, "anything"))
        expected.pop(name, None)
    happened = actual.pop("p_event_time", ABSENT)
    wanted = expected.pop("p_event_time", got.get("p_parse_time"))
    if not _is_same_instant(happened, wanted):
        found.append(Difference("p_event_time", happened, wanted))
    for event in (actual, expected):
        for name, value in event.items():
            if name.startswith("p_any_") and isinstance(value, list):
                event[name] = sorted(value, key=str)
    return found + list(_compare(actual, expected, ""))


def _pruned(value: Any) -> Any:
    """Without the members of objects that are null, at every depth."""
    if isinstance(value, Mapping):
        return {name: _pruned(one) for name, one in value.items() if one is not None}
    if isinstance(value, list):
        return [_pruned(one) for one in value]
    return value


def _is_same_instant(one: Any, other: Any) -> bool:
    try:
        return nanoseconds(one) == nanoseconds(other)
    except (ValueError, TypeError):
        return False


def _compare(got: Any, want: Any, path: str) -> Iterator[Difference]:
    if isinstance(got, Mapping) and isinstance(want, Mapping):
        for name in [*want, *(name for name in got if name not in want)]:
            inner = f"{path}.{name}" if path else name
            yield from _compare(got.get(name, ABSENT), want.get(name, ABSENT), inner)
    elif isinstance(got, list) and isinstance(want, list) and len(got) == len(want):
        for place, (one, other) in enumerate(zip(got, want, strict=True)):
            yield from _compare(one, other, f"{path}[{place}]")
    elif not _is_same(got, want):
        yield Difference(path, got, want)


def _is_same(got: Any, want: Any) -> bool:
    if got is ABSENT or want is ABSENT:
        return got is want
    return isinstance(got, bool) is isinstance(want, bool) and bool(got == want)
