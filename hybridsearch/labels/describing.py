"""Text for a picture: the captions that the archive has for the pictures nearest to it.

In: a picture's vector. Out: captions, the most fitting first, each with the assets that have it.
Where the encoder knows enough of captions, how well the text itself fits the picture counts too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from hybridsearch.analysis.background import PRIOR_DISTANCE, Background
from hybridsearch.analysis.payload import asset_of
from hybridsearch.analysis.words import folded, words_of
from hybridsearch.domain.asset import Asset
from hybridsearch.domain.encoder import EncoderCard
from hybridsearch.ports import DenseQuery, Matrix, Store, Vector

LOOKED_AT = 4
"""Nearest pictures read for each caption asked: some have none, some share one."""

PICTURE_DISTANCE = 8.0
"""The ``d'`` that a picture's likeness to pictures is taken to have: a spread of a text with a
``d'`` of 2 counts a quarter of it. See docs/labels.md for what was measured."""

TRUSTED_DISTANCE = PRIOR_DISTANCE
"""From this ``d'`` of its captions on, an encoder's word on texts is heard at all."""


@dataclass(frozen=True, slots=True)
class NearCaption:
    """A caption of the archive.

    ``similarity`` is the cosine of the picture asked about with the nearest picture that has the
    caption; ``fits`` how many spreads the caption's own cosine with it stands above those with
    pictures drawn at random, None where texts are not heard. ``assets`` are ids, nearest first.
    """

    text: str
    score: float
    similarity: float
    fits: float | None
    assets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Description:
    """Captions, the most fitting first; ``notes`` say how they were ordered."""

    captions: tuple[NearCaption, ...]
    encoder: EncoderCard
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Candidate:
    text: str
    similarity: float
    assets: list[str] = field(default_factory=list)


def near_captions(
    picture: Vector,
    store: Store,
    background: Background,
    embed: Callable[[Sequence[str]], Matrix],
    limit: int,
    left_out: str | None = None,
) -> tuple[NearCaption, ...]:
    """The captions of the nearest pictures; ``left_out`` is the id of an asset not to quote.

    ``score = z of the picture + weight x z of the text``, each in spreads above pictures drawn at
    random (``text_weight``).
    """
    found = _distinct(_nearest(picture, store, LOOKED_AT * limit + 1), left_out)
    looks = background.scale(picture)
    spread = looks.spread or 1.0
    near = np.array([(each.similarity - looks.mean) / spread for each in found])
    fits: Sequence[float | None] = [None] * len(found)
    scores = near
    weight = text_weight(background)
    if found and weight > 0:
        fits = _fits(picture, background, embed([each.text for each in found]))
        scores = near + weight * np.array(fits)
    order = np.argsort(-scores, kind="stable")[:limit]
    return tuple(
        NearCaption(
            found[at].text,
            float(scores[at]),
            found[at].similarity,
            fits[at],
            tuple(found[at].assets),
        )
        for at in order
    )


def text_weight(background: Background) -> float:
    """What a spread of a text counts beside one of a picture.

    It grows with the ``d'`` of the archive's captions, as the log odds of the right text do
    (``domain.fusion.evidence_sum``). It is 0 where the captions were not measured, or show that
    the encoder tells little of them: a weak witness would only blur a good one.
    """
    if background.pairs == 0 or background.distance < TRUSTED_DISTANCE:
        return 0.0
    return background.distance / PICTURE_DISTANCE


def _nearest(picture: Vector, store: Store, count: int) -> list[tuple[Asset, float]]:
    [ranking] = store.rank([DenseQuery("looks", picture, count)])
    scores = {each.point_id: each.score for each in ranking.entries}
    records = store.retrieve(list(scores), keys=("asset",))
    return [(asset_of(record.payload), scores[record.id]) for record in records]


def _distinct(near: Sequence[tuple[Asset, float]], left_out: str | None) -> list[_Candidate]:
    """Captions that differ by more than case, accents and punctuation, nearest first."""
    found: dict[tuple[str, ...], _Candidate] = {}
    for asset, similarity in near:
        text = asset.caption or asset.headline
        if not text or asset.id == left_out:
            continue
        key = tuple(folded(word) for word in words_of(text)) or (text,)
        found.setdefault(key, _Candidate(text, similarity)).assets.append(asset.id)
    return list(found.values())


def _fits(picture: Vector, background: Background, texts: Matrix) -> list[float]:
    scales = [background.scale(text) for text in texts]
    return [
        (float(text @ picture) - scale.mean) / (scale.spread or 1.0)
        for text, scale in zip(texts, scales, strict=True)
    ]
