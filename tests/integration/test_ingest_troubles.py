"""What befalls an ingest of years of pictures: it ends with a clear word, and then goes on."""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
import pytest
from qdrant_client import QdrantClient

from hybridsearch.adapters.lexicon import FILE_NAME as LEXICON
from hybridsearch.adapters.media import FileMediaReader
from hybridsearch.analysis.payload import Stamp
from hybridsearch.bootstrap import Archive, open_archive
from hybridsearch.config import Settings
from hybridsearch.domain.query import Query
from hybridsearch.errors import StoreError, StoreUnavailable
from hybridsearch.ingest.changes import Work
from hybridsearch.ingest.entry import Entry, Failure
from hybridsearch.ingest.folder import FolderSource
from hybridsearch.ingest.load import Loaded, load
from hybridsearch.ingest.manifest import ManifestSource
from hybridsearch.ingest.report import Report
from hybridsearch.upkeep import rebuild
from tests.builders import png, settings_in, write_manifest, write_pictures
from tests.harmful import ObedientMediaReader, harmful

COLOURS = ("red", "green", "blue", "white", "black")
PROJECT = Path(__file__).parents[2]


def many(folder: Path, count: int) -> Path:
    return write_pictures(
        folder, {f"{place:04}.png": COLOURS[place % len(COLOURS)] for place in range(count)}
    )


def ids_in(archive: Archive) -> list[str]:
    return [record.id for batch in archive.store.scroll(keys=()) for record in batch]


def completes(settings: Settings, pictures: Path, count: int) -> Report:
    """Run it again, undisturbed: everything is there, each once."""
    with open_archive(settings, create=True) as archive:
        report = archive.ingest().run(FolderSource(pictures))
        ids = ids_in(archive)
        assert len(ids) == len(set(ids)) == count
        live = archive.generations.live()
        assert live is not None and live.complete and not live.pending
        return report


# Interrupts


