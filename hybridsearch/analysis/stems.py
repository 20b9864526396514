"""Words into stems or lemmas, language by language.

Snowball stemmers where there are good ones; simplemma's dictionaries for Slovene and the
Serbo-Croatian languages, which Snowball lacks.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import regex
import simplemma
import Stemmer

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

Stem = Callable[[str], str]


@cache
def stemmer_of(language: str) -> Stem:
    """The function that maps a written form to its stem, without accents.

    Raises:
        ConfigError: no stemmer and no lemma dictionary for that language.
    """
    code = language.split("-")[0].lower()
    if code in _SNOWBALL:
        stem: Stem = Stemmer.Stemmer(_SNOWBALL[code]).stemWord
    elif code in _LEMMAS:
        dictionary = _LEMMAS[code]

        def stem(word: str) -> str:
            return simplemma.lemmatize(word, lang=dictionary).casefold()

    else:
        raise ConfigError(
            f"No stemmer for the language {language!r}.", f"Choose from {', '.join(LANGUAGES)}."
        )
    if code in _ELIDING:
        return lambda word: without_accents(stem(_ELISION.sub("", word)))
    return lambda word: without_accents(stem(word))


def is_known(language: str) -> bool:
    """Whether there is a stemmer or lemma dictionary for the language tag."""
    return language.split("-")[0].lower() in LANGUAGES
