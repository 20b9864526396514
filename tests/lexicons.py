"""A lexicon in dicts, and the lexicon of a few assets: small and real."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from rapidfuzz.distance import DamerauLevenshtein

from hybridsearch.analysis.analyzer import Analyzer, AnalyzerSettings
from hybridsearch.analysis.words import words_of
from hybridsearch.domain.asset import Asset
from hybridsearch.domain.names import SAID, TEXT, ArchiveWord, KnownName, LexiconInfo
from hybridsearch.ingest.lexicon import Gathering
from hybridsearch.ports import LexiconContents


class MemoryLexicon:
    """Answers from the contents themselves, by looking at all of them."""

    def __init__(self, contents: LexiconContents) -> None:
        self.info: LexiconInfo = contents.info
        shown = [
            (each, keys)
            for each, keys in contents.values
            if each.field != TEXT or each.count >= SAID
        ]
        self._contents = replace(contents, values=shown)

    def starts(self, keys: Sequence[str]) -> Mapping[str, int]:
        longest: dict[str, int] = {}
        for _, of_value in self._contents.values:
            for words in (key.split(" ") for key in of_value):
                if words[0] in keys:
                    longest[words[0]] = max(longest.get(words[0], 0), len(words))
        return longest

    def names(self, keys: Sequence[str]) -> Mapping[str, tuple[KnownName, ...]]:
        found: dict[str, list[KnownName]] = {}
        for value, of_value in self._contents.values:
            for key in set(of_value) & set(keys):
                found.setdefault(key, []).append(value)
        return {
            key: tuple(sorted(values, key=lambda each: (-each.count, each.field, each.folded)))
            for key, values in found.items()
        }

    def words(self, folded: Sequence[str]) -> Mapping[str, ArchiveWord]:
        return {each.folded: each for each in self._contents.words if each.folded in folded}

    def alike(self, folded: str) -> tuple[ArchiveWord, ...]:
        return tuple(
            word
            for word in self._contents.words
            if DamerauLevenshtein.distance(word.folded, folded) <= 2
        )

    def complete(
        self, whole: Sequence[str], beginning: str, limit: int, fields: Sequence[str] = ()
    ) -> tuple[KnownName, ...]:
        found = [
            value
            for value, _ in self._contents.values
            if (not fields or value.field in fields)
            and set(whole) <= set(words_of(value.folded))
            and any(word.startswith(beginning) for word in words_of(value.folded))
        ]
        return tuple(sorted(found, key=lambda each: (-each.count, each.folded, each.field))[:limit])

    def words_from(self, beginning: str, limit: int) -> tuple[ArchiveWord, ...]:
        found = (word for word in self._contents.words if word.folded.startswith(beginning))
        return tuple(sorted(found, key=lambda each: (-each.documents, each.folded))[:limit])

    def display(self, field: str, folded: str) -> str:
        shown = (each.display for each, _ in self._contents.values if _is(each, field, folded))
        return next(shown, folded)

    def close(self) -> None:
        """There is nothing to let go of."""


def _is(value: KnownName, field: str, folded: str) -> bool:
    return (value.field, value.folded) == (field, folded)


def contents_of(assets: Iterable[Asset], languages: tuple[str, ...] = ("en",)) -> LexiconContents:
    """What an ingest of the assets would write."""
    gathered = Gathering(Analyzer(AnalyzerSettings(languages=languages)))
    for asset in assets:
        gathered.add(asset)
    return gathered.contents()


def lexicon_of(assets: Iterable[Asset], languages: tuple[str, ...] = ("en",)) -> MemoryLexicon:
    """The lexicon of the assets."""
    return MemoryLexicon(contents_of(assets, languages))
