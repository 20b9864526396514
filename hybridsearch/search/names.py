"""Names inside a query: people, places, organisations and what else an archive calls by name.

In: the text of a query, its quoted phrases, the archive's lexicon. Out: the names, each with its
place in the text and the evidence for it. Three readers look one after the other, and none looks
at what one before it took: quotes; the values of the archive's own name fields, the longest
first, in any case and spelling; capitals of the query, and words that the archive itself always
writes with a capital.

Small letters are no obstacle ("eileen collins"), but a single word that the archive also uses as
a common word (Reading, rose) needs a capital to be a name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from hybridsearch.analysis.name_keys import word_keys
from hybridsearch.analysis.words import without_accents
from hybridsearch.domain.names import LONGEST, TEXT, Evidence, KnownName, Name
from hybridsearch.domain.notes import Note, NoteKind
from hybridsearch.ports import Lexicon
from hybridsearch.search.query_words import Word, Writing, query_words

CERTAIN = 1.0
KNOWN_EXACTLY = 0.95
KNOWN_BY_FORM = 0.85
"""Shares its stem or kin form with a known name, not its letters."""

WRITTEN = 0.8
CAPITALS = 0.6
"""Confidence by evidence: how much a planner may rely on it, not a measured probability."""

_PARTICLES = frozenset(
    ("da", "de", "del", "della", "den", "der", "di", "du", "la", "le", "van", "von", "bin", "al")
)
_GERMAN = frozenset({"de", "lb"})

Span = tuple[int, int]
"""Words from the first up to, not including, the second."""


def recognise(
    text: str,
    phrases: Sequence[Sequence[str]],
    lexicon: Lexicon | None,
    languages: tuple[str, ...],
) -> tuple[Name, ...]:
    """The names in the text, in its order; no two share a word.

    Args:
        text: the words of the query, composed (NFKC).
        phrases: the quoted phrases as words without case and accents; a phrase that the text
            does not hold is told without a place.
        lexicon: the archive's; without one only quotes and capitals speak.
        languages: those of the archive.
    """
    words = query_words(text, languages)
    reader = _Reader(text, words, lexicon, languages)
    return tuple(sorted(reader.names(phrases), key=lambda name: name.start))


@dataclass(frozen=True, slots=True)
class _Candidate:
    span: Span
    known: tuple[KnownName, ...]
    exact: bool


class _Reader:
    def __init__(
        self,
        text: str,
        words: Sequence[Word],
        lexicon: Lexicon | None,
        languages: tuple[str, ...],
    ) -> None:
        self._text = text
        self._words = words
        forms = [word_keys(word.typed, languages) for word in words]
        self._keys = _keys_of_spans(forms, lexicon) if lexicon is not None else {}
        self._found = self._looked_up(lexicon)
        bare = {word.bare for word in words}
        bare.update(each.folded for values in self._found.values() for each in values)
        vocabulary = lexicon.words(list(bare)) if lexicon is not None else {}
        assets = lexicon.info.assets if lexicon is not None else 0
        german = any(each.split("-")[0].lower() in _GERMAN for each in languages)
        self._writing = Writing(words, vocabulary, assets, german)
        self._free = [True] * len(words)

    def names(self, phrases: Sequence[Sequence[str]]) -> Iterator[Name]:
        """What the readers find, one after the other."""
        for phrase in phrases:
            yield self._quoted(phrase)
        for candidate in self._candidates():
            if all(self._free[slice(*candidate.span)]) and self._holds(candidate):
                yield self._known(candidate)
        yield from self._written()

    def _known(self, candidate: _Candidate) -> Name:
        """What only captions say is no value of a field, so nothing is told to be known."""
        of_fields = tuple(each for each in candidate.known if each.field != TEXT)
        if not of_fields:
            return self._take(candidate.span, Evidence.WRITTEN, WRITTEN)
        confidence = KNOWN_EXACTLY if candidate.exact else KNOWN_BY_FORM
        return self._take(candidate.span, Evidence.KNOWN, confidence, of_fields)

    def _looked_up(self, lexicon: Lexicon | None) -> Mapping[str, tuple[KnownName, ...]]:
        if lexicon is None:
            return {}
        keys = [
            key
            for (start, end), of_span in self._keys.items()
            if end - start > 1 or not self._words[start].function
            for key in of_span
        ]
        return lexicon.names(keys) if keys else {}

    def _candidates(self) -> Iterator[_Candidate]:
        """Runs of words that share a key with a known name, the longest first."""
        for span in sorted(self._keys, key=lambda each: (each[0] - each[1], each[0])):
            exact, *loose = self._keys[span]
            if exact in self._found:
                yield _Candidate(span, self._found[exact], exact=True)
                continue
            values = {each: None for key in loose for each in self._found.get(key, ())}
            if values:
                known = tuple(sorted(values, key=lambda each: -each.count))
                yield _Candidate(span, known, exact=False)

    def _holds(self, candidate: _Candidate) -> bool:
        """Whether the words are meant as the name that they could be."""
        start, end = candidate.span
        able = [at for at in range(start, end) if self._words[at].can_name]
        if not able:
            return False
        if end - start > 1 and candidate.exact:
            return True
        if end - start > 1:
            common = [self._writing.is_common(self._words[at].bare) for at in able]
            return not all(common) or any(map(self._names, able))
        chosen = self._writing.capitals_tell and self._writing.has_capital(start)
        return (
            (candidate.exact and chosen)
            or self._names(start)
            or self._known_as_name(start, candidate)
        )

    def _names(self, at: int) -> bool:
        """Whether the query's capital, or the archive's, makes the word a name."""
        writing, bare = self._writing, self._words[at].bare
        if writing.written_as_name(bare):
            return True
        return writing.has_capital(at) and not writing.is_common(bare)

    def _known_as_name(self, at: int, candidate: _Candidate) -> bool:
        """An inflected name in small letters: its own form is a name, and it is no other word."""
        if self._writing.is_common(self._words[at].bare):
            return False
        return any(self._writing.written_as_name(each.folded) for each in candidate.known)

    def _quoted(self, phrase: Sequence[str]) -> Name:
        span = self._place_of(phrase)
        if span is None:
            words = tuple(phrase)
            return Name(" ".join(words), -1, -1, words, Evidence.QUOTED, CERTAIN)
        known = [self._found.get(key, ()) for key in self._keys.get(span, ())]
        return self._take(span, Evidence.QUOTED, CERTAIN, next(filter(None, known), ()))

    def _place_of(self, phrase: Sequence[str]) -> Span | None:
        compared = [without_accents(word.typed.replace("\u2019", "'")) for word in self._words]
        for start in range(len(compared) - len(phrase) + 1):
            end = start + len(phrase)
            if compared[start:end] == list(phrase) and all(self._free[start:end]):
                return start, end
        return None

    def _written(self) -> Iterator[Name]:
        """Runs of words that the query or the archive writes as names.

        Where all are common words (White House), two must have chosen capitals in mid-query.
        """
        start = 0
        while start < len(self._words):
            if not self._stands_out(start):
                start += 1
                continue
            end = self._end_of_run(start)
            inside = [self._words[at].bare for at in range(start, end)]
            if any(map(self._writing.written_as_name, inside)):
                yield self._take((start, end), Evidence.WRITTEN, WRITTEN)
            elif not all(map(self._writing.is_common, inside)) or 0 < start < end - 1:
                yield self._take((start, end), Evidence.CAPITALS, CAPITALS)
            start = end

    def _stands_out(self, at: int) -> bool:
        word, writing = self._words[at], self._writing
        if not self._free[at] or not word.can_name:
            return False
        if writing.written_as_name(word.bare):
            return True
        if not writing.has_capital(at) or writing.nouns_have_capitals:
            return False
        if writing.is_common(word.bare):
            return writing.capitals_tell
        return writing.is_rare(word.bare)

    def _end_of_run(self, start: int) -> int:
        """Where the run ends: other capitals join, small particles where a name goes on."""
        end = start + 1
        while end < len(self._words):
            after = end
            while after < len(self._words) and self._words[after].typed in _PARTICLES:
                after += 1
            joins = after < len(self._words) and self._joins(after)
            if not joins or any(word.divided for word in self._words[end : after + 1]):
                break
            end = after + 1
        return end

    def _joins(self, at: int) -> bool:
        word = self._words[at]
        capital = self._free[at] and word.can_name and self._writing.has_capital(at)
        return capital or self._stands_out(at)

    def _take(
        self,
        span: Span,
        evidence: Evidence,
        confidence: float,
        known: tuple[KnownName, ...] = (),
    ) -> Name:
        start, end = span
        self._free[start:end] = [False] * (end - start)
        words = self._words[start:end]
        left, right = words[0].start, words[-1].end
        typed = tuple(word.typed for word in words)
        return Name(self._text[left:right], left, right, typed, evidence, confidence, known)


def _keys_of_spans(forms: Sequence[Sequence[str]], lexicon: Lexicon) -> dict[Span, Sequence[str]]:
    """The keys of every run of words that some name begins like: the first is without accents.

    Each run's keys are those of the run before its last word, made longer. Few words begin a
    name, so that most of the runs of a long query are never looked up.
    """
    longest = lexicon.starts([key for of_word in forms for key in of_word])
    keys: dict[Span, Sequence[str]] = {}
    for start, run in enumerate(forms):
        most = max((longest.get(key, 0) for key in run), default=0)
        for end in range(start, min(start + min(most, LONGEST), len(forms))):
            if end > start:
                run = [f"{before} {word}" for before, word in zip(run, forms[end], strict=True)]
            keys[start, end + 1] = run
    return keys


def lexicon_note(lexicon: Lexicon | None, analyzer_version: str, assets: int) -> Note | None:
    """What to tell where the archive's names are not gathered, or not as they are now.

    ``assets`` is how many the archive has. None where all is well: a hundredth may be missing.
    """
    if lexicon is None:
        return NoteKind.NO_NAMES.of()
    info = lexicon.info
    if info.analyzer_version == analyzer_version and abs(info.assets - assets) <= assets / 100:
        return None
    return NoteKind.OLD_NAMES.of(known=info.assets, assets=assets)
