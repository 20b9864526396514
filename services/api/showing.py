"""What a page needs to show hits, beyond what ranked them.

In: an answer of the engine. Out: the words to mark in each hit, and which hits are near duplicates.
"""

from __future__ import annotations

from collections.abc import Sequence

from hybridsearch.analysis.analyzer import Analyzer
from hybridsearch.domain.asset import Asset
from hybridsearch.domain.results import Hit
from hybridsearch.search.duplicates import near_duplicates


def words_to_mark(hit: Hit, analyzer: Analyzer) -> list[str]:
    """The asset's words, as they stand in it, that a term of the query matched."""
    terms = frozenset(each.term for each in hit.explanation.terms)
    return list(analyzer.matching_words(hit.asset, terms)) if terms else []


def duplicates_of(asset: Asset, hits: Sequence[Hit]) -> list[str]:
    """The ids of the hits whose picture looks the same as the asset's, in their order."""
    hashes = [asset.perceptual_hash, *(hit.asset.perceptual_hash for hit in hits)]
    if asset.perceptual_hash is None:
        return []
    same = near_duplicates(hashes)[1:]
    return [hit.asset.id for hit, first in zip(hits, same, strict=True) if first == 0]
