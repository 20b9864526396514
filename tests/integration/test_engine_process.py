"""The engine process: it outlives an interrupt, dies with its parent, and is never waited for
in vain."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from hybridsearch.adapters.stores import engine_client
from hybridsearch.adapters.stores.edge import EdgeStore
from hybridsearch.adapters.stores.edge_tuning import EdgeTuning
from hybridsearch.adapters.stores.engine_process import EngineProcessStore
from hybridsearch.adapters.stores.lifeline import Lifeline, hold_on
from hybridsearch.errors import InvalidPoint, StoreError, StoreLocked, StoreUnavailable
from hybridsearch.ports import DenseQuery, SparseQuery, StoreSchema
from tests.contract.stores import SCHEMA, point, quick_folder, random_points, uid, unit, words
from tests.integration.test_edge_folder import REPOSITORY, said, script

PARENT = """
import sys, time
from pathlib import Path
from hybridsearch.adapters.stores.engine_process import EngineProcessStore
from tests.contract.stores import SCHEMA, point, words
store = EngineProcessStore(Path(sys.argv[1]), SCHEMA)
store.upsert([point(1, None, words(t1=1))])
try:
    print(store.pid, flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    print("interrupted", store.count(), flush=True)
    time.sleep(float(sys.argv[2]))
    store.close()
    print("closed", flush=True)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    with quick_folder() as made:
        yield made / "store"


@pytest.fixture
def store(folder: Path) -> Iterator[EngineProcessStore]:
    with closing(EngineProcessStore(folder, SCHEMA, patience=5)) as made:
        yield made


def until_gone(pid: int, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.02)
    return False


class TestStarting:
    def test_the_engine_is_not_loaded_here(self) -> None:
        text = (
            "import sys; import hybridsearch.adapters.stores.engine_process;"
            "print('qdrant_edge' in sys.modules, 'qdrant_client' in sys.modules)"
        )
        run = subprocess.run(
            [sys.executable, "-c", text], cwd=REPOSITORY, capture_output=True, text=True, check=True
        )
        assert run.stdout.split() == ["False", "False"]

    def test_a_held_folder_is_told_from_the_constructor(
        self, store: EngineProcessStore, folder: Path
    ) -> None:
        for again in (EngineProcessStore, EdgeStore):
            with pytest.raises(StoreLocked, match=f"is open in process {os.getpid()} "):
                again(folder, SCHEMA)
        assert store.count() == 0

    def test_another_dimension_is_told_from_the_constructor(self, folder: Path) -> None:
        EngineProcessStore(folder, SCHEMA).close()
        with pytest.raises(StoreError, match="expected vector size 5"):
            EngineProcessStore(folder, StoreSchema(5))

    def test_an_engine_that_dies_at_once_is_told_with_its_last_words(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(engine_client, "_WORKER", "no_such_module")
        with pytest.raises(StoreUnavailable, match=r"exit code 1 after: .*no_such_module"):
            EngineProcessStore(folder, SCHEMA)

    def test_an_interpreter_that_cannot_be_started_is_told(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sys, "executable", "/no/such/python")
        with pytest.raises(StoreUnavailable, match="could not be started"):
            EngineProcessStore(folder, SCHEMA)

    def test_the_memory_store_can_live_there_too(self, folder: Path) -> None:
        with closing(EngineProcessStore(folder, SCHEMA, engine="memory")) as store:
            store.upsert([point(1, unit(1, 0, 0, 0), words(t1=1))])
            assert store.info().engine == "memory"
            (ranking,) = store.rank([SparseQuery("words", words(t1=1), 3)])
            assert [each.point_id for each in ranking.entries] == [uid(1)]
        assert not folder.exists()

    def test_an_unknown_engine_is_refused(self, folder: Path) -> None:
        with pytest.raises(StoreError, match="no engine 'paper'"):
            EngineProcessStore(folder, SCHEMA, engine="paper")  # type: ignore[arg-type]


class TestErrors:
    def test_ours_cross_as_they_are_and_the_store_goes_on(self, store: EngineProcessStore) -> None:
        bad = point(1, unit(1, 0, 0))
        with pytest.raises(InvalidPoint, match=f"Point {uid(1)}"):
            store.upsert([bad])
        with pytest.raises(StoreError, match="leg 'dense'") as caught:
            store.rank([DenseQuery("dense", unit(1, 0, 0), 3)])
        assert caught.value.remedy
        assert store.count() == 0

    def test_a_defect_is_named(self, store: EngineProcessStore) -> None:
        with pytest.raises(StoreError, match="failed while count: AttributeError"):
            store.count("no filter")  # type: ignore[arg-type]
        assert store.count() == 0


class TestDeath:
    def test_in_the_middle_of_a_call_is_an_error_and_no_hang(
        self, store: EngineProcessStore
    ) -> None:
        os.kill(store.pid, signal.SIGSTOP)
        with ThreadPoolExecutor(1) as pool:
            call = pool.submit(store.count)
            time.sleep(0.1)
            assert not call.done()
            os.kill(store.pid, signal.SIGKILL)
            with pytest.raises(StoreUnavailable, match=r"signal 9 \(SIGKILL\)") as caught:
                call.result(10)
        assert str(store.pid) in caught.value.message
        with pytest.raises(StoreUnavailable, match="SIGKILL"):
            store.count()
        store.close()
        with pytest.raises(StoreUnavailable, match="is closed"):
            store.count()

    def test_its_last_words_are_told(self, store: EngineProcessStore) -> None:
        os.kill(store.pid, signal.SIGABRT)
        with pytest.raises(StoreUnavailable, match=r"SIGABRT\) after: .*Fatal Python error"):
            store.count()

    def test_what_was_acknowledged_is_there_afterwards(
        self, store: EngineProcessStore, folder: Path
    ) -> None:
        store.upsert(random_points(50, seed=1))
        os.kill(store.pid, signal.SIGKILL)
        until_gone(store.pid)
        with closing(EngineProcessStore(folder, SCHEMA)) as again:
            assert again.count() == 50

    def test_of_the_parent_ends_it(self, folder: Path) -> None:
        with script(PARENT, str(folder), "0") as parent:
            pid = int(said(parent))
            assert psutil.pid_exists(pid)
            parent.kill()
            parent.wait()
            assert until_gone(pid)
        with closing(EngineProcessStore(folder, SCHEMA)) as again:
            assert again.count() == 1

    def test_of_the_parent_ends_it_though_its_input_has_no_end(self, folder: Path) -> None:
        """As in a call of half an hour, after which alone it would look at its input."""
        keep = "import subprocess, sys; subprocess.Popen(['sleep', '60'], pass_fds=[{}])"
        sharing = PARENT.replace(
            "    print(store.pid",
            f"    {keep.format('store._engine._process.stdin.fileno()')}\n    print(store.pid",
        )
        with script(sharing, str(folder), "0") as parent:
            pid = int(said(parent))
            parent.kill()
            parent.wait()
            gone = until_gone(pid)
            os.killpg(parent.pid, signal.SIGKILL)
        assert gone

    def test_of_the_parent_ends_a_child_that_python_cannot_reach(self) -> None:
        """The engine holds the global lock while it works; so does this child in its sleep."""
        child = (
            "import ctypes, sys; from hybridsearch.adapters.stores.lifeline import hold_on;"
            "hold_on(int(sys.argv[1])); print('held', flush=True); ctypes.PyDLL(None).sleep(60)"
        )
        parent = (
            "import subprocess, sys, time\n"
            "from hybridsearch.adapters.stores.lifeline import Lifeline\n"
            "line = Lifeline()\n"
            "child = subprocess.Popen([sys.executable, '-c', sys.argv[1], str(*line.handed)],"
            " pass_fds=line.handed, stdout=subprocess.PIPE)\n"
            "line.given()\n"
            "child.stdout.readline()\n"
            "print(child.pid, flush=True)\n"
            "time.sleep(60)"
        )
        with script(parent, child) as process:
            pid = int(said(process))
            time.sleep(0.1)
            assert psutil.Process(pid).status() == psutil.STATUS_SLEEPING
            process.kill()
            process.wait()
            assert until_gone(pid)

    def test_of_the_parent_before_the_child_could_hold_on(self) -> None:
        line = Lifeline()
        (end,) = line.handed
        kept = os.dup(end)
        line.given()
        line.close()
        line.close()
        with pytest.raises(SystemExit):
            hold_on(kept)
        os.close(kept)


class TestInterrupts:
    def test_of_the_group_leave_it_to_the_parent(self, folder: Path) -> None:
        with script(PARENT, str(folder), "0.3") as parent:
            pid = int(said(parent))
            os.killpg(parent.pid, signal.SIGINT)
            assert said(parent) == "interrupted 1"
            assert psutil.pid_exists(pid)
            assert said(parent) == "closed"
            assert until_gone(pid)
            assert parent.wait(10) == 0

    def test_of_a_waiting_caller_leave_the_pipe_in_step(self, store: EngineProcessStore) -> None:
        store.upsert(random_points(30, seed=1))
        # More than a pipe holds, so that the interrupt comes in the middle of a frame.
        many = random_points(2000, seed=2)
        os.kill(store.pid, signal.SIGSTOP)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(interrupt_main_thread, when=store._engine._turn.locked)
            with pytest.raises(KeyboardInterrupt):
                store.upsert(many)
        os.kill(store.pid, signal.SIGCONT)
        assert store.count() == 2000
        assert store.info().points == 2000


def interrupt_main_thread(when: Callable[[], bool]) -> None:
    while not when():
        time.sleep(0.01)
    time.sleep(0.1)
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


class TestClosing:
    def test_ends_the_process(self, folder: Path) -> None:
        store = EngineProcessStore(folder, SCHEMA)
        store.close()
        store.close()
        assert until_gone(store.pid)

    def test_has_an_end_to_its_patience(self, folder: Path) -> None:
        store = EngineProcessStore(folder, SCHEMA, patience=0.2)
        store.upsert(random_points(10, seed=1))
        os.kill(store.pid, signal.SIGSTOP)
        with ThreadPoolExecutor(1) as pool:
            call = pool.submit(store.count)
            time.sleep(0.05)
            threading.Timer(0.5, os.kill, (store.pid, signal.SIGCONT)).start()
            start = time.monotonic()
            store.close()
            assert time.monotonic() - start < 5
            with pytest.raises(StoreUnavailable):
                call.result(5)
        with closing(EngineProcessStore(folder, SCHEMA)) as again:
            assert again.count() == 10


def test_many_threads_at_once_get_their_own_answers(store: EngineProcessStore) -> None:
    store.upsert([point(n, unit(1, n, 0, 0), words(**{f"t{n}": 1})) for n in range(1, 41)])

    def ask(n: int) -> bool:
        if n % 5 == 0:
            store.upsert([point(100 + n, None, words(t99=1))])
        found = store.rank(
            [
                SparseQuery(f"words {n}", words(**{f"t{n}": 1}), 3),
                DenseQuery("d", unit(1, n, 0, 0), 1),
            ]
        )
        batches = store.scroll(batch=7, keys=[])
        seen = [record.id for batch in batches for record in batch]
        return (
            [[each.point_id for each in ranking.entries] for ranking in found] == [[uid(n)]] * 2
            and found[0].leg == f"words {n}"
            and len(seen) == len(set(seen)) >= 40
        )

    with ThreadPoolExecutor(12) as pool:
        assert all(pool.map(ask, list(range(1, 41)) * 2))
    assert store.count() == 48


def test_this_process_is_not_frozen_by_the_engine(folder: Path) -> None:
    """The embedded engine holds Python's global lock while it works; here it has its own."""
    ticks: list[float] = []
    store = EngineProcessStore(folder, SCHEMA, tuning=EdgeTuning(graph_from_kb=1))
    with closing(store), ThreadPoolExecutor(1) as pool:
        store.upsert(random_points(5_000, seed=1))
        call = pool.submit(store.optimize)
        while not call.done():
            ticks.append(time.monotonic())
            time.sleep(0.005)
        call.result()
    gaps = [later - earlier for earlier, later in pairwise(ticks)]
    assert len(gaps) > 10
    assert max(gaps) < 0.5
