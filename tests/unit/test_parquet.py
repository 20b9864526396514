"""Manifests in Parquet: the same rows as in JSON lines, one batch in memory at a time."""

from __future__ import annotations

import datetime
import tracemalloc
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from hybridsearch.adapters.parquet import read_parquet
from hybridsearch.domain.asset import Location
from hybridsearch.errors import SourceError
from hybridsearch.ingest.entry import Entry
from hybridsearch.ingest.manifest import ManifestSource
from tests.builders import write_manifest

pyarrow = pytest.importorskip("pyarrow", reason="the extra parquet is not installed")


def write(path: Path, rows: list[dict[str, Any]], **options: Any) -> Path:
    import pyarrow.parquet as parquet

    parquet.write_table(pyarrow.Table.from_pylist(rows), path, **options)
    return path


def entries(path: Path) -> list[Entry]:
    found = list(ManifestSource(path, read_parquet=read_parquet).entries())
    return [each for each in found if isinstance(each, Entry)]


def test_rows_become_entries(tmp_path: Path) -> None:
    path = write(
        tmp_path / "m.parquet",
        [
            {
                "id": 17,
                "keywords": ["space", "NASA"],
                "date_created": datetime.date(1995, 2, 3),
                "latitude": 46.05,
                "longitude": 14.5,
                "picture": b"\xff\xd8\xff",
                "price": Decimal("1.50"),
                "shelf": 3.0,
                "caption": None,
            }
        ],
    )
    [entry] = entries(path)
    assert entry.asset_id == "17"
    assert entry.origin.endswith("line 1")
    assert entry.fields == {
        "keywords": ("space", "NASA"),
        "date_created": "1995-02-03",
        "location": Location(46.05, 14.5),
        "extra": {"price": "1.50", "shelf": "3"},
    }


def test_the_same_rows_in_both_formats_are_the_same_entries(tmp_path: Path) -> None:
    rows = [
        {
            "id": f"a{number}",
            "caption": f"Fire {number}",
            "people": ["Ana", "Đuro"],
            "shelf": number,
        }
        for number in range(5000)
    ]
    table = write(tmp_path / "m.parquet", rows, row_group_size=700)
    lines = write_manifest(tmp_path / "m.jsonl", rows)
    assert [(each.asset_id, each.fields) for each in entries(table)] == [
        (each.asset_id, each.fields) for each in entries(lines)
    ]
    assert ManifestSource(table, read_parquet=read_parquet).count() == 5000


def test_numbers_that_are_none_and_times(tmp_path: Path) -> None:
    moment = datetime.datetime(2024, 5, 6, 12, 13, 14, tzinfo=datetime.UTC)
    rows = [{"id": "a", "shelf": float("nan"), "weight": 1.5, "date_created": moment}]
    [entry] = entries(write(tmp_path / "m.parquet", rows))
    assert entry.fields == {
        "date_created": "2024-05-06T12:13:14+00:00",
        "extra": {"weight": "1.5"},
    }


def test_a_large_table_is_read_in_parts(tmp_path: Path) -> None:
    rows = [{"id": str(number), "caption": f"{number} " * 60} for number in range(60_000)]
    path = write(tmp_path / "m.parquet", rows, row_group_size=5_000)
    del rows
    tracemalloc.start()
    try:
        assert sum(1 for _ in read_parquet(path)) == 60_000
        assert tracemalloc.get_traced_memory()[1] < 12 * 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("damage", [b"", b"PAR1", b"no parquet at all"])
def test_a_damaged_file_is_told(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "m.parquet"
    path.write_bytes(damage)
    with pytest.raises(SourceError, match="cannot be read as Parquet") as error:
        entries(path)
    assert str(path) in error.value.message


def test_a_table_cut_short_is_told(tmp_path: Path) -> None:
    path = write(tmp_path / "m.parquet", [{"id": str(number)} for number in range(1000)])
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(SourceError, match="cannot be read as Parquet"):
        entries(path)


def test_a_wrong_value_is_named_by_row_and_field(tmp_path: Path) -> None:
    path = write(tmp_path / "m.parquet", [{"id": "a", "city": ["x"]}])
    with pytest.raises(SourceError, match="line 1, field city"):
        entries(path)


def test_without_the_extra_the_remedy_is_told(tmp_path: Path) -> None:
    path = write(tmp_path / "m.parquet", [{"id": "a"}])
    with pytest.raises(SourceError) as error:
        list(ManifestSource(path).entries())
    assert "hybridsearch[parquet]" in error.value.remedy
