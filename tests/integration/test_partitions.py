"""An ingest shared by several machines: its parts together are the whole."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from qdrant_client import QdrantClient

from hybridsearch.analysis.payload import asset_of
from hybridsearch.bootstrap import Archive, open_archive
from hybridsearch.config import Settings
from hybridsearch.domain.query import Query
from hybridsearch.errors import SourceError, StoreLocked
from hybridsearch.ingest.manifest import ManifestSource
from hybridsearch.ingest.partition import PartitionSource, part_of, partition_of
from hybridsearch.ports import PointRecord
from hybridsearch.upkeep import rebuild, remove_generation, rollback
from tests.builders import settings_in, write_manifest, write_pictures
from tests.contract.stores import quick_folder

PARTS = 3
COLOURS = ("red", "green", "blue", "white", "black")


@pytest.fixture
def folder() -> Iterator[Path]:
    with quick_folder() as found:
        yield found


@pytest.fixture
def source(folder: Path) -> ManifestSource:
    """Texts of very different lengths, so that each part has average lengths of its own."""
    names = {f"{place:02}.png": COLOURS[place % 5] for place in range(24)}
    pictures = write_pictures(folder / "pictures", names)
    rows = [
        {"id": name, "file": name, "caption": f"A {each} sea " + "and waves " * place}
        for place, (name, each) in enumerate(names.items())
    ]
    return ManifestSource(write_manifest(pictures / "m.jsonl", rows))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[QdrantClient]:
    """The client's own stand-in for a server, one for all who connect."""
    with closing(QdrantClient(":memory:")) as client:
        # Closing a connection leaves the server as it is.
        monkeypatch.setattr(client, "close", lambda: None)
        monkeypatch.setattr(
            "hybridsearch.adapters.stores.qdrant.QdrantClient", lambda **how: client
        )
        yield client
        monkeypatch.undo()


def settings_for(data: Path, kind: str, **said: object) -> Settings:
    sizes = {"batch": 4, "thumbnails": False}
    return settings_in(data, store={"kind": kind}, ingest=sizes, **said)


def content(archive: Archive) -> Mapping[str, PointRecord]:
    ids = [record.id for batch in archive.store.scroll(keys=()) for record in batch]
    found = archive.store.retrieve(ids, vectors=True)
    return {asset_of(record.payload).id: record for record in found}


def same(one: Mapping[str, PointRecord], other: Mapping[str, PointRecord]) -> None:
    assert one.keys() == other.keys()
    for key, record in one.items():
        there = other[key]
        assert record.payload == there.payload
        assert record.sparse is not None and there.sparse is not None
        assert record.sparse.indices == there.sparse.indices
        assert record.sparse.values == pytest.approx(there.sparse.values, rel=1e-5)
        assert record.dense is not None and there.dense is not None
        assert float(record.dense @ there.dense) > 0.9999


@pytest.mark.parametrize("kind", ["edge", "qdrant"])
def test_the_parts_together_are_the_whole(
    folder: Path, source: ManifestSource, kind: str, server: QdrantClient
) -> None:
    """Each by a process of its own opening; the second part twice; then one finishes."""
    with open_archive(settings_for(folder / "whole", "edge"), create=True) as archive:
        archive.ingest().run(source)
        whole = content(archive)
        generation = archive.generations.live()
    shared = settings_for(folder / "shared", kind)
    written = 0
    for part in (2, 1, 3, 2):
        with open_archive(shared, create=True) as archive:
            report = archive.ingest().run(PartitionSource(source, part, PARTS), finish=False)
            written += report.written
            live = archive.generations.live()
            assert live is not None and not live.complete
    assert written == 24
    with open_archive(shared) as archive:
        report = archive.ingest().finish()
        assert report.reweighed
        same(content(archive), whole)
        live = archive.generations.live()
        assert live is not None and generation is not None
        assert live.complete and not live.pending
        assert live.average_lengths == generation.average_lengths
        assert archive.lexicons.open() is not None
        assert archive.search().search(Query("red sea")).hits


def test_two_processes_on_one_embedded_index_are_told(folder: Path, source: ManifestSource) -> None:
    settings = settings_for(folder / "data", "edge")
    with open_archive(settings, create=True):
        code = (
            "import sys; from pathlib import Path; from tests.builders import settings_in;"
            "from hybridsearch.bootstrap import open_archive;"
            "open_archive(settings_in(Path(sys.argv[1])), create=True)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, str(folder / "data")],
            capture_output=True,
            text=True,
            cwd=Path(__file__).parents[2],
        )
    assert StoreLocked.__name__ in done.stderr and "is open in process" in done.stderr


@given(st.lists(st.text(max_size=20), unique=True), st.integers(1, 9))
def test_every_asset_is_in_one_part(ids: list[str], parts: int) -> None:
    found = [part_of(each, parts) for each in ids]
    assert all(1 <= each <= parts for each in found)
    assert found == [part_of(each, parts) for each in ids]


def test_parts_are_of_about_equal_size() -> None:
    found = [part_of(f"folder/{number:06}.jpg", 4) for number in range(8000)]
    assert all(1800 < found.count(part) < 2200 for part in range(1, 5))


@pytest.mark.parametrize("written", ["", "1", "0/4", "5/4", "1/0", "a/b", "1/4/2", "-1/4"])
def test_what_names_no_part_is_told(source: ManifestSource, written: str) -> None:
    with pytest.raises(SourceError, match="names no part"):
        partition_of(source, written)


def test_a_part_is_written_as_people_write_it(source: ManifestSource) -> None:
    assert sum(partition_of(source, f"{part}/3").count() for part in (1, 2, 3)) == 24
    ids = [
        each.asset_id for part in (1, 2, 3) for each in partition_of(source, f"{part}/3").entries()
    ]
    assert sorted(ids) == sorted(each.asset_id for each in source.entries())


def test_generations_on_a_server_are_collections_with_an_alias(
    folder: Path, source: ManifestSource, server: QdrantClient
) -> None:
    """Built from the live collection itself; the alias is for other tools."""
    settings = settings_for(folder / "data", "qdrant")
    changed = settings_for(folder / "data", "qdrant", analysis={"languages": ["en", "sl"]})
    with open_archive(settings, create=True) as archive:
        archive.ingest().run(source)

    def alias() -> dict[str, str]:
        return {each.alias_name: each.collection_name for each in server.get_aliases().aliases}

    done = rebuild(changed)
    assert done is not None and (done.report.written, done.report.embedded) == (24, 0)
    assert alias() == {"default": "default-0002"}
    with open_archive(changed) as archive:
        assert archive.generation.number == 2
        assert archive.search().search(Query("red sea")).hits
    rollback(settings)
    assert alias() == {"default": "default-0001"}
    remove_generation(settings, 2)
    assert [each.name for each in server.get_collections().collections] == ["default-0001"]
    with open_archive(settings) as archive:
        assert archive.store.count() == 24
