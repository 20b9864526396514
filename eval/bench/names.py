"""The names of a large archive: opening its lexicon, and finding the names of a query in it.

In: made-up names, as many as asked, in fields as an archive has them. Out: milliseconds.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from eval.bench.report import Cell, Report, Table, Target
from eval.bench.timing import high, interleaved, middle, say
from hybridsearch.adapters.lexicon import FILE_NAME, FolderLexicons, SqliteLexicon
from hybridsearch.analysis.analyzer import Analyzer, AnalyzerSettings
from hybridsearch.analysis.name_keys import word_keys
from hybridsearch.domain.asset import Asset
from hybridsearch.errors import StoreError
from hybridsearch.ingest.lexicon import Gathering
from hybridsearch.search.names import recognise
from hybridsearch.search.spelling import suggest

WORDS = 10
OPENED = 50
COMMON = 5_000
"""Words of the captions, drawn as rare and as frequent as words are."""

_STARTS = ("b", "br", "č", "d", "dr", "g", "h", "k", "kr", "l", "m", "n", "p", "r", "s", "š", "t")
_VOWELS = ("a", "e", "i", "o", "u")


def measure(names: int, languages: Sequence[str], seed: int) -> Report:
    """Build a lexicon of ``names`` people and places, and ask it queries of ten words."""
    drawn = random.Random(seed)
    asked = tuple(languages)
    analyzer = Analyzer(AnalyzerSettings(languages=asked))
    people = [f"{_word(drawn, 2)} {_word(drawn, 3)}".title() for _ in range(names)]
    words = [_word(drawn, drawn.randint(2, 4)) for _ in range(COMMON)]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        say(f"gathering {names:,} names")
        started = time.perf_counter()
        gathered = Gathering(analyzer)
        for number, person in enumerate(people):
            gathered.add(_asset(number, person, words, drawn))
        contents = gathered.contents()
        built = time.perf_counter()
        lexicons = FolderLexicons(Path(folder))
        lexicons.write(contents)
        written = time.perf_counter()
        row: dict[str, Cell] = {
            "names": contents.info.names,
            "words": contents.info.words,
            "gather s": built - started,
            "write s": written - built,
            "MiB": (Path(folder) / FILE_NAME).stat().st_size / 2**20,
        }
        opening = [_opening(lexicons) for _ in range(OPENED)]
        lexicon = opened(lexicons)
        queries = [_query(people, words, drawn) for _ in range(200)]
        taken = _asked(lexicon, queries, words, asked, drawn)
        lexicon.close()
    return _report(row, opening, taken, asked)


def opened(lexicons: FolderLexicons) -> SqliteLexicon:
    """The lexicon that was just written.

    Raises:
        StoreError: it cannot be read.
    """
    lexicon = lexicons.open()
    if lexicon is None:
        raise StoreError("The lexicon cannot be opened.", "Look for room on the disk.")
    return lexicon


def _asked(
    lexicon: SqliteLexicon,
    queries: Sequence[str],
    words: Sequence[str],
    languages: tuple[str, ...],
    drawn: random.Random,
) -> dict[str, list[float]]:
    def cold(query: str) -> None:
        word_keys.cache_clear()
        recognise(query, (), lexicon, languages)

    def misspelt(query: str) -> None:
        word = words[len(query) % len(words)] + drawn.choice("xyz")
        suggest([word], {word}, lexicon)

    calls = {
        "names of a query": lambda query: recognise(query, (), lexicon, languages),
        "the same, words never met before": cold,
        "a misspelt word": misspelt,
    }
    return interleaved(calls, queries, "asking")


def _report(
    row: dict[str, Cell],
    opening: Sequence[float],
    taken: dict[str, list[float]],
    languages: Sequence[str],
) -> Report:
    rows: list[dict[str, Cell]] = [
        {"step": name, "median ms": middle(times), "p95 ms": high(times)}
        for name, times in {"opening": opening, **taken}.items()
    ]
    found = middle(taken["names of a query"])
    return Report(
        "Names: the lexicon of an archive",
        {"languages": ", ".join(languages), "words a query": WORDS},
        [Table("Build", [row]), Table("Time", rows)],
        [
            Target("opening, ms", middle(opening), 5.0, at_least=False),
            Target("names of a query, ms", found, 0.5, at_least=False),
        ],
    )


def _opening(lexicons: FolderLexicons) -> float:
    started = time.perf_counter()
    lexicon = opened(lexicons)
    taken = (time.perf_counter() - started) * 1000
    lexicon.close()
    return taken


def _asset(number: int, person: str, words: Sequence[str], drawn: random.Random) -> Asset:
    caption = " ".join(words[min(int(drawn.paretovariate(0.7)), COMMON) - 1] for _ in range(12))
    return Asset(
        str(number),
        caption=f"The {caption} with {person} and others.",
        people=(person,),
        city=person.split()[0] if number % 10 == 0 else None,
        country="Slovenija",
    )


def _query(people: Sequence[str], words: Sequence[str], drawn: random.Random) -> str:
    """Ten words: a person, inflected and in small letters every other time, among others."""
    person = drawn.choice(people)
    if drawn.random() < 0.5:
        person = " ".join(f"{word}a" for word in person.lower().split())
    others = [drawn.choice(words) for _ in range(WORDS - 2)]
    return " ".join([*others[:4], person, *others[4:]])


def _word(drawn: random.Random, syllables: int) -> str:
    return "".join(drawn.choice(_STARTS) + drawn.choice(_VOWELS) for _ in range(syllables)) + "n"
