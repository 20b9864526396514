"""The lexicon of an archive, gathered from the assets that its store holds.

In: the assets that an ingest wrote, or all that the store holds. Out: the values of the fields,
and how the texts write each word.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from functools import lru_cache

import regex

from hybridsearch.analysis.analyzer import Analyzer
from hybridsearch.analysis.fields import lexical_texts
from hybridsearch.analysis.function_words import is_function_word
from hybridsearch.analysis.name_keys import keys_of_value
from hybridsearch.analysis.payload import asset_of
from hybridsearch.analysis.words import bare_word, folded, without_accents, words_of
from hybridsearch.domain.asset import Asset
from hybridsearch.domain.names import LONGEST, TEXT, ArchiveWord, KnownName, LexiconInfo
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

SAID = 2
"""How often running text must say a name of several words before it is one."""

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


MOST_AGAIN = 0.1
"""The share of assets counted twice after changes from which the lexicon is built anew."""


class LexiconUpkeep:
    """Keeps the lexicon with the store: adds what an ingest wrote, or builds it anew.

    A store that holds other assets than the lexicon and this ingest account for (a first
    ingest that was interrupted, a lexicon lost or of other rules) is read whole.
    """

    def __init__(self, store: Store, analyzer: Analyzer, lexicons: Lexicons) -> None:
        self._store = store
        self._analyzer = analyzer
        self._lexicons = lexicons
        self._written = Gathering(analyzer)

    def add(self, asset: Asset, *, changed: bool = False) -> None:
        """Count an asset that was written; ``changed``: the store had it before."""
        self._written.add(asset, again=changed)

    @property
    def due(self) -> bool:
        """Whether the lexicon and what was added are not what the store holds."""
        info = self._info
        written = self._written.assets or self._written.again
        return info is None or not self._accounts_for_all(info) or written > 0

    def finish(self, step: Step) -> None:
        """Bring the lexicon to what the store holds.

        Raises:
            StoreError: the store cannot be read or the lexicon not be written.
        """
        info = self._info
        if info is None and self._written.assets == self._store.count():
            self._lexicons.write(self._written.contents())
        elif info is not None and self._accounts_for_all(info):
            if self._written.assets or self._written.again:
                self._lexicons.write(self._written.contents(), add=True)
        else:
            self._lexicons.write(gathered_from(self._store, self._analyzer, step))
        self._written = Gathering(self._analyzer)

    def _accounts_for_all(self, info: LexiconInfo) -> bool:
        again = info.again + self._written.again
        stored = self._store.count()
        return info.assets + self._written.assets == stored and again <= MOST_AGAIN * stored

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
        """How many assets were added that had not been before."""
        self.again = 0
        self._values: Counter[tuple[str, str]] = Counter()
        self._documents: Counter[str] = Counter()
        self._named: Counter[str] = Counter()
        self._capital: Counter[str] = Counter()
        self._small: Counter[str] = Counter()
        self._spelled: Counter[str] = Counter()

    def add(self, asset: Asset, *, again: bool = False) -> None:
        """Count one asset's values and words; ``again``: it was counted before it changed."""
        self.again += again
        self.assets += not again
        for name in (*NAME_FIELDS, *SHOWN_FIELDS):
            value = getattr(asset, name)
            if value:
                values = set(value) if isinstance(value, tuple) else (value,)
                self._values.update((name, each) for each in values)
        every, names = set[str](), set[str]()
        for name, texts in lexical_texts(asset).items():
            for text in texts:
                if name in _RUNNING_TEXTS:
                    every.update(self._read(text, self._nouns_have_capitals(asset)))
                elif name in _NAME_TEXTS:
                    names.update(_words_of_value(text))
                else:
                    every.update(words_of(text))
        every |= names
        self._spelled.update(every)
        self._documents.update(set(map(bare_word, every)))
        self._named.update(set(map(bare_word, names)))

    def _nouns_have_capitals(self, asset: Asset) -> bool:
        languages = self._analyzer.languages_of(asset)
        return any(each.split("-")[0].lower() in _NOUNS_HAVE_CAPITALS for each in languages)

    def _read(self, text: str, capitals_tell_nothing: bool) -> Iterator[str]:
        """The words of a text; how it writes those inside its sentences is counted."""
        for part in _BREAK.split(text):
            words = words_of(part)
            yield from words
            inner = words[1:]
            if capitals_tell_nothing or not any(map(_shows_running_text, inner)):
                continue
            self._capital.update(bare_word(word) for word in inner if word[0].isupper())
            self._small.update(bare_word(word) for word in inner if word[0].islower())
            self._values.update((TEXT, name) for name in _names_within(part))

    def contents(self) -> LexiconContents:
        """The lexicon of all that was added."""
        languages = self._analyzer.settings.languages
        values = [
            (name, keys_of_value(name.field, name.display, languages) if kept else ())
            for name, kept in self._known_names()
        ]
        spellings = self._spellings()
        words = [self._word(each, spellings[each]) for each in sorted(self._documents)]
        built = datetime.now(UTC).isoformat(timespec="seconds")
        names = sum(bool(keys) for _, keys in values)
        version = self._analyzer.version
        info = LexiconInfo(version, self.assets, self.again, names, len(words), built)
        return LexiconContents(info, values, words)

    def _known_names(self) -> Iterator[tuple[KnownName, bool]]:
        spellings: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        for (field, value), count in self._values.items():
            spellings[field, folded(value)][" ".join(value.split())] += count
        for (field, value), spelled in sorted(spellings.items()):
            if field == TEXT and spelled.total() < SAID:
                continue
            name = KnownName(field, value, _most_frequent(spelled), spelled.total())
            yield name, field == TEXT or field in NAME_FIELDS

    def _spellings(self) -> Mapping[str, Counter[str]]:
        spellings: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for word, count in self._spelled.items():
            spellings[bare_word(word)][word] += count
        return spellings

    def _word(self, key: str, spellings: Counter[str]) -> ArchiveWord:
        return ArchiveWord(
            key,
            _spelling_of(key, spellings),
            self._documents[key],
            self._named[key],
            self._capital[key],
            self._small[key],
        )


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


def _spelling_of(key: str, spellings: Mapping[str, int]) -> str:
    """The most frequent spelling of the word itself; of its possessive, where there is no other."""
    return min(
        spellings,
        key=lambda each: (without_accents(each) != key, -spellings[each], not each.islower(), each),
    )


def _most_frequent(spellings: Counter[str]) -> str:
    return min(spellings.items(), key=lambda each: (-each[1], each[0]))[0]
