"""All that a store holds, a batch at a time, for what looks at every asset of an archive.

In: a store, what is to be read of each point. Out: batches; whoever watches hears of each that is
dealt with, and may end the walk by raising: of millions of points one takes minutes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from hybridsearch.ports import PointRecord, Store

Step = Callable[[int], None]
"""Hears how many points are dealt with so far."""


def walked(store: Store, keys: Sequence[str], step: Step) -> Iterator[list[PointRecord]]:
    """Every point once, with these payload keys."""
    done = 0
    for batch in store.scroll(keys=keys):
        yield batch
        done += len(batch)
        step(done)
