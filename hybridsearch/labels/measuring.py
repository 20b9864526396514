"""What an encoder's scores for single words are worth, told by the archive's own captions.

In: pictures of the archive with the words written about them. Out: evidence, a slope and an
offset. Nobody labelled anything for it: each frequent word of the captions is a label that some
pictures have and others lack.

Not every word of a caption can be seen ("vicinity", "next", a name). So each word is taken either
for one that the picture tells of, all of these with one slope and offset, or for one that it does
not; which it is, is estimated with them (EM; Dempster, Laird and Rubin 1977).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt

from hybridsearch.analysis.background import Background
from hybridsearch.analysis.payload import asset_of
from hybridsearch.analysis.words import words_of, written_form
from hybridsearch.domain.asset import Asset
from hybridsearch.labels.evidence import (
    GRANTED,
    Evidence,
    Floats,
    Yardstick,
    log_odds,
    probabilities,
)
from hybridsearch.labels.templates import DEFAULT_LANGUAGE, plain_prompt
from hybridsearch.labels.vectors import KeptVectors, ensembles
from hybridsearch.ports import Encoder, Matrix, Store, Vector

PICTURES = 512
WORDS = 256

LEAST_PICTURES = 40
LEAST_WORDS = 10
"""Fewer captioned pictures, or words that the pictures tell of, measure nothing."""

_RARE, _COMMON = 3, 0.2
"""A word that fewer pictures have tells nothing of its own; what more than a fifth has is either
no label or on so many pictures that they are its background."""

_ROUNDS = 200
_STEPS = 50
_CLOSE = 1e-5

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Worded:
    """A picture with what is written about it, without case: ``terms`` are whole keywords and
    the single words of its caption, none where nothing is written."""

    vector: Vector
    terms: frozenset[str]
    keywords: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Relation:
    """``log odds that a word is written = those of its share + slope x z + offset``.

    ``seen`` tells how surely each word is one that the pictures tell of, 0 to 1.
    """

    slope: float
    offset: float
    seen: Floats


def worded_pictures(store: Store, most: int = PICTURES) -> list[Worded]:
    """The archive's first pictures by point id: a random sample, since ids are hashes."""
    return list(islice(_worded(store, 8 * most), most))


def measured_evidence(
    encoder: Encoder,
    background: Background,
    pictures: Sequence[Worded],
    language: str = DEFAULT_LANGUAGE,
    kept: KeptVectors | None = None,
) -> Evidence:
    """The evidence that captions prove; ``GRANTED`` where they are too few.

    Raises:
        EncoderError: the encoder fails.
    """
    captioned = [each for each in pictures if each.terms]
    terms = telling_terms(captioned) if len(captioned) >= LEAST_PICTURES else []
    if len(terms) < LEAST_WORDS:
        return GRANTED
    vectors = ensembles(encoder, [(plain_prompt(term, language),) for term in terms], kept)
    cosines: Matrix = np.stack([each.vector for each in captioned]) @ vectors.T
    z = Yardstick.of(vectors, background).z(cosines)
    written = np.array([[term in each.terms for term in terms] for each in captioned])
    found = fitted(z, written)
    if found.seen.sum() < LEAST_WORDS:
        # A handful of words may fit any slope by luck. What all of them prove together is then
        # the honest one, and close to none: the encoder tells nothing of most.
        found = fitted(z, written, all_seen=True)
    return Evidence(found.slope, found.offset, round(float(found.seen.sum())), len(captioned))


def telling_terms(pictures: Sequence[Worded], most: int = WORDS) -> list[str]:
    """Keywords first, since they are labels already, then words; the most frequent of each."""
    counted = Counter(term for each in pictures for term in each.terms)
    keywords = frozenset().union(*(each.keywords for each in pictures))
    ordered = sorted(
        (term not in keywords, -count, term)
        for term, count in counted.items()
        if _RARE <= count <= _COMMON * len(pictures)
    )
    return [term for _, _, term in ordered[:most]]


def fitted(z: Floats, written: Flags, *, all_seen: bool = False) -> Relation:
    """Slope, offset and which words are seen, of the highest likelihood.

    ``z`` and ``written`` are (pictures, words); every word is written of some pictures and not
    of others. The slope is never negative. ``all_seen`` takes every word for one that is seen.
    """
    usual = log_odds(written.mean(axis=0))
    slope, offset = GRANTED.slope, GRANTED.offset
    seen = np.full(z.shape[1], 1.0 if all_seen else 0.5)
    share = 0.5
    blind = _log_likelihood(np.broadcast_to(usual, z.shape), written)
    for _ in range(_ROUNDS):
        if not all_seen:
            gain = _log_likelihood(usual + slope * z + offset, written) - blind
            seen = probabilities(gain + log_odds([share])[0])
            share = float(np.clip(seen.mean(), 0.01, 0.99))
        before = slope
        slope, offset = _logistic(z, written, usual, seen, (slope, offset))
        if abs(slope - before) < _CLOSE:
            break
    if slope <= 0:
        return Relation(0.0, 0.0, seen)
    return Relation(slope, offset, seen)


def _log_likelihood(odds: Floats, written: Flags) -> Floats:
    """By word, summed over pictures, of what was written under these log odds."""
    total: Floats = -np.logaddexp(0.0, np.where(written, -odds, odds)).sum(axis=0)
    return total


def _logistic(
    z: Floats, written: Flags, usual: Floats, weight: Floats, start: tuple[float, float]
) -> tuple[float, float]:
    """Logistic regression with one slope and offset by Newton's method, words weighted.

    A step that lowers the likelihood is halved until it does not, so it converges from anywhere.
    """
    at = np.array(start)
    height = _weighed(at, z, written, usual, weight)
    for _ in range(_STEPS):
        p = probabilities(at[0] * z + at[1] + usual)
        miss, bend = weight * (written - p), weight * p * (1 - p)
        slope = np.array([(miss * z).sum(), miss.sum()])
        curve = np.array(
            [[(bend * z * z).sum(), (bend * z).sum()], [(bend * z).sum(), bend.sum()]]
        ) + 1e-9 * np.eye(2)
        step = np.linalg.solve(curve, slope)
        while True:
            reached = _weighed(at + step, z, written, usual, weight)
            if reached >= height or np.abs(step).max() < _CLOSE:
                break
            step = step / 2
        at, height = at + step, reached
        if np.abs(step).max() < _CLOSE:
            break
    return float(at[0]), float(at[1])


def _weighed(
    at: npt.NDArray[np.float64], z: Floats, written: Flags, usual: Floats, weight: Floats
) -> float:
    return float(weight @ _log_likelihood(at[0] * z + at[1] + usual, written))


def _worded(store: Store, scanned: int) -> Iterator[Worded]:
    batches = store.scroll(batch=256, keys=())
    for points in islice(batches, max(1, scanned // 256)):
        for record in store.retrieve([each.id for each in points], keys=("asset",), vectors=True):
            if record.dense is not None:
                yield _worded_asset(record.dense, asset_of(record.payload))


def _worded_asset(vector: Vector, asset: Asset) -> Worded:
    written = " ".join(part for part in (asset.headline, asset.caption) if part)
    keywords = frozenset(written_form(each) for each in asset.keywords)
    words = frozenset(written_form(word) for word in words_of(written))
    return Worded(vector, words | keywords, keywords)
