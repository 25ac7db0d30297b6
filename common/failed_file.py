"""The file of objects that could not be sent, for another try with -from-file."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import TextIO

from common.batch import Refusal
from common.s3xml import UNKNOWN_SIZE, Object


class FailedFile:
    """Objects that could not be sent, as JSON lines that -from-file reads again."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: TextIO | None = None
        self._lock = threading.Lock()

    @property
    def is_kept(self) -> bool:
        """True when failures are written somewhere."""
        return self._path is not None

    def write(self, bucket: str, found: Object, refusal: Refusal) -> None:
        """Append one object and why it failed. Raises OSError, naming the file."""
        if self._path is None:
            return
        row = {
            "bucket": bucket,
            "key": found.key,
            **({} if found.size == UNKNOWN_SIZE else {"size": found.size}),
            "last_modified": found.last_modified,
            "code": refusal.code,
            "message": refusal.message,
        }
        with self._lock:
            self._file = self._file or self._path.open("a", encoding="utf-8")
            try:
                self._file.write(json.dumps(row, ensure_ascii=False) + "\n")
                self._file.flush()
            except OSError as error:
                error.filename = str(self._path)
                raise
