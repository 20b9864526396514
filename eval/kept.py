"""Runs kept by what determines them: asked for again, they are read and not made again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from eval.collections import JudgedQuery
from eval.runs import Run, read_trec, write_trec


def kept(
    folder: Path,
    system: str,
    determined_by: Sequence[Any],
    queries: Sequence[JudgedQuery],
    make: Callable[[], Run],
) -> Run:
    """The run of a system for these queries, from ``folder`` where it is there.

    ``determined_by`` is everything else that changes the answer: the index's fingerprint, the
    depth, the settings (JSON values).
    """
    asked = [(each.id, each.text, repr(each.filter), str(each.picture)) for each in queries]
    told = json.dumps([system, list(determined_by), asked])
    path = folder / f"{system}-{hashlib.sha256(told.encode()).hexdigest()[:16]}.trec"
    if path.is_file():
        found = read_trec(path, system).rankings
        # The file has no line for a query that was answered with nothing.
        return Run(system, {query.id: found.get(query.id, ()) for query in queries})
    beside = path.with_suffix(".new")
    run = make()
    write_trec(run, beside)
    beside.replace(path)
    return run
