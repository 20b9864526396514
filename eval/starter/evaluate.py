"""The held-out table: text to picture, on pictures that the head has not seen.

In: a corpus. Out: R@1, R@5, R@10 with 95 % intervals for the head, its untrained half and the
untrained baseline, on the same pools. Intervals: percentile bootstrap over pictures, because
the five captions of a picture are not five independent facts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from eval.starter.features import COCO, DOCUMERICA, FSAC, Corpus, Ints
from eval.starter.fit import Mask, fit
from hybridsearch.adapters.encoders.starter.head import COARSE, unit
from hybridsearch.ports import Matrix

FOLDS = 5
REPEATS = 2
CUTS = (1, 5, 10)
RESAMPLES = 2000

Similarities = dict[str, Matrix]
"""System to the scores (captions, pictures) it gives."""


@dataclass(frozen=True, slots=True)
class Row:
    """One system on one pool: recall in percent at each of ``CUTS``, with its interval."""

    pool: str
    pictures: int
    system: str
    recall: tuple[tuple[float, float, float], ...]


def held_out_table(corpus: Corpus) -> list[Row]:
    """Every system on every pool."""
    ranks: dict[tuple[str, str], list[Ints]] = {}
    owners: dict[str, list[Ints]] = {}
    sizes: dict[str, list[int]] = {}
    for pools, asked, similarities in _splits(corpus):
        for pool, members in pools.items():
            owners.setdefault(pool, []).append(corpus.owner[asked])
            sizes.setdefault(pool, []).append(int(members.sum()))
            for system, scores in similarities.items():
                found = _ranks(scores[asked], corpus.owner[asked], members)
                ranks.setdefault((pool, system), []).append(found)
    return [
        Row(pool, round(float(np.mean(sizes[pool]))), system, _recall(found, owners[pool]))
        for (pool, system), found in ranks.items()
    ]


def _splits(corpus: Corpus) -> Iterator[tuple[dict[str, Mask], Ints, Similarities]]:
    """For each fold: the pools, the captions asked, and the scores of heads that saw neither."""
    where = corpus.collection
    captions = where[corpus.owner]
    for seed in range(REPEATS):
        fold = _folds(where, seed)
        for number in range(FOLDS):
            held = fold == number
            scores = _score(corpus, ~held & (where != DOCUMERICA))
            asked = np.flatnonzero(held[corpus.owner] & (captions == COCO))
            coco = held & (where == COCO)
            pools = {
                "held-out COCO": coco,
                "held-out COCO, FSAC and Documerica": held | (where == DOCUMERICA),
                "held-out COCO, all FSAC and Documerica": coco | (where != COCO),
            }
            yield pools, asked, scores
    scores = _score(corpus, where == FSAC)
    yield (
        {"COCO, head trained on FSAC alone": where == COCO},
        np.flatnonzero(captions == COCO),
        scores,
    )


def _score(corpus: Corpus, chosen: Mask) -> Similarities:
    head = fit(corpus, chosen)
    pictures, texts = head.pictures(corpus.evidence), head.texts(corpus.states)
    return {
        "ConSE (untrained)": conse(corpus),
        "coarse block alone (no pairs)": texts[:, :COARSE] @ pictures[:, :COARSE].T,
        "head": texts @ pictures.T,
    }


def conse(corpus: Corpus) -> Matrix:
    """Norouzi et al. 2014: the ten likeliest classes' prompts, averaged by probability."""
    logits = corpus.evidence.logits
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    tenth = np.sort(odds, axis=1)[:, -10][:, None]
    pictures = unit(np.where(odds >= tenth, odds, 0) @ corpus.class_prompts)
    scores: Matrix = corpus.states.sentences @ pictures.T
    return scores


def _folds(collection: Ints, seed: int) -> Ints:
    """A fold for each picture, every collection spread evenly."""
    random = np.random.default_rng(seed)
    fold = np.zeros(len(collection), dtype=np.int64)
    for number in np.unique(collection):
        members = np.flatnonzero(collection == number)
        fold[members] = random.permutation(len(members)) % FOLDS
    return fold


def _ranks(scores: Matrix, owners: Ints, pool: Mask) -> Ints:
    """The rank (from 1) of each caption's own picture within the pool."""
    own = np.take_along_axis(scores, owners[:, None], axis=1)
    ranks: Ints = 1 + (scores[:, pool] > own).sum(axis=1)
    return ranks


def _recall(ranks: list[Ints], owners: list[Ints]) -> tuple[tuple[float, float, float], ...]:
    rank, owner = np.concatenate(ranks), np.concatenate(owners)
    return tuple(_interval(rank <= cut, owner) for cut in CUTS)


def _interval(hits: Mask, owner: Ints) -> tuple[float, float, float]:
    """Mean in percent, and its 2.5 and 97.5 percentiles over resampled pictures."""
    _, group = np.unique(owner, return_inverse=True)
    right, asked = np.bincount(group, hits), np.bincount(group)
    draws = np.random.default_rng(0).integers(len(asked), size=(RESAMPLES, len(asked)))
    means = right[draws].sum(axis=1) / asked[draws].sum(axis=1)
    low, high = np.percentile(means, (2.5, 97.5))
    return 100 * float(hits.mean()), 100 * float(low), 100 * float(high)


def printed(rows: list[Row], write: Callable[[str], None] = print) -> None:
    """The table as Markdown."""
    write("| pool | pictures | system | R@1 | R@5 | R@10 |\n| --- | ---: | --- | --- | --- | --- |")
    for row in sorted(rows, key=lambda row: row.pool):
        cells = " | ".join(f"{mean:.1f} ({low:.1f}-{high:.1f})" for mean, low, high in row.recall)
        write(f"| {row.pool} | {row.pictures} | {row.system} | {cells} |")
