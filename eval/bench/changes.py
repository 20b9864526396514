"""What one change costs in a large archive: an asset written or deleted, and the index finished.

In: captions, an encoder. Out: seconds for each kind of change, by the phases of finishing, beside
finishing with nothing remembered.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from statistics import median

from eval.bench.corpus import caption_assets
from eval.bench.load.archive import Listed, build_archive
from eval.bench.report import Cell, Report, Table, Target
from eval.bench.timing import say
from hybridsearch.adapters.lexicon import FILE_NAME
from hybridsearch.analysis.payload import point_id
from hybridsearch.bootstrap import Archive, open_archive
from hybridsearch.config import Settings
from hybridsearch.domain.asset import Asset
from hybridsearch.ingest.entry import Entry
from hybridsearch.ingest.readers import Readers
from hybridsearch.ingest.report import Silence

PHASES = (
    "measuring",
    "weighing words",
    "gathering names",
    "measuring the encoder",
    "building indexes",
)
_WRITING = "writing"
_COPIED = ("headline", "caption", "city", "country", "creator", "people", "date_created")

Steps = dict[str, float]
"""Seconds by phase."""


def measure(data: Path, count: int, encoder: str, changes: int, seed: int) -> Report:
    """Build the archive, open it as a service does, change it."""
    assets = caption_assets(data, count)
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        settings = Settings(archive="bench", data_dir=name, encoder={"name": encoder})
        build_archive(settings, assets, seed)
        say("changing it")
        with (
            closing(open_archive(settings, serve=True)) as archive,
            closing(archive.readers()) as readers,
        ):
            rows = _rows(archive, readers, assets, changes)
    told: list[dict[str, Cell]] = [_told(kind, times) for kind, times in rows.items()]
    one, anew = (median(_sums(rows[kind])) for kind in ("a caption changed", "all gathered anew"))
    return Report(
        "One change in a large archive",
        {"assets": count, "encoder": encoder, "changes of a kind": changes},
        [Table("Seconds, medians", told)],
        [Target("a change / all anew", one / anew, 0.1, at_least=False)],
        ["The first change after opening has an index copied, for nobody knows how it was left."],
    )


def _rows(
    archive: Archive, readers: Readers, assets: Sequence[Asset], changes: int
) -> dict[str, list[Steps]]:
    flow = archive.ingest()
    changed = iter(assets)

    def written(asset: Asset, **fields: object) -> None:
        known = {name: value for name in _COPIED if (value := getattr(asset, name))}
        flow.add([Entry(asset.id, None, asset.id, {**known, **fields})], readers)

    def caption() -> None:
        asset = next(changed)
        written(asset, caption=f"{asset.caption} Seen again.")

    def deletion() -> None:
        flow.delete([point_id(archive.generation.archive, next(changed).id)])

    def everything() -> None:
        (archive.generations.folder_of(archive.generation.number) / FILE_NAME).unlink()
        flow.finish(watch)

    def change(work: Callable[[], None]) -> Steps:
        watch.begin()
        work()
        flow.run(Listed(), watch)
        return watch.end()

    watch = Watch()
    return {
        "the first after opening": [change(caption)],
        "a caption changed": [change(caption) for _ in range(changes)],
        "a field that no asset had": [
            change(lambda: written(next(changed), event="Harvest festival"))
        ],
        "an asset deleted": [change(deletion) for _ in range(changes)],
        "all gathered anew": [change(everything)],
    }


class Watch(Silence):
    """Hears when each phase begins."""

    def __init__(self) -> None:
        self._steps: Steps = {}
        self._phase = _WRITING
        self._since = 0.0

    def begin(self) -> None:
        """Forget what was before."""
        self._steps, self._phase, self._since = {}, _WRITING, time.perf_counter()

    def phase(self, name: str) -> None:
        """The one before has ended."""
        now = time.perf_counter()
        self._steps[self._phase] = self._steps.get(self._phase, 0.0) + now - self._since
        self._phase, self._since = name, now

    def end(self) -> Steps:
        """Seconds by phase since the beginning."""
        self.phase(_WRITING)
        return self._steps


def _told(kind: str, times: Sequence[Steps]) -> dict[str, Cell]:
    by_phase = {
        phase: median(each.get(phase, 0.0) for each in times) for phase in (_WRITING, *PHASES)
    }
    return {"change": kind, "all": median(_sums(times)), **by_phase}


def _sums(times: Sequence[Steps]) -> list[float]:
    return [sum(each.values()) for each in times]
