from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from hybridsearch.domain.asset import Location
from hybridsearch.errors import SourceError
from hybridsearch.ingest.entry import Entry, Failure
from hybridsearch.ingest.manifest import ManifestSource
from tests.builders import write_manifest


def entries(source: ManifestSource) -> list[Entry]:
    found = list(source.entries())
    assert all(isinstance(each, Entry) for each in found)
    return [each for each in found if isinstance(each, Entry)]


def test_json_lines_become_entries(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    path = write_manifest(
        tmp_path / "m.jsonl",
        [
            {
                "id": 17,
                "file": "a.jpg",
                "people": ["Eileen Collins"],
                "keywords": "space; NASA|shuttle",
                "year": 1995,
                "photographer": "someone",
                "latitude": "46.05",
                "longitude": 14.5,
                "n_faces": 2,
                "secret": "x",
            }
        ],
    )
    rename = {"date_created": "year", "creator": "photographer"}
    [entry] = entries(ManifestSource(path, rename=rename, drop=frozenset({"secret"})))
    assert entry.asset_id == "17"
    assert entry.path == tmp_path / "a.jpg"
    assert entry.fields == {
        "people": ("Eileen Collins",),
        "keywords": ("space", "NASA", "shuttle"),
        "date_created": "1995",
        "creator": "someone",
        "location": Location(46.05, 14.5),
        "extra": {"n_faces": "2"},
    }


def test_csv_with_a_byte_order_mark_and_empty_cells(tmp_path: Path) -> None:
    path = tmp_path / "m.csv.gz"
    text = '\ufeffid,caption,keywords,shelf\na,"Fire, at night",fire;night,3\nb,,,\n'
    path.write_bytes(gzip.compress(text.encode()))
    first, second = entries(ManifestSource(path))
    assert first.fields == {
        "caption": "Fire, at night",
        "keywords": ("fire", "night"),
        "extra": {"shelf": "3"},
    }
    assert second.fields == {}
    assert second.path is None


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("m.jsonl", '{"id": "a"}\n{"id": \n', "line 2"),
        ("m.jsonl", '["a"]\n', "line 1"),
        ("m.jsonl", '{"caption": "no id"}\n', "field id"),
        ("m.jsonl", '{"id": "a", "caption": ["x"]}\n', "field caption"),
        ("m.jsonl", '{"id": "a", "latitude": 91, "longitude": 0}\n', "field location.latitude"),
        ("m.jsonl", '{"id": "a"}\n\n{"id": "a"}\n', "line 3: the id 'a' stands already in line 1"),
        ("m.csv", "id,caption\na,b,c\n", "line 2"),
        ("m.csv", 'id,caption\na,"b\n', "line 2"),
    ],
)
def test_a_broken_row_is_named_by_file_line_and_field(
    tmp_path: Path, name: str, text: str, told: str
) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(SourceError) as error:
        list(ManifestSource(path).entries())
    assert str(path) in error.value.message
    assert told in error.value.message
    assert error.value.remedy


def test_a_path_that_leads_out_of_the_root_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "outside.png").touch()
    inside = tmp_path / "in"
    inside.mkdir()
    (inside / "link.png").symlink_to(tmp_path / "outside.png")
    rows = [{"id": "a", "file": "../outside.png"}, {"id": "b", "file": "link.png"}]
    found = list(ManifestSource(write_manifest(inside / "m.jsonl", rows)).entries())
    assert [type(each) for each in found] == [Failure, Failure]


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("m.jsonl", '{"id": "Škofja Loka"}'.encode("cp1250"), "UTF-8"),
        ("m.jsonl.gz", gzip.compress(b'{"id": "a"}', mtime=0)[:-4], "to its end"),
        ("m.csv.gz", b"id,caption", "to its end"),
    ],
)
def test_a_damaged_file_is_told(tmp_path: Path, name: str, data: bytes, told: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(SourceError, match=told):
        list(ManifestSource(tmp_path / name).entries())


@pytest.mark.parametrize("name", ["absent.jsonl", "manifest.xlsx"])
def test_what_is_no_manifest_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "manifest.xlsx").touch()
    with pytest.raises(SourceError, match="manifest"):
        ManifestSource(tmp_path / name)
