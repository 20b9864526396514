"""The fused list by date: only what answers the query, and the undated at the end.

In: the fused list. Out: the part of it that counts as an answer, newest or oldest first.
"""

from __future__ import annotations

from collections.abc import Sequence

from hybridsearch.analysis.payload import DATE_FIRST_KEY, DATE_LAST_KEY
from hybridsearch.domain.plan import Method, Plan
from hybridsearch.domain.query import Order
from hybridsearch.domain.ranking import Ranked
from hybridsearch.ports import Store

ANSWERING_SHARE = 0.5
"""A hit with less than half of the best hit's evidence is not put first for being new."""


def by_date(
    entries: Sequence[Ranked], plan: Plan, order: Order, store: Store
) -> tuple[Ranked, ...]:
    """The answering entries by date; equal dates stay in the order of relevance.

    The newest come first by the last day that a date covers, the oldest by its first: "1942" is
    as new as its December and as old as its January.
    """
    answering = [each for each in entries if _answers(each, entries, plan.method)]
    key = DATE_LAST_KEY if order is Order.NEWEST else DATE_FIRST_KEY
    days = _days([each.point_id for each in answering], key, store)
    sign = -1 if order is Order.NEWEST else 1
    dated = [each for each in answering if each.point_id in days]
    undated = [each for each in answering if each.point_id not in days]
    return (*sorted(dated, key=lambda each: sign * days[each.point_id]), *undated)


def _answers(entry: Ranked, entries: Sequence[Ranked], method: Method) -> bool:
    """Under evidence a score is a sum of log odds; under the others it tells ranks only."""
    return method is not Method.EVIDENCE or entry.score >= ANSWERING_SHARE * entries[0].score


def _days(ids: Sequence[str], key: str, store: Store) -> dict[str, int]:
    section, _, name = key.partition(".")
    found = store.retrieve(ids, keys=(key,))
    days = {record.id: record.payload.get(section, {}).get(name) for record in found}
    return {point_id: day for point_id, day in days.items() if day is not None}
