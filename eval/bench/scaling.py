"""What decoding at a reduced scale costs in exactness: cosines to the vectors of a full decode.

In: folders of pictures, a CLIP model and its export. Out: a table and the target. With random
weights the cosine tells of pixels only; the starter encoder, where installed, was trained on
pictures, and looks at CLIP's square too, which is cut out of fewer pixels than its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from eval.bench.report import Cell, Table, Target
from hybridsearch.adapters.encoders.runtimes import clip_encoder
from hybridsearch.adapters.media import FileMediaReader
from hybridsearch.analysis.vectors import embed_pictures
from hybridsearch.errors import ModelMissing
from hybridsearch.ports import Encoder, View, Viewing

_FILES = 12
_WHOLE = 10**6
"""A shorter side that no picture has: nothing is reduced."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """The table, and the lowest median held against its bar."""

    table: Table
    target: Target


def cosines_to_full(pictures: Mapping[str, Path], model: str, exports: Path) -> Scaling:
    """Each picture decoded for the encoder's view, and in full."""
    clip = clip_encoder(exports, model, device="cpu", runtime="onnx")
    square = _view_of(clip)
    looks = [(clip.card.name, clip, square)]
    for starter in _starter():
        looks.append((starter.card.name, starter, _view_of(starter)))
        looks.append((f"{starter.card.name}, shown CLIP's square", starter, square))
    rows: list[dict[str, Cell]] = []
    for name, encoder, view in looks:
        for size, folder in pictures.items():
            cosines = _cosines(encoder, view, folder)
            row: dict[str, Cell] = {"encoder": name, "size": size, "median": median(cosines)}
            rows.append({**row, "p5": float(np.percentile(cosines, 5)), "least": min(cosines)})
    table = Table("Cosine of scaled decoding to full decoding", rows)
    least = min(float(row["median"]) for row in rows)
    return Scaling(table, Target("scaled decoding: least median cosine", least, 0.995, True))


def _view_of(encoder: Encoder) -> View:
    view = encoder.view() if isinstance(encoder, Viewing) else None
    if view is None:
        raise RuntimeError(f"the encoder {encoder.card.name} has no view of its own")
    return view


def _cosines(encoder: Encoder, view: View, folder: Path) -> list[float]:
    files = [each.read_bytes() for each in sorted(folder.iterdir())[:_FILES]]
    scaled, whole = (
        embed_pictures(encoder, [view(reader.decode(data).pixels) for data in files])
        for reader in (FileMediaReader(min_side=view.min_side), FileMediaReader(min_side=_WHOLE))
    )
    return [float(each) for each in np.sum(scaled * whole, axis=1)]


def _starter() -> list[Encoder]:
    try:
        from hybridsearch.adapters.encoders.starter import StarterEncoder

        return [StarterEncoder()]
    except ModelMissing:
        return []
