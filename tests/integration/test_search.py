from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from hybridsearch.bootstrap import Archive, open_archive
from hybridsearch.domain.plan import LegKind, Method
from hybridsearch.domain.query import Order, Query
from hybridsearch.domain.results import Answer
from hybridsearch.errors import AssetNotFound, PictureError, QueryError, StoreLocked
from hybridsearch.ingest.folder import FolderSource
from hybridsearch.ingest.manifest import ManifestSource
from hybridsearch.search.conditions import filter_from
from tests.builders import png, settings_in, write_manifest, write_pictures
from tests.contract.encoders import small_clip, text_tower

ROWS: list[dict[str, Any]] = [
    {
        "id": "melamin",
        "file": "red.png",
        "headline": "Explosion at Melamin",
        "caption": "Smoke over the Melamin factory in Kočevje.",
        "organisations": ["Melamin"],
        "city": "Kočevje",
        "country": "Slovenia",
        "date_created": "2022-05-12",
    },
    {"id": "other", "file": "red2.png", "caption": "A factory burns.", "city": "Hamburg"},
    {"id": "blue", "file": "blue.png", "caption": "The sea.", "date_created": "1990"},
    {"id": "mute", "file": "green.png"},
    {"id": "wordy", "caption": "A note on the Melamin factory, without a picture."},
]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp("search")
    names = {"red.png": "red", "red2.png": "red", "blue.png": "blue", "green.png": "green"}
    write_pictures(folder, names)
    manifest = write_manifest(folder / "m.jsonl", ROWS)
    with open_archive(settings_in(folder / "data"), create=True) as opened:
        assert opened.ingest().run(ManifestSource(manifest)).written == len(ROWS)
    with open_archive(settings_in(folder / "data")) as opened:
        yield opened


def search(archive: Archive, query: Query) -> Answer:
    return archive.search().search(query)


def ids(answer: Answer) -> list[str]:
    return [hit.asset.id for hit in answer.hits]


def test_a_name_is_found_whatever_its_accents(archive: Archive) -> None:
    assert ids(search(archive, Query("kocevje")))[0] == "melamin"
    assert ids(search(archive, Query("KOČEVJE")))[0] == "melamin"


def test_name_and_looks_together_put_the_right_picture_first(archive: Archive) -> None:
    assert ids(search(archive, Query("Melamin red")))[0] == "melamin"


def test_contributions_and_terms_add_up_to_the_scores(archive: Archive) -> None:
    answer = search(archive, Query("Explosion at Melamin factory Kočevje burned red"))
    seen_words = 0
    for hit in answer.hits:
        parts = hit.explanation.contributions
        assert math.isclose(sum(part.value for part in parts), hit.score)
        for part in parts:
            if part.leg == "words":
                assert part.value == part.weight * part.score
                seen_words += 1
                total = sum(term.score for term in hit.explanation.terms)
                assert total == pytest.approx(part.score, rel=1e-4)
        for term in hit.explanation.terms:
            assert term.score == pytest.approx(
                term.weight * term.idf * sum(term.fields.values()), rel=1e-9
            )
    assert seen_words >= 3


def test_the_explanation_names_words_fields_and_ranks(archive: Archive) -> None:
    [hit] = search(archive, Query("Melamin", limit=1)).hits
    assert hit.asset.id == "melamin"
    assert "“Melamin” in the headline, the organisations and the caption" in (
        hit.explanation.sentence
    )
    assert "by looks" in hit.explanation.sentence


def test_a_word_nobody_wrote_leaves_looks_alone(archive: Archive) -> None:
    answer = search(archive, Query("green"))
    assert [leg.kind for leg in answer.plan.legs] == [LegKind.LOOKS]
    assert ids(answer)[0] == "mute"
    assert any("“green”" in str(note) for note in answer.plan.notes)


