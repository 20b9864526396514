"""Texts as phrases are looked for in them: compared words, one space between two.

In: an asset's texts. Out: for each field one string, in which a phrase stands if its words do,
one after the other. Whole words only, no case, no accents.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

from hybridsearch.analysis.fields import LEXICAL_FIELDS
from hybridsearch.analysis.words import without_accents, words_of
from hybridsearch.domain.asset import Asset

SEPARATOR = "\u00aa"
"""Stands between two values of a field, so that no phrase reaches from one into the next.

The feminine ordinal sign can never be a word: normalised (NFKC) it is the letter a. Unlike a
control or a symbol it is a letter to every tokenizer, so that engines count it as a word too.
"""


def _line(name: str) -> Callable[[Asset], tuple[str, ...]]:
    def read(asset: Asset) -> tuple[str, ...]:
        value: str | None = getattr(asset, name)
        return (value,) if value else ()

    return read


_FIELDS: dict[str, Callable[[Asset], tuple[str, ...]]] = {
    **LEXICAL_FIELDS,
    **{name: _line(name) for name in ("credit", "source", "usage_terms", "copyright")},
}

TEXT_FIELDS: tuple[str, ...] = tuple(_FIELDS)
"""The fields that a phrase may be looked for in; ``place`` is city, region and country."""


def compared_words(text: str) -> tuple[str, ...]:
    """The words of a text as phrases compare them.

    Possessives and elisions stay whole ("gorky's", "l'avion"), as word segmentation has them.
    """
    return tuple(bare for word in words_of(text) if (bare := without_accents(word)))


def phrase_texts(asset: Asset) -> dict[str, str]:
    """The text of each field that the asset fills with words."""
    texts = {name: _joined(read(asset)) for name, read in _FIELDS.items()}
    return {name: text for name, text in texts.items() if text}


def _joined(values: Iterable[str]) -> str:
    worded = (_again(value) if len(value) <= _SHORT else _worded(value) for value in values)
    return f" {SEPARATOR} ".join(text for text in worded if text)


def _worded(value: str) -> str:
    return " ".join(compared_words(value))


_SHORT = 80
"""Characters: names, places, credit lines, which come again from one asset to the next."""

_again = lru_cache(maxsize=32768)(_worded)
