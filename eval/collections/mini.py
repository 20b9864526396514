"""The demo archive with queries of our own: small, always there, and judged by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from eval.collections.collection import Collection
from eval.collections.folder import file_hash
from eval.collections.judged import Asked, read_queries
from hybridsearch.demo import pictures
from hybridsearch.ingest.entry import Entry, Source
from hybridsearch.ingest.manifest import ManifestSource
from hybridsearch.ingest.rows import ManifestRow, fields_of

_QUERIES = Path(__file__).parents[1] / "mini" / "queries.jsonl"
_CAPTIONS = Path(pictures.__file__).parent / pictures.MANIFEST


@dataclass(frozen=True, slots=True)
class Mini(Collection):
    """The collection ``mini``; ``gathered`` is its manifest beside its pictures, if it has any."""

    gathered: Path | None

    @classmethod
    def in_words(cls) -> Mini:
        """What is written about the pictures, without them: needs no package of the demo."""
        return cls("mini", _QUERIES.parent, None)

    @classmethod
    def with_pictures(cls, folder: Path) -> Mini:
        """The pictures, copied into ``folder`` from their packages.

        Raises:
            SourceError: a package of the demo is not installed.
        """
        return cls("mini", folder, pictures.gather(folder))

    def source(self) -> Source:
        """The manifest; without pictures the same entries, words only."""
        return ManifestSource(self.gathered) if self.gathered else _Words()

    def asked(self) -> Asked:
        """The judged queries.

        Raises:
            SourceError: a line that is no query; names file and line.
        """
        return read_queries(_QUERIES)

    def fingerprint(self) -> str:
        """Changes with the captions, and with whether there are pictures."""
        return file_hash(_CAPTIONS, "pictures" if self.gathered else "words")


class _Words:
    """The demo's captions; the assets have the ids that they have beside their pictures."""

    def count(self) -> int:
        """The number of captions."""
        return sum(1 for _ in self.entries())

    def entries(self) -> Iterator[Entry]:
        """Every caption in the order of the file."""
        for line, text in enumerate(_CAPTIONS.read_text("utf-8").splitlines(), start=1):
            row = json.loads(text)
            del row["package"]
            name = Path(row.pop("path")).name
            columns = ManifestRow.from_columns({"id": name, **row})
            yield Entry(name, None, f"{_CAPTIONS}, line {line}", fields_of(columns))
