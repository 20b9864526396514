"""Names in other cases, without accents and misspelt find their pictures, in a real archive."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from hybridsearch.bootstrap import Archive, open_archive
from hybridsearch.config import AnalysisSection
from hybridsearch.domain.query import Query
from hybridsearch.ingest.manifest import ManifestSource
from tests.builders import settings_in, write_manifest

ROWS: list[dict[str, Any]] = [
    {"id": "melamin", "caption": "Eksplozija v tovarni Melamin"},
    {"id": "kremensek", "caption": "Borut Kremenšek med novinarji", "people": ["Borut Kremenšek"]},
    {"id": "ljubljana", "caption": "Most čez reko", "city": "Ljubljana"},
    {"id": "rijeka", "caption": "Ladja v pristanišču", "city": "Rijeka"},
    {"id": "koper", "caption": "Trg ob morju", "city": "Koper"},
    {"id": "hopper", "caption": "Admiral Grace Hopper at work", "language": "en"},
    *({"id": f"noise{n}", "caption": f"Ljudje na cesti številka {n}"} for n in range(20)),
]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp("names")
    analysis = AnalysisSection(languages=("sl", "hr", "en"))
    settings = settings_in(folder / "data", encoder={"name": "none"}, analysis=analysis)
    manifest = write_manifest(folder / "rows.jsonl", ROWS)
    with open_archive(settings, create=True) as opened:
        opened.ingest().run(ManifestSource(manifest))
    with open_archive(settings) as opened:
        yield opened


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("v Melaminu", "melamin"),
        ("melamina", "melamin"),
        ("Melamim", "melamin"),
        ("kremenska", "kremensek"),
        ("Boruta Kremenška", "kremensek"),
        ("Ljubljane", "ljubljana"),
        ("u rijeci", "rijeka"),
        ("v Kopru", "koper"),
        ("Hopper's", "hopper"),
        ("ljudje na cesti v melaminu", "melamin"),
    ],
)
def test_the_first_hit_is_the_one_that_was_meant(archive: Archive, query: str, first: str) -> None:
    answer = archive.search().search(Query(query))
    assert answer.hits[0].asset.id == first


def test_the_plan_shows_the_name_in_the_archives_spelling(archive: Archive) -> None:
    plan = archive.search().search(Query("ljudje z borutom kremenskom")).plan
    [name] = plan.names
    assert (name.display, name.fields) == ("Borut Kremenšek", ("people",))
