"""Thumbnails: small, upright, without metadata, each written once and whole."""

from __future__ import annotations

import pickle
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hybridsearch.adapters.media import FileMediaReader
from hybridsearch.adapters.media.thumbnails import WebpThumbnails
from hybridsearch.errors import StoreError
from hybridsearch.ingest.thumbnails import SIZES, Thumbnails
from hybridsearch.ports import Pixels

HASH = "ab12" + "0" * 60


def pixels(width: int = 1600, height: int = 1200) -> Pixels:
    ramp = np.linspace(0, 255, width, dtype=np.uint8)
    return np.ascontiguousarray(np.broadcast_to(ramp[None, :, None], (height, width, 3)))


def opened(path: Path) -> Image.Image:
    return Image.open(BytesIO(path.read_bytes()))


@pytest.fixture
def thumbnails(tmp_path: Path) -> Thumbnails:
    return Thumbnails(tmp_path / "thumbnails", WebpThumbnails())


@pytest.mark.parametrize(
    ("size", "longer_side", "expected"),
    [
        ((1600, 1200), 320, (320, 240)),
        ((1200, 1600), 1280, (960, 1280)),
        ((200, 100), 320, (200, 100)),
        ((60_000, 3), 1280, (1280, 1)),
        ((1, 1), 320, (1, 1)),
    ],
)
def test_the_longer_side_is_met_and_nothing_is_enlarged(
    size: tuple[int, int], longer_side: int, expected: tuple[int, int]
) -> None:
    image = Image.open(BytesIO(WebpThumbnails().encode(pixels(*size), longer_side)))
    assert (image.format, image.mode, image.size) == ("WEBP", "RGB", expected)
    assert not {"exif", "icc_profile", "xmp"} & image.info.keys()


def test_colours_stay(thumbnails: Thumbnails) -> None:
    flat = np.full((800, 800, 3), (200, 60, 20), dtype=np.uint8)
    thumbnails.write(flat, HASH)
    for size in SIZES:
        seen = np.asarray(opened(thumbnails.path_of(HASH, size)))
        assert np.abs(seen.astype(int) - (200, 60, 20)).max() <= 8


def test_metadata_and_orientation_of_the_original_are_gone(thumbnails: Thumbnails) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "secret"
    buffer = BytesIO()
    Image.new("RGB", (900, 600)).save(buffer, "JPEG", exif=exif)
    thumbnails.write(FileMediaReader().decode(buffer.getvalue()).pixels, HASH)
    data = thumbnails.path_of(HASH, 320).read_bytes()
    assert b"secret" not in data
    assert Image.open(BytesIO(data)).size == (213, 320)


def test_names_come_from_the_content(thumbnails: Thumbnails, tmp_path: Path) -> None:
    path = thumbnails.path_of(HASH, 320)
    assert path == tmp_path / "thumbnails" / "320" / "ab" / "12" / f"{HASH}.webp"
    for content_hash, size in [("../../etc", 320), (HASH.upper(), 320), (HASH, 321), ("", 320)]:
        with pytest.raises(ValueError, match="no thumbnail"):
            thumbnails.path_of(content_hash, size)


def test_written_once(thumbnails: Thumbnails) -> None:
    assert not thumbnails.has(HASH)
    thumbnails.write(pixels(), HASH)
    assert thumbnails.has(HASH)
    before = [thumbnails.path_of(HASH, size).stat().st_mtime_ns for size in SIZES]
    thumbnails.write(pixels(), HASH)
    assert [thumbnails.path_of(HASH, size).stat().st_mtime_ns for size in SIZES] == before


def test_what_a_crash_left_empty_is_written_again(thumbnails: Thumbnails) -> None:
    thumbnails.write(pixels(), HASH)
    path = thumbnails.path_of(HASH, 320)
    path.write_bytes(b"")
    assert not thumbnails.has(HASH)
    thumbnails.write(pixels(), HASH)
    assert opened(path).size == (320, 240)


def test_an_interrupted_write_leaves_nothing(
    thumbnails: Thumbnails, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(self: Path, target: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        thumbnails.write(pixels(), HASH)
    folder = thumbnails.path_of(HASH, 320).parent
    assert list(folder.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    blocked = Thumbnails(tmp_path / "file", WebpThumbnails())
    with pytest.raises(StoreError, match="cannot be written") as error:
        blocked.write(pixels(), HASH)
    assert error.value.remedy


def test_no_room_is_told(thumbnails: Thumbnails) -> None:
    resource = pytest.importorskip("resource", reason="no limits on file sizes here")
    signal = pytest.importorskip("signal")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        with pytest.raises(StoreError, match="cannot be written"):
            thumbnails.write(pixels(), HASH)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert not thumbnails.has(HASH)


def test_prune_removes_what_no_asset_has(thumbnails: Thumbnails) -> None:
    other = "cd34" + "1" * 60
    for content_hash in (HASH, other):
        thumbnails.write(pixels(), content_hash)
    assert thumbnails.prune([HASH]) == 2
    assert thumbnails.has(HASH)
    assert not thumbnails.has(other)


def test_it_pickles_for_other_processes(thumbnails: Thumbnails) -> None:
    copy = pickle.loads(pickle.dumps(thumbnails))
    copy.write(pixels(), HASH)
    assert thumbnails.has(HASH)
