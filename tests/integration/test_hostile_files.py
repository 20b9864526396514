"""A whole ingest over the hostile corpus: nothing crashes it, and each file is accounted for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hybridsearch.adapters.media import FileMediaReader
from hybridsearch.bootstrap import open_archive
from hybridsearch.errors import SourceError
from hybridsearch.ingest.changes import work_for
from hybridsearch.ingest.entry import Entry, Failure
from hybridsearch.ingest.folder import FolderSource
from hybridsearch.ingest.load import Loaded, load
from hybridsearch.ingest.manifest import ManifestSource
from tests.builders import settings_in, write_manifest
from tests.hostile import corpus, picture

PROJECT = Path(__file__).parents[2]

INGEST = """
import json, resource, sys
from pathlib import Path
from hybridsearch.bootstrap import open_archive
from hybridsearch.ingest.folder import FolderSource
from hybridsearch.ingest.report import write_failures
from tests.builders import settings_in
with open_archive(settings_in(Path(sys.argv[2])), create=True) as archive:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    report = archive.ingest().run(FolderSource(Path(sys.argv[1])))
    write_failures(report.failures, archive.failures_file)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    readers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(json.dumps([report.written, grown, readers, str(archive.failures_file)]))
"""
"""In a process of its own: the memory of its children is then that of its readers."""


def test_every_file_of_the_corpus_is_accounted_for(tmp_path: Path) -> None:
    pytest.importorskip("resource", reason="memory is measured with it")
    root = tmp_path / "archive"
    root.mkdir()
    failed, indexed = corpus(root)
    started = time.monotonic()
    run = [sys.executable, "-c", INGEST, str(root), str(tmp_path / "data")]
    done = subprocess.run(run, capture_output=True, text=True, check=True, cwd=PROJECT)
    assert time.monotonic() - started < 120
    written, grown, readers, failures = json.loads(done.stdout)
    listed = [json.loads(line) for line in Path(failures).read_text().splitlines()]
    assert grown < 300 * 2**10
    assert readers < 1200 * 2**10
    assert {each["asset_id"] for each in listed} == failed
    assert written == len(indexed)
    for each in listed:
        assert each["reason"] and each["remedy"], each
        assert "unexpectedly" not in each["reason"], each


def test_a_file_that_vanishes_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(picture())
    [entry] = FolderSource(tmp_path).entries()
    assert isinstance(entry, Entry)
    work = work_for(entry, "id", {})
    (tmp_path / "a.jpg").unlink()
    result = load(work, FileMediaReader())
    assert isinstance(result, Failure)
    assert result.reason == "It cannot be read: No such file or directory."


def test_a_file_that_shrinks_while_it_is_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(picture(size=(2000, 2000)))

    class Shrinking(FileMediaReader):
        def recognise(self, head: bytes) -> str:
            os.truncate(path, 100)
            return super().recognise(head)

    [entry] = FolderSource(tmp_path).entries()
    assert isinstance(entry, Entry)
    result = load(work_for(entry, "id", {}), Shrinking())
    assert isinstance(result, Failure) and "damaged or incomplete" in result.reason


def test_a_file_that_grows_while_it_is_read_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(picture())

    class Growing(FileMediaReader):
        def recognise(self, head: bytes) -> str:
            os.truncate(path, 2**30)
            return super().recognise(head)

    [entry] = FolderSource(tmp_path).entries()
    assert isinstance(entry, Entry)
    limit = path.stat().st_size + 1000
    result = load(work_for(entry, "id", {}), Growing(), max_file_bytes=limit)
    assert isinstance(result, Failure) and "MiB allowed" in result.reason


@contextmanager
def without_privileges() -> Iterator[Path]:
    """A folder in which somebody who owns nothing walks; for root no permission is denied."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        privileged = os.geteuid() == 0
        if privileged:
            os.seteuid(65534)
        try:
            yield Path(name)
        finally:
            if privileged:
                os.seteuid(0)


@contextmanager
def privileged() -> Iterator[None]:
    """Back to the owner's rights for a moment, to prepare."""
    before = os.geteuid()
    if os.getuid() == 0:
        os.seteuid(0)
    try:
        yield
    finally:
        os.seteuid(before)


def test_a_folder_and_a_file_without_permission_are_listed() -> None:
    with without_privileges() as root:
        with privileged():
            for name in ("open", "shut"):
                (root / name).mkdir()
                (root / name / "a.jpg").write_bytes(picture())
            (root / "open" / "b.jpg").write_bytes(picture())
            (root / "open" / "b.jpg").chmod(0)
            (root / "shut").chmod(0)
        results = [
            load(work_for(each, "id", {}), FileMediaReader()) if isinstance(each, Entry) else each
            for each in FolderSource(root).entries()
        ]
        with privileged():
            (root / "shut").chmod(0o755)
    told = {each.asset_id: each.reason for each in results if isinstance(each, Failure)}
    assert told == {
        "shut": "It cannot be listed: Permission denied.",
        "open/b.jpg": "It cannot be read: Permission denied.",
    }
    assert [type(each) for each in results if not isinstance(each, Failure)] == [Loaded]


def test_a_root_without_permission_ends_the_ingest_with_a_remedy() -> None:
    with without_privileges() as root:
        source = FolderSource(root)
        with privileged():
            root.chmod(0)
        with pytest.raises(SourceError, match="cannot be listed: Permission denied") as error:
            list(source.entries())
        with privileged():
            root.chmod(0o755)
    assert "permission" in error.value.remedy


def test_documents_and_videos_are_counted_and_not_opened(tmp_path: Path) -> None:
    for name in ("a.pdf", "b.PDF", "c.mp4", "d.mov", "e.psd", "notes.txt", ".hidden.pdf", "f.xmp"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "g.jpg").write_bytes(picture())
    source = FolderSource(tmp_path)
    for _ in range(2):
        [entry] = source.entries()
        assert isinstance(entry, Entry)
        assert source.skipped == {"documents": 2, "videos": 2, "other pictures": 1}
    with open_archive(settings_in(tmp_path / "data"), create=True) as archive:
        report = archive.ingest().run(FolderSource(tmp_path))
    assert report.skipped == {"documents": 2, "videos": 2, "other pictures": 1}


@pytest.mark.parametrize("name", ["a\0b.jpg", "x" * 5000 + ".jpg", "loop.jpg"])
def test_a_manifests_impossible_path_is_a_failure(tmp_path: Path, name: str) -> None:
    (tmp_path / "loop.jpg").symlink_to("loop.jpg")
    manifest = write_manifest(tmp_path / "m.jsonl", [{"id": "a", "file": name}])
    [found] = ManifestSource(manifest).entries()
    if isinstance(found, Entry):  # a name that is merely too long shows when it is opened
        result = load(work_for(found, "id", {}), FileMediaReader())
        assert not isinstance(result, Loaded)
        found = result
    assert isinstance(found, Failure)
    assert found.remedy and found.origin.isprintable()
