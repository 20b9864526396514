"""What every collection is: a source, judged queries, and what is to be said about both."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Container, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from eval.collections.judged import Asked, JudgedQuery
from eval.qrels import counted, examples, unknown_assets
from hybridsearch.domain.asset import Asset
from hybridsearch.errors import SourceError
from hybridsearch.ingest.assets import asset_from
from hybridsearch.ingest.entry import Entry, Source


@dataclass(frozen=True, slots=True)
class Collection(ABC):
    """A named set of assets with judged queries."""

    name: str
    folder: Path

    @abstractmethod
    def source(self) -> Source:
        """The collection as an ingest reads it, pictures included where it has them."""

    @abstractmethod
    def asked(self) -> Asked:
        """Every query in the order of its file, judged or not, and remarks on the judgements.

        Raises:
            SourceError: no such file, or a line that is no query; names file and line.
        """

    @abstractmethod
    def fingerprint(self) -> str:
        """Changes with the manifest and with how it is read; pictures are not looked into."""

    @property
    def has_pictures(self) -> bool:
        """Whether any of its first entries has a picture's file."""
        first = islice(self.source().entries(), 100)
        return any(isinstance(each, Entry) and each.path is not None for each in first)

    def queries(self) -> list[JudgedQuery]:
        """The queries for which at least one asset was judged.

        Raises:
            SourceError: as ``asked``.
        """
        return [query for query in self.asked().queries if query.relevant]

    def assets_with_pictures(self) -> Iterator[tuple[Asset, Path | None]]:
        """The assets as their manifest tells them, each with its picture's file, unread.

        Raises:
            SourceError: a row that cannot be read; the message names file and line.
        """
        for each in self.source().entries():
            if not isinstance(each, Entry):
                raise SourceError(f"{each.origin}: {each.reason}", each.remedy)
            yield asset_from(each, {}, None, None), each.path

    def assets(self) -> Iterator[Asset]:
        """The assets as their manifest tells them.

        Raises:
            SourceError: as ``assets_with_pictures``.
        """
        return (asset for asset, _ in self.assets_with_pictures())

    def check(self, known: Container[str] | None = None) -> list[str]:
        """Sentences on what counts for less than it seems; none where all is well.

        ``known`` holds the ids of the assets; without it the manifest is read for them.

        Raises:
            SourceError: the queries or the manifest cannot be read.
        """
        asked = self.asked()
        if known is None:
            known = {each.asset_id for each in self.source().entries()}
        remarks = list(asked.remarks)
        unjudged = [query.id for query in asked.queries if not query.relevant]
        if unjudged:
            told = counted(len(unjudged), "query has", "queries have")
            remarks.append(f"{told} no judgement and no part in any figure: {examples(unjudged)}.")
        barren = [
            query.id
            for query in asked.queries
            if query.relevant and not any(query.relevant.values())
        ]
        if barren:
            told = counted(len(barren), "query has", "queries have")
            remarks.append(f"{told} no relevant asset, so every system has 0: {examples(barren)}.")
        unknown = unknown_assets({query.id: query.relevant for query in asked.queries}, known)
        return [*remarks, unknown] if unknown else remarks
