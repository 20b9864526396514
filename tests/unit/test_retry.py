"""What failed is taken up again, alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from hybridsearch.errors import SourceError
from hybridsearch.ingest.entry import Failure
from hybridsearch.ingest.folder import FolderSource
from hybridsearch.ingest.report import Report, write_failures
from hybridsearch.ingest.retry import RetrySource, read_failures, still_failing
from tests.builders import write_pictures


def failure(asset_id: str) -> Failure:
    return Failure(asset_id, f"/archive/{asset_id}", "Broken.", "Mend it.")


def test_only_what_failed_is_listed(tmp_path: Path) -> None:
    write_pictures(tmp_path, {"a.png": "red", "deep/b.png": "red", "deep/c.png": "red"})
    retry = RetrySource(FolderSource(tmp_path), [failure("deep/b.png"), failure("gone.png")])
    assert [each.asset_id for each in retry.entries()] == ["deep/b.png"]
    assert retry.count() == 2


def test_of_a_folder_that_could_not_be_listed_all_is(tmp_path: Path) -> None:
    write_pictures(tmp_path, {"a.png": "red", "deep/er/b.png": "red", "deeper/c.png": "red"})
    retry = RetrySource(FolderSource(tmp_path), [failure("deep")])
    assert [each.asset_id for each in retry.entries()] == ["deep/er/b.png"]


def test_the_list_survives_writing_and_reading(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "failures.jsonl"
    failures = [failure("a\nb.png"), failure("č.png")]
    assert read_failures(path) == []
    write_failures(failures, path)
    assert read_failures(path) == failures
    write_failures([], path)
    assert not path.exists()


@pytest.mark.parametrize("line", ["{", "[]", '{"asset_id": "a"}', "null"])
def test_a_damaged_list_is_told_by_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "failures.jsonl"
    write_failures([failure("a")], path)
    with path.open("a") as stream:
        stream.write(f"{line}\n")
    with pytest.raises(SourceError, match="line 2") as error:
        read_failures(path)
    assert error.value.remedy


def test_an_interrupted_ingest_forgets_no_failure() -> None:
    before = [failure("a"), failure("b")]
    done = Report(failures=[failure("b")])
    assert still_failing(before, done) == [failure("b")]
    done.interrupted = True
    assert still_failing(before, done) == [failure("b"), failure("a")]
