from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from hybridsearch.analysis.payload import asset_of, point_id
from hybridsearch.bootstrap import Archive, open_archive
from hybridsearch.config import Settings
from hybridsearch.domain.asset import Asset, Provenance
from hybridsearch.domain.generation import DRIFT_TOLERANCE
from hybridsearch.domain.query import Query
from hybridsearch.errors import SourceError
from hybridsearch.ingest import pipeline
from hybridsearch.ingest.entry import Entry, Failure
from hybridsearch.ingest.folder import FolderSource
from hybridsearch.ingest.manifest import ManifestSource
from hybridsearch.ingest.report import Report
from hybridsearch.ports import SparseVector
from tests.builders import png, settings_in, write_manifest, write_pictures

COLOURS = {"one.png": "red", "two.png": "green", "deep/three.png": "blue"}


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    return write_pictures(tmp_path / "pictures", COLOURS)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with open_archive(settings_in(tmp_path / "data"), create=True) as opened:
        yield opened


def stored(archive: Archive, asset_id: str) -> Asset:
    [record] = archive.store.retrieve([point_id(archive.generation.archive, asset_id)])
    return asset_of(record.payload)


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.written, report.embedded, report.unchanged, len(report.failures)


def test_a_folder_is_indexed_once(archive: Archive, pictures: Path) -> None:
    assert counts(archive.ingest().run(FolderSource(pictures))) == (3, 3, 0, 0)
    assert archive.store.count() == 3
    asset = stored(archive, "deep/three.png")
    assert (asset.width, asset.height, asset.media_type) == (32, 24, "image/png")
    assert counts(archive.ingest().run(FolderSource(pictures))) == (0, 0, 3, 0)


def test_a_changed_file_is_embedded_and_a_touched_one_is_not(
    archive: Archive, pictures: Path
) -> None:
    archive.ingest().run(FolderSource(pictures))
    (pictures / "one.png").write_bytes(png("white"))
    os.utime(pictures / "two.png", (1, 1))
    assert counts(archive.ingest().run(FolderSource(pictures))) == (2, 1, 1, 0)
    assert counts(archive.ingest().run(FolderSource(pictures))) == (0, 0, 3, 0)


def test_a_changed_caption_keeps_the_pictures_vector(archive: Archive, pictures: Path) -> None:
    row = {"id": "a", "file": "one.png", "caption": "before"}
    manifest = write_manifest(pictures / "m.jsonl", [row])
    archive.ingest().run(ManifestSource(manifest))
    identity = point_id(archive.generation.archive, "a")
    [before] = archive.store.retrieve([identity], vectors=True)
    write_manifest(manifest, [{**row, "caption": "after the storm"}])
    assert counts(archive.ingest().run(ManifestSource(manifest))) == (1, 0, 0, 0)
    [after] = archive.store.retrieve([identity], vectors=True)
    assert stored(archive, "a").caption == "after the storm"
    assert before.dense is not None and after.dense is not None
    assert before.dense.tolist() == pytest.approx(after.dense.tolist(), abs=1e-6)
    assert after.sparse != before.sparse


def test_broken_files_are_listed_and_the_rest_goes_on(archive: Archive, pictures: Path) -> None:
    (pictures / "broken.png").write_bytes(png("red")[:40])
    (pictures / "words.jpg").write_text("no picture")
    (pictures / "empty.gif").touch()
    os.mkfifo(pictures / "pipe.jpg")
    report = archive.ingest().run(FolderSource(pictures))
    assert counts(report) == (3, 3, 0, 4)
    assert {failure.asset_id for failure in report.failures} == {
        "broken.png",
        "words.jpg",
        "empty.gif",
        "pipe.jpg",
    }
    assert all(failure.reason and failure.remedy for failure in report.failures)


def test_a_broken_manifest_row_leaves_what_is_stored(archive: Archive, pictures: Path) -> None:
    archive.ingest().run(FolderSource(pictures))
    manifest = write_manifest(pictures / "m.jsonl", [{"id": "x", "city": ["no", "text"]}])
    with pytest.raises(SourceError, match="field city"):
        archive.ingest().run(ManifestSource(manifest))
    assert archive.store.count() == 3


def test_manifest_values_go_above_embedded_ones(archive: Archive, pictures: Path) -> None:
    rows = [{"id": "a", "file": "one.png", "caption": "From the manifest", "shelf": 7}]
    archive.ingest().run(ManifestSource(write_manifest(pictures / "m.jsonl", rows)))
    asset = stored(archive, "a")
    assert asset.caption == "From the manifest"
    assert asset.provenance["caption"] is Provenance.MANIFEST
    assert asset.extra == {"shelf": "7"}


def test_a_name_that_is_no_utf8_is_a_failure(archive: Archive, pictures: Path) -> None:
    odd = os.fsencode(pictures / "a") + b"\xff.png"
    Path(os.fsdecode(odd)).write_bytes(png("red"))
    report = archive.ingest().run(FolderSource(pictures))
    assert counts(report) == (3, 3, 0, 1)
    assert "UTF-8" in report.failures[0].reason
    report.failures[0].origin.encode()


