"""The background of an archive, as ingests keep it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from hybridsearch.analysis.vectors import embed_texts
from hybridsearch.bootstrap import open_archive
from hybridsearch.config import Settings
from hybridsearch.ingest import background
from hybridsearch.ingest.manifest import ManifestSource
from tests.builders import settings_in, write_manifest, write_pictures

PICTURED = [
    {"id": "1", "file": "1.png", "caption": "A red flag on a roof"},
    {"id": "2", "file": "2.png", "caption": "Blue water in a lake"},
]


def ingest(settings: Settings, folder: Path, rows: Sequence[dict[str, Any]]) -> float | None:
    """The distance that the background tells afterwards."""
    write_pictures(folder, {"1.png": "red", "2.png": "blue", "3.png": "green"})
    manifest = write_manifest(folder / "rows.jsonl", rows)
    with open_archive(settings, create=True) as archive:
        assert archive.ingest().run(ManifestSource(manifest)).written
        kept = archive.backgrounds.load(archive.generations.live() or archive.generation)
        return kept.distance if kept else None


def test_its_captions_are_embedded_only_where_the_sample_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_in(tmp_path / "data")
    embedded: list[str] = []
    embed = embed_texts

    def counting(encoder: Any, texts: Sequence[str]) -> Any:
        embedded.extend(texts)
        return embed(encoder, texts)

    monkeypatch.setattr(background, "embed_texts", counting)
    first = ingest(settings, tmp_path, PICTURED)
    assert sorted(embedded) == sorted(each["caption"] for each in PICTURED)
    words = {"id": "w", "caption": "Words without a picture"}
    assert ingest(settings, tmp_path, [*PICTURED, words]) == first
    assert len(embedded) == 2
    changed = [{**PICTURED[0], "caption": "A red wall"}, PICTURED[1], words]
    assert ingest(settings, tmp_path, changed) is not None
    assert len(embedded) == 4
    assert ingest(settings, tmp_path, [*changed, {"id": "3", "file": "3.png"}]) is not None
    assert len(embedded) == 6
