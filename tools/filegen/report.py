"""What a run has written: totals, the manifest, the last line."""

from __future__ import annotations

import heapq
import json
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from common.output import clock
from common.targets import naming
from tools.filegen.files import Made


@dataclass
class Totals:
    """Counts, kept by many threads."""

    files: int = 0
    rows: int = 0
    bytes: int = 0
    raw_bytes: int = 0
    by_type: dict[str, dict[str, int]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add(self, one: Made) -> None:
        """Count a file that has been written."""
        with self._lock:
            self.files += 1
            self.rows += one.job.rows
            self.bytes += len(one.data)
            self.raw_bytes += one.raw_bytes
            own = self.by_type.setdefault(one.job.log_type, _nothing())
            own["files"] += 1
            own["rows"] += one.job.rows
            own["bytes"] += len(one.data)
            own["uncompressedBytes"] += one.raw_bytes


def _nothing() -> dict[str, int]:
    return {"files": 0, "rows": 0, "bytes": 0, "uncompressedBytes": 0}


class Manifest:
    """A JSON line for each file that has been written, in the order of the files, whatever the
    order in which they are finished. Without a path it is not written."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._stream = path.open("w", encoding="utf-8") if path else None
        self._waiting: list[tuple[int, str]] = []
        self._next = 0
        self._lock = threading.Lock()

    def add(self, key: str, one: Made) -> None:
        """Tell of a file. Raises OSError."""
        if self._path is None:
            return
        with self._lock, naming(self._path):
            heapq.heappush(self._waiting, (one.job.number, manifest_line(key, one)))
            while self._waiting and self._waiting[0][0] == self._next:
                self._write()

    def close(self) -> None:
        """Write what waits for files that have failed, and end the file. Raises OSError."""
        if self._path is None or self._stream is None:
            return
        with naming(self._path), self._stream:
            while self._waiting:
                self._write()

    def _write(self) -> None:
        assert self._stream is not None
        number, line = heapq.heappop(self._waiting)
        self._stream.write(line + "\n")
        self._next = number + 1


def manifest_line(key: str, one: Made) -> str:
    """A file's line in the manifest."""
    return json.dumps(
        {
            "key": key,
            "logType": one.job.log_type,
            "hour": f"{datetime.fromtimestamp(one.job.hour, UTC):%Y-%m-%dT%H}",
            "rows": one.job.rows,
            "bytes": one.raw_bytes,
            "compressedBytes": len(one.data),
            "sha256": one.sha256,
            "contentSha256": one.content_sha256,
            "malformed": list(one.malformed),
        },
        separators=(",", ":"),
    )


def summary(totals: Totals, seconds: float, place: str) -> str:
    """The last line of a run."""
    return (
        f"wrote {totals.files} files, {totals.bytes} total bytes, {totals.raw_bytes} total"
        f" uncompressed bytes in {clock(seconds)} to {place}"
    )


def record(totals: Totals, seconds: float, place: str, seed: int) -> dict[str, Any]:
    """The same for scripts."""
    return {
        "files": totals.files,
        "rows": totals.rows,
        "bytes": totals.bytes,
        "uncompressedBytes": totals.raw_bytes,
        "seconds": round(seconds, 3),
        "byType": {name: totals.by_type[name] for name in sorted(totals.by_type)},
        "seed": seed,
        "dest": place,
    }
