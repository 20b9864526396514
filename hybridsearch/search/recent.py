"""The fused lists of the last searches, for who reads on in one of them.

In: a query. Out: the list that was made for it a moment ago, as long as nothing was written since;
else one made now. A list that is read page by page would be made anew for each page, and making
it is most of a search.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from math import inf
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar

from hybridsearch.domain.query import Query

List = TypeVar("List")

KEPT = 32
"""Lists of up to 2,000 candidates, some 0.5 MB each."""


@dataclass(frozen=True, slots=True)
class _Made(Generic[List]):
    list: List
    at: float


class RecentLists(Generic[List]):
    """Keeps the last lists. Safe to share among threads; two may make the same list at once.

    Args:
        version: of what is searched; a list is of one version.
        kept: how many lists are kept; 0 keeps none.
        seconds: how long a list serves, where others may write without ``version`` telling.
        now: seconds on a clock that never goes back.
    """

    def __init__(
        self,
        version: Callable[[], int],
        kept: int = KEPT,
        seconds: float = inf,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._version = version
        self._kept = kept
        self._seconds = seconds
        self._now = now
        self._lists: OrderedDict[object, _Made[List]] = OrderedDict()
        self._turn = Lock()

    def of(self, query: Query, today: date, make: Callable[[], List]) -> List:
        """The query's list. Where it is cut and how it is shown makes no other list.

        What a file looks like may change without the query changing, so nothing is kept of a
        query by a file's path.
        """
        if not self._kept or isinstance(query.picture, Path):
            return make()
        shown = replace(query, cursor=None, fold=False, min_relevance=None)
        key = (shown, today, self._version())
        with self._turn:
            known = self._lists.get(key)
            if known is not None and self._now() - known.at < self._seconds:
                self._lists.move_to_end(key)
                return known.list
        made = make()
        with self._turn:
            self._lists[key] = _Made(made, self._now())
            self._lists.move_to_end(key)
            while len(self._lists) > self._kept:
                self._lists.popitem(last=False)
        return made
