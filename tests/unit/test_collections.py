from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eval.collections import DEFAULT_DATA, LAYOUTS, Captions, open_collection
from hybridsearch.domain.filters import EVERYTHING, AnyOf, Filter
from hybridsearch.errors import SourceError
from hybridsearch.ingest.entry import Entry
from tests.builders import png, write_manifest
from tests.data import collection as archive_data

ASSETS = [{"id": "a", "caption": "Fire"}, {"id": "b", "caption": "Flood"}]
ROW = {"id": "q1", "query": "fire", "class": "event", "relevant": {"a": 2, "b": 0}}
Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """A collection's folder: assets, lines of queries (objects or text), further files."""

    def made(*queries: dict[str, Any] | str, **files: str) -> Path:
        folder = tmp_path / "mine"
        write_manifest(folder / "metadata.jsonl", ASSETS)
        lines = [each if isinstance(each, str) else json.dumps(each) for each in queries]
        (folder / "queries.jsonl").write_text("".join(f"{line}\n" for line in lines))
        for name, text in files.items():
            (folder / name.replace("_", ".")).write_text(text)
        return folder

    return made


def test_a_folder_is_a_collection(make: Make) -> None:
    found = open_collection(make(ROW))
    assert found.name == "mine"
    assert [(asset.id, asset.caption) for asset in found.assets()] == [
        ("a", "Fire"),
        ("b", "Flood"),
    ]
    [query] = found.queries()
    assert (query.id, query.text, query.kind) == ("q1", "fire", "event")
    assert query.relevant == {"a": 2, "b": 0}
    assert query.filter == EVERYTHING
    assert query.picture is None
    assert query.without({"a"}).relevant == {"b": 0}
    assert found.check() == []
    assert open_collection(str(found.folder)).queries() == [query]


def test_filters_are_clauses_or_an_object(make: Make) -> None:
    clauses = {**ROW, "filter": ["city=Butte", "city=Helena", "country!=Canada"]}
    by_field = {**ROW, "id": "q2", "filter": {"city": ["Butte", "Helena"], "country!": "Canada"}}
    one, other = open_collection(make(clauses, by_field)).queries()
    assert one.filter == other.filter
    assert one.filter == Filter(
        must=(AnyOf("match.city", ("butte", "helena")),),
        must_not=(AnyOf("match.country", ("canada",)),),
    )


def test_a_picture_may_be_asked_with_or_without_words(make: Make) -> None:
    folder = make({"id": "q", "class": "c", "picture": "asked/red.png", "relevant": {"a": 1}})
    (folder / "asked").mkdir()
    (folder / "asked" / "red.png").write_bytes(png("red"))
    [query] = open_collection(folder).queries()
    assert query.text == ""
    assert query.picture == folder / "asked" / "red.png"


def test_judgements_may_stand_in_a_qrels_file(make: Make) -> None:
    asked = [{"id": each, "query": "fire", "class": "c"} for each in ("q1", "q2", "q3")]
    qrels = "q1 0 a 1\nq1 0 b -1\nq2 0 a 0\nq2 0 gone 0\nold 0 a 1\n"
    found = open_collection(make(*asked, qrels_txt=qrels))
    assert [(query.id, query.relevant) for query in found.queries()] == [
        ("q1", {"a": 1, "b": 0}),
        ("q2", {"a": 0, "gone": 0}),
    ]
    assert [query.id for query in found.asked().queries] == ["q1", "q2", "q3"]
    assert found.check() == [
        "1 grade below 0 counts as 0: judged, not relevant.",
        "1 query is judged in the qrels and never asked: old.",
        "1 query has no judgement and no part in any figure: q3.",
        "1 query has no relevant asset, so every system has 0: q2.",
        "1 judged asset is not in the manifest and can never be found: gone.",
    ]
    assert len(found.check({"a", "b", "gone"})) == 4


