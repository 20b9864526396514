"""BM25F: a document's field-weighted, saturated term weights as one sparse vector.

Source: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond"
(2009), section 3.5. The store multiplies by the inverse document frequency; a query's score
is the sum over its terms of ``query weight x document weight x idf``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from hybridsearch.analysis.terms import Term
from hybridsearch.ports import SparseVector


@dataclass(frozen=True, slots=True)
class FieldWeight:
    """``weight`` multiplies the field's term frequencies; ``b`` is its length normalisation."""

    weight: float = 1.0
    b: float = 0.75


@dataclass(frozen=True, slots=True)
class FieldTerms:
    """One field of one document: how often each term stands in it, and its length in words."""

    frequencies: Mapping[Term, int]
    length: int


DocumentTerms = Mapping[str, FieldTerms]
"""The fields of one document that have words."""


@dataclass(frozen=True, slots=True)
class TermWeight:
    """A term's weight in a document, and how much of it each field gave (they add up)."""

    weight: float
    fields: Mapping[str, float]


def field_terms(words: Sequence[Sequence[Term]], only: Set[int] | None = None) -> FieldTerms:
    """Count terms (or those with an id in ``only``).

    The length is in words, all of them, so that the forms of a word lengthen nothing.
    """
    if only is None:
        return FieldTerms(Counter(term for word in words for term in word), len(words))
    # Few of the words are wanted, or none: a Counter would cost more than the counting.
    frequencies: dict[Term, int] = {}
    for word in words:
        for term in word:
            if term.id in only:
                frequencies[term] = frequencies.get(term, 0) + 1
    return FieldTerms(frequencies, len(words))


def term_weights(
    document: DocumentTerms,
    weights: Mapping[str, FieldWeight],
    average_lengths: Mapping[str, float],
    k1: float,
) -> dict[Term, TermWeight]:
    """``tf' (k1 + 1) / (k1 + tf')`` with ``tf' = sum over fields of w tf / (1 - b + b len / avg)``.

    A field whose average length is not known yet counts as of average length. The share of
    a field in the weight is its share in tf', since saturation acts on the sum.
    """
    pseudo: dict[Term, dict[str, float]] = {}
    for name, field in document.items():
        setting = weights[name]
        average = average_lengths.get(name, 0.0)
        norm = 1 - setting.b + setting.b * (field.length / average if average > 0 else 1.0)
        for term, frequency in field.frequencies.items():
            pseudo.setdefault(term, {})[name] = setting.weight * frequency / norm
    return {term: _saturated(parts, k1) for term, parts in pseudo.items()}


def _saturated(parts: dict[str, float], k1: float) -> TermWeight:
    total = sum(parts.values())
    if total <= 0:
        return TermWeight(0.0, {})
    factor = (k1 + 1) / (k1 + total)
    return TermWeight(total * factor, {name: part * factor for name, part in parts.items()})


def sparse_vector(weights: Mapping[Term, TermWeight]) -> SparseVector:
    """The store's form: term ids ascending; where two terms collide their weights add up."""
    summed: dict[int, float] = {}
    for term, each in weights.items():
        if each.weight > 0:
            summed[term.id] = summed.get(term.id, 0.0) + each.weight
    ordered = sorted(summed.items())
    return SparseVector(tuple(key for key, _ in ordered), tuple(value for _, value in ordered))


def average_lengths(lengths: Iterable[Mapping[str, int]]) -> dict[str, float]:
    """Mean length in words of each field over the documents that have it."""
    sums = LengthSums()
    for document in lengths:
        sums.add(document)
    return sums.averages()


class LengthSums:
    """Mean lengths of fields over documents that come and go.

    Over the documents that have a field, not over all: one that few assets fill (people, event)
    would otherwise have an average near zero and punish exactly the assets that fill it.
    """

    def __init__(
        self,
        documents: int = 0,
        having: Mapping[str, int] | None = None,
        averages: Mapping[str, float] | None = None,
    ) -> None:
        """As it was told before: how many documents, how many have each field, its mean length."""
        self.documents = documents
        self.having = Counter(having)
        means = averages or {}
        self._words = Counter(
            {name: round(means[name] * count) for name, count in self.having.items()}
        )

    def add(self, lengths: Mapping[str, int]) -> None:
        """One document more; ``lengths`` are words in each field."""
        self._count(lengths, 1)

    def remove(self, lengths: Mapping[str, int]) -> None:
        """One document less, with the lengths it was added with."""
        self._count(lengths, -1)

    def averages(self) -> dict[str, float]:
        """Of each field that some document has, by name."""
        return {
            name: self._words[name] / having
            for name, having in sorted(self.having.items())
            if having > 0
        }

    def _count(self, lengths: Mapping[str, int], times: int) -> None:
        self.documents += times
        for name, length in lengths.items():
            if length > 0:
                self._words[name] += times * length
                self.having[name] += times
