"""Pools: what is judged and in which order, the sheet there and back, the file of grades."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.collections import JudgedQuery
from eval.evaluation import ShownAsset
from eval.pool import Pool, PoolItem, make_pool, read_sheet, write_sheet
from eval.pool.ledger import Ledger
from eval.qrels import read_qrels
from eval.runs import Run, in_order
from hybridsearch.errors import ConfigError, SourceError

QUERIES = [JudgedQuery("q1", "a bridge", "mixture", {}), JudgedQuery("q2", "Bled", "name", {})]


def run(system: str, **rankings: str) -> Run:
    """``q1="abc"``: a, b and c, best first."""
    ranked = {
        query: in_order([(asset, -float(rank)) for rank, asset in enumerate(assets)])
        for query, assets in rankings.items()
    }
    return Run(system, ranked)


def ids(pool: Pool, query_id: str) -> list[str]:
    return [item.asset.asset_id for item in pool.items if item.query_id == query_id]


def test_a_pool_is_the_union_of_the_tops_once_each() -> None:
    pool = make_pool([run("one", q1="abcd", q2="xy"), run("two", q1="bazq")], QUERIES, 3)
    assert sorted(ids(pool, "q1")) == ["a", "b", "c", "z"]
    assert sorted(ids(pool, "q2")) == ["x", "y"]


def test_queries_keep_their_order_and_one_that_found_nothing_is_not_there() -> None:
    pool = make_pool([run("one", q2="x")], QUERIES, 10)
    assert [item.query_id for item in pool.items] == ["q2"]


def test_the_order_tells_neither_rank_nor_system() -> None:
    letters = "abcdefghijklmnopqrst"
    forwards = make_pool([run("one", q1=letters)], QUERIES, 20)
    backwards = make_pool([run("other", q1=letters[::-1])], QUERIES, 20)
    assert ids(forwards, "q1") == ids(backwards, "q1")
    assert ids(forwards, "q1") not in (list(letters), list(letters[::-1]))


def test_each_query_is_shuffled_in_its_own_way() -> None:
    pool = make_pool([run("one", q1="abcdefgh", q2="abcdefgh")], QUERIES, 8)
    assert ids(pool, "q1") != ids(pool, "q2")


@given(st.sets(st.sampled_from("abcdefgh")))
def test_unjudged_come_first(judged: set[str]) -> None:
    pool = make_pool([run("one", q1="abcdefgh")], QUERIES, 8, {"q1": dict.fromkeys(judged, 1)})
    known = [pool.grade(item) is not None for item in pool.items]
    assert known == sorted(known)
    assert sum(known) == len(judged)


def test_assets_bring_their_titles() -> None:
    shown = ShownAsset("a", "A bridge", "seen from below")
    pool = make_pool([run("one", q1="ab")], QUERIES, 2, assets={"a": shown})
    assert {item.asset.title for item in pool.items} == {"A bridge", "b"}


def test_a_pool_without_depth_is_refused() -> None:
    with pytest.raises(ConfigError, match="depth of 1 or more"):
        make_pool([], QUERIES, 0)


HOSTILE = ["=1+1", "@SUM(A1)", "+3", "-dash", "'quoted", "'=x", "a, b; c\td", 'say "x"\nand y', "č"]


def pool_of(assets: list[ShownAsset], grades: dict[str, int] | None = None) -> Pool:
    items = [PoolItem("q1", "bridge, old", asset) for asset in assets]
    return Pool(items, {"q1": grades or {}})


def test_a_sheet_comes_back_as_the_grades_that_are_in_it(tmp_path: Path) -> None:
    assets = [ShownAsset(text, text, text, Path("p.jpg")) for text in HOSTILE]
    grades = {text: number % 4 for number, text in enumerate(HOSTILE[:6])}
    write_sheet(pool_of(assets, grades), tmp_path / "sheet.csv")
    assert read_sheet(tmp_path / "sheet.csv") == {"q1": grades}


def test_no_cell_of_a_sheet_is_a_formula(tmp_path: Path) -> None:
    write_sheet(pool_of([ShownAsset("a", text, text) for text in HOSTILE]), tmp_path / "s.csv")
    with (tmp_path / "s.csv").open(encoding="utf-8-sig", newline="") as stream:
        cells = [cell for row in csv.reader(stream) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_spreadsheets_may_divide_cells_as_they_like(tmp_path: Path, mark: str) -> None:
    rows = [["query_id", "query", "asset_id", "grade"], ["q1", "x", "a", "2"], ["q1", "x", "b", ""]]
    path = tmp_path / "sheet.csv"
    path.write_text("\n".join(mark.join(row) for row in rows), encoding="utf-8")
    assert read_sheet(path) == {"q1": {"a": 2}}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("q1,x,a,4", r"line 2: the grade '4' is none of 0, 1, 2, 3"),
        ("q1,x,a,yes", r"line 2: the grade 'yes'"),
        ('q1,"x\ny",a,1\nq1,x,a,1', r"line 4: 'a' is judged twice for query 'q1'"),
        (",x,a,1", r"line 2: the query or the asset has no id"),
        ('q1,x,a,1\nq1,x,"b"c,1', r"line 3"),
    ],
)
def test_a_wrong_row_is_told_with_its_line(tmp_path: Path, rows: str, said: str) -> None:
    path = tmp_path / "sheet.csv"
    path.write_text(f"query_id,query,asset_id,grade\n{rows}\n", encoding="utf-8")
    with pytest.raises(SourceError, match=rf"sheet\.csv, {said}"):
        read_sheet(path)


def test_what_is_no_sheet_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no sheet"):
        read_sheet(tmp_path / "none.csv")
    (tmp_path / "other.csv").write_text("id,name\n1,x\n")
    with pytest.raises(SourceError, match="line 1: there is no column query_id, asset_id, grade"):
        read_sheet(tmp_path / "other.csv")
    (tmp_path / "latin.csv").write_bytes("query_id,asset_id,grade\nq1,\xe8,1\n".encode("latin-1"))
    with pytest.raises(SourceError, match="UTF-8"):
        read_sheet(tmp_path / "latin.csv")


def test_grades_are_in_the_file_at_once_and_are_taken_up_again(tmp_path: Path) -> None:
    path = tmp_path / "new" / "qrels.txt"
    ledger = Ledger(path, {"q0": {"old": 1}})
    ledger.set("q1", "an asset", 2)
    assert read_qrels(path).grades == {"q0": {"old": 1}, "q1": {"an asset": 2}}
    ledger.set("q1", "an asset", 0)
    ledger.set("q0", "old", None)
    ledger.close()
    again = Ledger(path, {})
    assert (again.grade("q1", "an asset"), again.grade("q0", "old")) == (0, None)
    again.close()
    assert [each.name for each in path.parent.iterdir() if ".new" in each.name] == []


def test_the_file_counts_before_what_the_pool_knew(tmp_path: Path) -> None:
    (tmp_path / "qrels").write_text("q1 0 a 3\n")
    ledger = Ledger(tmp_path / "qrels", {"q1": {"a": 0, "b": 1}})
    assert (ledger.grade("q1", "a"), ledger.grade("q1", "b")) == (3, 1)
    ledger.close()


def test_two_may_not_judge_into_one_file(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "qrels", {})
    script = (
        "import sys; from pathlib import Path; from eval.pool.ledger import Ledger;"
        "Ledger(Path(sys.argv[1]), {})"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "qrels")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    ledger.close()
    assert "Another process is judging" in done.stderr


def test_a_file_that_changed_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "qrels"
    ledger = Ledger(path, {})
    ledger.set("q1", "a", 1)
    path.write_text("q1 0 b 1\nq1 0 c 1\n")
    with pytest.raises(SourceError, match="changed by another program"):
        ledger.set("q1", "a", 2)
    ledger.close()
    assert path.read_text() == "q1 0 b 1\nq1 0 c 1\n"


def test_a_write_that_fails_leaves_file_and_grade_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "qrels"
    ledger = Ledger(path, {})
    ledger.set("q1", "a", 1)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("eval.pool.ledger.write_qrels", full)
    with pytest.raises(SourceError, match="No space left"):
        ledger.set("q1", "a", 3)
    assert ledger.grade("q1", "a") == 1
    assert read_qrels(path).grades == {"q1": {"a": 1}}
    ledger.close()
    with pytest.raises(SourceError, match="has ended"):
        ledger.set("q1", "a", 3)


def test_a_damaged_file_is_told_with_its_line_and_stays_free(tmp_path: Path) -> None:
    path = tmp_path / "qrels"
    path.write_text("q1 0 a 1\nq1 0\n")
    for _ in range(2):
        with pytest.raises(SourceError, match="line 2"):
            Ledger(path, {})
