"""The lexicon of an archive, gathered from the assets that its store holds.

In: the assets that an ingest wrote and those they replaced, or all that the store holds. Out: the
values of the fields, and how the texts write each word.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import regex

from hybridsearch.analysis.analyzer import Analyzer
from hybridsearch.analysis.fields import lexical_texts
from hybridsearch.analysis.function_words import is_function_word
from hybridsearch.analysis.name_keys import keys_of_value
from hybridsearch.analysis.payload import asset_of
from hybridsearch.analysis.spelled import shown_value, shown_word
from hybridsearch.analysis.words import bare_word, folded, words_of
from hybridsearch.domain.asset import Asset
from hybridsearch.domain.names import LONGEST, SAID, TEXT, ArchiveWord, KnownName, LexiconInfo
from hybridsearch.ingest.walking import Step, walked
from hybridsearch.ports import LexiconContents, Lexicons, Store

NAME_FIELDS: tuple[str, ...] = (
    "people",
    "organisations",
    "event",
    "city",
    "region",
    "country",
    "creator",
)
"""The fields whose values are names that a query may hold."""

SHOWN_FIELDS: tuple[str, ...] = ("credit", "source", "collection", "usage_terms", "keywords")
"""The further fields whose values are shown, in the spelling that the archive mostly has."""

_NAME_TEXTS = ("people", "organisations", "event", "place", "creator")
_RUNNING_TEXTS = ("headline", "caption")
_NOUNS_HAVE_CAPITALS = frozenset({"de", "lb"})
_BREAK = regex.compile(r"[.!?:;]+(?=\s|$)|[\"“”„»«()\[\]|\n]+")
_NAME = regex.compile(
    r"\b\p{Lu}[\w'’-]*+(?: (?:(?:of|de|del|della|di|du|la|le|van|von|der) )?\p{Lu}[\w'’-]*+)+"
)
_WHITE = regex.compile(r"\s")
_POSSESSIVE = regex.compile(r"['’]s?$")
_LONG = 4
"""Letters of a small word that show a text to be no title: titles write "of" and "in" small."""


_Counting = Callable[[Counter[Any], Iterable[Any]], None]
"""``Counter.update`` or ``Counter.subtract``."""


class LexiconUpkeep:
    """Keeps the lexicon with the store: takes in what an ingest changed, or builds it anew.

    A store that holds other assets than the lexicon and this ingest account for (a first
    ingest that was interrupted, a lexicon lost or of other rules) is read whole.

    Args:
        trusted: all that was written before has been finished, so the lexicon knows of it.
    """

    def __init__(
        self, store: Store, analyzer: Analyzer, lexicons: Lexicons, *, trusted: bool
    ) -> None:
        self._store = store
        self._analyzer = analyzer
        self._lexicons = lexicons
        self._trusted = trusted
        self._written = Gathering(analyzer)

    def written(self, asset: Asset, before: Asset | None) -> None:
        """Count an asset that was written, in the place of what the store had before."""
        if before is not None:
            self._written.remove(before)
        self._written.add(asset)

    def deleted(self, assets: Iterable[Asset]) -> None:
        """Count assets no longer."""
        for each in assets:
            self._written.remove(each)

    @property
    def due(self) -> bool:
        """Whether the lexicon and what was written are not what the store holds."""
        info = self._info
        return info is None or not self._accounts_for_all(info) or not self._written.is_empty

    def finish(self, step: Step) -> None:
        """Bring the lexicon to what the store holds.

        Raises:
            StoreError: the store cannot be read or the lexicon not be written.
        """
        info = self._info
        if info is None and self._written.assets == self._store.count():
            self._lexicons.write(self._written.contents())
        elif info is not None and self._accounts_for_all(info):
            if not self._written.is_empty:
                self._lexicons.write(self._written.contents(addition=True), add=True)
        else:
            self._lexicons.write(gathered_from(self._store, self._analyzer, step))
        self._trusted = True
        self._written = Gathering(self._analyzer)

    def _accounts_for_all(self, info: LexiconInfo) -> bool:
        return self._trusted and info.assets + self._written.assets == self._store.count()

    @property
    def _info(self) -> LexiconInfo | None:
        lexicon = self._lexicons.open()
        if lexicon is None:
            return None
        with closing(lexicon):
            info = lexicon.info
        return info if info.analyzer_version == self._analyzer.version else None


def gathered_from(store: Store, analyzer: Analyzer, step: Step) -> LexiconContents:
    """The lexicon of all stored assets."""
    gathered = Gathering(analyzer)
    for batch in walked(store, ("asset",), step):
        for record in batch:
            gathered.add(asset_of(record.payload))
    return gathered.contents()


class Gathering:
    """Counts over assets, one at a time; memory grows with names and words, not with assets."""

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self.assets = 0
        """How many were added, less those that were removed."""
        self.is_empty = True
        """Whether nothing was added or removed."""
        self._values: Counter[tuple[str, str]] = Counter()
        self._documents: Counter[str] = Counter()
        self._named: Counter[str] = Counter()
        self._capital: Counter[str] = Counter()
        self._small: Counter[str] = Counter()
        self._spelled: Counter[str] = Counter()

    def add(self, asset: Asset) -> None:
        """Count one asset's values and words."""
        self._count(asset, Counter.update)
        self.assets += 1

    def remove(self, asset: Asset) -> None:
        """Count one asset no longer, as it was when it was added, here or before."""
        self._count(asset, Counter.subtract)
        self.assets -= 1

    def _count(self, asset: Asset, count: _Counting) -> None:
        self.is_empty = False
        for name in (*NAME_FIELDS, *SHOWN_FIELDS):
            value = getattr(asset, name)
            if value:
                values = set(value) if isinstance(value, tuple) else (value,)
                count(self._values, [(name, each) for each in values])
        every, names = set[str](), set[str]()
        for name, texts in lexical_texts(asset).items():
            for text in texts:
                if name in _RUNNING_TEXTS:
                    every.update(self._read(text, self._nouns_have_capitals(asset), count))
                elif name in _NAME_TEXTS:
                    names.update(_words_of_value(text))
                else:
                    every.update(words_of(text))
        every |= names
        count(self._spelled, every)
        count(self._documents, set(map(bare_word, every)))
        count(self._named, set(map(bare_word, names)))

    def _nouns_have_capitals(self, asset: Asset) -> bool:
        languages = self._analyzer.languages_of(asset)
        return any(each.split("-")[0].lower() in _NOUNS_HAVE_CAPITALS for each in languages)

    def _read(self, text: str, capitals_tell_nothing: bool, count: _Counting) -> Iterator[str]:
        """The words of a text; how it writes those inside its sentences is counted."""
        for part in _BREAK.split(text):
            words = words_of(part)
            yield from words
            inner = words[1:]
            if capitals_tell_nothing or not any(map(_shows_running_text, inner)):
                continue
            count(self._capital, [bare_word(word) for word in inner if word[0].isupper()])
            count(self._small, [bare_word(word) for word in inner if word[0].islower()])
            count(self._values, [(TEXT, name) for name in _names_within(part)])

    def contents(self, *, addition: bool = False) -> LexiconContents:
        """The lexicon of all that was added.

        ``addition`` to another one: names that texts say seldom come with their keys too, for
        what counts is how often both say them.
        """
        languages = self._analyzer.settings.languages
        spelled = self._spelled_values()
        values = [
            (
                name,
                keys_of_value(name.field, name.display, languages)
                if _is_name(name, 1 if addition else SAID)
                else (),
            )
            for name in _counted(spelled)
        ]
        spelled_words = self._spelled_words()
        words = [self._word(each, spelled_words[each]) for each in sorted(self._documents)]
        built = datetime.now(UTC).isoformat(timespec="seconds")
        names = sum(bool(keys) for _, keys in values)
        version = self._analyzer.version
        info = LexiconInfo(version, self.assets, names, len(words), built)
        return LexiconContents(info, values, words, spelled, spelled_words)

    def _spelled_values(self) -> Mapping[tuple[str, str], Counter[str]]:
        spellings: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        for (field, value), count in self._values.items():
            spellings[field, folded(value)][" ".join(value.split())] += count
        return dict(sorted(spellings.items()))

    def _spelled_words(self) -> Mapping[str, Counter[str]]:
        spellings: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for word, count in self._spelled.items():
            spellings[bare_word(word)][word] += count
        return spellings

    def _word(self, key: str, spellings: Mapping[str, int]) -> ArchiveWord:
        return ArchiveWord(
            key,
            shown_word(key, spellings),
            self._documents[key],
            self._named[key],
            self._capital[key],
            self._small[key],
        )


def _counted(spelled: Mapping[tuple[str, str], Counter[str]]) -> Iterator[KnownName]:
    """The values whose count is another than before."""
    for (field, value), spellings in spelled.items():
        if spellings.total():
            yield KnownName(field, value, shown_value(spellings), spellings.total())


def _is_name(value: KnownName, said: int) -> bool:
    return value.count >= said if value.field == TEXT else value.field in NAME_FIELDS


def _names_within(part: str) -> Iterator[str]:
    """Runs of two and more capitals inside a sentence: White House, Office of War Information."""
    opening = _WHITE.search(part.lstrip())
    for name in _NAME.findall(part.lstrip(), opening.end()) if opening else ():
        if name.count(" ") < LONGEST:
            yield _POSSESSIVE.sub("", name)


@lru_cache(maxsize=8192)
def _words_of_value(value: str) -> tuple[str, ...]:
    """Places and creators come again and again."""
    return tuple(words_of(value))


def _shows_running_text(word: str) -> bool:
    return len(word) >= _LONG and word[0].islower() and not is_function_word(word)
