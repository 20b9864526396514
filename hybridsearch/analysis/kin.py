"""The kin form: one form for all cases of a name, also of names that no dictionary knows.

A lemma dictionary turns "Ljubljane" into "Ljubljana", but leaves "Melaminu" as it is, and so all
that is typed without accents. The kin form needs no dictionary: it takes off, from the word
without accents, one after the other, the endings that declension puts on, and the vowel that
comes and goes before the last consonant (Koper, Kopra). It is no word and no stem; its one
property is that the cases of a word share it.

Languages whose Snowball stemmer does this for names already (English, German, French, Italian
and more) need none: ``python -m eval.names forms`` measures it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

import regex

from hybridsearch.analysis.words import bare_word

SHORTEST = 3
"""Letters that an ending must leave. "Ana" and "Ane" are left to the dictionary: with two
letters left, "usa" and "use" would meet."""

_SOUTH_SLAVIC = frozenset({"sl", "hr", "sr", "bs"})

_ENDINGS = regex.compile(
    r"(?:"
    # Adjectives: Novega, Novemu, Novimi; hr. Novoga, Novomu, Novome, Novog, Novoj.
    r"ega|emu|imi|oga|omu|ome|og|oj"
    # Names in -e that grow by a t: Toneta, Tonetu, Tonetom, Tonetov.
    r"|eta|etu|etom|etov"
    # Nouns of more than one vowel; -ov and -ev are possessives too (Kremenškova).
    r"|ama|ami|oma|ah|om|em|am|ov|ev|ih|im"
    # One vowel; y for names of other languages (Kennedy, Kennedyja).
    r"|[aeiouy]"
    r")$"
)
_GLIDE = regex.compile(r"(?<=r)j$|(?<=\w\w\w[aeiouy])j$")
"""The j between a name in -r or in a vowel and its ending: Igorja, Gandhija, Tokiem."""
_FLEETING = regex.compile(r"(?<=[^aeiou])[ae](?=[^aeiou]$)")

Kin = Callable[[str], str]


def kin_rule(languages: Iterable[str]) -> Kin | None:
    """The rule for an archive of these languages; None where stems do what it would do."""
    codes = {each.split("-")[0].lower() for each in languages}
    return south_slavic_kin if codes & _SOUTH_SLAVIC else None


@lru_cache(maxsize=262144)
def south_slavic_kin(word: str) -> str:
    """The kin form in Slovene, Croatian, Serbian and Bosnian; the kin form's own is itself."""
    bare = bare_word(word)
    if any(letter.isdigit() for letter in bare):
        return bare
    while (shorter := _without_ending(bare)) != bare:
        bare = shorter
    return bare


def _without_ending(word: str) -> str:
    found = _ENDINGS.search(word, pos=SHORTEST)
    if found:
        return word[: found.start()]
    for rule in (_GLIDE, _FLEETING):
        shorter = rule.sub("", word)
        if shorter != word and len(shorter) >= SHORTEST:
            return shorter
    return f"{word[:-1]}k" if word.endswith("c") else word
