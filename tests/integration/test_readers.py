"""Reader processes: what a file does to one of them costs that file and nothing else."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from struct import pack

import psutil  # type: ignore[import-untyped]
import pytest

from hybridsearch.adapters.encoders.clip_crops import CentreCrop
from hybridsearch.adapters.media import FileMediaReader
from hybridsearch.adapters.readers.order import ReadingOrder
from hybridsearch.adapters.readers.pool import ProcessReaders
from hybridsearch.analysis.payload import Stamp
from hybridsearch.errors import ReaderError
from hybridsearch.ingest.changes import Work
from hybridsearch.ingest.entry import Entry, Failure
from hybridsearch.ingest.load import Loaded
from tests.builders import png
from tests.harmful import ObedientMediaReader, harmful


def work_of(path: Path | None) -> Work:
    name = path.name if path else "words"
    return Work(Entry(name, path, str(path)), "id", Stamp(None, None, None, "hash"), None)


def write(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.fixture
def order() -> ReadingOrder:
    return ReadingOrder(ObedientMediaReader(), seconds=5.0, memory_bytes=2**30)


@pytest.fixture
def readers(order: ReadingOrder) -> Iterator[ProcessReaders]:
    made = ProcessReaders(order, 2)
    yield made
    made.close()


def read_all(readers: ProcessReaders, paths: list[Path]) -> list[Loaded | Failure]:
    return [future.result(60) for future in [readers.start(work_of(path)) for path in paths]]


def helpers() -> list[psutil.Process]:
    """Reader processes of this process that are there, or dead and not yet seen out."""
    return [
        each
        for each in psutil.Process().children()
        if each.status() == psutil.STATUS_ZOMBIE
        or any("readers.worker" in word for word in each.cmdline())
    ]


@pytest.mark.parametrize(
    ("harm", "reason", "remedy"),
    [
        ("hang", "took longer than 5 s", "seconds_per_file"),
        ("spin", "took longer than 5 s", "seconds_per_file"),
        ("crash", r"signal 11 \(SIGSEGV\)", "harms its decoder"),
        ("out of memory", r"signal 9 \(SIGKILL\)", "lower ingest.readers"),
        ("leave", "exit code 3", "harms its decoder"),
        ("eat", "more memory than a reader may have", "reader_memory_mib"),
        ("fail", "ZeroDivisionError: nobody expected this", "defect"),
    ],
)
def test_harm_costs_one_file(
    readers: ProcessReaders, tmp_path: Path, harm: str, reason: str, remedy: str
) -> None:
    """Ten files, the fourth of which does harm: nine are read, one is told of."""
    files = [write(tmp_path, f"{place}.png", png("red")) for place in range(10)]
    files[3].write_bytes(harmful(png("red"), harm))
    results = read_all(readers, files)
    failures = [each for each in results if isinstance(each, Failure)]
    assert len(failures) == 1 and results[3] is failures[0]
    assert re.search(reason, failures[0].reason), failures[0].reason
    assert remedy in failures[0].remedy
    assert failures[0].origin == str(files[3])


def test_what_a_decoder_prints_is_not_taken_for_an_answer(
    readers: ProcessReaders, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    loud = write(tmp_path, "loud.png", harmful(png("red"), "shout"))
    assert all(isinstance(each, Loaded) for each in read_all(readers, [loud] * 3))
    assert capfd.readouterr() == ("", "")


def bomb(width: int, height: int) -> bytes:
    """A PNG of white pixels, a thousandth of their size."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return pack(">I", len(body)) + kind + body + pack(">I", zlib.crc32(kind + body))

    packer = zlib.compressobj(9)
    row = b"\0" + b"\xff" * (3 * width)
    body = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def test_a_picture_that_needs_too_much_memory_fails_alone(tmp_path: Path) -> None:
    """120 million pixels pass the limit of pixels, but not that of the process."""
    large = write(tmp_path, "large.png", bomb(12_000, 10_000))
    small = write(tmp_path, "small.png", png("red"))
    order = ReadingOrder(FileMediaReader(), max_file_bytes=10 * 2**20, memory_bytes=400 * 2**20)
    readers = ProcessReaders(order, 1)
    try:
        failed, good = read_all(readers, [large, small])
        assert isinstance(failed, Failure) and "memory" in failed.reason
        assert isinstance(good, Loaded)
        [process] = helpers()
        assert process.memory_info().rss < 400 * 2**20
    finally:
        readers.close()


