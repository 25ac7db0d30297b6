"""Which checks apply to which type of source, and all of them on one source."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from common.sources import S3, SCAN, SQS, Source
from tools.sources import access, data
from tools.sources.findings import Check, Report, verdict
from tools.sources.visit import Abandoned, Bench, Visit

Step = Callable[[Visit], Iterator[Check]]

_DATA: tuple[Step, ...] = (
    access.assume_role, access.identity, data.bucket, data.kms_key, data.listings,
)  # fmt: skip
STEPS: Mapping[str, tuple[Step, ...]] = {
    S3: (*_DATA, data.bucket_notifications),
    SQS: (*_DATA, access.queue),
    SCAN: (*_DATA, access.cloud_roles),
}


def inspect(source: Source, bench: Bench) -> Report | None:
    """A source with all checks of its type; None when a stop left some undone."""
    visit = Visit(source, bench)
    try:
        checks = tuple(check for step in STEPS.get(source.type, ()) for check in step(visit))
    except Abandoned:
        return None
    return Report(source, verdict(checks), checks)
