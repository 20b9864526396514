"""Misspelt words of a real vocabulary, and what is suggested for them.

In: an archive's lexicon. Out: how often the first suggestion is the word that was meant. A
misspelling is one edit drawn at random (a letter left out, put in, replaced, or exchanged with
its neighbour); words are drawn by how many assets have them, since that is how they are asked.
"""

from __future__ import annotations

import random
import string
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.bench.names import opened
from eval.bench.report import Cell, Report, Table
from eval.bench.timing import high, middle
from eval.collections import Collection
from hybridsearch.adapters.lexicon import FolderLexicons
from hybridsearch.analysis.analyzer import Analyzer, AnalyzerSettings
from hybridsearch.domain.names import ArchiveWord
from hybridsearch.ingest.lexicon import Gathering
from hybridsearch.ports import Lexicon
from hybridsearch.search.spelling import suggest

SHORTEST = 5
LETTERS = string.ascii_lowercase


@dataclass(frozen=True, slots=True)
class Misspelt:
    """A word of the archive and how it was typed."""

    meant: str
    typed: str


@dataclass(frozen=True, slots=True)
class SpellingFigures:
    """Shares of ``asked``: right first suggestions, others, none; and milliseconds.

    ``sure`` is the share of suggestions that call themselves sure, ``sure_right`` how many of
    those are right. ``a_word`` counts the misspellings left out because the archive has them.
    """

    asked: int
    a_word: int
    right: float
    wrong: float
    none: float
    sure: float
    sure_right: float
    median_ms: float
    p95_ms: float


def measure(collections: Sequence[Collection], count: int, seed: int) -> Report:
    """One row for each collection."""
    return Report(
        "Did you mean: first suggestions for misspelt words of the archive",
        {"words misspelt": count, "edits": 1, "seed": seed},
        [Table("Shares of the words asked", [_row(each, count, seed) for each in collections])],
        notes=["right among the sure: of the suggestions that are searched for unasked."],
    )


def _row(collection: Collection, count: int, seed: int) -> dict[str, Cell]:
    gathered = Gathering(Analyzer(AnalyzerSettings()))
    for asset in collection.assets():
        gathered.add(asset)
    contents = gathered.contents()
    with tempfile.TemporaryDirectory(prefix="names-") as folder:
        lexicons = FolderLexicons(Path(folder))
        lexicons.write(contents)
        lexicon = opened(lexicons)
        misspelt = list(misspellings(contents.words, count, seed))
        found = spelling_figures(lexicon, misspelt)
        lexicon.close()
    return {
        "collection": collection.name,
        "asked": found.asked,
        "are words": found.a_word,
        "right": found.right,
        "wrong": found.wrong,
        "none": found.none,
        "sure": found.sure,
        "right among the sure": found.sure_right,
        "median ms": found.median_ms,
        "p95 ms": found.p95_ms,
    }


def misspellings(words: Sequence[ArchiveWord], count: int, seed: int) -> Iterator[Misspelt]:
    """``count`` different words of at least five letters, each with one edit."""
    drawn = random.Random(seed)
    able = [word for word in words if len(word.folded) >= SHORTEST and word.folded.isalpha()]
    left = {word.folded: word.documents for word in able}
    for _ in range(min(count, len(able))):
        [meant] = drawn.choices(list(left), list(left.values()))
        del left[meant]
        yield Misspelt(meant, edited(meant, drawn))


def edited(word: str, drawn: random.Random) -> str:
    """The word after one edit that changes it."""
    while True:
        at = drawn.randrange(len(word))
        letter = drawn.choice(LETTERS)
        typed = drawn.choice(
            (
                word[:at] + word[at + 1 :],
                word[:at] + letter + word[at:],
                word[:at] + letter + word[at + 1 :],
                word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :],
            )
        )
        if typed != word:
            return typed


def spelling_figures(lexicon: Lexicon, misspelt: Sequence[Misspelt]) -> SpellingFigures:
    """Ask for every misspelling that is no word of the archive itself."""
    known = lexicon.words([each.typed for each in misspelt])
    asked = [each for each in misspelt if each.typed not in known]
    taken, right, suggested, sure, sure_right = [], 0, 0, 0, 0
    for each in asked:
        started = time.perf_counter()
        found = suggest([each.typed], {each.typed}, lexicon)
        taken.append((time.perf_counter() - started) * 1000)
        is_right = bool(found) and found[0].text.casefold() == each.meant
        right += is_right
        suggested += bool(found)
        sure += bool(found) and found[0].sure
        sure_right += is_right and found[0].sure
    total = max(len(asked), 1)
    return SpellingFigures(
        len(asked),
        len(misspelt) - len(asked),
        right / total,
        (suggested - right) / total,
        (total - suggested) / total,
        sure / max(suggested, 1),
        sure_right / max(sure, 1),
        middle(taken),
        high(taken),
    )
