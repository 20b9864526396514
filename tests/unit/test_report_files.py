"""The report's folder: what is written, that it repeats, that nothing in it is dangerous."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from eval.collections import JudgedQuery
from eval.evaluation import Evaluation, ShownAsset
from eval.report import write_report
from eval.report.thumbnails import thumbnails
from eval.runs import Run, read_trec
from hybridsearch.errors import SourceError
from tests.builders import png
from tests.evaluations import made_evaluation

HOSTILE = "</script><script>alert(1)</script><img src=http://evil/x onerror=alert(1)> & \u2028"


class Page(HTMLParser):
    """A report's page, taken apart as a browser takes it apart."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: dict[str, str] = {}
        self._open: str | None = None
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._open = dict(attrs).get("id") or "script" if tag == "script" else None

    def handle_data(self, data: str) -> None:
        if self._open:
            self.scripts[self._open] = self.scripts.get(self._open, "") + data

    def handle_endtag(self, tag: str) -> None:
        self._open = None


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(made_evaluation(), tmp_path_factory.mktemp("report") / "new")


def test_everything_is_there(written: Path) -> None:
    made = made_evaluation()
    assert written.name == "report.html"
    names = sorted(
        path.relative_to(written.parent).as_posix() for path in written.parent.rglob("*.*")
    )
    assert names == ["figures.json", "report.html", "run.json", "runs/dense.trec",
                     "runs/lexical.trec", "runs/planner.trec", "runs/rank-bm25.trec",
                     "runs/rrf.trec"]  # fmt: skip
    assert read_trec(written.parent / "runs" / "planner.trec") == made.runs[-1]


def test_figures_hold_everything_by_system_class_and_measure(written: Path) -> None:
    made = made_evaluation()
    figures = json.loads((written.parent / "figures.json").read_text(encoding="utf-8"))
    assert len(figures["means"]) == 5 * 4 * 6
    assert set(figures["means"][0]) == {"system", "class", "measure", "queries", "mean", "low",
                                        "high"}  # fmt: skip
    assert len(figures["comparisons"]) == len(made.comparisons)
    assert [each["is_regret"] for each in figures["regrets"]] == [
        each.is_regret for each in made.regrets
    ]
    query = figures["queries"]["name-0"]
    assert query["scores"]["planner"]["AP"] == made.scores[-1].per_query["name-0"]["AP"]
    assert set(figures["curves"]) == {"name", "description", "mixture", "all"}


def test_provenance_is_written_as_it_is(tmp_path: Path) -> None:
    provenance = {"when": datetime(2026, 1, 2, tzinfo=UTC), "path": Path("a/b"), "set": {2, 1},
                  "nan": float("nan"), "none": None, "deep": [{"k": (1, 2)}]}  # fmt: skip
    write_report(made_evaluation(provenance=provenance), tmp_path)
    assert json.loads((tmp_path / "run.json").read_text()) == {
        "when": "2026-01-02 00:00:00+00:00", "path": "a/b", "set": [1, 2],
        "nan": None, "none": None, "deep": [{"k": [1, 2]}],
    }  # fmt: skip


def test_the_same_evaluation_gives_the_same_page(written: Path, tmp_path: Path) -> None:
    again = write_report(made_evaluation(), tmp_path)
    assert again.read_bytes() == written.read_bytes()


def test_the_page_may_ask_for_nothing(written: Path) -> None:
    page = Page(written)
    policy = next(attributes["content"] for tag, attributes in page.tags
                  if attributes.get("http-equiv"))  # fmt: skip
    digest = base64.b64encode(hashlib.sha256(page.scripts["script"].encode()).digest()).decode()
    assert policy is not None
    assert f"script-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; img-src data:;")
    links = [value for _, attributes in page.tags for name, value in attributes.items()
             if name in ("src", "href")]  # fmt: skip
    assert all(link and link.startswith(("#", "data:")) for link in links)
    assert not re.search(r"url\(|@import", written.read_text(encoding="utf-8"))


def test_hostile_texts_stay_texts(tmp_path: Path) -> None:
    made = made_evaluation()
    assets = {key: ShownAsset(key, HOSTILE, f"{HOSTILE} \ud800") for key in made.assets}
    queries = [replace(query, text=HOSTILE, kind=f"k{HOSTILE}") for query in made.queries]
    runs = [Run(f"{run.system}{HOSTILE}", run.rankings) for run in made.runs]
    scores = [replace(each, system=f"{each.system}{HOSTILE}") for each in made.scores]
    hostile = replace(made, collection=HOSTILE, queries=queries, runs=runs, scores=scores,
                      regrets=[], comparisons=[], assets=assets, notes=[HOSTILE],
                      provenance={HOSTILE: HOSTILE})  # fmt: skip
    page = Page(write_report(hostile, tmp_path))
    kinds = [tag for tag, _ in page.tags]
    assert kinds.count("script") == 3
    assert "img" not in kinds
    assert not [name for _, attributes in page.tags for name in attributes if name[:2] == "on"]
    details = json.loads(page.scripts["details"])
    assert details["assets"][0][1].startswith("</script><script>")
    assert len(list((tmp_path / "runs").iterdir())) == 5