def test_a_picture_finds_its_like(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "query.png"
    path.write_bytes(png("blue", (50, 50)))
    assert ids(search(archive, Query(picture=path)))[0] == "blue"


def test_a_picture_and_words_are_asked_together(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "query.png"
    path.write_bytes(png("red"))
    answer = search(archive, Query("Hamburg", picture=path))
    assert ids(answer)[0] == "other"
    looks = [leg.weight for leg in answer.plan.legs if leg.kind is LegKind.LOOKS]
    assert len(looks) == 2
    assert looks[0] == looks[1]


def test_more_like_this_leaves_this_out(archive: Archive) -> None:
    answer = search(archive, Query(like="melamin"))
    assert ids(answer)[0] == "other"
    assert "melamin" not in ids(answer)


def test_filters_hold_for_every_leg(archive: Archive) -> None:
    answer = search(archive, Query("red factory", filter=filter_from(["country=slovenia"])))
    assert ids(answer) == ["melamin"]
    assert answer.eligible == 1
    without = search(archive, Query("red factory", filter=filter_from(["city!=Kocevje"])))
    assert "melamin" not in ids(without)
    assert without.eligible == len(ROWS) - 1


@pytest.mark.parametrize(
    ("since", "until", "found"),
    [("2022", None, {"melamin"}), (None, "1990-06", {"blue"}), ("1990-07", "2021", {"blue"})],
)
def test_dates_are_spans(
    archive: Archive, since: str | None, until: str | None, found: set[str]
) -> None:
    answer = search(archive, Query("factory sea", filter=filter_from([], since, until)))
    assert set(ids(answer)) == found


@pytest.mark.parametrize(
    ("order", "found"), [(Order.NEWEST, ["melamin", "blue"]), (Order.OLDEST, ["blue", "melamin"])]
)
def test_filters_alone_list_what_passes_by_date(
    archive: Archive, order: Order, found: list[str]
) -> None:
    answer = search(archive, Query("has:date", order=order))
    assert ids(answer) == found
    assert answer.eligible == 2
    assert answer.hits[0].explanation.sentence == "1st by date."
    everything = search(archive, Query("-has:people"))
    assert ids(everything)[:2] == ["melamin", "blue"]
    assert len(everything.hits) == len(ROWS)


def test_the_query_language_filters_every_leg(archive: Archive) -> None:
    assert ids(search(archive, Query('"melamin factory" in:kočevje'))) == ["melamin"]
    assert set(ids(search(archive, Query("factory -note")))) >= {"melamin", "other"}
    assert "wordy" not in ids(search(archive, Query("factory -note")))
    assert ids(search(archive, Query("factory date:2022"))) == ["melamin"]
    assert ids(search(archive, Query("factory -has:picture"))) == ["wordy"]


def test_pages_of_one_list_hold_every_candidate_once(archive: Archive) -> None:
    whole = ids(search(archive, Query("factory red", limit=10)))
    seen: list[str] = []
    cursor = None
    while True:
        answer = search(archive, Query("factory red", limit=2, paged=True, cursor=cursor))
        seen.extend(ids(answer))
        assert [hit.rank for hit in answer.hits] == list(
            range(len(seen) - len(answer.hits) + 1, len(seen) + 1)
        )
        cursor = answer.next
        if cursor is None:
            break
    assert seen == whole


def test_near_duplicates_fold_into_one_hit_on_request(tmp_path: Path) -> None:
    from skimage import data

    shown: Any = data
    folder = tmp_path / "p"
    folder.mkdir()
    for name, pixels in {"cat": shown.chelsea(), "cup": shown.coffee()}.items():
        Image.fromarray(pixels).save(folder / f"{name}.png")
        Image.fromarray(pixels).save(folder / f"{name}-again.jpg", quality=50)
    with open_archive(settings_in(tmp_path / "data"), create=True) as archive:
        assert archive.ingest().run(FolderSource(folder)).written == 4
    with open_archive(settings_in(tmp_path / "data")) as archive:
        plain = search(archive, Query("brown"))
        folded = search(archive, Query("brown", fold=True))
    assert len(plain.hits) == 4
    assert len(folded.hits) == 2
    pairs = {frozenset((hit.asset.id, *hit.twins)) for hit in folded.hits}
    assert pairs == {
        frozenset({"cat.png", "cat-again.jpg"}),
        frozenset({"cup.png", "cup-again.jpg"}),
    }


@pytest.mark.parametrize("method", list(Method))
def test_every_way_to_fuse_adds_up_to_the_score(archive: Archive, method: Method) -> None:
    answer = search(archive, Query("Melamin factory red", method=method))
    assert answer.plan.method is method
    assert {leg.kind for leg in answer.plan.legs} == {LegKind.LOOKS, LegKind.WORDS}
    for hit in answer.hits:
        values = [part.value for part in hit.explanation.contributions]
        assert math.isclose(sum(values), hit.score, abs_tol=1e-12)


def test_ranks_are_fused_by_the_paper(archive: Archive) -> None:
    answer = search(archive, Query("Melamin factory red", method=Method.RRF))
    for hit in answer.hits:
        for part in hit.explanation.contributions:
            assert part.rank is not None
            assert part.value == part.weight / (answer.plan.k + part.rank)


def test_a_plan_can_be_had_without_a_search(archive: Archive) -> None:
    plan = archive.search().plan(Query("Melamin factory"))
    assert [leg.name for leg in plan.legs] == ["looks", "words"]
    assert [name.display for name in plan.names] == ["Melamin"]
    assert plan.scene == plan.legs[0].scene == "factory"
    assert all(term.idf is None or term.idf > 0 for term in plan.legs[-1].terms)


def test_hits_come_with_their_order_and_no_more_than_asked(archive: Archive) -> None:
    answer = search(archive, Query("factory", limit=2))
    assert [hit.rank for hit in answer.hits] == [1, 2]
    assert answer.hits[0].score >= answer.hits[1].score
    assert answer.candidates == len(ROWS)


def test_the_same_search_twice_is_the_same_answer(archive: Archive) -> None:
    first, second = (search(archive, Query("factory red")) for _ in range(2))
    assert replace(first, milliseconds={}) == replace(second, milliseconds={})


@pytest.mark.parametrize(
    ("query", "error"),
    [
        (Query(), QueryError),
        (Query("  ?! "), QueryError),
        (Query("x" * 5000), QueryError),
        (Query("x", limit=0), QueryError),
        (Query(like="nobody"), AssetNotFound),
        (Query(like="wordy"), AssetNotFound),
        (Query(picture=Path("nowhere.jpg")), PictureError),
    ],
)
def test_what_cannot_be_asked_is_told(
    archive: Archive, query: Query, error: type[Exception]
) -> None:
    with pytest.raises(error) as told:
        search(archive, query)
    assert getattr(told.value, "remedy", "")


def test_an_archive_of_words_only_is_searched_by_words(tmp_path: Path) -> None:
    settings = settings_in(tmp_path / "data", encoder={"name": "none"})
    manifest = write_manifest(tmp_path / "m.jsonl", [ROWS[4]])
    with open_archive(settings, create=True) as archive:
        archive.ingest().run(ManifestSource(manifest))
        answer = archive.search().search(Query("Melamin"))
        assert ids(answer) == ["wordy"]
        assert answer.encoder is None
        assert ids(archive.search().search(Query("nothing"))) == []


def test_another_text_tower_reads_queries_without_indexing_again(tmp_path: Path) -> None:
    pictures = write_pictures(tmp_path / "p", {"one.png": "red", "two.png": "blue"})
    name = str(small_clip())
    with open_archive(settings_in(tmp_path / "data", encoder={"name": name}), create=True) as one:
        one.ingest().run(FolderSource(pictures))
        plain = search(one, Query("rdeč"))
    other = {"name": name, "text_model": str(text_tower())}
    with open_archive(settings_in(tmp_path / "data", encoder=other)) as two:
        assert two.ingest().run(FolderSource(pictures)).unchanged == 2
        answer = search(two, Query("rdeč"))
    assert answer.encoder is not None and plain.encoder is not None
    assert answer.encoder.name != plain.encoder.name
    assert sorted(ids(answer)) == sorted(ids(plain)) == ["one.png", "two.png"]
    cosines = [hit.explanation.contributions[0].score for hit in answer.hits]
    assert cosines != [hit.explanation.contributions[0].score for hit in plain.hits]


def test_a_served_archive_ingests_and_answers_like_one_in_process(tmp_path: Path) -> None:
    """The engine in a process of its own, behind the same composition root."""
    names = {"red.png": "red", "red2.png": "red", "blue.png": "blue", "green.png": "green"}
    manifest = write_manifest(write_pictures(tmp_path / "p", names) / "m.jsonl", ROWS)
    settings = settings_in(tmp_path / "data")
    query = Query("Melamin factory red", filter=filter_from(["city!=Hamburg"]))
    with open_archive(settings, create=True, serve=True) as served:
        assert served.ingest().run(ManifestSource(manifest)).written == len(ROWS)
        with pytest.raises(StoreLocked, match=str(os.getpid())):
            open_archive(settings)
        from_engine = search(served, query)
    with open_archive(settings) as own:
        in_process = search(own, query)
    assert ids(from_engine) == ids(in_process)
    assert [hit.score for hit in from_engine.hits] == [hit.score for hit in in_process.hits]
