"""Two assets with one point: point ids are hashes of 64 bits, and nothing stored may be lost.

In: a batch about to be written, and the assets that have those points. Out: what may be written,
and what would take another's point.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hybridsearch.domain.asset import Asset
from hybridsearch.ingest.entry import Failure
from hybridsearch.ingest.load import Loaded


def apart(
    batch: Sequence[Loaded], stored: Mapping[str, Asset]
) -> tuple[list[Loaded], list[Failure]]:
    """The assets whose points are their own, or free, and the others with the reason.

    ``stored`` are the assets that the points of the batch have so far, by point id.
    """
    owners = {point: asset.id for point, asset in stored.items()}
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
