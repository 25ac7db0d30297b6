"""A point in time as a log line gives it."""

from __future__ import annotations

from typing import NamedTuple


class Moment(NamedTuple):
    """Nanoseconds since 1970 (UTC), and the offset (seconds east of UTC) and the name of the zone
    in which it was written: "" unless the text had a name, such as `PST`."""

    ns: int
    offset_s: int = 0
    zone: str = ""
