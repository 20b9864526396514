"""Text into words: Unicode word segmentation (UAX 29), NFKC, case folding."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import regex

_WORD = regex.compile(r"(?w)\b\w.*?\b", regex.V1 | regex.DOTALL)
"""``(?w)`` makes ``\\b`` the default word boundary of Unicode Standard Annex 29."""

_APOSTROPHES = str.maketrans({"\u2019": "'", "\u02bc": "'", "\uff07": "'"})


def words_of(text: str) -> list[str]:
    """The words of a text in the order written, composed (NFKC), in their own case."""
    found: list[str] = _WORD.findall(unicodedata.normalize("NFKC", text).translate(_APOSTROPHES))
    return found


@lru_cache(maxsize=65536)
def written_form(word: str) -> str:
    """The word without its case: what an exact match compares."""
    return unicodedata.normalize("NFKC", word.casefold())


@lru_cache(maxsize=65536)
def without_accents(word: str) -> str:
    """The written form without accents, so that Kremenšek and kremensek meet.

    Letters that are no accented Latin letter but a letter of their own in Unicode (đ, ø, ł)
    are mapped as newsrooms type them.
    """
    decomposed = unicodedata.normalize("NFD", word.casefold().translate(_LETTERS))
    bare = "".join(each for each in decomposed if not unicodedata.combining(each))
    return unicodedata.normalize("NFC", bare)


_LETTERS = str.maketrans({"đ": "d", "ø": "o", "ł": "l", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d"})


@lru_cache(maxsize=65536)
def bare_word(word: str) -> str:
    """The word without accents, possessive ending and elided article: the lexicon's form.

    "Hopper's" is hopper, "l'Etna" and "dell'Etna" are etna.
    """
    return _ELIDED.sub("", _POSSESSIVE.sub("", without_accents(written_form(word))))


_POSSESSIVE = regex.compile(r"(?<=\w\w)'s?$")
_ELIDED = regex.compile(r"^(?:[cdjlmnst]|qu|dell|all|nell|dall|sull)'(?=\w\w)")


def word_spans(text: str) -> list[tuple[int, int]]:
    """Where each word of the text begins and ends; ``words_of`` of a composed text (NFKC)."""
    return [found.span() for found in _WORD.finditer(text.translate(_APOSTROPHES))]


def folded(value: str) -> str:
    """A whole value for comparison in filters: no case, no accents, single spaces."""
    return " ".join(without_accents(unicodedata.normalize("NFKC", value)).split())
