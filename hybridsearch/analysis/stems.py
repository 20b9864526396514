"""Words into stems or lemmas, language by language.

Snowball stemmers where there are good ones, helped with the irregular plurals that captions are
full of; simplemma's dictionaries for Slovene and the Serbo-Croatian languages, which Snowball
lacks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

import regex
import Stemmer
from simplemma.strategies import DictionaryLookupStrategy

from hybridsearch.analysis.irregular import singular
from hybridsearch.analysis.words import without_accents
from hybridsearch.errors import ConfigError

_SNOWBALL = {
    "da": "danish",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "hu": "hungarian",
    "it": "italian",
    "nl": "dutch",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
    "tr": "turkish",
}
_LEMMAS = {"sl": "sl", "hr": "hbs", "sr": "hbs", "bs": "hbs"}

LANGUAGES: tuple[str, ...] = tuple(sorted({*_SNOWBALL, *_LEMMAS}))

_ELISION = regex.compile(r"^(?:[cdjlmnst]|qu|dell|all|nell|dall|sull|coll|un|quest|quell)'(?=\w\w)")
_ELIDING = {"fr", "it"}
_GENITIVE = {"de"}
_GENITIVE_S = regex.compile(r"(?<=\w{3}[^\Ws'])'?s$")
"""What the stemmer keeps after a vowel and after two consonants: Annas, Obamas, Kölns."""
_HARD = regex.compile(r"([cg])h$")
"""The h that keeps a consonant hard before the endings -i and -e: lago, laghi."""
_HARDENING = {"it"}

_DICTIONARIES = DictionaryLookupStrategy()

Stem = Callable[[str], str | None]


@cache
def stemmer_of(language: str) -> Stem:
    """The function that maps a written form to its stem, without accents.

    None where a lemma dictionary does not have the word: in an archive of several languages, a
    stem that is only the word itself would take weight from the one that says something.

    Raises:
        ConfigError: no stemmer and no lemma dictionary for that language.
    """
    code = language.split("-")[0].lower()
    if code in _SNOWBALL:
        return _snowball(code)
    if code in _LEMMAS:
        return _lemma(_LEMMAS[code])
    raise ConfigError(
        f"No stemmer for the language {language!r}.", f"Choose from {', '.join(LANGUAGES)}."
    )


def _snowball(code: str) -> Stem:
    stem: Callable[[str], str] = Stemmer.Stemmer(_SNOWBALL[code]).stemWord

    def stem_of(word: str) -> str:
        if code in _ELIDING:
            word = _ELISION.sub("", word)
        elif code in _GENITIVE:
            word = _GENITIVE_S.sub("", word)
        found = stem(singular(word, code))
        return without_accents(_HARD.sub(r"\1", found) if code in _HARDENING else found)

    return stem_of


def _lemma(dictionary: str) -> Stem:
    """The dictionary alone: simplemma's rules would make “electronica” of “electronic”."""

    def stem_of(word: str) -> str | None:
        lemma: str | None = _DICTIONARIES.get_lemma(word, dictionary)
        return None if lemma is None else without_accents(lemma.casefold())

    return stem_of


def is_known(language: str) -> bool:
    """Whether there is a stemmer or lemma dictionary for the language tag."""
    return language.split("-")[0].lower() in LANGUAGES


def is_dictionary_word(word: str, languages: Iterable[str]) -> bool:
    """Whether a dictionary of any of the languages has the word, in any of its forms.

    A dictionary is read when its language is first asked for: 0.2 s for most, 4 s for Polish.
    """
    codes = {each.split("-")[0].lower() for each in languages}
    names = {_LEMMAS.get(code, code) for code in codes if code not in _WITHOUT_DICTIONARY}
    return any(_DICTIONARIES.get_lemma(word.casefold(), name) is not None for name in sorted(names))


_WITHOUT_DICTIONARY = frozenset({"no"})
