"""From an archive's own queries to qrels: run every system, pool their best, have them judged."""

from __future__ import annotations

from pathlib import Path

from eval.collections import Collection
from eval.evaluate import Asked, Clock, every_run, shown_assets
from eval.indexing import open_index
from eval.pool import Pool, make_pool
from eval.qrels import Grades, read_qrels
from hybridsearch.config import Settings


def pool_of(
    collection: Collection, settings: Settings, work: Path, depth: int, judged: Grades
) -> Pool:
    """What some system has among its first ``depth`` for any query, judged or not.

    Grades that the collection's own file gives and those in ``judged`` are kept.
    """
    queries = collection.asked().queries
    indexed = open_index(collection, settings)
    notes: list[str] = []
    try:
        runs = every_run(collection, indexed, queries, work, Asked(), Clock(), notes)
    finally:
        indexed.archive.close()
    assets = {key: shown for key, (shown, _) in shown_assets(collection, runs, depth).items()}
    known = {query.id: {**query.relevant, **judged.get(query.id, {})} for query in queries}
    return make_pool(runs, queries, depth, known, assets)


def grades_in(path: Path) -> Grades:
    """The grades of a qrels file; none where there is no such file yet."""
    return read_qrels(path).grades if path.is_file() else {}
