"""Telling what a run has done: tables on stderr, statistics in JSON, what a failed run leaves."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from common.cli import Io
from common.output import Output, plural
from common.targets import naming
from tools.logprocessor import report
from tools.logprocessor.report import Numbers
from tools.logprocessor.sorting import peak_rss


@dataclass(frozen=True)
class Teller:
    """Where to tell: `stats` is the file of -stats; JSON goes to stdout unless that `gives_events`.
    `repeat` is how many runs there are."""

    io: Io
    stats: Path | None
    repeat: int
    gives_events: bool

    def tell(self, numbers: Numbers) -> None:
        """Tell of a run that has ended. Raises OSError."""
        told = report.record(numbers, peak_rss())
        text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
        self._tell_failure(numbers)
        if not self.io.out.is_json:
            self._tell_in_tables(numbers.number, told)
        elif not self.gives_events:
            self.io.out.line(text)
        elif sys.stderr is not None:
            self.io.out.flush()
            Output(self.io.tool.name, stdout=sys.stderr).line(text)
        if self.stats is not None:
            with naming(self.stats), self.stats.open("a", encoding="utf-8") as file:
                file.write(text + "\n")

    def _tell_in_tables(self, number: int, told: report.Record) -> None:
        if self.repeat > 1:
            self.io.out.info(f"run {number} of {self.repeat}")
        if sys.stderr is None:
            return
        out = Output(self.io.tool.name, stdout=sys.stderr)
        out.table(report.HEADER, report.type_rows(told))
        first, *rest = report.rows(told)
        out.table(first, rest)
        out.flush()

    def _tell_failure(self, numbers: Numbers) -> None:
        """Why a run ended early, and what it leaves behind."""
        out = self.io.out
        if numbers.error:
            out.error(numbers.error)
        if numbers.error or self.io.stop.requested:
            for one in numbers.written:
                out.info(f"written: {one.key}{'' if one.is_announced else ' (not announced)'}")
        if numbers.held:
            out.warn(f"{plural(numbers.held, 'event')} read but not written")
