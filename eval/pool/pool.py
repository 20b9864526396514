"""What is to be judged: the union of the systems' tops, in an order that tells nothing.

In: runs, queries, earlier grades. Out: a ``Pool``. Pooling is TREC's way (Spärck Jones and van
Rijsbergen 1975; Voorhees 2002): what no system found is not judged, and counts as not relevant.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from eval.collections import JudgedQuery
from eval.evaluation import ShownAsset
from eval.qrels import Grades
from eval.runs import Run
from hybridsearch.errors import ConfigError

GRADES = (0, 1, 2, 3)
MEANINGS = ("not relevant", "somewhat relevant", "relevant", "exactly this")


@dataclass(frozen=True, slots=True)
class PoolItem:
    """One picture to be judged for one query."""

    query_id: str
    query: str
    asset: ShownAsset


@dataclass(frozen=True, slots=True)
class Pool:
    """The items, query by query, and every grade that is known so far.

    ``judged`` may hold grades of assets that are not in the pool: they are kept.
    """

    items: Sequence[PoolItem]
    judged: Grades = field(default_factory=dict)

    def grade(self, item: PoolItem) -> int | None:
        """The grade of an item; None where nobody has judged it."""
        return self.judged.get(item.query_id, {}).get(item.asset.asset_id)


def make_pool(
    runs: Sequence[Run],
    queries: Sequence[JudgedQuery],
    depth: int,
    existing_qrels: Grades | None = None,
    assets: Mapping[str, ShownAsset] | None = None,
) -> Pool:
    """The first ``depth`` of every run for each query, unjudged first.

    The order within a query comes from a hash of query and asset: it is always the same, and
    neither rank nor system shows through. ``assets`` gives titles and pictures; an asset that
    is not there is shown by its id.

    Raises:
        ConfigError: ``depth`` is below 1.
    """
    if depth < 1:
        raise ConfigError(f"A pool of depth {depth} holds nothing.", "Choose a depth of 1 or more.")
    judged = existing_qrels or {}
    known = assets or {}
    items = [
        PoolItem(query.id, query.text, known.get(asset_id) or ShownAsset(asset_id, asset_id))
        for query in queries
        for asset_id in _order(query.id, _tops(runs, query.id, depth), judged)
    ]
    return Pool(items, judged)


def _tops(runs: Sequence[Run], query_id: str, depth: int) -> Iterator[str]:
    for run in runs:
        for entry in run.rankings.get(query_id, ())[:depth]:
            yield entry.asset_id


def _order(query_id: str, asset_ids: Iterator[str], judged: Grades) -> list[str]:
    known = judged.get(query_id, {})
    return sorted(set(asset_ids), key=lambda each: (each in known, _shuffled(query_id, each)))


def _shuffled(query_id: str, asset_id: str) -> bytes:
    text = f"{query_id}\0{asset_id}".encode(errors="surrogatepass")
    return hashlib.sha256(text).digest()
