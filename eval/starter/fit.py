"""Fits the head: frozen features and the pictures that may train in, a head out.

Everything is closed form (means, principal directions, one ridge regression): no seed, no
learning rate, no number of steps to choose.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from eval.starter.features import COCO, FSAC, Corpus, Ints
from hybridsearch.adapters.encoders.starter.head import (
    COARSE,
    FINE,
    SENTENCE_TEMPERATURE,
    TOKEN_TEMPERATURE,
    Head,
    class_view,
    kernel,
    shares,
    unit,
)
from hybridsearch.ports import Matrix, Vector

SHRINKAGE = 20.0
"""Mean eigenvalues added to each before whitening: only the strongest directions are damped."""

RIDGE = 0.5
CAPTION_WEIGHT = {COCO: 0.2, FSAC: 0.3}
"""COCO: a fifth for each of five captions. FSAC: archive captions tell less of what is seen."""

Mask = npt.NDArray[np.bool_]
Doubles = npt.NDArray[np.float64]


def fit(corpus: Corpus, chosen: Mask) -> Head:
    """The head learnt from the ``chosen`` pictures (n,) and their captions alone."""
    weight = picture_weights(corpus.collection, chosen)
    logit_mean = _single(weight @ corpus.evidence.logits)
    presence_mean = _single(weight @ corpus.evidence.presence)
    seen = class_view(corpus.evidence, logit_mean, presence_mean)
    basis, fine_mean, fine_scale = _directions(seen, weight)
    fine = unit(((seen @ basis)[:, :FINE] - fine_mean) / fine_scale)

    told = np.flatnonzero(chosen[corpus.owner])
    caption_mean = _caption_mean(corpus, told)
    sentences = unit(corpus.states.sentences - caption_mean)
    tokens = corpus.states.tokens[np.isin(corpus.states.owners, told)]
    token_mean = _single(tokens.mean(axis=0))
    # As the head will hold them, in half precision: what is measured is what is shipped.
    anchors = _half(unit(unit(corpus.class_anchors) - unit(corpus.class_anchors).mean(axis=0)))
    caption_anchors, caption_values = _regression(corpus, told, sentences, fine)
    return Head(
        logit_mean=logit_mean,
        presence_mean=presence_mean,
        basis=basis,
        fine_mean=fine_mean,
        fine_scale=fine_scale,
        caption_mean=caption_mean,
        token_mean=token_mean,
        class_anchors=anchors,
        sentence_share=_mean_share(sentences[told], anchors, SENTENCE_TEMPERATURE),
        token_share=_mean_share(unit(tokens - token_mean), anchors, TOKEN_TEMPERATURE),
        caption_anchors=caption_anchors,
        caption_values=caption_values,
    )


def picture_weights(collection: Ints, chosen: Mask) -> Doubles:
    """Weights (n,) that add up to one, each collection an equal share, the unchosen none.

    Otherwise faded 1940s slides, five times as many, would set what an ordinary picture is.
    """
    weight = np.zeros(len(collection))
    for number in (COCO, FSAC):
        part = chosen & (collection == number)
        weight[part] = 1 / max(1, int(part.sum()))
    weight /= weight.sum()
    return weight


def _directions(seen: Matrix, weight: Doubles) -> tuple[Matrix, Vector, Vector]:
    """Principal directions of ``seen`` (1000, 384), and the fine block's mean and scale."""
    mean = weight @ seen
    centred = seen - mean
    values, vectors = np.linalg.eigh((centred * weight[:, None]).T @ centred)
    values, vectors = values[::-1], vectors[:, ::-1][:, :COARSE]
    # An eigenvector's sign is arbitrary and differs between libraries: the largest entry is +.
    largest = np.take_along_axis(vectors, np.abs(vectors).argmax(axis=0)[None], axis=0)
    basis = _half(vectors * np.sign(largest))
    scale = np.sqrt(np.maximum(values[:FINE], 0) + SHRINKAGE * values.mean())
    return basis, _single(mean @ basis[:, :FINE]), _single(scale)


def _regression(
    corpus: Corpus, told: Ints, sentences: Matrix, fine: Matrix
) -> tuple[Matrix, Matrix]:
    """Weighted kernel ridge regression, sentence to picture: anchors (k, 384), values (k, 128).

    Solves ``(K + RIDGE diag(1/w)) values = targets``. Captions that read the same are one
    anchor with the sum of their weights and the weighted mean of their pictures, which leaves
    the solution as it was and the head smaller.
    """
    texts = np.array([corpus.captions[index] for index in told])
    _, first, group = np.unique(texts, return_index=True, return_inverse=True)
    owners = corpus.owner[told]
    each = np.array([CAPTION_WEIGHT[int(corpus.collection[owner])] for owner in owners])
    weight = np.bincount(group, each)
    targets = np.zeros((len(first), fine.shape[1]))
    np.add.at(targets, group, fine[owners] * each[:, None])
    anchors = _half(sentences[told[first]])
    gram = kernel(anchors, anchors).astype(np.float64) + np.diag(RIDGE / weight)
    return anchors, _half(np.linalg.solve(gram, targets / weight[:, None]))


def _caption_mean(corpus: Corpus, told: Ints) -> Vector:
    """COCO's captions are the plainer language; archive captions stand in where there are none."""
    coco = told[corpus.collection[corpus.owner[told]] == COCO]
    return _single(corpus.states.sentences[coco if len(coco) else told].mean(axis=0))


def _mean_share(vectors: Matrix, anchors: Matrix, temperature: float) -> Vector:
    return _single(shares(vectors, anchors, temperature).mean(axis=0))


def _single(values: npt.NDArray[np.floating]) -> Vector:
    return values.astype(np.float32)


def _half(values: npt.NDArray[np.floating]) -> Matrix:
    return values.astype(np.float16).astype(np.float32)
