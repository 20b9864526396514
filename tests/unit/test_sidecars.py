"""Sidecars are found in every spelling, and each field comes from the most trusted source."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hybridsearch.adapters.media import FileMediaReader
from hybridsearch.bootstrap import open_archive
from hybridsearch.domain.asset import Asset, Provenance
from hybridsearch.ingest.changes import work_for
from hybridsearch.ingest.entry import Entry
from hybridsearch.ingest.folder import FolderSource
from hybridsearch.ingest.load import Loaded, load
from hybridsearch.ingest.manifest import ManifestSource
from hybridsearch.ingest.retry import still_failing
from hybridsearch.ingest.sidecars import Sidecars
from tests.builders import settings_in, write_manifest
from tests.integration.test_media_metadata import plain, with_exiv2, xmp_packet


def city(name: str) -> bytes:
    return xmp_packet("", f'photoshop:City="{name}"')


@pytest.mark.parametrize("name", ["a.jpg.xmp", "a.jpg.XMP", "a.xmp", "a.XMP", "a.Xmp"])
def test_every_spelling_is_found(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(city("Ptuj"))
    (tmp_path / "b.xmp").touch()
    assert Sidecars(tmp_path).of(tmp_path / "a.jpg") == (tmp_path / name,)


def test_the_files_own_sidecar_goes_above_the_shared_one(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(plain())
    (tmp_path / "a.jpg.xmp").write_bytes(city("Ptuj"))
    (tmp_path / "a.xmp").write_bytes(
        xmp_packet("", 'photoshop:City="Celje" photoshop:Country="Slovenija"')
    )
    asset = only(FolderSource(tmp_path))
    assert (asset.city, asset.country) == ("Ptuj", "Slovenija")
    assert asset.provenance["city"] is Provenance.SIDECAR


def test_no_sidecar_is_read_from_outside_the_root(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "secret").write_bytes(city("Ptuj"))
    (root / "a.xmp").symlink_to(tmp_path / "secret")
    assert Sidecars(root).of(root / "a.jpg") == ()


def test_listings_are_remembered_for_some_folders_only(tmp_path: Path) -> None:
    sidecars = Sidecars(tmp_path)
    for number in range(100):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "a.xmp").touch()
        assert sidecars.of(folder / "a.jpg") == (folder / "a.xmp",)
        assert sidecars.of(folder / "b.jpg") == ()
    assert sidecars.of(tmp_path / "absent" / "a.jpg") == ()


def only(source: FolderSource | ManifestSource) -> Asset:
    [entry] = source.entries()
    assert isinstance(entry, Entry)
    loaded = load(work_for(entry, "id", {}), FileMediaReader())
    assert isinstance(loaded, Loaded)
    return loaded.asset


def test_precedence_field_by_field_with_provenance(tmp_path: Path) -> None:
    """Each source fills one field more than the one above it."""
    data = with_exiv2(
        plain(),
        xmp={
            "Xmp.photoshop.City": "from XMP",
            "Xmp.photoshop.Country": "from XMP",
            "Xmp.photoshop.Credit": "from XMP",
            "Xmp.dc.subject": ["xmp", "Shared"],
            "Xmp.lr.hierarchicalSubject": ["one|two"],
        },
        iptc={
            "Iptc.Application2.City": "from IPTC",
            "Iptc.Application2.CountryName": "from IPTC",
            "Iptc.Application2.Credit": "from IPTC",
            "Iptc.Application2.Caption": "from IPTC",
            "Iptc.Application2.Keywords": ["iptc", "shared"],
        },
        exif={
            "Exif.Image.ImageDescription": "from EXIF",
            "Exif.Image.Artist": "from EXIF",
        },
    )
    (tmp_path / "a.jpg").write_bytes(data)
    (tmp_path / "a.xmp").write_bytes(
        xmp_packet(
            "<dc:subject><rdf:Bag><rdf:li>sidecar</rdf:li></rdf:Bag></dc:subject>",
            'photoshop:City="from sidecar" photoshop:Country="from sidecar"',
        )
    )
    row = {
        "id": "a",
        "file": "a.jpg",
        "city": "from manifest",
        "keywords": ["manifest"],
        "shelf": 7,
    }
    asset = only(ManifestSource(write_manifest(tmp_path / "m.jsonl", [row])))
    found = {
        name: (getattr(asset, name), asset.provenance[name].value)
        for name in ("city", "country", "credit", "caption", "creator")
    }
    assert found == {
        "city": ("from manifest", "manifest"),
        "country": ("from sidecar", "sidecar"),
        "credit": ("from XMP", "xmp"),
        "caption": ("from IPTC", "iptc"),
        "creator": ("from EXIF", "exif"),
    }
    assert asset.keywords == ("manifest", "sidecar", "xmp", "Shared", "one", "two", "iptc")
    assert asset.extra == {"shelf": "7", "keyword_paths": "one|two"}


def test_a_sidecar_that_comes_changes_or_goes_changes_the_asset(tmp_path: Path) -> None:
    picture, sidecar = tmp_path / "a.jpg", tmp_path / "a.jpg.xmp"
    picture.write_bytes(plain())

    def stamp() -> str:
        [entry] = FolderSource(tmp_path).entries()
        assert isinstance(entry, Entry)
        return work_for(entry, "id", {}).now.fields_hash

    seen = [stamp()]
    sidecar.write_bytes(city("Ptuj"))
    seen.append(stamp())
    sidecar.write_bytes(city("Celje!"))
    seen.append(stamp())
    os.utime(sidecar, (1, 1))
    seen.append(stamp())
    assert len(set(seen)) == 4
    assert stamp() == seen[-1]
    sidecar.unlink()
    assert stamp() == seen[0]


@pytest.mark.parametrize("content", [b"", b"no xml", b"\0" * 4096, city("Ptuj")[:80]])
def test_a_damaged_sidecar_leaves_the_picture_as_it_is(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.jpg").write_bytes(plain())
    (tmp_path / "a.xmp").write_bytes(content)
    assert only(FolderSource(tmp_path)).provenance == {}


def test_a_sidecar_that_is_a_pipe_keeps_nobody_waiting(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(plain())
    os.mkfifo(tmp_path / "a.xmp")
    assert only(FolderSource(tmp_path)).provenance == {}


def test_a_damaged_sidecar_is_told_and_looked_at_again_until_it_is_mended(tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    (pictures / "a.jpg").write_bytes(plain())
    sidecar = pictures / "a.jpg.xmp"
    sidecar.write_bytes(city("Ptuj")[:80])
    (pictures / "b.jpg").write_bytes(plain())
    (pictures / "b.jpg.xmp").write_bytes(xmp_packet(""))  # fills no field, and is sound
    settings = settings_in(tmp_path / "data", ingest={"thumbnails": False})
    with open_archive(settings, create=True) as archive:
        for written, embedded in ((2, 2), (1, 0)):
            report = archive.ingest().run(FolderSource(pictures))
            assert [each.origin for each in report.warnings] == [str(sidecar)]
            assert "cannot be read" in report.warnings[0].reason and report.failures == []
            assert (report.written, report.embedded) == (written, embedded)
            assert still_failing([], report) == report.warnings
        sidecar.write_bytes(city("Ptuj"))
        mended = archive.ingest().run(FolderSource(pictures))
        assert (mended.written, mended.embedded, mended.warnings) == (1, 0, [])
        assert archive.ingest().run(FolderSource(pictures)).unchanged == 2
