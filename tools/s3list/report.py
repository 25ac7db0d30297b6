"""What became of each source, for the lines that end a run (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from common.sources import Source
from tools.s3list.parts import Part
from tools.s3list.places import Place

OK = "ok"
LIMITED = "limited"
FAILED = "failed"
HEADER = ("LABEL", "ID", "OBJECTS", "BYTES", "STATUS")


@dataclass(frozen=True)
class Failure:
    """Why a place could not be read: AWS's code, and one line for the user."""

    code: str
    message: str


@dataclass(frozen=True)
class Outcome:
    """One source, or the path of -s3path: what was written for it, and how its listing ended."""

    label: str
    id: str
    type: str
    objects: int
    bytes: int
    status: str
    code: str
    message: str

    def record(self) -> dict[str, Any]:
        """The fields of its JSON line."""
        return asdict(self)

    def cells(self) -> tuple[str, ...]:
        """The cells of its line in a table."""
        status = f"{self.status}: {self.code}" if self.code else self.status
        return self.label or "-", self.id or "-", str(self.objects), str(self.bytes), status


def of_path(place: Place, parts: Sequence[Part]) -> Outcome:
    """The outcome of a listing of one path, without sources."""
    objects, size = totals([place], parts).get("", (0, 0))
    status = OK if all(part.is_done for part in parts) else LIMITED
    return Outcome(str(place), "", "", objects, size, status, "", "")


def of_sources(
    chosen: Iterable[Source],
    places: Sequence[Place],
    parts: Sequence[Part],
    failures: Mapping[int, Failure],
) -> list[Outcome]:
    """The outcome of each source, in their order. `failures` are by the number of the place."""
    found = totals(places, parts)
    unread = {part.place for part in parts if not part.is_done}
    outcomes = []
    for source in chosen:
        own = [number for number, place in enumerate(places) if _holds(place, source)]
        failure = next((failures[number] for number in own if number in failures), None)
        status = LIMITED if unread.intersection(own) else OK
        objects, size = found.get(source.id, (0, 0))
        outcomes.append(
            Outcome(
                source.label, source.id, source.type, objects, size,
                FAILED if failure else status,
                failure.code if failure else "",
                failure.message if failure else "",
            )
        )  # fmt: skip
    return outcomes


def totals(places: Sequence[Place], parts: Iterable[Part]) -> dict[str, tuple[int, int]]:
    """Objects and bytes of each source, by its id."""
    found: dict[str, tuple[int, int]] = {}
    for part in parts:
        for owner, (objects, size) in part.counts.items():
            source = places[part.place].owners[owner].source_id
            before = found.get(source, (0, 0))
            found[source] = (before[0] + objects, before[1] + size)
    return found


def _holds(place: Place, source: Source) -> bool:
    return place.bucket == source.bucket and any(
        prefix.startswith(place.prefix) for prefix, _ in source.prefixes
    )
