"""Objects that Snowflake may have forgotten, so that it loads their rows again (pure).

How long it remembers the files it has loaded: Snowflake documentation, "Snowpipe" (14 days) and
"COPY INTO table" (64 days).
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from common.selection import Chunk
from common.times import s3_time

PIPE_DAYS = 14
COPY_DAYS = 64
_WHO = {PIPE_DAYS: "Snowpipe no longer knows", COPY_DAYS: "neither Snowpipe nor COPY knows"}


def watched(chunks: Iterable[Chunk], now: datetime, warn: Callable[[str], None]) -> Iterator[Chunk]:
    """The same chunks; `warn` is told when the first object beyond each age goes by. Objects from
    lists without times say nothing."""
    limits = [(days, s3_time(now - timedelta(days=days))) for days in (COPY_DAYS, PIPE_DAYS)]
    for chunk in chunks:
        times = [found.last_modified for found in chunk.objects if limits and found.last_modified]
        oldest = min(times, default="~")
        for place, (days, moment) in enumerate(limits):
            if oldest < moment:
                warn(
                    f"some files are older than {days} days: {_WHO[days]} whether they were "
                    "loaded; rows that are in Snowflake may be there twice afterwards"
                )
                del limits[place:]
                break
        yield chunk
