"""Files that are in the archive already under another id: moved, renamed or copied ones.

In: work for an asset that the archive does not have. Out: the same, with the points whose file
has the same size, by content hash. Who reads the file finds out whether it is one of them; its
vector is then taken over instead of being computed again.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from hybridsearch.analysis.payload import stamp_of
from hybridsearch.ingest.changes import Work
from hybridsearch.ports import Store


class Twins:
    """Reads all stamps of the store when it is first asked, some hundred bytes for each."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[int, dict[str, str]] | None = None

    def known_to(self, work: Work) -> Work:
        """The work with its twins, where it is that of a new asset with a file."""
        if work.stored is not None or work.now.size is None:
            return work
        if self._known is None:
            self._known = self._read()
        twins = self._known.get(work.now.size)
        return replace(work, twins=twins) if twins else work

    def _read(self) -> dict[int, dict[str, str]]:
        known: defaultdict[int, dict[str, str]] = defaultdict(dict)
        for batch in self._store.scroll(keys=("stamp",)):
            for record in batch:
                stamp = stamp_of(record.payload)
                if stamp.size is not None and stamp.content_hash is not None:
                    known[stamp.size].setdefault(stamp.content_hash, record.id)
        return dict(known)
