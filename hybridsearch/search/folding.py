"""Near duplicates in a list of hits: shown once, with how many there are.

In: the fused list. Out: the same without what looks the same as an earlier entry, and for each
entry that stayed the points that were folded into it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from hybridsearch.analysis.payload import LOOKS_KEY, asset_of, point_id
from hybridsearch.domain.ranking import Ranked
from hybridsearch.domain.results import Hit
from hybridsearch.ports import Store
from hybridsearch.search.duplicates import near_duplicates


@dataclass(frozen=True, slots=True)
class Folding:
    """``entries`` in order; ``twins`` the points folded into each that stayed, by point id."""

    entries: Sequence[Ranked]
    twins: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def counted(self, hits: Sequence[Hit], archive: str, store: Store) -> tuple[Hit, ...]:
        """The hits with the asset ids of their near duplicates."""
        if not self.twins:
            return tuple(hits)
        by_hit = [self.twins.get(point_id(archive, hit.asset.id), ()) for hit in hits]
        wanted = [each for twins in by_hit for each in twins]
        found = store.retrieve(wanted, keys=("asset",)) if wanted else ()
        names = {record.id: asset_of(record.payload).id for record in found}
        return tuple(
            replace(hit, twins=tuple(names[each] for each in twins if each in names))
            for hit, twins in zip(hits, by_hit, strict=True)
        )


def folded(entries: Sequence[Ranked], store: Store) -> Folding:
    """The list with near duplicates folded into the best of them."""
    ids = [each.point_id for each in entries]
    read = store.retrieve(ids, keys=(LOOKS_KEY,))
    hashes = {record.id: record.payload.get(LOOKS_KEY) for record in read}
    of = near_duplicates([hashes.get(each) for each in ids])
    twins: dict[str, list[str]] = {}
    for at, first in enumerate(of):
        if first is not None:
            twins.setdefault(ids[first], []).append(ids[at])
    kept = tuple(each for each, first in zip(entries, of, strict=True) if first is None)
    return Folding(kept, {each: tuple(found) for each, found in twins.items()})
