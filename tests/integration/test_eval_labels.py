"""``hybridsearch eval labels`` on a collection whose truth is known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="the evaluation needs hybridsearch[eval]")

from eval.collections import open_collection
from eval.labels import study, tell_study
from eval.labels.figures import area_under_roc, average_precision, believed, hits, macro
from hybridsearch.errors import SourceError
from hybridsearch.labels.evidence import probabilities
from tests.builders import COLOURS, settings_in, write_manifest, write_pictures

EACH = 14


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures of one colour, each with what it shows, and three that show nothing named."""
    folder = tmp_path_factory.mktemp("collection") / "walls"
    names = {f"{colour}{number}": colour for colour in COLOURS for number in range(EACH)}
    write_pictures(folder, {f"{name}.png": colour for name, colour in names.items()})
    rows = [
        {
            "id": name,
            "file": f"{name}.png",
            "caption": f"A {colour} wall by day" if number % 3 else f"A wall {colour} at night",
            "shows": {colour: 1} if name not in ("red0", "red1", "red2") else {},
        }
        for number, (name, colour) in enumerate(names.items())
    ]
    write_manifest(folder / "metadata.jsonl", rows)
    (folder / "collection.toml").write_text('drop = ["shows"]\n')
    query = {"id": "q", "query": "red", "class": "colour", "relevant": {"red1": 1}}
    (folder / "queries.jsonl").write_text(json.dumps(query) + "\n")
    return folder


def test_a_study_of_an_encoder_that_knows_the_labels(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = study(open_collection(folder), settings_in(tmp_path, archive="walls"), "shows")
    assert (found.pictures, found.labels) == (len(COLOURS) * EACH, len(COLOURS))
    assert found.rate == pytest.approx((len(COLOURS) * EACH - 3) / (found.pictures * 5))
    assert all(row.auc > 0.95 for row in found.templates)
    rules = {row.system: row for row in found.tags}
    measured = rules["measured (the product)"]
    assert measured.auc > 0.95
    assert measured.at_rate < 0.3
    assert found.classes.pictures == len(COLOURS) * EACH - 3
    assert found.classes.others == 3
    assert all(row.accuracy.mean == 1.0 for row in found.classes.rows)
    assert found.captions.rows[0].things == pytest.approx(1.0, abs=0.1)
    tell_study(found)
    told = capsys.readouterr().out
    assert told.startswith("# walls: 70 pictures, 5 labels, encoder words")
    for part in ("CLIP's seven", "chosen on other labels", "'None of these' tells the 3", "R@10"):
        assert part in told


def test_a_column_that_is_not_there_is_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="has labels in the column 'keywords'"):
        study(open_collection(folder), settings_in(tmp_path, archive="walls"))


def test_areas_and_precisions_are_the_oracles() -> None:
    metrics = pytest.importorskip("sklearn.metrics", reason="the oracle needs hybridsearch[eval]")
    rng = np.random.default_rng(7)
    scores = np.round(rng.normal(size=300), 1)
    shown = rng.random(300) < probabilities(scores)
    assert area_under_roc(scores, shown) == pytest.approx(metrics.roc_auc_score(shown, scores))
    distinct = scores + np.arange(300) * 1e-6
    assert average_precision(distinct, shown) == pytest.approx(
        metrics.average_precision_score(shown, distinct)
    )
    table = np.stack([distinct, -distinct], axis=1)
    auc, _, labels = macro(table, np.stack([shown, shown], axis=1), least=3)
    assert auc == pytest.approx(0.5)
    assert labels == 2


def test_true_probabilities_are_believed_and_overconfident_ones_are_not() -> None:
    rng = np.random.default_rng(8)
    odds = rng.normal(-2, 1.5, size=(2000, 10))
    shown = rng.random(odds.shape) < probabilities(odds)
    true, over = believed(probabilities(odds), shown), believed(probabilities(3 * odds), shown)
    assert true.ece.mean < 0.02 < 0.05 < over.ece.low
    assert true.ece.low <= true.ece.mean <= true.ece.high
    assert true.log_loss < over.log_loss
    assert true.mean == pytest.approx(true.rate, abs=0.01)


def test_hits_by_hand() -> None:
    kept = np.array([[True, True, False], [False, True, False]])
    shown = np.array([[True, False, False], [False, True, True]])
    found = hits(kept, shown)
    assert (found.precision, found.recall, found.f1) == pytest.approx((2 / 3, 2 / 3, 2 / 3))
    assert hits(np.zeros_like(kept), shown).f1 == 0.0
