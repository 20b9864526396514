"""What pictures truly show, as a column of their manifest tells it, and their vectors.

In: a collection, its open index. Out: one row a picture, one column a label.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from eval.collections import Archive, Captions, Collection
from eval.indexing import Indexed
from hybridsearch.analysis.payload import asset_of
from hybridsearch.errors import SourceError
from hybridsearch.ports import Matrix

COLUMNS: Mapping[str, str] = {"coco_mini": "tags", "fsac_color": "detected_objects"}
"""Where the built-in collections keep what their pictures show."""

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Truth:
    """Pictures with their vectors (n, d), their captions, and which labels they show (n, labels).

    A picture's first caption is the indexed one; others, where it has them, describe it too.
    """

    asset_ids: tuple[str, ...]
    vectors: Matrix
    captions: tuple[tuple[str, ...], ...]
    labels: tuple[str, ...]
    shown: Flags

    @property
    def rate(self) -> float:
        """The share of all pairs of a picture and a label in which it is shown."""
        return float(self.shown.mean())


def read_truth(collection: Collection, indexed: Indexed, column: str | None) -> Truth:
    """The labels of every indexed picture; ``column`` holds a list of them, or an object of counts.

    Raises:
        SourceError: the collection has no manifest of JSON lines, or no row of it has the column.
    """
    name = column or COLUMNS.get(collection.name, "keywords")
    told = {row["id"]: row for row in _rows(collection)}
    labelled = {key: _labels(row.get(name)) for key, row in told.items()}
    labels = sorted({label for each in labelled.values() for label in each})
    if not labels:
        raise SourceError(
            f"No row of {collection.name} has labels in the column {name!r}.",
            "Name the column that holds them with --column.",
        )
    ids, vectors, captions = [], [], []
    for batch in indexed.archive.store.scroll(batch=256, keys=()):
        read = indexed.archive.store.retrieve(
            [each.id for each in batch], keys=("asset",), vectors=True
        )
        for record in read:
            asset = asset_of(record.payload)
            if record.dense is not None and asset.id in told:
                ids.append(asset.id)
                vectors.append(record.dense)
                own = told[asset.id].get("captions") or [asset.caption or asset.headline or ""]
                captions.append(tuple(own))
    shown = np.array([[label in labelled[each] for label in labels] for each in ids])
    return Truth(tuple(ids), np.stack(vectors), tuple(captions), tuple(labels), shown)


def _rows(collection: Collection) -> Iterator[dict[str, Any]]:
    manifest = collection.manifest if isinstance(collection, Archive | Captions) else None
    if manifest is None or ".jsonl" not in manifest.suffixes:
        raise SourceError(
            f"The collection {collection.name} has no manifest of JSON lines.",
            "Write one, with the labels of each picture in a column.",
        )
    with _text(manifest) as stream:
        for line in stream:
            if line.strip():
                yield json.loads(line)


def _text(manifest: Path) -> Any:
    if manifest.suffix == ".gz":
        return gzip.open(manifest, "rt", encoding="utf-8")
    return manifest.open(encoding="utf-8")


def _labels(told: Any) -> frozenset[str]:
    return frozenset(str(each) for each in told) if isinstance(told, list | dict) else frozenset()
