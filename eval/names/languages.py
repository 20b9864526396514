"""Does the detector tell the language of a caption, and does it know when it does not?

In: the captions written for it (``captions.tsv``) and, as English, those of the collections. Out:
shares told right, told wrong and left in doubt.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from eval.bench.report import Cell, Report, Table
from eval.collections import Collection
from hybridsearch.analysis.detect import CONFIDENT, LanguageDetector
from hybridsearch.errors import SourceError

FILE = Path(__file__).parent / "captions.tsv"
ARCHIVES = (
    ("sl", "en"),
    ("sl", "hr", "en"),
    ("de", "en", "fr", "it"),
    ("sl", "hr", "de", "fr", "it", "en"),
)
"""The languages of an archive, among which the detector chooses."""

EVERY, MOST = 37, 1000
"""Captions taken of a collection: every 37th, since neighbours are alike."""


def measure(collections: Sequence[Collection]) -> Report:
    """One row for each set of languages and each source of captions."""
    written = list(written_captions())
    taken = {each.name: list(islice(_texts(each), MOST)) for each in collections}
    rows = []
    for languages in ARCHIVES:
        detector = LanguageDetector(languages)
        detector.detect("It is read when it is first asked.")
        mine = [(told, text) for told, text in written if told in languages]
        rows.append(_row(detector, languages, "written for this", mine))
        for name, texts in taken.items():
            english = [("en", text) for text in texts]
            rows.append(_row(detector, languages, name, english))
    return Report(
        "Language detection",
        {"captions written for this": len(written), "told from probability": CONFIDENT},
        [Table("Shares of captions", rows)],
        notes=["Collections count as English; some of their titles and names are not."],
    )


def written_captions() -> Iterator[tuple[str, str]]:
    """Language and text of each caption.

    Raises:
        SourceError: a line that is no caption; the message names file and line.
    """
    for number, line in enumerate(FILE.read_text(encoding="utf-8").splitlines(), start=1):
        if line.startswith("#"):
            continue
        language, found, text = line.partition("\t")
        if not found or not text:
            raise SourceError(
                f"{FILE}, line {number}: no caption.", "Write language, tab, caption."
            )
        yield language, text


def _texts(collection: Collection) -> Iterator[str]:
    for number, asset in enumerate(collection.assets()):
        text = asset.caption or asset.headline
        if text and number % EVERY == 0:
            yield text


def _row(
    detector: LanguageDetector,
    languages: Sequence[str],
    source: str,
    captions: Sequence[tuple[str, str]],
) -> dict[str, Cell]:
    started = time.perf_counter()
    told = [detector.detect(text) for _, text in captions]
    seconds = time.perf_counter() - started
    right = sum(each == language for each, (language, _) in zip(told, captions, strict=True))
    doubt = told.count(None)
    total = max(len(captions), 1)
    return {
        "languages": " ".join(languages),
        "captions of": source,
        "number": len(captions),
        "right": right / total,
        "wrong": (len(captions) - right - doubt) / total,
        "in doubt": doubt / total,
        "microseconds": seconds / total * 1e6,
    }
