"""Why a line is not an event of a log type."""

from __future__ import annotations


class Refused(ValueError):
    """The reason, and the field it is about ("" for the line). Never holds the line's content."""

    def __init__(self, reason: str, path: str = "") -> None:
        super().__init__(f"{path}: {reason}" if path else reason)
        self.reason = reason
        self.path = path

    def under(self, name: str) -> Refused:
        """The same, seen from the object or array that holds the field."""
        joined = self.path if self.path.startswith("[") else f".{self.path}"
        return Refused(self.reason, name + joined if self.path else name)
