"""An archive kept in step with a folder: new, changed, moved, missing; asked, done, watched."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hybridsearch.analysis.payload import asset_of, point_id
from hybridsearch.bootstrap import Archive, open_archive
from hybridsearch.errors import DeletionRefused
from hybridsearch.ingest.folder import FolderSource
from hybridsearch.ingest.manifest import ManifestSource
from hybridsearch.ports import PointRecord
from tests.builders import png, settings_in, write_manifest, write_pictures
from tests.contract.stores import quick_folder

PROJECT = Path(__file__).parents[2]
SIDES = {f"{number:02}.png": (32 + number, 24) for number in range(20)}


def write_sized(folder: Path, names: list[str]) -> None:
    """Pictures of which no two have the same content."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(png("red", SIDES[name]))


@pytest.fixture
def folder() -> Iterator[Path]:
    with quick_folder() as found:
        yield found


@pytest.fixture
def pictures(folder: Path) -> Path:
    write_sized(folder / "pictures", list(SIDES))
    return folder / "pictures"


@pytest.fixture
def archive(folder: Path, pictures: Path) -> Iterator[Archive]:
    settings = settings_in(folder / "data", ingest={"thumbnails": False})
    with open_archive(settings, create=True) as opened:
        assert opened.ingest().run(FolderSource(pictures)).embedded == 20
        yield opened


def records(archive: Archive) -> dict[str, PointRecord]:
    ids = [record.id for batch in archive.store.scroll(keys=()) for record in batch]
    found = archive.store.retrieve(ids, vectors=True)
    return {asset_of(record.payload).id: record for record in found}


def shuffle(pictures: Path) -> None:
    """One new, one changed, one touched, two moved, one missing."""
    write_pictures(pictures, {"new.png": "blue"})
    (pictures / "01.png").write_bytes(png("green"))
    os.utime(pictures / "02.png", (1, 1))
    (pictures / "sub").mkdir()
    (pictures / "03.png").rename(pictures / "sub" / "three.png")
    (pictures / "04.png").rename(pictures / "four.png")
    (pictures / "05.png").unlink()


def test_a_difference_is_told_and_nothing_is_written(archive: Archive, pictures: Path) -> None:
    shuffle(pictures)
    before = records(archive)
    found = archive.ingest().compare(FolderSource(pictures))
    assert found.new == ["new.png"]
    assert found.changed == ["01.png", "02.png"]
    assert {(each.before, each.asset_id) for each in found.moved} == {
        ("03.png", "sub/three.png"),
        ("04.png", "four.png"),
    }
    assert [each.asset_id for each in found.missing] == ["05.png"]
    assert (found.unchanged, found.known) == (15, 20)
    after = records(archive)
    assert {key: each.payload for key, each in after.items()} == {
        key: each.payload for key, each in before.items()
    }
    live = archive.generations.live()
    assert live is not None and not live.pending


def test_moved_files_keep_their_vectors_and_lose_their_old_names(
    archive: Archive, pictures: Path
) -> None:
    before = records(archive)
    shuffle(pictures)
    report = archive.ingest().sync(FolderSource(pictures))
    # New and changed are embedded; the touched and the moved ones are not.
    assert (report.written, report.embedded, report.moved) == (5, 2, 2)
    assert (report.deleted, report.unchanged) == (2, 15)
    after = records(archive)
    gone = {"03.png", "04.png"}
    assert set(after) == (set(before) - gone) | {"new.png", "sub/three.png", "four.png"}
    asset = asset_of(after["sub/three.png"].payload)
    assert asset.uri == (pictures / "sub" / "three.png").as_uri()
    one, other = before["03.png"].dense, after["sub/three.png"].dense
    assert one is not None and other is not None
    assert one.tolist() == pytest.approx(other.tolist(), abs=1e-6)
    again = archive.ingest().sync(FolderSource(pictures))
    assert (again.written, again.deleted, again.unchanged) == (0, 0, 20)
    live = archive.generations.live()
    assert live is not None and live.complete and not live.pending


