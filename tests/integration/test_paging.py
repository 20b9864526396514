"""A thousand hits, page by page, are the first thousand of one list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from hybridsearch.analysis.payload import point_id
from hybridsearch.bootstrap import Archive, open_archive
from hybridsearch.domain.query import Order, Query
from hybridsearch.domain.ranking import Ranking
from hybridsearch.ingest.manifest import ManifestSource
from hybridsearch.ports import RankQuery
from hybridsearch.search.pages import DEEPEST
from tests.builders import settings_in, write_manifest, write_pictures

WORDS = ("fire", "smoke", "street", "night", "crowd", "police", "river", "bridge")
ASSETS = 1300


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp("paging")
    drawn = Random(7)
    write_pictures(folder, {f"{n}.png": drawn.choice(("red", "blue", "green")) for n in range(60)})
    rows = [
        {
            "id": f"a{n:04}",
            "caption": " ".join(drawn.choices(WORDS, k=4)),
            "date_created": str(1900 + n % 90),
            **({"file": f"{n}.png"} if n < 60 else {}),
        }
        for n in range(ASSETS)
    ]
    manifest = write_manifest(folder / "rows.jsonl", rows)
    with open_archive(settings_in(folder / "data"), create=True) as opened:
        assert opened.ingest().run(ManifestSource(manifest)).written == ASSETS
    with open_archive(settings_in(folder / "data")) as opened:
        yield opened


def pages(archive: Archive, query: Query) -> Iterator[list[str]]:
    engine = archive.search()
    cursor = None
    while True:
        answer = engine.search(replace(query, paged=True, cursor=cursor))
        yield [hit.asset.id for hit in answer.hits]
        cursor = answer.next
        if cursor is None:
            return


def test_pages_are_the_first_thousand_of_one_list(archive: Archive) -> None:
    whole = archive.search().search(Query("fire red street smoke night", limit=1000, paged=True))
    assert whole.about
    assert whole.next is None
    paged = [
        each
        for page in pages(archive, Query("fire red street smoke night", limit=70))
        for each in page
    ]
    assert len(paged) == len(set(paged)) == min(DEEPEST, whole.candidates)
    assert paged == [hit.asset.id for hit in whole.hits]


def test_pages_by_date_are_one_list_too(archive: Archive) -> None:
    query = Query("date:1900..1980", limit=90, order=Order.OLDEST)
    years: list[int] = []
    for page in pages(archive, query):
        years.extend(int(each[1:]) % 90 for each in page)
    assert len(years) == DEEPEST
    assert years == sorted(years)


def test_the_total_of_the_filter_is_exact(archive: Archive) -> None:
    expected = sum(1 for n in range(ASSETS) if n % 90 == 42)
    answer = archive.search().search(Query("fire date:1942", limit=3))
    assert answer.eligible == expected
    assert len(answer.hits) == 3


def test_reading_on_ranks_nothing_anew(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    ranked: list[object] = []
    rank = archive.store.rank

    def noted(queries: Sequence[RankQuery], *, complete: bool = False) -> list[Ranking]:
        ranked.append(queries)
        return rank(queries, complete=complete)

    monkeypatch.setattr(archive.store, "rank", noted)
    assert len(list(pages(archive, Query("crowd by the river", limit=200)))) > 2
    assert len(ranked) == 1


def test_what_is_written_shows_in_the_next_search(tmp_path: Path) -> None:
    rows = [{"id": "a", "caption": "a fire"}, {"id": "b", "caption": "a fire at night"}]
    source = ManifestSource(write_manifest(tmp_path / "rows.jsonl", rows))
    with open_archive(settings_in(tmp_path / "data"), create=True) as opened:
        opened.ingest().run(source)
        engine = opened.search()
        assert {hit.asset.id for hit in engine.search(Query("fire")).hits} == {"a", "b"}
        opened.store.delete([point_id(opened.generation.archive, "a")])
        assert {hit.asset.id for hit in engine.search(Query("fire")).hits} == {"b"}
