"""The words of a query as a name is looked for in them.

In: the text of a query, and the archive's lexicon. Out: each word with its place, and what its
capital and the archive's own way of writing it say about it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import regex

from hybridsearch.analysis.function_words import is_function_word
from hybridsearch.analysis.words import bare_word, word_spans
from hybridsearch.domain.names import ArchiveWord
from hybridsearch.search.language.months import MONTHS

WRITTEN_AS_NAME = 0.8
"""The share of capitals inside running text from which a word is written as a name."""

WRITTEN_SMALL = 0.5
"""The share of small letters from which it is a common word."""

SEEN = 2
"""How often a word must stand inside running text before its capitals are believed."""

NAMED = 0.5
"""Without running text: the share of its assets that have the word in a name field."""

RARE = 0.01
"""The share of assets up to which a word is rare."""

_WEEKDAY_NAMES = """
    monday tuesday wednesday thursday friday saturday sunday
    ponedeljek ponedeljka torek torka sreda srede sredo cetrtek cetrtka petek petka
    sobota sobote soboto nedelja nedelje nedeljo
    ponedjeljak ponedjeljka utorak utorka srijeda srijede srijedu cetvrtak cetvrtka
    subota subote subotu nedjelja nedjelje nedjelju
    montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag
    lundi mardi mercredi jeudi vendredi samedi dimanche
    lunedi martedi mercoledi giovedi venerdi sabato domenica
"""
_WEEKDAYS = frozenset(_WEEKDAY_NAMES.split())
_MONTHS = frozenset(name for name in MONTHS if len(name) > 3)
_DIVIDES = regex.compile(r"[,;:/|()\[\]\"“”„»«!?]")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the query; ``bare`` is its form in the lexicon.

    ``divided`` says that punctuation stands before it, so that no name reaches over its
    beginning. ``function`` and ``calendar`` words (months, weekdays) are no names by themselves.
    """

    start: int
    end: int
    typed: str
    bare: str
    divided: bool
    function: bool
    calendar: bool

    @property
    def capital(self) -> bool:
        """Whether it begins with a capital."""
        return self.typed[:1].isupper()

    @property
    def can_name(self) -> bool:
        """Whether it can be a name by itself."""
        return not (self.function or self.calendar) and any(map(str.isalpha, self.typed))


def query_words(text: str, languages: Sequence[str]) -> list[Word]:
    """The words of the text in their order."""
    words: list[Word] = []
    end = 0
    for start, stop in word_spans(text):
        typed = text[start:stop]
        bare = bare_word(typed.replace("\u2019", "'"))
        divided = _DIVIDES.search(text, end, start) is not None
        function = is_function_word(typed, languages)
        calendar = bare in _MONTHS or bare in _WEEKDAYS
        words.append(Word(start, stop, typed, bare, divided, function, calendar))
        end = stop
    return words


@dataclass(frozen=True, slots=True)
class Writing:
    """How the query and the archive write words.

    ``vocabulary`` holds the archive's words that matter, ``assets`` is their number.
    ``nouns_have_capitals`` tells that the query may be German, where a capital says nothing.
    """

    words: Sequence[Word]
    vocabulary: Mapping[str, ArchiveWord]
    assets: int
    nouns_have_capitals: bool = False

    @property
    def capitals_tell(self) -> bool:
        """Whether a capital of the query was a choice: some word that could have one has none."""
        content = [word for word in self.words if not word.function]
        return not self.nouns_have_capitals and not all(word.capital for word in content)

    def has_capital(self, at: int) -> bool:
        """Whether the word's capital does more than open the query."""
        word = self.words[at]
        if not word.capital or all(each.typed.isupper() for each in self.words):
            return False
        if at > 0:
            return True
        following = self.words[1] if len(self.words) > 1 else None
        return following is not None and following.capital and not following.divided

    def written_as_name(self, bare: str) -> bool:
        """Whether the archive writes the word as a name."""
        word = self.vocabulary.get(bare)
        if word is None:
            return False
        seen = word.capital + word.small
        if seen >= SEEN:
            return word.capital >= WRITTEN_AS_NAME * seen
        return word.small == 0 and word.named >= NAMED * word.documents

    def is_common(self, bare: str) -> bool:
        """Whether the archive uses the word as any other word."""
        word = self.vocabulary.get(bare)
        return word is not None and word.small > WRITTEN_SMALL * (word.capital + word.small)

    def is_rare(self, bare: str) -> bool:
        """Whether few assets have the word, or none."""
        word = self.vocabulary.get(bare)
        return word is None or word.documents <= max(RARE * self.assets, 1)
