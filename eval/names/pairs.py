"""The pairs: a base form and another form of the same word or name, which ought to meet.

In: ``slovene.tsv`` and its sisters. Out: pairs, each in one of two halves. Rules are tuned on the
dev half and reported on both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hybridsearch.errors import SourceError

FOLDER = Path(__file__).parent
FILES = {
    "sl": "slovene.tsv",
    "hr": "croatian.tsv",
    "de": "german.tsv",
    "fr": "french.tsv",
    "it": "italian.tsv",
    "en": "english.tsv",
}
"""Language codes to the files of their pairs."""


@dataclass(frozen=True, slots=True)
class Pair:
    """``other`` is a form of ``base``; ``form`` names which, ``kind`` is the kind of word."""

    base: str
    other: str
    form: str
    kind: str

    @property
    def is_dev(self) -> bool:
        """Half of the bases by their hash: all forms of a word are on one side."""
        return hashlib.sha256(self.base.encode()).digest()[0] % 2 == 0


def pairs_of(language: str) -> list[Pair]:
    """The pairs of a language.

    Raises:
        SourceError: a line that is no pair; the message names file and line.
    """
    return list(_read(FOLDER / FILES[language]))


def _read(path: Path) -> Iterator[Pair]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.startswith("#"):
            continue
        fields = line.split("\t")
        if len(fields) != 4 or not all(fields):
            raise SourceError(
                f"{path}, line {number}: {len(fields)} fields where a pair has 4.",
                "Write base, other form, what the form is, kind; tabs between them.",
            )
        yield Pair(*fields)
