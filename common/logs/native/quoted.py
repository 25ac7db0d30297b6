"""Splitting a line into fields that may be quoted: RFC 4180, strict or with lazy quotes.

Lazy: a quote inside a field that does not begin with one is text, so is a quote inside a quoted
field that no delimiter follows, and a quoted field without an end runs to the end of the line.
Nearly all lines have quotes around whole fields only: they are cut without looking at characters.
"""

from __future__ import annotations

# Stands for a quoted field while the rest of its line is cut.
_PLACE = "\0"


def spaced(line: str, is_lazy: bool = False) -> list[str]:
    """The fields of a line between single spaces. Raises ValueError for a misplaced quote, unless
    `is_lazy`."""
    if '"' not in line:
        return line.split(" ")
    fields = None if _PLACE in line else _whole_quotes(line.split('"'))
    return fields or careful(line, " ", is_lazy)


def commas(line: str) -> list[str]:
    """The fields of a line between commas, with lazy quotes."""
    quotes = line.count('"')
    if not quotes:
        return line.split(",")
    if line[0] == line[-1] == '"':
        fields = line[1:-1].split('","')
        # Two for each field are the ones around it: then no field has a quote inside.
        if quotes == 2 * len(fields):
            return fields
    return careful(line, ",", is_lazy=True)


def _whole_quotes(pieces: list[str]) -> list[str] | None:
    """The fields of a line that was split at its quotes, so that every second piece was quoted;
    None unless all quotes stand around whole fields."""
    quoted = pieces[1::2]
    fields = _PLACE.join(pieces[::2]).split(" ")
    if fields.count(_PLACE) != len(quoted):
        return None
    place = -1
    for text in quoted:
        place = fields.index(_PLACE, place + 1)
        fields[place] = text
    return fields


def careful(line: str, delimiter: str, is_lazy: bool) -> list[str]:
    """The fields of any line, quote by quote. Raises ValueError as `spaced` does."""
    fields = []
    start = 0
    while start <= len(line):
        if line[start : start + 1] == '"':
            field, end = _quoted(line, start + 1, delimiter, is_lazy)
        else:
            end = line.find(delimiter, start)
            end = len(line) if end < 0 else end
            field = line[start:end]
            if '"' in field and not is_lazy:
                raise ValueError("a quote inside a field that is not quoted")
        fields.append(field)
        start = end + 1
    return fields


def _quoted(line: str, start: int, delimiter: str, is_lazy: bool) -> tuple[str, int]:
    """The text of a quoted field whose first character is at `start`, and where its delimiter is
    or the line ends."""
    parts = []
    while (quote := line.find('"', start)) >= 0:
        parts.append(line[start:quote])
        after = line[quote + 1 : quote + 2]
        if after in ("", delimiter):
            return "".join(parts), quote + 1
        if after != '"' and not is_lazy:
            raise ValueError("text behind the closing quote of a field")
        parts.append('"')
        start = quote + (2 if after == '"' else 1)
    if not is_lazy:
        raise ValueError("a quoted field has no end")
    parts.append(line[start:])
    return "".join(parts), len(line)
