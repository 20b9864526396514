"""The page: everything inlined in one file that asks the network for nothing.

In: an evaluation, its means and curves. Out: HTML. Texts from archives are hostile: the
template escapes all, the script only ever sets text, and a policy in the page forbids any
script but the page's own and any request at all.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from eval.evaluation import ALL, Evaluation
from eval.report import wording
from eval.report.calibration_part import calibration_part
from eval.report.curve_chart import precision_chart, recall_chart
from eval.report.curves import Curves
from eval.report.details import DEPTH, details
from eval.report.figures import plain
from eval.report.means import Mean, measures_of, primary_measure
from eval.report.regret_chart import regret_charts
from eval.report.summary import summary
from eval.report.systems import main_pair, shown_systems
from eval.report.tables import SURE, comparison_tables, means_tables
from eval.report.thumbnails import Thumbnails, most_seen_first, thumbnails

TEMPLATES = Path(__file__).parent / "templates"
SCRIPTS = ("page.js", "differences.js", "queries.js")
STYLES = ("page.css", "charts.css", "queries.css")

EXPLAINED = {
    "nDCG": "how close the order of the first results comes to the ideal one, by grade",
    "AP": "average precision: the mean of the precisions at each relevant picture",
    "RR": "one divided by the rank of the first relevant picture",
    "P": "share of the first results that is relevant",
    "R": "share of the relevant pictures among the first results",
    "Recall": "share of the relevant pictures among the first results",
    "Success": "whether any of the first results is relevant",
    "Judged": "share of the first results that anyone has judged",
}


def page(evaluation: Evaluation, means: list[Mean], curves: Mapping[str, Curves]) -> str:
    """The whole page."""
    measure = primary_measure(evaluation)
    systems = shown_systems(evaluation)
    pair = main_pair(evaluation, means, measure)
    small = thumbnails(most_seen_first(evaluation, DEPTH))
    script = _joined(SCRIPTS)
    return _environment().get_template("page.html.j2").render(
        evaluation=evaluation,
        summary=summary(evaluation, means, measure),
        measures=measures_of(evaluation),
        measure=measure,
        classes={mean.query_class: mean.queries for mean in means},
        systems=systems,
        all_class=ALL,
        sure=SURE,
        regret_charts=regret_charts(evaluation, systems),
        means_tables=means_tables(means, systems, measures_of(evaluation)),
        comparison_tables=comparison_tables(evaluation),
        charts={
            name: (precision_chart(each, systems), recall_chart(each, systems))
            for name, each in curves.items()
        },
        calibration=calibration_part(evaluation.calibration),
        notes=[*evaluation.notes, *_gaps(small)],
        explained={name: _explanation(name) for name in measures_of(evaluation)},
        provenance=_flat(plain(evaluation.provenance)),
        style=Markup(_joined(STYLES)),  # noqa: S704 (our own file)
        script=Markup(script),  # noqa: S704 (our own file)
        script_hash=b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        details=_embedded(details(evaluation, systems, pair, list(small.pictures))),
        pictures=_embedded(list(small.pictures.values())),
    )  # fmt: skip


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in ("number", "signed", "signed_range", "probability", "counted", "class_title"):
        environment.filters[name] = getattr(wording, name)
    return environment


def _joined(names: Sequence[str]) -> str:
    return "\n".join((TEMPLATES / name).read_text(encoding="utf-8") for name in names)


def _embedded(value: Any) -> Markup:
    """JSON inside a script element: no character of it can end the element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 (escaped just above)


def _gaps(small: Thumbnails) -> list[str]:
    notes = []
    if small.unreadable:
        pictures = wording.counted(small.unreadable, "picture")
        notes.append(f"{pictures} could not be read and are shown as gaps.")
    if small.left_out:
        pictures = wording.counted(small.left_out, "picture")
        notes.append(f"{pictures} of lower ranks were left out to keep this page small.")
    return notes


def _explanation(measure: str) -> str:
    return EXPLAINED.get(measure.split("@")[0].split("(")[0], "")


def _flat(value: Any, name: str = "") -> list[tuple[str, str]]:
    """Nested values as rows: ``versions.numpy``, ``2.3``."""
    if isinstance(value, dict) and value:
        return [row for key, each in value.items() for row in _flat(each, f"{name}.{key}")]
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return [(name.removeprefix("."), shown)]
