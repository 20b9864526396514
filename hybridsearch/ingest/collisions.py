"""Two assets with one point: point ids are hashes of 64 bits, and nothing stored may be lost.

In: a batch about to be written. Out: what may be written, and what would take another's point.
"""

from __future__ import annotations

from collections.abc import Sequence

from hybridsearch.ingest.entry import Failure
from hybridsearch.ingest.load import Loaded
from hybridsearch.ports import Store


def apart(batch: Sequence[Loaded], store: Store) -> tuple[list[Loaded], list[Failure]]:
    """The assets whose points are their own, or free, and the others with the reason."""
    found = store.retrieve([each.work.point_id for each in batch], keys=("match.id",))
    owners = {record.id: str(record.payload["match"]["id"][0]) for record in found}
    own: list[Loaded] = []
    taken: list[Failure] = []
    for each in batch:
        owner = owners.setdefault(each.work.point_id, each.asset.id)
        if owner == each.asset.id:
            own.append(each)
        else:
            taken.append(_taken(each, owner))
    return own, taken


def _taken(loaded: Loaded, owner: str) -> Failure:
    entry = loaded.work.entry
    return Failure(
        entry.asset_id,
        entry.origin,
        f"its point in the index is that of the asset {owner!r}: the two ids have the same hash",
        "Give one of the two another id.",
    )
