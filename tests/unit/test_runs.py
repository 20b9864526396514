from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.runs import RankedAsset, Run, in_order, read_trec, write_trec
from hybridsearch.errors import SourceError

IDS = st.text(min_size=1, max_size=12)
SCORES = st.floats(allow_nan=False, allow_infinity=False)
RANKINGS = st.dictionaries(IDS, SCORES, min_size=1, max_size=6).map(
    lambda found: in_order(found.items())
)


def written(folder: Path, text: str) -> Path:
    path = folder / "some.run"
    path.write_text(text, encoding="utf-8")
    return path


def test_best_first_and_equal_scores_by_id() -> None:
    found = in_order([("b", 1.0), ("c", 2.0), ("a", 1.0)])
    assert [entry.asset_id for entry in found] == ["c", "a", "b"]
    assert in_order([]) == ()


@given(st.dictionaries(IDS, st.sampled_from([0.0, 1.0, 2.0])), st.randoms())
def test_a_permutation_changes_no_order(scores: dict[str, float], random: Random) -> None:
    shuffled = list(scores.items())
    random.shuffle(shuffled)
    assert in_order(shuffled) == in_order(scores.items())


@given(st.dictionaries(IDS, RANKINGS, min_size=1, max_size=4), IDS)
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory,
    rankings: dict[str, tuple[RankedAsset, ...]],
    system: str,
) -> None:
    path = tmp_path_factory.mktemp("runs") / "deep" / "some.run"
    write_trec(Run(system, rankings), path)
    assert read_trec(path) == Run(system, rankings)


def test_a_run_from_elsewhere_goes_by_its_scores(tmp_path: Path) -> None:
    path = written(tmp_path, "q1 Q0 a 1 0.5 theirs\nq1 Q0 b 2 7 theirs\n\nq2\tQ0\ta\t1\t-1e3\tx\n")
    found = read_trec(path)
    assert found.system == "theirs"
    assert found.rankings == {"q1": (("b", 7.0), ("a", 0.5)), "q2": (("a", -1000.0),)}
    assert read_trec(path, "ours").system == "ours"
    assert read_trec(written(tmp_path, "")) == Run("some", {})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("q Q0 a 1 0.5 s\nq Q0 b 2 0.4\n", "line 2: 5 fields"),
        ("q Q0 a 1 high s\n", "line 1: the score 'high'"),
        ("q Q0 a 1 nan s\n", "no finite number"),
        ("q Q0 a 1 inf s\n", "no finite number"),
        ("q Q0 a 1 1 s\nq Q0 a 2 0 s\n", "line 2: 'a' stands there twice for query 'q'"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, text: str, told: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(SourceError, match=told) as error:
        read_trec(path)
    assert str(path) in error.value.message


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no run file"):
        read_trec(tmp_path / "absent.run")