def test_what_is_missing_is_deleted_when_asked_for(archive: Archive, pictures: Path) -> None:
    shuffle(pictures)
    report = archive.ingest().sync(FolderSource(pictures), delete=True)
    assert report.deleted == 3
    assert "05.png" not in records(archive)


def test_a_disk_that_is_not_there_deletes_nothing(archive: Archive, pictures: Path) -> None:
    for number in range(11):
        (pictures / f"{number:02}.png").unlink()
    with pytest.raises(DeletionRefused) as caught:
        archive.ingest().sync(FolderSource(pictures), delete=True)
    assert "11 of the 20 assets" in caught.value.message
    assert "--delete-many" in caught.value.remedy
    assert len(records(archive)) == 20
    assert archive.ingest().sync(FolderSource(pictures), delete=True, many=True).deleted == 11


def test_an_empty_folder_deletes_nothing(archive: Archive, pictures: Path) -> None:
    """However small the archive is."""
    for each in sorted(pictures.iterdir())[3:]:
        each.unlink()
    archive.ingest().sync(FolderSource(pictures), delete=True, many=True)
    shutil.rmtree(pictures)
    pictures.mkdir()
    with pytest.raises(DeletionRefused, match="3 of the 3 assets"):
        archive.ingest().sync(FolderSource(pictures), delete=True)
    assert len(records(archive)) == 3


