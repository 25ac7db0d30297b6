"""Python's regular expressions in the place of RE2, where that is not installed.

What Python reads otherwise than RE2 it refuses (`\\pL`, `[[:alpha:]]`, `(?U)`), but a line can take
it very long.
"""

from __future__ import annotations

import re
import warnings
from typing import NamedTuple

WARNING = (
    "RE2 (the package google-re2) is not installed: Python's expressions take its place, which can "
    "be slow and know less"
)


class Found(NamedTuple):
    """A match, with its places in bytes of UTF-8 as RE2 tells them."""

    match: re.Match[str]

    def span(self, number: int) -> tuple[int, int]:
        """Where a group stands; (-1, -1) for one that took no part."""
        start, end = self.match.span(number)
        if start < 0:
            return start, end
        text = self.match.string
        first = len(text[:start].encode())
        return first, first + len(text[start:end].encode())


class Expression:
    """What is used of a compiled expression of RE2."""

    def __init__(self, text: str) -> None:
        """Raises ValueError saying what Python does not know of it."""
        try:
            with warnings.catch_warnings():
                # It warns of what later versions will read as RE2 does.
                warnings.simplefilter("error")
                self._pattern = re.compile(_translated(text), re.ASCII)
        except (re.error, Warning, OverflowError, RecursionError) as error:
            raise ValueError(str(error)) from None
        self.groups = self._pattern.groups
        self.groupindex = {name.encode(): n for name, n in self._pattern.groupindex.items()}

    def search(self, text: bytes) -> Found | None:
        """The first match anywhere in a text."""
        found = self._pattern.search(text.decode())
        return Found(found) if found else None

    def fullmatch(self, text: str) -> Found | None:
        """The match of a whole text."""
        found = self._pattern.fullmatch(text)
        return Found(found) if found else None


def _translated(text: str) -> str:
    return re.sub(r"\\(.)", lambda escape: r"\Z" if escape[1] == "z" else escape[0], text)
