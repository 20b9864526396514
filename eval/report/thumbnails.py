"""Each asset's picture once, small enough that all of them fit into one page.

In: assets, most important first. Out: WebP pictures whose sum stays within a budget, and how
many are not there.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from PIL import Image

from eval.evaluation import Evaluation, ShownAsset
from eval.report.pictures import encoded, small_picture
from hybridsearch.errors import PictureError

BUDGET = 9_000_000
"""Bytes of all pictures together; base64 makes a third more of it."""

SIZES = ((240, 72), (192, 66), (160, 62), (128, 58), (96, 52), (72, 42))
"""Longer side in pixels and WebP quality, from the best to the smallest."""

_SAMPLE = 12


@dataclass(frozen=True, slots=True)
class Thumbnails:
    """Pictures in base64 by asset id; those that are missing are counted."""

    pictures: Mapping[str, str]
    unreadable: int = 0
    left_out: int = 0


def most_seen_first(evaluation: Evaluation, depth: int) -> list[ShownAsset]:
    """The shown assets by the best rank that any system gave them."""
    best: dict[str, int] = {}
    for run in evaluation.runs:
        for query in evaluation.queries:
            for rank, entry in enumerate(run.rankings.get(query.id, ())[:depth]):
                best[entry.asset_id] = min(rank, best.get(entry.asset_id, rank))
    order = sorted(best, key=lambda asset_id: (best[asset_id], asset_id))
    return [evaluation.assets[asset_id] for asset_id in order if asset_id in evaluation.assets]


def thumbnails(assets: Sequence[ShownAsset], budget: int = BUDGET) -> Thumbnails:
    """As large as the budget allows for so many; at the smallest size the last are left out."""
    wanted = [asset for asset in assets if asset.picture is not None]
    side, quality = _fitting(wanted, budget)
    pictures: dict[str, str] = {}
    spent = unreadable = left_out = 0
    for asset in wanted:
        if spent >= budget:
            left_out += 1
            continue
        image = _read(asset, side)
        if image is None:
            unreadable += 1
            continue
        data = encoded(image, "WEBP", quality)
        if spent + len(data) > budget:
            left_out += 1
            continue
        spent += len(data)
        pictures[asset.asset_id] = b64encode(data).decode("ascii")
    return Thumbnails(pictures, unreadable, left_out)


def _fitting(wanted: Sequence[ShownAsset], budget: int) -> tuple[int, int]:
    """The best size at which a sample says that all will fit."""
    step = max(1, len(wanted) // _SAMPLE)
    images = [image for image in _all(wanted[::step]) if image is not None]
    if not images:
        return SIZES[0]
    for side, quality in SIZES:
        total = sum(len(encoded(_reduced(image, side), "WEBP", quality)) for image in images)
        if total / len(images) * len(wanted) <= budget:
            return side, quality
    return SIZES[-1]


def _all(assets: Iterable[ShownAsset]) -> Iterable[Image.Image | None]:
    return (_read(asset, SIZES[0][0]) for asset in assets)


def _reduced(image: Image.Image, side: int) -> Image.Image:
    small = image.copy()
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    return small


def _read(asset: ShownAsset, side: int) -> Image.Image | None:
    """A picture that cannot be read leaves a gap in the page and is counted; it stops nothing."""
    if asset.picture is None:
        return None
    try:
        return small_picture(asset.picture, side)
    except PictureError:
        return None
