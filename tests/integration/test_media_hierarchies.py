"""What picture managers write beside the standard: keyword paths and names of faces."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from hybridsearch.adapters.media import FileMediaReader
from hybridsearch.domain.asset import Provenance
from tests.integration.test_media_metadata import plain, with_exiv2, xmp_packet

SPACES = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in {
        "lr": "http://ns.adobe.com/lightroom/1.0/",
        "digiKam": "http://www.digikam.org/ns/1.0/",
        "MicrosoftPhoto": "http://ns.microsoft.com/photo/1.0/",
        "mediapro": "http://ns.iview-multimedia.com/mediapro/1.0/",
        "rs": "http://www.metadataworkinggroup.com/schemas/regions/",
        "MP": "http://ns.microsoft.com/photo/1.2/",
        "MPRI": "http://ns.microsoft.com/photo/1.2/t/RegionInfo#",
        "MPReg": "http://ns.microsoft.com/photo/1.2/t/Region#",
        "exif": "http://ns.adobe.com/exif/1.0/",
    }.items()
)


def bag(name: str, items: Sequence[str]) -> str:
    listed = "".join(f"<rdf:li>{item}</rdf:li>" for item in items)
    return f"<{name}><rdf:Bag>{listed}</rdf:Bag></{name}>"


def fields(body: str) -> dict[str, object]:
    return dict(FileMediaReader().sidecar(xmp_packet(body, SPACES)))


@pytest.mark.parametrize(
    ("name", "items"),
    [
        ("lr:hierarchicalSubject", ["Kraji|Slovenija|Ptuj", "požar"]),
        ("digiKam:TagsList", ["Kraji/Slovenija/Ptuj", "požar"]),
        ("MicrosoftPhoto:LastKeywordXMP", ["Kraji/Slovenija/Ptuj", "požar"]),
        ("mediapro:CatalogSets", ["Kraji|Slovenija|Ptuj", "požar"]),
    ],
)
def test_each_level_is_a_keyword_and_the_path_is_kept(name: str, items: list[str]) -> None:
    assert fields(bag("dc:subject", ["Ptuj", "grad"]) + bag(name, items)) == {
        "keywords": ["Ptuj", "grad", "Kraji", "Slovenija", "požar"],
        "extra": {"keyword_paths": "Kraji|Slovenija|Ptuj"},
    }


def test_a_path_in_two_notations_is_kept_once_and_programs_own_are_left_out() -> None:
    body = bag("lr:hierarchicalSubject", ["A|B", "darktable|exported", " A | C ", "|", "D"])
    body += bag("digiKam:TagsList", ["A/B", "_Digikam_Internal_Tags_/Color Label None"])
    assert fields(body) == {
        "keywords": ["A", "B", "C", "D"],
        "extra": {"keyword_paths": "A|B; A|C"},
    }


def test_exiv2_writes_hierarchies_that_are_read() -> None:
    values = {"Xmp.lr.hierarchicalSubject": ["Kraji|Ptuj"], "Xmp.dc.subject": ["Ptuj"]}
    readings = FileMediaReader().metadata(with_exiv2(plain(), xmp=values))
    assert readings[Provenance.XMP]["keywords"] == ["Ptuj", "Kraji"]


@pytest.mark.parametrize("nested", [True, False])
def test_names_of_faces_are_people(nested: bool) -> None:
    around = ("<rdf:Description>", "</rdf:Description>") if nested else ("", "")
    resource = "" if nested else ' rdf:parseType="Resource"'
    faces = "".join(
        f"<rdf:li{resource}>{around[0]}<rs:Name>{name}</rs:Name><rs:Type>{kind}</rs:Type>"
        f"{around[1]}</rdf:li>"
        for name, kind in [("Ana Novak", "Face"), ("Rex", "Pet"), ("Đuro", "Face"), ("", "Face")]
    )
    regions = (
        f"<rs:Regions{resource}>{around[0]}<rs:RegionList><rdf:Bag>{faces}</rdf:Bag>"
        f"</rs:RegionList>{around[1]}</rs:Regions>"
    )
    body = bag("ext:PersonInImage", ["Ana Novak", "Eva"]) + regions
    assert fields(body) == {"people": ["Ana Novak", "Eva", "Đuro"]}


def test_names_of_faces_that_windows_wrote_are_people() -> None:
    listed = '<rdf:li MPReg:PersonDisplayName="Ana Novak" MPReg:Rectangle="0,0,1,1"/>'
    body = (
        '<MP:RegionInfo rdf:parseType="Resource"><MPRI:Regions><rdf:Bag>'
        f"{listed}</rdf:Bag></MPRI:Regions></MP:RegionInfo>"
    )
    assert fields(body) == {"people": ["Ana Novak"]}


def test_people_with_details_are_people() -> None:
    name = '<ext:PersonName><rdf:Alt><rdf:li xml:lang="x-default">Ana</rdf:li></rdf:Alt>'
    person = f'<rdf:li rdf:parseType="Resource">{name}</ext:PersonName></rdf:li>'
    body = f"<ext:PersonInImageWDetails><rdf:Bag>{person}</rdf:Bag></ext:PersonInImageWDetails>"
    assert fields(body) == {"people": ["Ana"]}


def test_a_location_shown_goes_above_the_one_created() -> None:
    def place(name: str, city: str) -> str:
        return f'<ext:{name}><rdf:Bag><rdf:li ext:City="{city}"/></rdf:Bag></ext:{name}>'

    shown, created = place("LocationShown", "Ptuj"), place("LocationCreated", "Celje")
    assert fields(created + shown) == {"city": "Ptuj"}
    assert fields(created) == {"city": "Celje"}


def test_a_date_of_the_camera_stands_in_where_editors_wrote_none() -> None:
    camera = "<exif:DateTimeOriginal>2024-05-06T12:13:14</exif:DateTimeOriginal>"
    assert fields(camera) == {"date_created": "2024-05-06T12:13:14"}
    edited = "<photoshop:DateCreated>1942</photoshop:DateCreated>"
    assert fields(camera + edited) == {"date_created": "1942"}
    broken = "<photoshop:DateCreated>soon</photoshop:DateCreated>"
    assert fields(camera + broken) == {"date_created": "2024-05-06T12:13:14"}
