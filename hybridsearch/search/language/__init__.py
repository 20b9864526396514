"""The query language of newsroom editors.

In: what a person typed, and the day that is today. Out: an ``Understood``: the words that rank,
the filter that every leg obeys, and where each part was typed. Reading never fails.
"""

from __future__ import annotations

from hybridsearch.domain.understood import canonical, without
from hybridsearch.search.language.reading import understand

__all__ = ["canonical", "understand", "without"]
