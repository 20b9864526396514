"""What the kin form brings together that is no kin: classes of a real vocabulary.

In: the words of collections' captions. Out: how many words of other stems share a word's kin
form, the largest classes, and the judged sample. A pair counts where the written form, the form
without accents and the English stem are all different, so that only the kin form joins it.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from eval.bench.report import Cell, Report, Table
from eval.collections import Collection
from hybridsearch.analysis.analyzer import Analyzer, AnalyzerSettings
from hybridsearch.analysis.kin import south_slavic_kin
from hybridsearch.analysis.stems import stemmer_of
from hybridsearch.domain.names import ArchiveWord
from hybridsearch.ingest.lexicon import Gathering

JUDGED = Path(__file__).parent / "judged_pairs.tsv"
"""A random sample of conflated pairs of the four collections, each judged by hand: ``kin``
(forms of one word or name), ``near`` (made of the same word: Angel, Angela; a wrong spelling), or
``other``."""

SAMPLE, SEED = 100, 4
LARGEST = 5


@dataclass(frozen=True, slots=True)
class Conflation:
    """``others``: words of another stem that share a word's kin form, mean over words.

    ``occurrences`` is the share of a kin form's occurrences that are of another stem, mean over
    the words as often as they occur: what a query for a word of the archive finds beside it.
    """

    words: int
    classes: int
    others: float
    occurrences: float
    largest: tuple[tuple[str, ...], ...]


def measure(collections: Sequence[Collection]) -> Report:
    """Every collection's classes, and the judgements."""
    vocabularies = {each.name: vocabulary(each) for each in collections}
    rows: list[dict[str, Cell]] = []
    largest: list[dict[str, Cell]] = []
    for name, words in vocabularies.items():
        found = conflation(words)
        rows.append(
            {
                "collection": name,
                "words": found.words,
                "kin forms": found.classes,
                "others a word": found.others,
                "occurrences of others": found.occurrences,
            }
        )
        largest.extend({"collection": name, "words": ", ".join(each)} for each in found.largest)
    judged = judgements()
    verdicts: list[dict[str, Cell]] = [
        {"verdict": verdict, "pairs": sum(each == verdict for each in judged.values())}
        for verdict in ("kin", "near", "other")
    ]
    sampled = set(sample(vocabularies.values()))
    return Report(
        "Conflation: words of captions that share a kin form",
        {"pairs judged": len(judged), "of them in the sample": len(sampled & judged.keys())},
        [
            Table("Classes", rows),
            Table("The largest", largest),
            Table("Hand-judged sample of pairs that only the kin form joins", verdicts),
        ],
    )


def vocabulary(collection: Collection) -> list[ArchiveWord]:
    """The words of a collection's texts, as its lexicon has them."""
    gathered = Gathering(Analyzer(AnalyzerSettings()))
    for asset in collection.assets():
        gathered.add(asset)
    return [word for word in gathered.contents().words if word.folded.isalpha()]


def conflation(words: Sequence[ArchiveWord]) -> Conflation:
    """The classes that the words fall into."""
    classes = _classes(words)
    others = occurrences = total = 0.0
    for of_class in classes.values():
        whole = sum(word.documents for word, _ in of_class)
        for word, stem in of_class:
            apart = [other for other, its in of_class if its != stem]
            others += len(apart)
            share = sum(other.documents for other in apart) / whole
            occurrences += word.documents * share
            total += word.documents
    ranked = sorted(classes.values(), key=lambda each: (-_stems(each), each[0][0].folded))
    largest = tuple(tuple(word.folded for word, _ in each) for each in ranked[:LARGEST])
    return Conflation(len(words), len(classes), others / len(words), occurrences / total, largest)


def sample(vocabularies: Iterable[Sequence[ArchiveWord]]) -> list[tuple[str, str]]:
    """Pairs of words that only the kin form joins, drawn at random from all collections."""
    pairs = {
        (one.folded, two.folded)
        for words in vocabularies
        for of_class in _classes(words).values()
        for (one, stem), (two, other) in combinations(of_class, 2)
        if stem != other
    }
    return sorted(random.Random(SEED).sample(sorted(pairs), SAMPLE))


def judgements() -> dict[tuple[str, str], str]:
    """The committed verdict on each pair."""
    lines = JUDGED.read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return {(one, two): verdict for one, two, verdict in rows}


def _classes(
    words: Sequence[ArchiveWord],
) -> Mapping[str, list[tuple[ArchiveWord, str | None]]]:
    stem = stemmer_of("en")
    classes: defaultdict[str, list[tuple[ArchiveWord, str | None]]] = defaultdict(list)
    for word in words:
        classes[south_slavic_kin(word.folded)].append((word, stem(word.folded)))
    return classes


def _stems(of_class: Sequence[tuple[ArchiveWord, str | None]]) -> int:
    return len({stem for _, stem in of_class})
