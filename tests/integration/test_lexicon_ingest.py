"""The lexicon as ingests leave it: built, added to, built anew where it cannot be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from hybridsearch.adapters.lexicon import FILE_NAME
from hybridsearch.analysis.payload import asset_of, point_id
from hybridsearch.bootstrap import Archive, open_archive
from hybridsearch.config import AnalysisSection, Settings
from hybridsearch.domain.names import KnownName, LexiconInfo
from hybridsearch.ingest import lengths, lexicon
from hybridsearch.ingest.manifest import ManifestSource
from tests.builders import settings_in, write_manifest

ROWS: list[dict[str, Any]] = [
    {"id": "1", "caption": "Gasilci v tovarni Melamin", "city": "Kočevje"},
    {"id": "2", "caption": "Pogled na most", "city": "Novo mesto"},
]
MORE: list[dict[str, Any]] = [{"id": "3", "caption": "Veslači", "city": "Kočevje"}]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    analysis = AnalysisSection(languages=("sl",))
    return settings_in(tmp_path / "data", encoder={"name": "none"}, analysis=analysis)


def ingest(settings: Settings, rows: Sequence[dict[str, Any]]) -> None:
    manifest = write_manifest(settings.data_dir / "rows.jsonl", rows)
    with open_archive(settings, create=True) as archive:
        archive.ingest().run(ManifestSource(manifest))


def info_of(archive: Archive) -> LexiconInfo:
    lexicon = archive.lexicons.open()
    assert lexicon is not None
    with closing(lexicon):
        return lexicon.info


def found(settings: Settings, key: str) -> Sequence[KnownName]:
    with open_archive(settings) as archive:
        lexicon = archive.lexicons.open()
        assert lexicon is not None
        with closing(lexicon):
            return lexicon.names([key]).get(key, ())


def file_of(settings: Settings) -> Path:
    with open_archive(settings) as archive:
        return archive.generations.folder_of(archive.generation.number) / FILE_NAME


def test_a_first_ingest_leaves_a_lexicon(settings: Settings) -> None:
    ingest(settings, ROWS)
    with open_archive(settings) as archive:
        info = info_of(archive)
        assert (info.assets, info.names) == (2, 2)
        assert info.analyzer_version == archive.analyzer.version
    assert [each.display for each in found(settings, "^kocevj")] == ["Kočevje"]


def test_a_later_ingest_adds_to_it(settings: Settings) -> None:
    ingest(settings, ROWS)
    ingest(settings, [*ROWS, *MORE])
    [name] = found(settings, "kocevje")
    assert name.count == 2


def test_changed_assets_count_as_they_are_now(settings: Settings) -> None:
    many = [{"id": str(number), "caption": "Most", "city": "Koper"} for number in range(30)]
    ingest(settings, many)
    ingest(settings, [{**many[0], "city": "Celje"}, *many[1:]])
    assert [each.count for each in found(settings, "koper")] == [29]
    changed = [{**each, "city": "Piran"} for each in many[:5]]
    ingest(settings, [*changed, *many[5:]])
    with open_archive(settings) as archive:
        assert info_of(archive).assets == 30
    assert [each.count for each in found(settings, "koper")] == [25]
    assert not found(settings, "celje")


def test_a_lost_or_damaged_lexicon_comes_back(settings: Settings) -> None:
    ingest(settings, ROWS)
    file_of(settings).unlink()
    ingest(settings, ROWS)
    assert len(found(settings, "kocevje")) == 1
    file_of(settings).write_bytes(b"broken")
    ingest(settings, ROWS)
    assert len(found(settings, "kocevje")) == 1


def test_deleted_assets_make_it_anew(settings: Settings) -> None:
    ingest(settings, [*ROWS, *MORE])
    with open_archive(settings) as archive:
        archive.store.delete([point_id(archive.generation.archive, "2")])
        archive.store.flush()
    ingest(settings, [ROWS[0], *MORE])
    assert not found(settings, "novo mesto")


def test_a_name_is_forgotten_with_the_last_asset_that_has_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever had to be taken out of a caption is not suggested, and nothing is read anew."""
    many = [{"id": str(number), "caption": "Most", "city": "Koper"} for number in range(30)]
    ingest(settings, [{**many[0], "people": ["Ana Novak"]}, *many[1:]])
    assert found(settings, "ana novak")

    def fail(*given: object) -> None:
        raise AssertionError("the whole archive was read")

    with open_archive(settings) as archive:
        flow = archive.ingest()
        monkeypatch.setattr(lexicon, "gathered_from", fail)
        monkeypatch.setattr(lengths, "walked", fail)
        manifest = write_manifest(settings.data_dir / "rows.jsonl", many)
        assert flow.run(ManifestSource(manifest)).written == 1
        assert info_of(archive).assets == 30
        flow.delete([point_id(archive.generation.archive, each["id"]) for each in many[29:]])
        write_manifest(manifest, many[:29])
        assert flow.run(ManifestSource(manifest)).written == 0
        assert info_of(archive).assets == 29
    assert not found(settings, "ana novak")
    assert [each.count for each in found(settings, "koper")] == [29]


def test_what_was_written_before_an_end_without_a_finish_is_known_after_it(
    settings: Settings,
) -> None:
    """As many assets as before, so that only the unfinished state tells of the change."""
    many = [{"id": str(number), "caption": "Most", "city": "Koper"} for number in range(30)]
    ingest(settings, many)
    manifest = write_manifest(
        settings.data_dir / "rows.jsonl", [{**many[0], "city": "Celje"}, *many[1:]]
    )
    with open_archive(settings) as archive:
        assert archive.ingest().run(ManifestSource(manifest), finish=False).written == 1
    assert not found(settings, "celje")
    ingest(settings, [{**many[0], "city": "Celje"}, *many[1:]])
    assert found(settings, "celje")
    assert [each.count for each in found(settings, "koper")] == [29]


def test_an_unchanged_archive_keeps_its_lexicon(settings: Settings) -> None:
    ingest(settings, ROWS)
    before = file_of(settings).stat().st_mtime_ns
    ingest(settings, ROWS)
    assert file_of(settings).stat().st_mtime_ns == before


def test_languages_are_detected_where_that_is_asked_for(tmp_path: Path) -> None:
    analysis = AnalysisSection(languages=("sl", "en"), detect_language=True)
    settings = settings_in(tmp_path, encoder={"name": "none"}, analysis=analysis)
    rows = [
        {"id": "1", "caption": "Gasilci gasijo požar v tovarni pri Mariboru."},
        {"id": "2", "caption": "Firefighters put out a blaze at the factory."},
        {"id": "3", "caption": "Ana Novak"},
    ]
    ingest(settings, rows)
    with open_archive(settings) as archive:
        ids = [point_id(archive.generation.archive, row["id"]) for row in rows]
        records = {each.id: asset_of(each.payload) for each in archive.store.retrieve(ids)}
        assert [records[each].language for each in ids] == ["sl", "en", None]
