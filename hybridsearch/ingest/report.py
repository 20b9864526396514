"""What an ingest did: counts, failures, and how it ended."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Protocol

from hybridsearch.ingest.entry import Failure
from hybridsearch.ingest.whole_files import write_whole


@dataclass(slots=True)
class Report:
    """Counts of assets; ``written`` ones survive a loss of power.

    ``embedded`` of the written ones needed the encoder; the others kept their vector or have
    no picture. ``moved`` of the written ones took the vector over from another asset with the same
    file. ``skipped`` counts files that were left out by their name, by kind. ``warnings`` are about
    assets that were written all the same.
    """

    written: int = 0
    embedded: int = 0
    unchanged: int = 0
    moved: int = 0
    deleted: int = 0
    failures: list[Failure] = field(default_factory=list)
    warnings: list[Failure] = field(default_factory=list)
    skipped: dict[str, int] = field(default_factory=dict)
    interrupted: bool = False
    reweighed: bool = False
    seconds: float = 0.0

    @property
    def seen(self) -> int:
        """Entries dealt with in one way or another."""
        return self.written + self.unchanged + len(self.failures)


class Progress(Protocol):
    """Hears of every step forward; the command line draws it."""

    def start(self, total: int) -> None:
        """``total`` entries are ahead."""

    def advance(self, report: Report) -> None:
        """A batch was dealt with; the report holds the sums so far."""

    def phase(self, name: str) -> None:
        """All entries are dealt with; now something else takes its time."""

    def step(self, done: int, total: int) -> None:
        """So many of the archive's assets are dealt with in this phase; raising ends it."""


class Silence:
    """Progress that nobody watches."""

    def start(self, total: int) -> None:
        """Nothing to draw."""

    def advance(self, report: Report) -> None:
        """Nothing to draw."""

    def phase(self, name: str) -> None:
        """Nothing to draw."""

    def step(self, done: int, total: int) -> None:
        """Nothing to draw."""


def write_failures(failures: Sequence[Failure], path: Path) -> None:
    """One JSON object a line: asset_id, origin, reason, remedy; no file where nothing failed."""
    if not failures:
        path.unlink(missing_ok=True)
        return
    lines = (json.dumps(asdict(each), ensure_ascii=False) for each in failures)
    write_whole(path, "".join(f"{line}\n" for line in lines).encode("utf-8", "replace"))