def test_judged_in_both_places_is_an_error(make: Make) -> None:
    with pytest.raises(SourceError, match=r"line 1: 'q1' is judged here and in the qrels"):
        open_collection(make(ROW, qrels_txt="q1 0 b 1\n")).queries()


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ('{"id": ', "no JSON"),
        ("[1]", "field row"),
        ('{"id": "q", "query": "x", "class": "c", "klass": 1}', "field klass"),
        ({**ROW, "id": "q 2"}, "field id"),
        ({**ROW, "id": 2}, "field id"),
        ({**ROW, "class": ""}, "field class"),
        ({**ROW, "class": "all"}, "field class"),
        ({**ROW, "query": " "}, "neither words nor a picture"),
        ({**ROW, "relevant": {}}, "field relevant"),
        ({**ROW, "relevant": {"a": -1}}, "field relevant.a"),
        ({**ROW, "relevant": {"a": 1.5}}, "field relevant.a"),
        ({**ROW, "relevant": {"a": True}}, "field relevant.a"),
        ('{"id": "q", "query": "x", "class": "c", "relevant": {"a": 1, "a": 2}}', "'a' stands"),
        ({**ROW, "filter": ["city"]}, "field filter: 'city' is no filter"),
        ({**ROW, "filter": {"mayor": "x"}}, "field filter: There is no field 'mayor'"),
        ({**ROW, "filter": "city=Butte"}, "field filter"),
        ({**ROW, "picture": "absent.png"}, "no picture 'absent.png'"),
        ({**ROW, "picture": "../metadata.jsonl"}, "leads out of"),
        ({**ROW, "query": "again"}, "the id 'q1' stands there twice"),
    ],
)
def test_a_broken_line_is_named(make: Make, broken: dict[str, Any] | str, told: str) -> None:
    folder = make(ROW, "", broken)
    with pytest.raises(SourceError, match=told) as error:
        open_collection(folder).queries()
    assert f"{folder / 'queries.jsonl'}, line 3" in error.value.message
    assert error.value.remedy


def test_queries_that_are_not_there_or_no_utf8(make: Make) -> None:
    folder = make(ROW)
    (folder / "queries.jsonl").write_bytes('{"id": "Škofja"}'.encode("cp1250"))
    with pytest.raises(SourceError, match="UTF-8"):
        open_collection(folder).queries()
    (folder / "queries.jsonl").unlink()
    with pytest.raises(SourceError, match=r"There is no .*queries\.jsonl"):
        open_collection(folder).queries()


def test_settings_name_the_manifest_its_columns_and_what_stays_out(make: Make) -> None:
    settings = 'manifest = "list.csv.gz"\ncolumns = {creator = "by"}\ndrop = ["tags"]\n'
    folder = make(ROW, collection_toml=settings)
    rows = "id,by,tags,shelf\na,Ana,fire,3\n"
    (folder / "list.csv.gz").write_bytes(gzip.compress(rows.encode()))
    found = open_collection(folder)
    [asset] = found.assets()
    assert (asset.id, asset.creator, asset.extra) == ("a", "Ana", {"shelf": "3"})
    before = found.fingerprint()
    (folder / "collection.toml").write_text(settings.replace("tags", "shelf"))
    assert open_collection(folder).fingerprint() != before


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ("drop = tags", "no TOML"),
        ('drop = "tags"', "drop"),
        ("colour = 1", "colour"),
        ('columns = {photographer = "by"}', "no field photographer"),
    ],
)
def test_settings_that_cannot_be_read(make: Make, settings: str, told: str) -> None:
    with pytest.raises(SourceError, match=told) as error:
        open_collection(make(ROW, collection_toml=settings))
    assert "collection.toml" in error.value.message


