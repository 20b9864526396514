"""How far near duplicates are apart by their perceptual hash, and how far other pictures are.

    python -m eval.duplicates --data ../shared/data

In: the pictures of a collection. Out: how many pairs lie within each distance, and what saving a
picture again (quality, size, brightness, grey, trimming) does to its hash. Which pairs are near
duplicates a person must look: ``--sheet`` draws some of each distance.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from eval.collections import DEFAULT_DATA, open_collection
from eval.tables import markdown
from hybridsearch.ingest.looks import perceptual_hash

DISTANCES = (2, 4, 6, 8, 10, 12)
SHOWN = 6
_CELL, _ROW = 300, 120

Change = Callable[[Image.Image], Image.Image]


def _saved(quality: int) -> Change:
    def again(picture: Image.Image) -> Image.Image:
        stream = io.BytesIO()
        picture.save(stream, "JPEG", quality=quality)
        return Image.open(stream).convert("RGB")

    return again


def _scaled(factor: float) -> Change:
    return lambda each: each.resize((round(each.width * factor), round(each.height * factor)))


def _trimmed(share: float) -> Change:
    def trimmed(each: Image.Image) -> Image.Image:
        width, height = round(each.width * share), round(each.height * share)
        return each.crop((width, height, each.width - width, each.height - height))

    return trimmed


CHANGES: dict[str, Change] = {
    "JPEG quality 60": _saved(60),
    "JPEG quality 30": _saved(30),
    "half the size": _scaled(0.5),
    "twice the size": _scaled(2.0),
    "15 % brighter": lambda each: each.point(lambda value: min(255, int(value * 1.15))),
    "grey": lambda each: each.convert("L").convert("RGB"),
    "3 % trimmed on each side": _trimmed(0.03),
}


def main() -> None:
    """Hash, compare, print; draw where that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--collection", default="fsac_color")
    parser.add_argument("--changed", type=int, default=150, help="pictures that are saved again")
    parser.add_argument("--sheet", type=Path, help="draw pairs of each distance into this file")
    options = parser.parse_args()
    paths = list(_paths(options.collection, options.data))
    hashes = [_hash(_opened(path)) for path in paths]
    pairs = _pairs(hashes)
    rows = ([str(near), f"{sum(each[0] <= near for each in pairs):,}"] for near in DISTANCES)
    print(f"{len(paths):,} pictures of {options.collection}\n")
    print(markdown(["bits apart, at most", "pairs"], rows))
    print(markdown(["saved again", "median", "95 %", "most"], _robustness(paths, options.changed)))
    if options.sheet:
        _sheet(paths, pairs).save(options.sheet)


def _paths(collection: str, data: Path) -> Iterator[Path]:
    for _, path in open_collection(collection, data).assets_with_pictures():
        if path is not None:
            yield path


def _opened(path: Path) -> Image.Image:
    return Image.open(path).convert("RGB")


def _hash(picture: Image.Image) -> int:
    found = perceptual_hash(np.asarray(picture))
    return int(found, 16) if found else 0


def _pairs(hashes: list[int]) -> list[tuple[int, int, int]]:
    """(distance, picture, picture) up to the largest distance that is told, nearest first."""
    bits: npt.NDArray[np.bool_] = np.array([list(f"{each:064b}") for each in hashes]) == "1"
    found = []
    for row in range(len(bits)):
        apart = (bits[row + 1 :] != bits[row]).sum(axis=1)
        near = np.flatnonzero(apart <= max(DISTANCES))
        found += [(int(apart[each]), row, row + 1 + int(each)) for each in near]
    return sorted(found)


def _robustness(paths: list[Path], count: int) -> Iterator[list[str]]:
    chosen = np.random.default_rng(0).choice(len(paths), min(count, len(paths)), replace=False)
    pictures = [_opened(paths[each]) for each in chosen]
    before = [_hash(each) for each in pictures]
    for name, change in CHANGES.items():
        after = [_hash(change(each)) for each in pictures]
        apart = [(old ^ new).bit_count() for old, new in zip(before, after, strict=True)]
        told = (np.median(apart), np.percentile(apart, 95), max(apart))
        yield [name, *(f"{each:.0f}" for each in told)]


def _sheet(paths: list[Path], pairs: list[tuple[int, int, int]]) -> Image.Image:
    sheet = Image.new("RGB", (SHOWN * _CELL, len(DISTANCES) * _ROW), "white")
    pen = ImageDraw.Draw(sheet)
    for row, distance in enumerate(DISTANCES):
        of_distance = [each for each in pairs if each[0] == distance][:SHOWN]
        for column, (_, *both) in enumerate(of_distance):
            left, top = column * _CELL, row * _ROW
            pen.text((left, top), f"{distance} bits", fill="red")
            for place, number in enumerate(both):
                small = _opened(paths[number])
                small.thumbnail((_CELL // 2 - 5, _ROW - 15))
                sheet.paste(small, (left + place * _CELL // 2, top + 12))
    return sheet


if __name__ == "__main__":
    main()