def with_pictures(folder: Path, made: Evaluation, pictures: Mapping[int, bytes]) -> Evaluation:
    """The first assets get pictures."""
    assets = dict(made.assets)
    for number, data in pictures.items():
        path = folder / f"{number}.png"
        path.write_bytes(data)
        key = sorted(assets)[number]
        assets[key] = replace(assets[key], picture=path)
    return replace(made, assets=assets)


def test_each_picture_is_there_once_and_gaps_are_told(tmp_path: Path) -> None:
    pictures = {0: png("red"), 1: png("blue"), 2: b"no picture"}
    made = with_pictures(tmp_path, made_evaluation(), pictures)
    missing = sorted(made.assets)[3]
    gone = {missing: replace(made.assets[missing], picture=tmp_path / "gone.png")}
    page = Page(write_report(replace(made, assets={**made.assets, **gone}), tmp_path / "out"))
    embedded = json.loads(page.scripts["pictures"])
    assert len(embedded) == 2
    assert all(base64.b64decode(each)[8:12] == b"WEBP" for each in embedded)
    details = json.loads(page.scripts["details"])
    assert sorted(row[3] for row in details["assets"] if row[3] >= 0) == [0, 1]
    text = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "2 pictures could not be read and are shown as gaps." in text


def noisy(seed: int) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 255, (240, 320, 3), dtype=np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def test_pictures_shrink_to_the_budget_and_then_the_last_are_left_out(tmp_path: Path) -> None:
    assets = []
    for number in range(12):
        path = tmp_path / f"{number}.png"
        path.write_bytes(noisy(number))
        assets.append(ShownAsset(f"a{number}", "", picture=path))
    sizes = {}
    for budget in (10_000_000, 120_000, 5_000):
        found = thumbnails(assets, budget)
        assert sum(len(each) * 3 / 4 for each in found.pictures.values()) <= budget
        first = Image.open(io.BytesIO(base64.b64decode(found.pictures["a0"])))
        sizes[budget] = (len(found.pictures), found.left_out, first.width)
    assert sizes[10_000_000] == (12, 0, 240)
    assert sizes[120_000][:2] == (12, 0)
    assert sizes[120_000][2] < 240
    assert sizes[5_000][2] == 72
    assert sizes[5_000][0] + sizes[5_000][1] == 12
    assert sizes[5_000][1] > 0


def test_one_class_one_system_and_a_query_without_words_will_do(tmp_path: Path) -> None:
    made = made_evaluation()
    query = JudgedQuery("q", "", "picture", {"a": 1}, picture=Path("deep/night.jpg"))
    scores = [replace(made.scores[0], per_query={"q": {"nDCG@10": 0.0}})]
    small = Evaluation("small", [query], [Run("rank-bm25", {})], scores, [], [], {})
    page = Page(write_report(small, tmp_path))
    details = json.loads(page.scripts["details"])
    assert details["queries"][0]["text"] == "[picture night.jpg]"
    assert details["queries"][0]["missed"] == 1
    assert details["classes"] == ["picture"]


def test_systems_whose_names_are_no_file_names_do_not_collide(tmp_path: Path) -> None:
    made = made_evaluation()
    names = ["../up", "a/b", "A-b", "..", "ok"]
    runs = [Run(name, run.rankings) for name, run in zip(names, made.runs, strict=True)]
    scores = [replace(each, system=name) for name, each in zip(names, made.scores, strict=True)]
    write_report(replace(made, runs=runs, scores=scores, regrets=[], comparisons=[]), tmp_path)
    found = sorted(path.name for path in (tmp_path / "runs").iterdir())
    assert found == ["A-b-2.trec", "a-b.trec", "ok.trec", "run.trec", "up.trec"]


def test_nothing_to_report_and_nowhere_to_write(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no queries or no systems"):
        write_report(made_evaluation(queries=[]), tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(SourceError, match="cannot be written"):
        write_report(made_evaluation(), tmp_path / "file")


def test_grades_scores_and_words_reach_the_page(written: Path) -> None:
    made = made_evaluation()
    details: dict[str, Any] = json.loads(Page(written).scripts["details"])
    query = next(each for each in details["queries"] if each["id"] == "mixture-0")
    judged = next(each for each in made.queries if each.id == "mixture-0")
    top = query["tops"][-1]
    ranking = made.runs[-1].rankings["mixture-0"][:10]
    assert [details["assets"][number][0] for number, _, _ in top] == [
        entry.asset_id for entry in ranking
    ]
    assert [grade for _, _, grade in top] == [judged.relevant.get(e.asset_id) for e in ranking]
    marked = [words for words, _ in query["words"].values()]
    assert any(marked)
