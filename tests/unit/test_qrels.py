from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.qrels import read_qrels, unknown_assets, write_qrels
from hybridsearch.errors import SourceError

IDS = st.text(min_size=1, max_size=12)


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "qrels.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_trec_lines_become_grades(tmp_path: Path) -> None:
    path = written(tmp_path, "\ufeffq1 0 a 2\nq1\t0\tb\t0\r\n\nq2 Q0 my%20picture.jpg 1\n")
    found = read_qrels(path)
    assert found.grades == {"q1": {"a": 2, "b": 0}, "q2": {"my picture.jpg": 1}}
    assert found.negative == 0


def test_grades_below_zero_are_judged_worth_nothing_and_counted(tmp_path: Path) -> None:
    found = read_qrels(written(tmp_path, "q 0 spam -2\nq 0 junk -1\nq 0 good 1\n"))
    assert found.grades == {"q": {"spam": 0, "junk": 0, "good": 1}}
    assert found.negative == 2


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("q 0 a 1\nq 0 a\n", "line 2: 3 fields"),
        ("q 0 a b 1\n", "line 1: 5 fields"),
        ("q 0 a 1.0\n", "line 1: the grade '1.0'"),
        ("q 0 a relevant\n", "line 1: the grade"),
        ("q 0 a 1\n\nq 0 a 1\n", "line 3: 'a' is judged twice for query 'q'"),
        ("q 0 Škofja 1\n".encode("cp1250"), "UTF-8"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, text: str | bytes, told: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(SourceError, match=told) as error:
        read_qrels(path)
    assert str(path) in error.value.message
    assert error.value.remedy


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no qrels file"):
        read_qrels(tmp_path / "absent")


@given(
    st.dictionaries(
        IDS, st.dictionaries(IDS, st.integers(0, 5), min_size=1, max_size=5), max_size=4
    )
)
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, grades: dict[str, dict[str, int]]
) -> None:
    path = tmp_path_factory.mktemp("qrels") / "qrels.txt"
    write_qrels(grades, path)
    assert read_qrels(path).grades == grades


def test_unknown_assets_are_counted_once_with_examples() -> None:
    grades = {"q1": {"a": 1, "b": 0}, "q2": {"b": 1, "c": 1, "d": 1, "e": 1}}
    assert unknown_assets(grades, {"a", "b", "c", "d", "e"}) is None
    told = unknown_assets(grades, {"a"})
    assert told is not None
    assert "4 judged assets are not in the manifest" in told
    assert told.endswith("b, c, d and 1 more.")
    one = unknown_assets(grades, {"a", "b", "c", "d"})
    assert one is not None
    assert one.startswith("1 judged asset is not")
