"""What an ingest does beside embedding, from the settings down to the files."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from typer.testing import CliRunner

from hybridsearch.analysis.payload import asset_of, point_id
from hybridsearch.bootstrap import Archive, make_thumbnails, open_archive
from hybridsearch.cli.commands import app
from hybridsearch.config import Settings
from hybridsearch.domain.asset import DESCRIPTIVE_FIELDS, Asset, Provenance
from hybridsearch.ingest.folder import FolderSource
from tests.builders import png, settings_in, write_pictures
from tests.integration.test_media_metadata import XMP_FIELDS, plain, xmp_packet


def stored(archive: Archive, asset_id: str) -> Asset:
    [record] = archive.store.retrieve([point_id(archive.generation.archive, asset_id)])
    return asset_of(record.payload)


def words(folder: Path, **said: Any) -> Settings:
    return settings_in(folder, **said)


def test_the_golden_set_covers_every_field_that_metadata_can_give() -> None:
    assert set(DESCRIPTIVE_FIELDS) - XMP_FIELDS.keys() == {"collection", "ocr_text"}


def test_a_sidecar_is_part_of_the_asset_and_its_change_embeds_nothing(tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    (pictures / "a.jpg").write_bytes(plain())
    (pictures / "a.XMP").write_bytes(xmp_packet("", 'photoshop:City="Ptuj"'))
    with open_archive(words(tmp_path / "data"), create=True) as archive:
        report = archive.ingest().run(FolderSource(pictures))
        assert (report.written, report.embedded) == (1, 1)
        assert stored(archive, "a.jpg").city == "Ptuj"
        assert stored(archive, "a.jpg").provenance["city"] is Provenance.SIDECAR
        assert archive.ingest().run(FolderSource(pictures)).unchanged == 1
        (pictures / "a.XMP").write_bytes(xmp_packet("", 'photoshop:City="Celje"'))
        report = archive.ingest().run(FolderSource(pictures))
        assert (report.written, report.embedded, report.unchanged) == (1, 0, 0)
        assert stored(archive, "a.jpg").city == "Celje"


def test_thumbnails_lie_under_the_archive_once_for_each_content(tmp_path: Path) -> None:
    pictures = write_pictures(tmp_path / "p", {"a.png": "red", "b.png": "red", "c.png": "blue"})
    noise = np.random.default_rng(1).integers(0, 256, (1500, 2000, 3), dtype=np.uint8)
    buffer = BytesIO()
    Image.fromarray(noise).save(buffer, "JPEG")
    (pictures / "large.jpg").write_bytes(buffer.getvalue())
    settings = words(tmp_path / "data", ingest={"thumbnails": True})
    with open_archive(settings, create=True) as archive:
        archive.ingest().run(FolderSource(pictures))
        large = stored(archive, "large.jpg").content_hash
        red = stored(archive, "a.png").content_hash
    assert large is not None and red is not None
    folder = tmp_path / "data" / "default" / "thumbnails"
    assert len(list(folder.rglob("*.webp"))) == 2 * 3
    thumbnails = make_thumbnails(settings)
    sizes = [
        Image.open(BytesIO(thumbnails.path_of(large, size).read_bytes())).size
        for size in thumbnails.sizes
    ]
    assert sizes == [(320, 240), (1280, 960)]
    assert thumbnails.has(red)


def test_without_thumbnails_none_are_made(tmp_path: Path) -> None:
    pictures = write_pictures(tmp_path / "p", {"a.png": "red"})
    settings = words(tmp_path / "data", ingest={"thumbnails": False})
    with open_archive(settings, create=True) as archive:
        archive.ingest().run(FolderSource(pictures))
    assert not list((tmp_path / "data").rglob("*.webp"))


def test_text_in_pictures_becomes_searchable(tmp_path: Path) -> None:
    pytest.importorskip("rapidocr", reason="the extra ocr is not installed")
    matplotlib = pytest.importorskip("matplotlib", reason="matplotlib brings the font")
    font = Path(matplotlib.__file__).parent / "mpl-data/fonts/ttf/DejaVuSans.ttf"
    image = Image.new("RGB", (900, 200), "white")
    ImageDraw.Draw(image).text(
        (30, 60), "Tovarna Melamin Kočevje", fill="black", font=ImageFont.truetype(font, 50)
    )
    (tmp_path / "p").mkdir()
    image.save(tmp_path / "p" / "sign.png")
    write_pictures(tmp_path / "p", {"red.png": "red"})
    off, on = ({"ocr": False, "readers": 1}, {"ocr": True, "readers": 1})
    with open_archive(words(tmp_path / "data", ingest=off), create=True) as archive:
        archive.ingest().run(FolderSource(tmp_path / "p"))
        assert stored(archive, "sign.png").ocr_text is None
    with open_archive(words(tmp_path / "data", ingest=on)) as archive:
        report = archive.ingest().run(FolderSource(tmp_path / "p"))
        assert (report.written, report.embedded, report.failures) == (2, 0, [])
        asset = stored(archive, "sign.png")
        assert (asset.ocr_text or "").split() == ["Tovarna", "Melamin", "Kočevje"]
        assert asset.provenance["ocr_text"] is Provenance.PICTURE
        assert stored(archive, "red.png").ocr_text is None
        assert archive.ingest().run(FolderSource(tmp_path / "p")).unchanged == 2


def test_retry_failed_takes_up_what_was_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = write_pictures(tmp_path / "p", {"good.png": "red"})
    for name in ("mended.png", "broken.png"):
        (pictures / name).write_bytes(png("red")[:50])
    monkeypatch.setenv("HYBRIDSEARCH_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("HYBRIDSEARCH_ENCODER__NAME", "words")
    run = CliRunner().invoke
    first = json.loads(run(app, ["ingest", str(pictures), "--json"]).stdout)
    assert (first["written"], len(first["failures"])) == (1, 2)
    (pictures / "mended.png").write_bytes(png("blue"))
    (pictures / "new.png").write_bytes(png("green"))
    again = json.loads(run(app, ["ingest", str(pictures), "--retry-failed", "--json"]).stdout)
    assert (again["written"], again["unchanged"]) == (1, 0)
    assert [each["asset_id"] for each in again["failures"]] == ["broken.png"]
    listed = (tmp_path / "data" / "default" / "failures.jsonl").read_text().splitlines()
    assert [json.loads(line)["asset_id"] for line in listed] == ["broken.png"]
    (pictures / "broken.png").unlink()
    run(app, ["ingest", str(pictures), "--retry-failed", "--json"])
    assert not (tmp_path / "data" / "default" / "failures.jsonl").exists()


def test_a_parquet_manifest_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrow = pytest.importorskip("pyarrow", reason="the extra parquet is not installed")
    import pyarrow.parquet as parquet

    write_pictures(tmp_path, {"a.png": "red"})
    rows = [{"id": "a", "file": "a.png", "title": "Red"}, {"id": "b", "file": None, "title": "x"}]
    parquet.write_table(arrow.Table.from_pylist(rows), tmp_path / "m.parquet")
    monkeypatch.setenv("HYBRIDSEARCH_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("HYBRIDSEARCH_ENCODER__NAME", "words")
    arguments = ["ingest", str(tmp_path / "m.parquet"), "--map", "headline=title", "--json"]
    report = json.loads(CliRunner().invoke(app, arguments).stdout)
    assert (report["written"], report["embedded"], report["failures"]) == (2, 1, [])