def test_one_manifest_and_no_other(make: Make, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    with pytest.raises(SourceError, match="no manifest"):
        open_collection(tmp_path / "none")
    with pytest.raises(SourceError, match=r"metadata\.jsonl and metadata\.csv"):
        open_collection(make(ROW, metadata_csv="id\na\n"))


def test_a_row_that_leads_out_of_the_folder_is_an_error(make: Make) -> None:
    folder = make(ROW)
    write_manifest(folder / "metadata.jsonl", [{"id": "a", "file": "../a.png"}])
    with pytest.raises(SourceError, match="leads out of"):
        list(open_collection(folder).assets())


@pytest.mark.parametrize("name", ["unheard_of", "fsac_color", "coco_mini"])
def test_no_such_collection(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceError, match=f"There is no .*{name}"):
        open_collection(name, tmp_path)


def test_further_captions_search_for_the_picture_that_has_the_first(tmp_path: Path) -> None:
    row = {"file": "images/1.jpg", "tags": ["dog"], "credit": "COCO", "licence": "CC BY"}
    captions = ["A dog runs.", "A running dog", "Some hound"]
    folder = tmp_path / "coco_mini"
    write_manifest(folder / "metadata.jsonl", [{"id": "coco-1", "captions": captions, **row}])
    found = open_collection("coco_mini", tmp_path)
    [(asset, picture)] = found.assets_with_pictures()
    assert picture == folder / "images" / "1.jpg"
    assert (asset.caption, asset.credit, asset.usage_terms) == ("A dog runs.", "COCO", "CC BY")
    assert (asset.keywords, asset.extra) == ((), {})
    assert [(query.id, query.text, query.kind) for query in found.queries()] == [
        ("coco-1#1", "A running dog", "caption"),
        ("coco-1#2", "Some hound", "caption"),
    ]
    assert [query.relevant for query in found.queries()] == [{"coco-1": 1}] * 2
    assert found.source().count() == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "line 1: no JSON"),
        ('{"id": "a", "file": "a.jpg", "captions": []}', "line 1, field captions"),
        ('{"id": "a", "captions": ["x"]}', "line 1, field file"),
        ('{"id": "a", "file": "../a.jpg", "captions": ["x"]}', "leads out of"),
        ('{"id": "a", "file": "a", "captions": ["x"]}\n' * 2, "line 2: the id 'a' stands"),
    ],
)
def test_captions_that_are_none(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "metadata.jsonl").write_text(text)
    with pytest.raises(SourceError, match=told):
        list(Captions("c", tmp_path).assets())


@pytest.mark.parametrize("name", [*LAYOUTS, "coco_mini"])
def test_the_archives_beside_the_project_can_be_asked(name: str) -> None:
    archive_data(name)
    found = open_collection(name, DEFAULT_DATA)
    queries = found.queries()
    assert queries
    assert all(max(query.relevant.values()) > 0 for query in queries)
    known = {asset_id for query in queries for asset_id in query.relevant}
    assert found.check(known) == []
    first = next(found.source().entries())
    assert isinstance(first, Entry)
    judged_from = {"tags", "subjects", "detected_objects", "captions"}
    assert not judged_from & set(first.fields.get("extra", {}))
    assert not first.fields.get("keywords")


def test_mini_is_whole_and_every_relevant_asset_is_in_it() -> None:
    found = open_collection("mini")
    assert found.check() == []
    assert found.source().count() == 23
    kinds = [query.kind for query in found.queries()]
    assert {kind: kinds.count(kind) >= 14 for kind in kinds} == dict.fromkeys(
        ("name", "description", "mixture"), True
    )
    assert all(max(query.relevant.values()) == 2 for query in found.queries())


def test_mini_in_words_is_mini_with_pictures_but_for_the_pictures(tmp_path: Path) -> None:
    in_words, with_pictures = open_collection("mini"), open_collection("mini", work=tmp_path)
    words, whole = list(in_words.assets_with_pictures()), list(with_pictures.assets_with_pictures())
    assert [asset.id for asset, _ in words] == [asset.id for asset, _ in whole]
    assert [asset.caption for asset, _ in words] == [asset.caption for asset, _ in whole]
    assert [asset.people for asset, _ in words] == [asset.people for asset, _ in whole]
    assert all(picture is None for _, picture in words)
    assert all(picture is not None and picture.is_file() for _, picture in whole)
    assert in_words.queries() == with_pictures.queries()
    assert in_words.fingerprint() != with_pictures.fingerprint()


def test_the_names_that_mini_asks_for_are_written_somewhere() -> None:
    found = open_collection("mini")
    written = {asset.id: repr(asset) for asset in found.assets()}
    for query in found.queries():
        if query.kind == "name":
            assert all(query.text in written[asset_id] for asset_id in query.relevant), query.id
