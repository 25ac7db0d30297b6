"""Results of a function by its argument, as fast to look up as a dict."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Memo(dict[Key, Value]):
    """`memo[key]` is `function(key)`, worked out once. At `limit` results it starts afresh: half
    the cost of functools.lru_cache, and the keys here come in runs. Exceptions are not kept."""

    def __init__(self, function: Callable[[Key], Value], limit: int = 4096) -> None:
        super().__init__()
        self._function = function
        self._limit = limit

    def __missing__(self, key: Key) -> Value:
        value = self._function(key)
        if len(self) >= self._limit:
            self.clear()
        self[key] = value
        return value