def command(data: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "hybridsearch", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
        process_group=0,
        env={
            **os.environ,
            "HYBRIDSEARCH_DATA_DIR": str(data),
            "HYBRIDSEARCH_ENCODER__NAME": "words",
            "HYBRIDSEARCH_INGEST__BATCH": "2",
            "HYBRIDSEARCH_INGEST__THUMBNAILS": "false",
        },
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("group", [False, True])
def test_an_interrupt_ends_the_command_cleanly(
    tmp_path: Path, number: signal.Signals, group: bool
) -> None:
    """As from the keyboard, to all processes, or to the one alone; at a random moment."""
    pictures = many(tmp_path / "pictures", 300)
    data = tmp_path / "data"
    with command(data, "ingest", str(pictures)) as child:
        manifest = data / "default" / "generations" / "0001" / "generation.json"
        while not manifest.exists() or '"pending": true' not in manifest.read_text():
            assert child.poll() is None, child.communicate()
            time.sleep(0.02)
        helpers = psutil.Process(child.pid).children(recursive=True)
        assert len(helpers) >= 2  # the engine and a reader
        time.sleep(random.Random(number + group).uniform(0, 0.5))
        (os.killpg if group else os.kill)(child.pid, number)
        started = time.monotonic()
        out, err = child.communicate(timeout=60)
        assert time.monotonic() - started < 30
    assert child.returncode == 130, err
    assert out.startswith("Interrupted; run it again to go on.")
    assert "Traceback" not in out + err
    _, alive = psutil.wait_procs(helpers, timeout=10)
    assert alive == []
    report = completes(settings_in(data), pictures, 300)
    assert 0 < report.unchanged < 300


class Interrupting:
    """Progress that presses Ctrl-C when a phase begins, or in the middle of it."""

    def __init__(self, phase: str, *, within: bool = False) -> None:
        self._phase = phase
        self._within = within
        self._now = ""

    def start(self, total: int) -> None:
        if self._phase == "start":
            raise KeyboardInterrupt

    def advance(self, report: Report) -> None:
        if self._phase == "advance":
            raise KeyboardInterrupt

    def phase(self, name: str) -> None:
        self._now = name
        if name == self._phase and not self._within:
            raise KeyboardInterrupt

    def step(self, done: int, total: int) -> None:
        assert 0 < done <= total
        if self._now == self._phase:
            raise KeyboardInterrupt


@pytest.mark.parametrize("phase", ["start", "advance", "measuring", "building indexes"])
def test_an_interrupt_in_every_phase_is_a_report(tmp_path: Path, phase: str) -> None:
    pictures = many(tmp_path / "pictures", 6)
    settings = settings_in(tmp_path / "data", ingest={"batch": 2})
    with open_archive(settings, create=True) as archive:
        report = archive.ingest().run(FolderSource(pictures), Interrupting(phase))
        assert report.interrupted
        assert report.written == {"start": 0, "advance": 2}.get(phase, 6)
        live = archive.generations.live()
        assert live is not None and not live.complete
    completes(settings, pictures, 6)


def test_an_update_that_was_cut_short_is_finished_by_the_next_ingest(tmp_path: Path) -> None:
    """Also by one that finds every file as it was."""
    pictures = many(tmp_path / "pictures", 4)
    settings = settings_in(tmp_path / "data")
    completes(settings, pictures, 4)
    many(pictures, 6)
    with open_archive(settings) as archive:
        assert archive.ingest().run(FolderSource(pictures), Interrupting("measuring")).interrupted
        live = archive.generations.live()
        assert live is not None and live.complete and live.pending
    report = completes(settings, pictures, 6)
    assert (report.written, report.unchanged) == (0, 6)


@pytest.mark.parametrize("phase", ["measuring", "weighing words", "gathering names"])
def test_a_phase_that_looks_at_every_asset_is_cut_short_and_done_again(
    tmp_path: Path, phase: str
) -> None:
    """The second ingest brings another average length; the lexicon was lost, and how many
    documents were measured."""
    settings = settings_in(tmp_path / "data", encoder={"name": "none"})
    rows = [{"id": f"{n}", "caption": f"fire in the mill {n}"} for n in range(6)]
    long = [{"id": "long", "caption": "smoke " * 90}]
    with open_archive(settings, create=True) as archive:
        archive.ingest().run(ManifestSource(write_manifest(tmp_path / "a.jsonl", rows)))
        live = archive.generations.live()
        assert live is not None and live.measured_documents == 6
        archive.generations.save(replace(live, measured_documents=0))
        lexicon = archive.generations.folder_of(live.number) / LEXICON
    lexicon.unlink()
    manifest = write_manifest(tmp_path / "b.jsonl", long)
    with open_archive(settings) as archive:
        report = archive.ingest().run(ManifestSource(manifest), Interrupting(phase, within=True))
        assert report.interrupted and report.written == 1
    with open_archive(settings) as archive:
        again = archive.ingest().run(ManifestSource(manifest))
        assert (again.interrupted, again.unchanged) == (False, 1)
        live = archive.generations.live()
        assert live is not None and not live.pending and live.drift == 0
        assert archive.search().search(Query("smoke")).hits[0].asset.id == "long"
    assert lexicon.exists()


# Files and folders


class Vanishing:
    """A source whose files are gone when they are to be read."""

    def __init__(self, source: FolderSource, gone: Sequence[str]) -> None:
        self._source = source
        self._gone = gone

    def count(self) -> int:
        return self._source.count()

    def entries(self) -> Iterator[Entry | Failure]:
        for entry in list(self._source.entries()):
            if entry.asset_id in self._gone and isinstance(entry, Entry) and entry.path:
                entry.path.unlink()
            yield entry


def test_a_file_that_vanishes_is_listed(tmp_path: Path) -> None:
    pictures = many(tmp_path / "pictures", 5)
    settings = settings_in(tmp_path / "data")
    with open_archive(settings, create=True) as archive:
        source = Vanishing(FolderSource(pictures), ["0001.png", "0003.png"])
        report = archive.ingest().run(source)
        assert (report.written, len(report.failures)) == (3, 2)
        assert all("No such file" in each.reason for each in report.failures)
    many(pictures, 5)
    assert completes(settings, pictures, 5).embedded == 2


@contextmanager
def as_nobody() -> Iterator[None]:
    """Root may read everything: be somebody else for a while."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def visible() -> Iterator[Path]:
    """A folder that everybody may look into; pytest's own is for its user alone."""
    with tempfile.TemporaryDirectory(prefix="visible-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_a_folder_without_permission_is_named(visible: Path, tmp_path: Path) -> None:
    pictures = many(visible / "pictures", 3)
    closed = many(pictures / "closed", 2)
    closed.chmod(0o000)
    try:
        with as_nobody():
            found = list(FolderSource(pictures).entries())
    finally:
        closed.chmod(0o755)
    [failure] = [each for each in found if isinstance(each, Failure)]
    assert failure.asset_id == "closed" and len(found) == 4
    assert "Permission denied" in failure.reason and "permission" in failure.remedy
    completes(settings_in(tmp_path / "data"), pictures, 5)


def test_a_file_without_permission_is_a_failure(visible: Path) -> None:
    path = many(visible, 1) / "0000.png"
    path.chmod(0o000)
    work = Work(Entry("a", path, str(path)), "id", Stamp(None, None, None, "hash"), None)
    with as_nobody():
        failed = load(work, FileMediaReader())
    assert isinstance(failed, Failure)
    assert failed.reason == "It cannot be read: Permission denied."
    path.chmod(0o644)
    assert isinstance(load(work, FileMediaReader()), Loaded)


@pytest.mark.parametrize("harm", ["hang", "crash", "out of memory"])
def test_a_file_that_ends_its_reader_is_listed_and_the_rest_goes_on(
    tmp_path: Path, harm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hybridsearch.bootstrap.archive.FileMediaReader", ObedientMediaReader)
    pictures = many(tmp_path / "pictures", 20)
    for place in (0, 7):
        (pictures / f"{place:04}.png").write_bytes(harmful(png("red"), harm))
    settings = settings_in(tmp_path / "data", ingest={"batch": 4, "seconds_per_file": 3})
    with open_archive(settings, create=True) as archive:
        report = archive.ingest().run(FolderSource(pictures))
    assert report.written == 18
    assert [each.asset_id for each in report.failures] == ["0000.png", "0007.png"]
    many(pictures, 20)
    # Two more pictures of colours that the archive has: their vectors are taken over.
    again = completes(settings, pictures, 20)
    assert (again.embedded, again.moved, again.failures) == (0, 2, [])


# The store and its disk


class Then:
    """Progress that does something once so many pictures are written."""

    def __init__(self, written: int, act: object) -> None:
        self._written = written
        self._act = act

    def start(self, total: int) -> None:
        pass

    def advance(self, report: Report) -> None:
        if report.written >= self._written and callable(self._act):
            act, self._act = self._act, None
            act()

    def phase(self, name: str) -> None:
        pass

    def step(self, done: int, total: int) -> None:
        pass


def engine_of(process: psutil.Process) -> psutil.Process:
    [engine] = [
        each
        for each in process.children()
        if any("engine_worker" in word for word in each.cmdline())
    ]
    return engine


def test_a_store_that_goes_away_ends_the_ingest_and_loses_nothing(tmp_path: Path) -> None:
    pictures = many(tmp_path / "pictures", 40)
    settings = settings_in(tmp_path / "data", ingest={"batch": 4})
    with open_archive(settings, create=True, serve=True) as archive:
        kill = Then(12, lambda: engine_of(psutil.Process()).kill())
        with pytest.raises(StoreUnavailable, match=r"SIGKILL") as caught:
            archive.ingest().run(FolderSource(pictures), kill)
        assert "what was acknowledged is not lost" in caught.value.remedy
    report = completes(settings, pictures, 40)
    assert report.unchanged >= 12


def test_a_server_that_is_not_there_is_told_and_waited_for(tmp_path: Path) -> None:
    """A real refused connection; the archive is none the worse for it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    store = {"kind": "qdrant", "url": f"http://127.0.0.1:{port}", "grpc_port": port}
    settings = settings_in(tmp_path / "data", store=store)
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="refused") as caught:
            open_archive(settings, create=True)
        assert f"http://127.0.0.1:{port} is right, that the server runs" in caught.value.remedy


class Line:
    """The way to a server, which may be cut: the client's own stand-in behind it."""

    def __init__(self, client: QdrantClient) -> None:
        self._behind = client
        self.cut = False

    def __getattr__(self, name: str) -> Any:
        if self.cut:
            raise ConnectionRefusedError(111, "Connection refused")
        return getattr(self._behind, name)

    def close(self) -> None:
        pass


def test_a_server_that_goes_away_ends_the_ingest_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = many(tmp_path / "pictures", 20)
    store = {"kind": "qdrant", "url": "http://stand-in.invalid"}
    settings = settings_in(tmp_path / "data", store=store, ingest={"batch": 4})
    with closing(QdrantClient(":memory:")) as client:
        line = Line(client)
        monkeypatch.setattr("hybridsearch.adapters.stores.qdrant.QdrantClient", lambda **how: line)
        with open_archive(settings, create=True) as archive:
            with pytest.raises(StoreUnavailable, match="Connection refused"):
                archive.ingest().run(
                    FolderSource(pictures), Then(8, lambda: setattr(line, "cut", True))
                )
            with pytest.raises(StoreUnavailable):
                archive.store.count()
        line.cut = False
        assert completes(settings, pictures, 20).unchanged == 8


def test_an_ingest_stops_before_the_disk_is_full(tmp_path: Path) -> None:
    pictures = many(tmp_path / "pictures", 6)
    free = shutil.disk_usage(tmp_path).free // 2**20
    full = settings_in(tmp_path / "data", ingest={"min_free_mib": free * 2})
    with open_archive(full, create=True) as archive:
        with pytest.raises(StoreError, match=r"MiB left; an ingest leaves .* MiB free") as caught:
            archive.ingest().run(FolderSource(pictures))
        assert "goes on where it stopped" in caught.value.remedy
    completes(settings_in(tmp_path / "data"), pictures, 6)


def test_a_limit_on_the_size_of_files_is_told_as_a_full_disk_is(tmp_path: Path) -> None:
    """The system refuses every byte beyond the limit, as a full disk does."""
    pictures = many(tmp_path / "pictures", 6)
    settings = settings_in(tmp_path / "data")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with open_archive(settings, create=True) as archive:
        resource.setrlimit(resource.RLIMIT_FSIZE, (64, before[1]))
        try:
            with pytest.raises(StoreError) as caught:
                archive.ingest().run(FolderSource(pictures))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "too large" in caught.value.message
    completes(settings, pictures, 6)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 60 MiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=60m", "tmpfs", str(disk)]
    ended = subprocess.run(mount, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        pytest.skip(f"no small disk can be mounted here: {ended.stderr.strip()}")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_ends_the_ingest_and_more_room_completes_it(
    tmp_path: Path, small_disk: Path
) -> None:
    """The engine's process is ended by the system; what it acknowledged is there afterwards."""
    pictures = many(tmp_path / "pictures", 400)
    settings = settings_in(small_disk / "data", ingest={"batch": 4, "min_free_mib": 0})
    fill = Then(20, lambda: _fill(small_disk))  # somebody else needs the room
    with (
        pytest.raises(StoreError) as caught,
        open_archive(settings, create=True, serve=True) as archive,
    ):
        archive.ingest().run(FolderSource(pictures), fill)
    told = str(caught.value)
    assert "disk is full" in told or "No space left" in told
    assert "room" in told or "Free space" in told
    (small_disk / "filler").unlink()
    subprocess.run(["mount", "-o", "remount,size=1g", str(small_disk)], check=True)
    assert completes(settings, pictures, 400).unchanged >= 20


def test_a_disk_too_small_for_a_rebuild_keeps_the_old_index(
    tmp_path: Path, small_disk: Path
) -> None:
    """Refused before it begins, or ended by the full disk; with more room it is completed."""
    pictures = many(tmp_path / "pictures", 60)
    sizes = {"batch": 4, "min_free_mib": 0, "thumbnails": False}
    settings = settings_in(small_disk / "data", ingest=sizes)
    completes(settings, pictures, 60)
    changed = settings_in(small_disk / "data", ingest=sizes, analysis={"languages": ["en", "sl"]})
    with pytest.raises(StoreError, match="a rebuild needs") as caught:
        rebuild(changed)
    assert "generations remove" in caught.value.remedy
    with pytest.MonkeyPatch.context() as patch:  # as if somebody took the room afterwards
        patch.setattr("hybridsearch.upkeep._must_have_room", lambda *given: None)
        with pytest.raises(StoreError) as caught:
            rebuild(changed)
    told = str(caught.value)
    assert "disk is full" in told or "No space left" in told
    subprocess.run(["mount", "-o", "remount,size=2g", str(small_disk)], check=True)
    with open_archive(settings) as archive:
        assert archive.generation.number == 1
        assert archive.store.count() == 60
    done = rebuild(changed)
    assert done is not None and done.report.written + done.report.unchanged == 60
    with open_archive(changed) as archive:
        assert (archive.generation.number, archive.store.count()) == (2, 60)


def _fill(disk: Path) -> None:
    with (disk / "filler").open("wb") as stream:
        while True:
            try:
                stream.write(b"x" * 4096)
                stream.flush()
            except OSError:
                return