def test_names_with_newlines_and_spaces_are_pictures_like_others(
    archive: Archive, pictures: Path
) -> None:
    write_pictures(pictures, {"a b\nc.png": "red"})
    assert counts(archive.ingest().run(FolderSource(pictures))) == (4, 4, 0, 0)


class Interrupting:
    """A source whose reader presses Ctrl-C after some entries."""

    def __init__(self, source: FolderSource, after: int) -> None:
        self._source = source
        self._after = after

    def count(self) -> int:
        return self._source.count()

    def entries(self) -> Iterator[Entry | Failure]:
        for number, entry in enumerate(self._source.entries()):
            if number == self._after:
                raise KeyboardInterrupt
            yield entry


def test_an_interrupted_ingest_goes_on(tmp_path: Path) -> None:
    folder = write_pictures(tmp_path / "p", {f"{i:02}.png": "red" for i in range(20)})
    small: dict[str, object] = {"ingest": {"batch": 2}}
    with open_archive(settings_in(tmp_path / "data", **small), create=True) as archive:
        report = archive.ingest().run(Interrupting(FolderSource(folder), after=15))
        assert report.interrupted
        assert 0 < report.written < 20
        assert archive.store.count() == report.written
        assert not archive.generations.live().complete  # type: ignore[union-attr]
    with open_archive(settings_in(tmp_path / "data", **small)) as archive:
        again = archive.ingest().run(FolderSource(folder))
        assert again.written + report.written == 20
        assert again.unchanged == report.written
        assert archive.generations.live().complete  # type: ignore[union-attr]


def words_only(folder: Path) -> Settings:
    return settings_in(folder, encoder={"name": "none"})


def test_weights_follow_the_average_lengths_of_the_whole_archive(tmp_path: Path) -> None:
    """The first batch is short, the rest is long: the end of the ingest weighs all again."""
    short = [{"id": f"s{i}", "caption": "fire"} for i in range(1000)]
    long = [{"id": f"l{i}", "caption": "fire " + "smoke " * 20} for i in range(1000)]
    manifest = write_manifest(tmp_path / "m.jsonl", short + long)
    with open_archive(words_only(tmp_path / "data"), create=True) as archive:
        flow = archive.ingest()
        report = flow.run(ManifestSource(manifest))
        assert report.reweighed
        assert flow.generation.average_lengths == {"caption": 11.0}
        assert flow.generation.drift == 0
        document = archive.analyzer.document(Asset("s1", caption="fire"))
        [record] = archive.store.retrieve([point_id("default", "s1")], vectors=True)
        expected = archive.analyzer.vector(document, {"caption": 11.0})
        assert record.sparse is not None
        assert record.sparse.indices == expected.indices
        assert record.sparse.values == pytest.approx(expected.values, rel=1e-6)


def test_only_assets_with_a_field_whose_average_moved_are_weighed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: list[dict[str, Any]] = [{"id": f"{n}", "caption": "fire in a mill"} for n in range(40)]
    more = [{"id": "new", "caption": "smoke over a mill", "headline": "Explosion at Melamin"}]
    weighed: list[str] = []
    with open_archive(words_only(tmp_path / "data"), create=True) as archive:
        archive.ingest().run(ManifestSource(write_manifest(tmp_path / "a.jsonl", rows)))
    with open_archive(words_only(tmp_path / "data")) as archive:
        reweigh = type(archive.store).reweigh

        def noted(store: Any, vectors: Mapping[str, SparseVector]) -> None:
            weighed.extend(vectors)
            reweigh(store, vectors)

        monkeypatch.setattr(type(archive.store), "reweigh", noted)
        flow = archive.ingest()
        assert flow.run(ManifestSource(write_manifest(tmp_path / "b.jsonl", more))).reweighed
        assert weighed == [point_id("default", "new")]
        assert flow.generation.drift <= DRIFT_TOLERANCE
        assert flow.generation.average_lengths == {"caption": 4.0, "headline": 3.0}
        [hit] = archive.search().search(Query("Melamin")).hits
        [leg] = hit.explanation.contributions
        assert leg.score == pytest.approx(
            sum(term.score for term in hit.explanation.terms), rel=1e-5
        )


def test_hidden_files_and_other_files_are_left_out(pictures: Path) -> None:
    write_pictures(pictures, {".hidden.png": "red", ".cache/x.png": "red"})
    (pictures / "notes.txt").write_text("x")
    assert FolderSource(pictures).count() == 3


def test_an_asset_that_would_take_anothers_point_is_refused(
    archive: Archive, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.ingest().run(FolderSource(pictures))
    one = point_id(archive.generation.archive, "one.png")
    monkeypatch.setattr(pipeline, "point_id", lambda archive, asset_id: one)
    write_pictures(pictures, {"four.png": "black", "five.png": "white"})
    report = archive.ingest().run(FolderSource(pictures))
    assert {each.asset_id for each in report.failures} == {
        "deep/three.png",
        "five.png",
        "four.png",
        "two.png",
    }
    assert "that of the asset 'one.png'" in report.failures[0].reason
    assert stored(archive, "one.png").id == "one.png"
