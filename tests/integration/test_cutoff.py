"""From judged queries to a search that says "nothing relevant found"."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from eval.calibration.background import draw_background
from eval.calibration.calibrate import calibrate
from eval.calibration.report import BLENDED, CalibrationReport
from eval.collections import JudgedQuery
from hybridsearch.adapters.calibrations import FILE
from hybridsearch.analysis.vectors import embed_texts
from hybridsearch.bootstrap import Archive, open_archive
from hybridsearch.domain.query import Query
from hybridsearch.errors import QueryError, SourceError
from hybridsearch.ingest.manifest import ManifestSource
from tests.builders import COLOURS, png, settings_in, write_manifest, write_pictures

TOWNS = ("Butte", "Lowell", "Austin", "Caldwell", "Houston", "Denver", "Memphis", "Reno")
THINGS = ("factory", "harbour", "market", "school")


def rows() -> list[dict[str, str]]:
    """Each thing in each town, in pictures of five colours."""
    colours = list(COLOURS)
    return [
        {
            "id": f"{town}-{thing}".lower(),
            "file": f"{colours[(at + step) % len(colours)]}.png",
            "caption": f"The {thing} of {town}.",
            "city": town,
        }
        for at, town in enumerate(TOWNS)
        for step, thing in enumerate(THINGS)
    ]


def queries() -> list[JudgedQuery]:
    """Towns, answered by all of their pictures; towns with a thing, answered by one."""
    everything = [row["id"] for row in rows()]
    towns = [
        JudgedQuery(town, town, "town", {key: 1 for key in everything if town.lower() in key})
        for town in TOWNS
    ]
    pairs = [
        JudgedQuery(f"{town} {thing}", f"{thing} {town}", "pair", {f"{town}-{thing}".lower(): 1})
        for town in TOWNS
        for thing in THINGS[:2]
    ]
    return towns + pairs


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cutoff")
    write_pictures(folder, {f"{colour}.png": colour for colour in COLOURS})
    manifest = write_manifest(folder / "m.jsonl", rows())
    with open_archive(settings_in(folder / "data"), create=True) as archive:
        assert archive.ingest().run(ManifestSource(manifest)).written == len(rows())
    return folder


@pytest.fixture(scope="module")
def report(folder: Path) -> CalibrationReport:
    with open_archive(settings_in(folder / "data")) as archive:
        with pytest.raises(QueryError, match="not calibrated") as told:
            archive.search().search(Query("Butte", min_relevance=0.5))
        assert "hybridsearch eval calibrate" in told.value.remedy
        [first, *_] = archive.search().search(Query("Butte")).hits
        assert first.relevance is None
        assert first.leg_relevance == {}
        found = calibrate(archive, queries(), "towns")
        assert archive.calibrations.save(found.model).name == FILE
    return found


@pytest.fixture
def archive(folder: Path, report: CalibrationReport) -> Iterator[Archive]:
    with open_archive(settings_in(folder / "data")) as opened:
        yield opened


def test_the_file_lies_beside_the_generation(archive: Archive) -> None:
    folder = archive.generations.folder_of(archive.generation.number)
    assert json.loads((folder / FILE).read_text())["format"] == 1
    assert (folder / "generation.json").is_file()


def test_a_cut_keeps_what_is_relevant_and_nothing_else(archive: Archive) -> None:
    every = archive.search().search(Query("Butte", limit=50))
    some = archive.search().search(Query("Butte", limit=50, min_relevance=0.5))
    assert {hit.asset.city for hit in some.hits} == {"Butte"}
    assert len(some.hits) == some.candidates == len(THINGS)
    assert not some.nothing_relevant
    assert every.candidates > some.candidates
    assert [hit.asset.id for hit in every.hits if (hit.relevance or 0) >= 0.5] == [
        hit.asset.id for hit in some.hits
    ]


def test_every_hit_says_how_likely_it_is_and_by_which_leg(archive: Archive) -> None:
    for hit in archive.search().search(Query("factory Butte", limit=50)).hits:
        assert hit.relevance is not None
        assert 0 <= hit.relevance <= 1
        assert set(hit.leg_relevance) == {"looks", "words"}


@pytest.mark.parametrize("text", ["submarine Vladivostok", "volcano", "submarine of Honolulu"])
def test_nothing_relevant_is_found_for_what_is_not_there(archive: Archive, text: str) -> None:
    answer = archive.search().search(Query(text, min_relevance=0.5))
    assert answer.hits == ()
    assert answer.nothing_relevant
    assert not archive.search().search(Query(text)).nothing_relevant


@pytest.mark.parametrize("least", [-0.1, 1.1, float("nan")])
def test_a_relevance_is_a_probability(archive: Archive, least: float) -> None:
    with pytest.raises(QueryError, match="out of range"):
        archive.search().search(Query("Butte", min_relevance=least))


def test_a_query_picture_has_no_calibrated_relevance(archive: Archive, tmp_path: Path) -> None:
    picture = tmp_path / "query.png"
    picture.write_bytes(png("red"))
    [hit, *_] = archive.search().search(Query(picture=picture)).hits
    assert hit.relevance is None
    with pytest.raises(QueryError, match="None of the rankings"):
        archive.search().search(Query(picture=picture, min_relevance=0.1))


def test_the_report_tells_what_was_fitted_and_how_well(report: CalibrationReport) -> None:
    assert report.collection == "towns"
    assert report.encoder == "words"
    assert report.queries == len(queries())
    assert set(report.all_candidates) == {BLENDED, "looks", "words"}
    assert report.all_candidates[BLENDED].ece.mean < 0.1
    assert {each.leg for each in report.model.calibrations} == {"looks", "words"}
    by_score = {each.score: each.auc.mean for each in report.separations}
    assert by_score["BM25 / ceiling"] > 0.9
    assert "cosine, z" in by_score
    assert report.cut_offs.detection is not None
    assert report.cut_offs.detection > 0.5


def test_a_background_is_a_sample_of_the_archive(archive: Archive) -> None:
    background = draw_background(archive.store, 10)
    assert background.vectors.shape == (10, 256)
    assert archive.encoder is not None
    null = background.null(embed_texts(archive.encoder, ["red"])[0])
    assert null.z(null.mean) == 0
    assert null.z(1.0) > 0


def test_too_few_judged_queries_are_refused(archive: Archive) -> None:
    with pytest.raises(SourceError, match="judged queries"):
        calibrate(archive, queries()[:2])


def test_words_alone_are_calibrated_alone(tmp_path: Path) -> None:
    settings = settings_in(tmp_path / "data", encoder={"name": "none"})
    told = [{key: value for key, value in row.items() if key != "file"} for row in rows()]
    manifest = write_manifest(tmp_path / "m.jsonl", told)
    with open_archive(settings, create=True) as archive:
        archive.ingest().run(ManifestSource(manifest))
        with pytest.raises(ValueError, match="no picture"):
            draw_background(archive.store)
        found = calibrate(archive, queries(), unanswered=0.0)
        archive.calibrations.save(found.model)
        assert {each.leg for each in found.model.calibrations} == {"words"}
        assert found.encoder == "none"
        assert found.cut_offs.detection is None
        answer = archive.search().search(Query("Reno", min_relevance=0.5))
        assert {hit.asset.city for hit in answer.hits} == {"Reno"}
        assert archive.search().search(Query("volcano", min_relevance=0.5)).nothing_relevant
