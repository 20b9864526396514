"""The analyzer: one set of settings under which documents and queries become terms."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

from hybridsearch.analysis import bm25f
from hybridsearch.analysis.bm25f import DocumentTerms, FieldWeight, TermWeight
from hybridsearch.analysis.fields import LEXICAL_FIELDS, lexical_texts
from hybridsearch.analysis.kin import kin_rule
from hybridsearch.analysis.stems import is_known
from hybridsearch.analysis.terms import Form, QueryTerm, Term, query_terms, terms_of_text
from hybridsearch.analysis.words import words_of
from hybridsearch.domain.asset import Asset
from hybridsearch.errors import ConfigError
from hybridsearch.ports import SparseVector

RULES_VERSION = 3
"""Raised whenever the code in this package turns the same text into other terms,
or names the same asset's point by another id."""

POINT_RULES = 3
"""The rules since which points have the ids that they have now: an older index cannot be read."""

DEFAULT_FIELD_WEIGHTS: dict[str, FieldWeight] = {
    "headline": FieldWeight(2.0, 0.4),
    "people": FieldWeight(2.0, 0.3),
    "place": FieldWeight(3.0, 0.3),
    "organisations": FieldWeight(1.6, 0.3),
    "event": FieldWeight(1.6, 0.3),
    "caption": FieldWeight(1.0, 0.4),
    "keywords": FieldWeight(0.8, 0.4),
    "creator": FieldWeight(0.8, 0.3),
    "collection": FieldWeight(0.5, 0.3),
    "ocr_text": FieldWeight(0.4, 0.75),
}
"""Chosen on the dev queries of five archives together, by cross-validation: a caption's length
says less about it than the textbook's b = 0.75 takes it to. See ``hybridsearch eval sweep``."""


@dataclass(frozen=True, slots=True)
class AnalyzerSettings:
    """What decides the terms and their weights.

    ``languages`` are those of the archive: assets that name none of their own, and all
    queries, are read in every one of them. ``stem_weight`` and ``kin_weight`` are what a stem
    and a kin form count in a query where the written form counts 1.
    """

    languages: tuple[str, ...] = ("en",)
    k1: float = 1.2
    stem_weight: float = 0.5
    kin_weight: float = 0.5
    fields: Mapping[str, FieldWeight] = field(default_factory=lambda: dict(DEFAULT_FIELD_WEIGHTS))

    def __post_init__(self) -> None:
        unknown = sorted(set(self.fields) - set(LEXICAL_FIELDS))
        if unknown:
            raise ConfigError(
                f"Unknown lexical fields: {', '.join(unknown)}.",
                f"Choose from {', '.join(LEXICAL_FIELDS)}.",
            )
        for language in self.languages:
            if not is_known(language):
                raise ConfigError(
                    f"No stemmer for the language {language!r}.",
                    "Remove it from analysis.languages or choose another tag.",
                )


class Analyzer:
    """Turns assets and queries into terms under one set of settings."""

    def __init__(self, settings: AnalyzerSettings | None = None) -> None:
        self.settings = settings or AnalyzerSettings()
        self._form_weights = {
            Form.WRITTEN: 1.0,
            Form.FOLDED: 1.0,
            Form.STEM: self.settings.stem_weight,
            Form.KIN: self.settings.kin_weight,
        }
        self._kin = kin_rule(self.settings.languages)

    @cached_property
    def version(self) -> str:
        """Changes whenever the stored weights of the same asset would change."""
        told = {
            "rules": RULES_VERSION,
            "languages": self.settings.languages,
            "k1": self.settings.k1,
            "fields": {n: (w.weight, w.b) for n, w in sorted(self.settings.fields.items())},
        }
        digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
        return f"{RULES_VERSION}-{digest[:12]}"

    def document(self, asset: Asset, only: Set[int] | None = None) -> DocumentTerms:
        """The asset's terms (or those with an id in ``only``), field by field.

        Fields of weight 0 are left out.
        """
        languages = self.languages_of(asset)
        return {
            name: bm25f.field_terms(
                [word for text in texts for word in terms_of_text(text, languages, self._kin)], only
            )
            for name, texts in lexical_texts(asset).items()
            if name in self.settings.fields and self.settings.fields[name].weight > 0
        }

    def weights(
        self, document: DocumentTerms, average_lengths: Mapping[str, float]
    ) -> dict[Term, TermWeight]:
        """The BM25F weight of every term, split by field."""
        settings = self.settings
        return bm25f.term_weights(document, settings.fields, average_lengths, settings.k1)

    def vector(self, document: DocumentTerms, average_lengths: Mapping[str, float]) -> SparseVector:
        """The sparse vector the store keeps for the document."""
        return bm25f.sparse_vector(self.weights(document, average_lengths))

    def query(self, text: str) -> tuple[QueryTerm, ...]:
        """The terms that a query's words ask for, in every language of the archive."""
        return query_terms(text, self.settings.languages, self._form_weights, self._kin)

    def matching_words(self, asset: Asset, terms: Set[str]) -> tuple[str, ...]:
        """The asset's words, as they stand in it, that stand for any of the terms, each once."""
        languages = self.languages_of(asset)
        found: dict[str, None] = {}
        for text in chain.from_iterable(lexical_texts(asset).values()):
            meant = terms_of_text(text, languages, self._kin)
            for word, its in zip(words_of(text), meant, strict=True):
                if not terms.isdisjoint(each.text for each in its):
                    found[word] = None
        return tuple(found)

    def languages_of(self, asset: Asset) -> tuple[str, ...]:
        """Those the asset is read in: its own where it names one, else those of the archive."""
        if asset.language and is_known(asset.language):
            return (asset.language,)
        return self.settings.languages


def query_vector(terms: tuple[QueryTerm, ...]) -> SparseVector:
    """The sparse vector of a query: term ids with the weights the query gives them."""
    ordered = sorted((each.term.id, each.weight) for each in terms)
    return SparseVector(tuple(key for key, _ in ordered), tuple(weight for _, weight in ordered))
