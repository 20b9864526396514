"""Text in pictures: rendered here in a real font, and in a photograph of a page."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from hybridsearch.adapters.pictured_text import RapidTextReader
from hybridsearch.domain.asset import Asset, Provenance
from hybridsearch.errors import ConfigError, PictureError, StoreError
from hybridsearch.ingest.entry import Entry
from hybridsearch.ingest.extras import Extras
from hybridsearch.ingest.pictured_text import PicturedText
from hybridsearch.ports import Pixels

BLANK: Pixels = np.full((60, 80, 3), 255, dtype=np.uint8)
HASH = "cd" * 32


@pytest.fixture(scope="module")
def reader() -> RapidTextReader:
    pytest.importorskip("rapidocr", reason="the extra ocr is not installed")
    return RapidTextReader()


def written(lines: list[str]) -> Pixels:
    matplotlib = pytest.importorskip("matplotlib", reason="matplotlib brings the font")
    font = Path(matplotlib.__file__).parent / "mpl-data/fonts/ttf/DejaVuSans.ttf"
    image = Image.new("RGB", (1000, 40 + 90 * len(lines)), "white")
    for number, line in enumerate(lines):
        ImageDraw.Draw(image).text(
            (30, 30 + 90 * number), line, fill="black", font=ImageFont.truetype(font, 40)
        )
    return np.asarray(image)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_lines_are_read_in_order_with_their_diacritics(reader: RapidTextReader) -> None:
    lines = ["Gasilci pred tovarno", "Kočevje, Šmarna gora, Žiri", "Grüße aus Köln", "Genève"]
    assert reader.read(written(lines)).split("\n") == lines


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_photographed_page_is_read_and_its_smudge_is_not(reader: RapidTextReader) -> None:
    data = pytest.importorskip("skimage.data", reason="scikit-image brings the pictures")
    page = np.asarray(Image.fromarray(data.page()).convert("RGB"))
    text = reader.read(page)
    assert "Region-based segmentation" in text
    assert "first determine markers of the coins" in text
    assert all(len(line) > 10 for line in text.split("\n"))
    assert reader.read(np.ascontiguousarray(data.astronaut())) == ""


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 3000, 3), (3000, 2, 3)])
def test_odd_shapes_hold_no_text_and_break_nothing(
    reader: RapidTextReader, shape: tuple[int, int, int]
) -> None:
    try:
        assert reader.read(np.zeros(shape, dtype=np.uint8)) == ""
    except PictureError as error:
        assert error.remedy


def test_it_pickles_without_its_engine(reader: RapidTextReader) -> None:
    assert pickle.loads(pickle.dumps(reader)).name == reader.name
    assert len(pickle.dumps(reader)) < 1000


@pytest.mark.parametrize("wrong", [{"min_score": 1.5}, {"threads": 0}])
def test_numbers_out_of_range_are_told(reader: RapidTextReader, wrong: dict[str, int]) -> None:
    with pytest.raises(ConfigError, match="must be"):
        RapidTextReader(**wrong)


class Counting:
    """A reader that counts how often it was asked."""

    def __init__(self, text: str, name: str = "counting") -> None:
        self.name = name
        self.asked = 0
        self._text = text

    def read(self, pixels: Pixels) -> str:
        self.asked += 1
        if self._text == "unreadable":
            raise PictureError("No.", "None.")
        return self._text


@pytest.mark.parametrize(("text", "expected"), [("STOP\n", "STOP"), ("", None), (" \n", None)])
def test_each_content_is_read_once(tmp_path: Path, text: str, expected: str | None) -> None:
    reader = Counting(text)
    for _ in range(3):
        assert PicturedText(tmp_path, reader).read(BLANK, HASH) == expected
    assert reader.asked == 1
    other = Counting("GO", name="another")
    assert PicturedText(tmp_path, other).read(BLANK, HASH) == "GO"


def test_what_a_crash_left_empty_is_read_again(tmp_path: Path) -> None:
    reader = Counting("STOP")
    PicturedText(tmp_path, reader).read(BLANK, HASH)
    [kept] = tmp_path.rglob("*.txt")
    kept.write_bytes(b"")
    assert PicturedText(tmp_path, reader).read(BLANK, HASH) == "STOP"
    assert reader.asked == 2


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be kept"):
        PicturedText(tmp_path / "file", Counting("STOP")).read(BLANK, HASH)


def test_the_asset_gets_the_text_unless_it_has_one(tmp_path: Path) -> None:
    extras = Extras(text=PicturedText(tmp_path, Counting("STOP")))
    asset = Asset("a", caption="A sign", content_hash=HASH)
    added = extras.add_to(asset, BLANK)
    assert added.ocr_text == "STOP"
    assert added.provenance == {"ocr_text": Provenance.PICTURE}
    own = replace(asset, ocr_text="HALT")
    assert extras.add_to(own, BLANK) == own
    failing = Extras(text=PicturedText(tmp_path / "other", Counting("unreadable")))
    assert failing.add_to(asset, BLANK) == asset


def test_switching_it_on_has_every_picture_read_again(tmp_path: Path) -> None:
    picture, words = Entry("a", tmp_path / "a.jpg", "a"), Entry("b", None, "b")
    extras = Extras(text=PicturedText(tmp_path, Counting("STOP")))
    versions = extras.versions_of([picture, words])
    assert versions["b"] == ()
    assert versions["a"] != Extras().versions_of([picture])["a"] == ()
    assert not any(tmp_path.iterdir())
