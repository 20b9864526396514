"""The report's folder.

In: an evaluation. Out: report.html, figures.json, run.json and runs/*.trec in one folder.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from eval.evaluation import Evaluation, classes_of
from eval.report.curves import curves
from eval.report.figures import figures, plain
from eval.report.means import means
from eval.report.page import page
from eval.runs import write_trec
from hybridsearch.errors import SourceError


def write_report(evaluation: Evaluation, folder: Path) -> Path:
    """Write everything into ``folder``, made where it is not there; the page's path comes back.

    Raises:
        SourceError: there is no query to report on, or the folder cannot be written.
    """
    if not evaluation.queries or not evaluation.scores:
        raise SourceError(
            f"The evaluation of {evaluation.collection} has no queries or no systems.",
            "Evaluate with at least one judged query and one run.",
        )
    by_class = {
        name: curves(evaluation.runs, queries)
        for name, queries in classes_of(evaluation.queries).items()
    }
    taken = means(evaluation)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for run, name in zip(evaluation.runs, _file_names(evaluation), strict=True):
            write_trec(run, folder / "runs" / f"{name}.trec")
        _write_json(folder / "figures.json", figures(evaluation, taken, by_class))
        _write_json(folder / "run.json", dict(evaluation.provenance))
        report = folder / "report.html"
        html = page(evaluation, taken, by_class)
        # Half a surrogate pair in a caption is no reason to have no report.
        report.write_text(html, encoding="utf-8", errors="replace")
    except OSError as error:
        raise SourceError(
            f"The report cannot be written to {folder}: {error.strerror or error}.",
            "Choose a folder that this user may write, on a disk with space left.",
        ) from error
    return report


def _write_json(path: Path, value: Any) -> None:
    text = json.dumps(plain(value), ensure_ascii=False, indent=1, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8", errors="replace")


def _file_names(evaluation: Evaluation) -> Iterable[str]:
    """Systems' names as file names: no separators, no leading dot, no two alike."""
    used: set[str] = set()
    for run in evaluation.runs:
        name = re.sub(r"[^\w.+=-]+", "-", run.system).strip(".-") or "run"
        numbered, count = name, 1
        # Some file systems hold capitals and small letters for the same.
        while numbered.casefold() in used:
            count += 1
            numbered = f"{name}-{count}"
        used.add(numbered.casefold())
        yield numbered
