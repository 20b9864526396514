"""How long the archive's texts are on average, kept up with what is written and deleted.

In: the lengths of documents as they come, and those they replace, which the store has. Out: the
average length of each field. The store is read whole only where it holds what nobody told of:
what another process wrote, or an earlier one that did not come to its end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from hybridsearch.analysis.bm25f import LengthSums
from hybridsearch.analysis.payload import lengths_of
from hybridsearch.ingest.walking import Step, walked
from hybridsearch.ports import Store


class KeptLengths:
    """The sums over one store; whoever writes to it does so within ``changing``.

    Args:
        known: the sums of what the store holds now, where somebody knows them.
    """

    def __init__(self, store: Store, known: LengthSums | None = None) -> None:
        self._store = store
        self._sums = known
        self._begun = known is not None

    @contextmanager
    def changing(
        self, gone: Iterable[Mapping[str, int]], come: Iterable[Mapping[str, int]] = ()
    ) -> Iterator[None]:
        """Around a write that takes documents of the lengths ``gone`` away and brings ``come``.

        Of a write that fails nobody knows how far it came: the store has to be read again.
        """
        if not self._begun and not self._store.count():
            self._sums = LengthSums()
        self._begun = True
        sums, self._sums = self._sums, None
        if sums is not None:
            for each in gone:
                sums.remove(each)
            for each in come:
                sums.add(each)
        yield
        self._sums = sums

    def sums(self, step: Step, *, again: bool = False) -> LengthSums:
        """Those of all that the store holds.

        Args:
            step: hears how far the reading of the store is, where it has to be read.
            again: read it in any case, for others have written to it.
        """
        sums = self._sums
        if again or sums is None or sums.documents != self._store.count():
            sums = LengthSums()
            for batch in walked(self._store, ("lengths",), step):
                for record in batch:
                    sums.add(lengths_of(record.payload))
            self._sums = sums
        return sums