def test_a_folder_that_cannot_be_listed_is_not_missing(
    archive: Archive, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_pictures(pictures, {"closed/a.png": "blue", "closed/b.png": "green"})
    archive.ingest().run(FolderSource(pictures))
    scandir = os.scandir

    def refusing(path: str | Path) -> object:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr("os.scandir", refusing)
    found = archive.ingest().compare(FolderSource(pictures))
    assert (found.missing, len(found.failures)) == ([], 1)


def test_other_sources_assets_are_left_alone(archive: Archive, pictures: Path) -> None:
    """Of another folder, of a manifest, and written by a client."""
    other = pictures.with_name("other")
    write_pictures(other, {"o.png": "blue"})
    rows = [{"id": "m1", "caption": "of a manifest"}, {"id": "m2", "caption": "of it too"}]
    manifest = write_manifest(other / "m.jsonl", rows)
    archive.ingest().run(FolderSource(other))
    archive.ingest().run(ManifestSource(manifest))
    found = archive.ingest().compare(FolderSource(pictures))
    assert (found.missing, found.known) == ([], 20)
    write_manifest(manifest, rows[:1])
    found = archive.ingest().compare(ManifestSource(manifest))
    assert [each.asset_id for each in found.missing] == ["m2"]


def test_a_plain_ingest_knows_a_moved_file_and_deletes_nothing(
    archive: Archive, pictures: Path
) -> None:
    (pictures / "03.png").rename(pictures / "three.png")
    report = archive.ingest().run(FolderSource(pictures))
    assert (report.written, report.embedded, report.moved) == (1, 0, 1)
    assert len(records(archive)) == 21


def test_a_whole_folder_that_moved_is_taken_over_without_reading_it(
    archive: Archive, pictures: Path
) -> None:
    """The same names below another root, as after a move to another disk."""
    away = pictures.rename(pictures.with_name("away"))
    for each in away.iterdir():  # unreadable, and looking as before
        status = each.stat()
        each.write_bytes(b"\0" * status.st_size)
        os.utime(each, ns=(status.st_atime_ns, status.st_mtime_ns))
    report = archive.ingest().run(FolderSource(away))
    assert (report.written, report.embedded, report.failures) == (20, 0, [])
    after = records(archive)
    assert asset_of(after["07.png"].payload).uri == (away / "07.png").as_uri()
    assert after["07.png"].dense is not None
    assert archive.ingest().run(FolderSource(away)).unchanged == 20


def test_a_twin_that_was_deleted_meanwhile_costs_an_embedding(
    archive: Archive, pictures: Path
) -> None:
    (pictures / "03.png").rename(pictures / "three.png")

    class Deleting:
        def __init__(self, source: FolderSource) -> None:
            self._source = source

        def count(self) -> int:
            return self._source.count()

        def entries(self):  # type: ignore[no-untyped-def]
            yield from self._source.entries()
            # All work has been handed out but for the last batch; nothing was written yet.
            archive.store.delete([point_id("default", "03.png")])

    report = archive.ingest().run(Deleting(FolderSource(pictures)))
    assert (report.written, report.embedded) == (1, 1)
    assert records(archive)["three.png"].dense is not None


# The command


def environment(data: Path) -> dict[str, str]:
    return {
        **os.environ,
        "HYBRIDSEARCH_DATA_DIR": str(data),
        "HYBRIDSEARCH_ENCODER__NAME": "words",
        "HYBRIDSEARCH_INGEST__THUMBNAILS": "false",
        "COLUMNS": "160",
    }


def ran(data: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "hybridsearch", "sync", *arguments],
        capture_output=True,
        text=True,
        cwd=PROJECT,
        env=environment(data),
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_command_tells_first_and_then_does(folder: Path) -> None:
    pictures = folder / "pictures"
    write_sized(pictures, list(SIDES)[:12])
    data = folder / "data"
    told = json.loads(ran(data, str(pictures), "--dry-run", "--json"))
    assert told["new"] == sorted(SIDES)[:12] and told["missing"] == []
    assert not data.exists()
    ran(data, str(pictures))
    (pictures / "03.png").rename(pictures / "three.png")
    (pictures / "05.png").unlink()
    shown = ran(data, str(pictures), "--dry-run")
    assert "1 moved: 03.png is now three.png" in shown
    assert "1 missing: 05.png" in shown and "--delete only" in shown
    told = json.loads(ran(data, str(pictures), "--delete", "--json"))
    assert (told["written"], told["embedded"], told["deleted"]) == (1, 0, 2)


def until(holds: Callable[[], bool], child: subprocess.Popen[str], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert child.poll() is None, child.communicate()
        assert time.monotonic() < end, "it never came to hold"
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_watched_folder_is_kept_in_step(folder: Path, number: signal.Signals) -> None:
    """Also with a file that is written slowly; a request to end is followed at once."""
    pictures = folder / "pictures"
    write_sized(pictures, list(SIDES)[:3])
    settings = settings_in(folder / "data")
    command = [sys.executable, "-m", "hybridsearch", "sync", str(pictures), "--watch", "--delete"]
    log = folder / "log"
    with (
        log.open("w") as written,
        subprocess.Popen(
            command,
            stdout=written,
            stderr=written,
            text=True,
            cwd=PROJECT,
            env=environment(folder / "data"),
        ) as child,
    ):
        until(lambda: "Watching" in log.read_text(), child)
        if number == signal.SIGTERM:
            (pictures / "00.png").rename(pictures / "renamed.png")
            data = png("blue", (400, 300))
            with (pictures / "slow.png").open("wb") as slow:
                for start in range(0, len(data), -(-len(data) // 6)):
                    slow.write(data[start : start + -(-len(data) // 6)])
                    slow.flush()
                    time.sleep(0.4)
            until(lambda: log.read_text().count("Archive default") >= 2, child)
        child.send_signal(number)
        assert child.wait(20) == 0
    told = log.read_text()
    assert "Traceback" not in told and "Watching has ended." in told
    if number == signal.SIGTERM:
        assert "1 failed" not in told  # the slow file was left alone until it was whole
        with open_archive(settings) as archive:
            assert set(records(archive)) == {"renamed.png", "01.png", "02.png", "slow.png"}
