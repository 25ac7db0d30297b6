"""Decoding JSON that no schema describes, such as the value of a `json` field."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from msgspec import Raw

_decode = msgspec.json.Decoder().decode


def decoded(literal: Raw) -> Any:
    """The value of a JSON literal: half a surrogate pair becomes U+FFFD, a number beyond a double
    infinity. Raises ValueError for JSON nested too deeply."""
    try:
        return _decode(literal)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _leniently_decoded(bytes(literal).decode("utf-8", "replace"))
    except RecursionError:
        raise ValueError("JSON is nested too deeply") from None


def _leniently_decoded(literal: str) -> Any:
    try:
        text = json.dumps(json.loads(literal, parse_int=float), ensure_ascii=False)
    except RecursionError:
        raise ValueError("JSON is nested too deeply") from None
    return json.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
