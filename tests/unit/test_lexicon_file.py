"""The lexicon's file: written whole or not at all, added to, and never trusted blindly."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from hybridsearch.adapters import lexicon_rows as module
from hybridsearch.adapters.lexicon import FILE_NAME, FolderLexicons, SqliteLexicon
from hybridsearch.domain.asset import Asset
from hybridsearch.errors import StoreError
from tests.lexicons import contents_of

FIRST = contents_of([Asset("1", caption="A fire in Koper", city="Koper")])
SECOND = contents_of(
    [Asset("2", caption="A flood in Celje", city="Celje"), Asset("3", city="Koper")]
)


def opened(folder: Path) -> SqliteLexicon:
    lexicon = FolderLexicons(folder).open()
    assert lexicon is not None
    return lexicon


def test_without_a_file_there_is_no_lexicon(tmp_path: Path) -> None:
    assert FolderLexicons(tmp_path).open() is None


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\x00" + b"\x00" * 100])
def test_a_damaged_file_is_no_lexicon(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    assert FolderLexicons(tmp_path).open() is None


def test_a_lexicon_of_another_format_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as other:
        other.setattr(module, "FORMAT", 99)
        FolderLexicons(tmp_path).write(FIRST)
    assert FolderLexicons(tmp_path).open() is None


def test_writing_replaces_what_was_there(tmp_path: Path) -> None:
    lexicons = FolderLexicons(tmp_path)
    lexicons.write(FIRST)
    lexicons.write(SECOND)
    with closing(opened(tmp_path)) as lexicon:
        assert lexicon.info.assets == 2
        assert set(lexicon.words(["fire", "flood"])) == {"flood"}
    assert [each.name for each in tmp_path.iterdir()] == [FILE_NAME]


def test_adding_adds_to_the_counts(tmp_path: Path) -> None:
    lexicons = FolderLexicons(tmp_path)
    lexicons.write(FIRST)
    lexicons.write(SECOND, add=True)
    with closing(opened(tmp_path)) as lexicon:
        assert (lexicon.info.assets, lexicon.info.names) == (3, 2)
        assert lexicon.words(["koper"])["koper"].documents == 2
        [koper] = lexicon.names(["koper"])["koper"]
        assert koper.count == 2
        assert [each.folded for each in lexicon.alike("flod")] == ["flood"]


def test_there_must_be_something_to_add_to(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be written"):
        FolderLexicons(tmp_path).write(FIRST, add=True)
    assert not list(tmp_path.iterdir())


def test_an_open_reader_keeps_what_it_opened(tmp_path: Path) -> None:
    lexicons = FolderLexicons(tmp_path)
    lexicons.write(FIRST)
    with closing(opened(tmp_path)) as lexicon:
        lexicons.write(SECOND)
        assert set(lexicon.words(["fire", "flood"])) == {"fire"}


def test_a_failed_write_leaves_the_old_lexicon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lexicons = FolderLexicons(tmp_path)
    lexicons.write(FIRST)

    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(module, "_tell", fail)
    with pytest.raises(StoreError, match="disk is full"):
        lexicons.write(SECOND)
    with closing(opened(tmp_path)) as lexicon:
        assert lexicon.info.assets == 1
    assert [each.name for each in tmp_path.iterdir()] == [FILE_NAME]


def test_what_cannot_be_read_later_is_told_with_the_way_out(tmp_path: Path) -> None:
    FolderLexicons(tmp_path).write(FIRST)
    lexicon = opened(tmp_path)
    lexicon.close()
    with pytest.raises(StoreError) as told:
        lexicon.words(["fire"])
    assert "next ingest" in told.value.remedy
