"""Object keys in any case, at the speed of exact ones.

The decoder knows exact names only and refuses every other key. What it refuses in a line is
learned: other spellings of a field's name, and names of no field. The next line with these is
decoded at once, and only has to be settled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from common.logs.model import Value
from common.logs.shapes import Shape

Settle = Callable[[Any], bool]


def unlearned(content: Any, shape: Shape) -> Iterator[tuple[str, str]]:
    """Path of the object and name, for each key in decoded JSON that is no field's exact name."""
    if isinstance(content, list):
        for element in content:
            yield from unlearned(element, shape)
    elif isinstance(content, dict):
        exact = {shape.input_name(one) for one in shape.members}
        inner = {shape.input_name(one).lower(): one.shape for one in shape.members if one.shape}
        for name, value in content.items():
            if name not in exact:
                yield shape.path, name
            if name.lower() in inner:
                yield from unlearned(value, inner[name.lower()])


def settler(shape: Shape) -> Settle:
    """A function that puts values of other spellings into their members and drops those of no
    member. It returns False for an object that has one member in several spellings: there the last
    one counts, and only the line tells which that is."""
    lines: list[str] = []
    _object(lines, "event", shape, 1)
    source = "\n".join(["def settle(event):", *lines, "    return True"])
    names: dict[str, Any] = {}
    exec(compile(source, "<settle>", "exec"), names)
    settle: Settle = names["settle"]
    return settle


def _object(lines: list[str], holder: str, shape: Shape, depth: int) -> None:
    indent = "    " * depth
    for extra, target in shape.extra:
        if target is not None:
            lines += [
                f"{indent}v = {holder}.{extra}",
                f"{indent}if v is not None:",
                f"{indent}    if {holder}.{target} is not None: return False",
                f"{indent}    {holder}.{target} = v",
            ]
        lines.append(f"{indent}{holder}.{extra} = None")
    for member in shape.members:
        if member.shape is not None and _has_extra(member.shape):
            inner = f"o{depth}"
            lines.append(f"{indent}{inner} = {holder}.{member.attribute}")
            _nested(lines, inner, member.shape, depth, member.field.value)


def _nested(lines: list[str], inner: str, shape: Shape, depth: int, value: Value) -> None:
    lines.append(f"{'    ' * depth}if {inner} is not None:")
    if value.element is None:
        _object(lines, inner, shape, depth + 1)
    else:
        lines.append(f"{'    ' * (depth + 1)}for {inner}x in {inner}:")
        _nested(lines, f"{inner}x", shape, depth + 2, value.element)


def _has_extra(shape: Shape) -> bool:
    return bool(shape.extra) or any(
        one.shape is not None and _has_extra(one.shape) for one in shape.members
    )