def test_only_what_the_encoder_looks_at_comes_back(tmp_path: Path) -> None:
    path = write(tmp_path, "a.png", png("red", (640, 480)))
    readers = ProcessReaders(ReadingOrder(FileMediaReader(min_side=448), CentreCrop()), 1)
    try:
        [loaded] = read_all(readers, [path])
        assert isinstance(loaded, Loaded) and loaded.pixels is not None
        assert loaded.pixels.shape == (224, 224, 3)
        assert (loaded.asset.width, loaded.asset.height) == (640, 480)
    finally:
        readers.close()


def test_words_need_no_process(readers: ProcessReaders) -> None:
    assert isinstance(readers.start(work_of(None)).result(0), Loaded)
    assert helpers() == []


def test_a_process_that_died_while_idle_costs_nothing(
    readers: ProcessReaders, tmp_path: Path
) -> None:
    path = write(tmp_path, "a.png", png("red"))
    assert isinstance(read_all(readers, [path])[0], Loaded)
    for process in helpers():
        process.kill()
        process.wait(10)
    assert all(isinstance(each, Loaded) for each in read_all(readers, [path] * 4))


def test_closing_ends_everything_at_once(readers: ProcessReaders, tmp_path: Path) -> None:
    hanging = write(tmp_path, "hang.png", harmful(png("red"), "hang"))
    futures: list[Future[Loaded | Failure]]
    futures = [readers.start(work_of(hanging)) for _ in range(6)]
    time.sleep(0.5)
    started = time.monotonic()
    readers.close()
    assert time.monotonic() - started < 5
    assert all(each.done() or each.cancelled() for each in futures)
    assert helpers() == []
    readers.close()


def test_no_process_that_cannot_start_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, "a.png", png("red"))
    for executable, told in ((str(tmp_path / "python"), "No such file"), ("/bin/false", "at once")):
        monkeypatch.setattr(sys, "executable", executable)
        readers = ProcessReaders(ReadingOrder(FileMediaReader()), 1)
        with pytest.raises(ReaderError, match=told):
            readers.start(work_of(path)).result(60)
        readers.close()


ORPHANING = """
import sys, time
from pathlib import Path
from tests.integration.test_readers import *
readers = ProcessReaders(ReadingOrder(ObedientMediaReader(), seconds=2.0), 2)
futures = [readers.start(work_of(Path(each))) for each in sys.argv[1:]]
assert isinstance(futures[0].result(60), Loaded)
print(*[each.pid for each in helpers()], flush=True)
time.sleep(600)
"""


def test_processes_whose_parent_was_killed_end(tmp_path: Path) -> None:
    """The idle one at once; the one that hangs in a file by its own alarm."""
    good = write(tmp_path, "a.png", png("red"))
    hanging = write(tmp_path, "b.png", harmful(png("red"), "hang"))
    with subprocess.Popen(
        [sys.executable, "-c", ORPHANING, str(good), str(hanging)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as child:
        assert child.stdout is not None
        pids = [int(each) for each in child.stdout.readline().split()]
        assert len(pids) == 2
        child.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 30
    while any(_runs(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not any(_runs(pid) for pid in pids)


def _runs(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
def test_a_pipe_nobody_writes_to_holds_nobody(readers: ProcessReaders, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    [failed] = read_all(readers, [tmp_path / "pipe.jpg"])
    assert isinstance(failed, Failure) and "regular file" in failed.reason
