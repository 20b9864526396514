"""The keys under which a name is kept and looked up, so that its cases and spellings meet.

A name has a key for each way in which its words may be written alike: without accents, by the
stem of each language, by the kin form. A part of a query that shares one of them may be the name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import regex

from hybridsearch.analysis.kin import kin_rule
from hybridsearch.analysis.stems import stemmer_of
from hybridsearch.analysis.words import bare_word, words_of, written_form

_IN_BRACKETS = regex.compile(r"\s*[(\[][^)\]]*[)\]]")
_INVERTED_FIELDS = frozenset({"people", "creator"})


@lru_cache(maxsize=65536)
def word_keys(word: str, languages: tuple[str, ...]) -> tuple[str, ...]:
    """The forms of a word, one for each way of comparing, always in the same order."""
    written = written_form(word)
    bare = bare_word(written)
    forms = [bare]
    forms.extend(f"~{stemmer_of(language)(written) or bare}" for language in languages)
    kin = kin_rule(languages)
    if kin is not None:
        forms.append(f"^{kin(written)}")
    return tuple(forms)


def name_keys(words: Sequence[str], languages: tuple[str, ...]) -> tuple[str, ...]:
    """The keys of a name of these words, each once; the first is its form without accents."""
    forms = [word_keys(word, languages) for word in words]
    return tuple(dict.fromkeys(" ".join(way) for way in zip(*forms, strict=True)))


def keys_of_value(field: str, value: str, languages: tuple[str, ...]) -> tuple[str, ...]:
    """The keys of a field's value and of the other ways in which it is said.

    "Washington (DC)" is also Washington; the person "Lee, Russell" is also Russell Lee.
    """
    keys: dict[str, None] = {}
    for said in _ways_to_say(field, value):
        words = words_of(said)
        if words:
            keys.update(dict.fromkeys(name_keys(words, languages)))
    return tuple(keys)


def _ways_to_say(field: str, value: str) -> Iterator[str]:
    yield value
    plain = _IN_BRACKETS.sub("", value)
    if plain != value:
        yield plain
    if field in _INVERTED_FIELDS and plain.count(",") == 1:
        family, given = plain.split(",")
        yield f"{given} {family}"
