"""The store that builds its indexes beside itself: answers go on, nothing written is lost."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from hybridsearch.adapters.stores import folder_lock, side_build, slots
from hybridsearch.adapters.stores.edge import EdgeStore
from hybridsearch.adapters.stores.edge_tuning import EdgeTuning
from hybridsearch.adapters.stores.engine_process import EngineProcessStore
from hybridsearch.adapters.stores.side_build import SideBuildingStore
from hybridsearch.errors import InvalidPoint, StoreError, StoreLocked, StoreUnavailable
from hybridsearch.ports import DenseQuery, RankQuery, SparseQuery
from tests.contract.stores import SCHEMA, point, quick_folder, random_points, uid, unit, words
from tests.integration.test_edge_folder import said, script

TUNING = EdgeTuning(graph_from_kb=1)


@pytest.fixture
def folder() -> Iterator[Path]:
    with quick_folder() as made:
        yield made / "store"


@pytest.fixture
def store(folder: Path) -> Iterator[SideBuildingStore]:
    with closing(SideBuildingStore(folder, SCHEMA, tuning=TUNING)) as made:
        yield made


def files(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()}


def test_it_answers_as_before_after_the_exchange(store: SideBuildingStore, folder: Path) -> None:
    store.upsert(random_points(3000, seed=1))
    queries: list[RankQuery] = [
        DenseQuery("looks", unit(1, 2, 3, 4), 10, exact=True),
        SparseQuery("words", words(t1=1, t2=1), 10),
    ]
    before, pid = store.rank(queries), store.pid
    store.optimize()
    assert store.pid != pid
    assert store.rank(queries) == before
    assert store.count() == 3000
    assert store.info().indexed
    assert files(folder) == {"lock", "holder.json", "live", "slot-2"}
    store.upsert(random_points(3000, seed=1))
    store.optimize()
    assert files(folder) == {"lock", "holder.json", "live", "slot-1"}
    assert store.rank(queries) == before
    store.close()
    assert files(folder) - {"unbuilt"} == {"lock", "shard"}
    with closing(EdgeStore(folder, SCHEMA)) as again:
        assert again.count() == 3000


def test_nothing_is_copied_for_a_few_changes(
    store: SideBuildingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever opens an index does not know how it was left, and builds it once."""
    store.upsert(random_points(1000, seed=1))
    store.optimize()
    pid = store.pid
    store.optimize()
    store.upsert(random_points(4, seed=2, first=2001))
    store.reweigh({uid(1): words(t99=1), uid(2): words(t99=1)})
    store.delete([uid(3), uid(4), uid(5)])
    store.optimize()
    assert store.pid == pid
    (ranking,) = store.rank([SparseQuery("words", words(t99=1), 3)])
    assert len(ranking.entries) == 2

    def fail(self: EngineProcessStore) -> None:
        raise StoreError("no memory", "wait")

    store.upsert(random_points(2, seed=3, first=3001))
    with monkeypatch.context() as patched:
        patched.setattr(EngineProcessStore, "optimize", fail)
        with pytest.raises(StoreError, match="no memory"):
            store.optimize()
    assert store.pid == pid
    store.optimize()  # what a build that failed was to take in is still due
    assert store.pid != pid
    pid = store.pid
    store.optimize()
    assert store.pid == pid
    assert store.count() == 1000 + 4 - 3 + 2


def test_what_is_written_meanwhile_is_there_before_and_after(
    store: SideBuildingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.upsert(random_points(500, seed=1))
    store.upsert([point(9001, unit(1, 0, 0, 0), words(t5=1)), point(9002, None, words(t6=1))])
    building, go_on = Event(), Event()
    optimize = EngineProcessStore.optimize

    def slow(self: EngineProcessStore) -> None:
        building.set()
        assert go_on.wait(20)
        optimize(self)

    monkeypatch.setattr(EngineProcessStore, "optimize", slow)
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(store.optimize)
        assert building.wait(20)
        store.upsert(
            [
                point(
                    9003,
                    unit(0, 1, 0, 0),
                    words(t7=1),
                )
            ]
        )
        store.upsert(random_points(100, seed=3, first=2001))
        store.delete([uid(9001)])
        store.reweigh({uid(9002): words(t99=1)})
        seen = store.count()
        go_on.set()
        done.result(60)
    assert store.count() == seen == 500 + 2 + 1 + 100 - 1
    assert [each.id for each in store.retrieve([uid(9001), uid(9003)])] == [uid(9003)]
    (ranking,) = store.rank([SparseQuery("words", words(t99=1), 3)])
    assert [each.point_id for each in ranking.entries] == [uid(9002)]


def test_answers_go_on_while_it_builds(store: SideBuildingStore) -> None:
    store.upsert(random_points(5000, seed=1))
    asked = 0
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(store.optimize)
        while not done.done():
            assert (
                len(store.rank([DenseQuery("looks", unit(1, asked + 1, 0, 1), 5)])[0].entries) == 5
            )
            asked += 1
        done.result()
    assert asked > 20


def test_searches_and_writes_from_many_threads_while_it_builds(store: SideBuildingStore) -> None:
    store.upsert(random_points(2000, seed=1))
    stop = Event()

    def search() -> int:
        asked = 0
        while not stop.is_set():
            (ranking,) = store.rank([DenseQuery("looks", unit(1, 1, asked, 1), 5)])
            assert len(ranking.entries) == 5
            assert sum(map(len, store.scroll(batch=500, keys=()))) >= 2000
            asked += 1
        return asked

    def write(seed: int) -> int:
        written = 0
        while not stop.is_set():
            store.upsert(random_points(5, seed=seed, first=10_000 * seed + written))
            written += 5
        return written

    with ThreadPoolExecutor(4) as pool:
        searching = [pool.submit(search) for _ in range(2)]
        writing = [pool.submit(write, seed) for seed in (2, 3)]
        try:
            store.optimize()
            store.optimize()
        finally:
            stop.set()
        assert all(each.result() for each in searching)
        added = sum(each.result() for each in writing)
    assert store.count() == 2000 + added


def test_bad_points_are_refused_whole(store: SideBuildingStore) -> None:
    good = random_points(100, seed=1)
    with pytest.raises(InvalidPoint):
        store.upsert([*good, point(200, unit(1, 0, 0))])
    assert store.count() == 0


def test_a_build_that_fails_leaves_all_as_it_was(
    store: SideBuildingStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.upsert(random_points(200, seed=1))

    def die(self: EngineProcessStore) -> None:
        os.kill(self.pid, signal.SIGKILL)
        self.count()

    with monkeypatch.context() as patched:
        patched.setattr(EngineProcessStore, "optimize", die)
        with pytest.raises(StoreUnavailable):
            store.optimize()
    assert store.count() == 200
    store.upsert(random_points(10, seed=2, first=500))
    assert files(folder) == {"lock", "holder.json", "live", "slot-1"}
    store.optimize()
    assert store.count() == 210


def test_a_build_that_is_given_up_leaves_all_as_it_was(
    store: SideBuildingStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The builder is ended at once, however long it would have gone on."""
    store.upsert(random_points(200, seed=1))
    building = Event()

    def endless(self: EngineProcessStore) -> None:
        os.kill(self.pid, signal.SIGSTOP)
        building.set()
        self.count()

    def give_up() -> None:
        if building.is_set():
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(EngineProcessStore, "optimize", endless)
        with pytest.raises(KeyboardInterrupt):
            store.optimize(give_up)
    assert store.count() == 200
    store.upsert(random_points(10, seed=2, first=500))
    assert files(folder) == {"lock", "holder.json", "live", "slot-1"}
    store.optimize()
    assert store.count() == 210


def test_a_disk_without_room_is_told(
    store: SideBuildingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.upsert(random_points(20, seed=1))

    def full(*given: object, **more: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(f"{slots.__name__}.shutil.copytree", full)
    with pytest.raises(StoreError, match="cannot be copied") as caught:
        store.optimize()
    assert "room" in caught.value.remedy
    assert store.count() == 20


def test_where_a_copy_has_no_room_the_live_index_is_built(
    store: SideBuildingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.upsert(random_points(500, seed=1))
    monkeypatch.setattr(side_build, "has_room", lambda folder, slot: False)
    pid = store.pid
    store.optimize()
    assert store.pid == pid
    assert store.info().indexed


def test_who_scrolls_ends_with_the_index_that_he_began_with(store: SideBuildingStore) -> None:
    store.upsert(random_points(50, seed=1))
    scrolling = store.scroll(batch=10)
    seen = [record.id for record in next(scrolling)]
    with ThreadPoolExecutor(1) as pool:
        pid = store.pid
        done = pool.submit(store.optimize)
        until(lambda: store.pid != pid)
        store.upsert(random_points(5, seed=2, first=900))
        assert store.count() == 55
        seen += [record.id for batch in scrolling for record in batch]
        done.result(30)
    assert len(seen) == len(set(seen)) == 50


def test_who_scrolls_without_an_end_is_not_waited_for_for_ever(
    store: SideBuildingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.upsert(random_points(50, seed=1))
    monkeypatch.setattr(side_build, "PATIENCE", 0.1)
    scrolling = store.scroll(batch=10)
    next(scrolling)
    store.optimize()
    assert store.count() == 50
    with pytest.raises(StoreUnavailable):
        list(scrolling)


def until(true: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.005)


@pytest.mark.parametrize("kind", [EdgeStore, SideBuildingStore])
@pytest.mark.parametrize(
    "moment", ["named", "moved", "copied", "taken over", "moved back", "emptied"]
)
def test_an_end_at_any_moment_loses_nothing(
    folder: Path, moment: str, kind: type[EdgeStore] | type[SideBuildingStore]
) -> None:
    """The files as they lie after each step; the next to open them finds all that counts."""
    with closing(EdgeStore(folder, SCHEMA)) as store:
        store.upsert(random_points(30, seed=1))
    steps = ["named", "moved", "copied", "taken over", "moved back", "emptied"]
    reached = steps.index(moment)
    if reached >= 0:
        (folder / "slot-1").mkdir()
        slots.make_live(folder, folder / "slot-1")
    if reached >= 1:
        (folder / "shard").rename(folder / "slot-1" / "shard")
    if reached >= 2:
        slots.copied(folder, folder / "slot-1")
    if reached >= 3:
        with closing(EdgeStore(folder / "slot-2", SCHEMA)) as build:
            build.upsert(random_points(3, seed=2, first=100))
        slots.make_live(folder, folder / "slot-2")
    if reached >= 4:
        (folder / "slot-2" / "shard").rename(folder / "shard")
    if reached >= 5:
        (folder / "live").unlink()
    with closing(kind(folder, SCHEMA)) as again:
        assert again.count() == (33 if reached >= 3 else 30)
    assert files(folder) - {"unbuilt"} == {"lock", "shard"}


def test_a_killed_service_leaves_an_index_that_opens(folder: Path) -> None:
    program = """
import sys, time
from pathlib import Path
from hybridsearch.adapters.stores.side_build import SideBuildingStore
from tests.contract.stores import SCHEMA, random_points
store = SideBuildingStore(Path(sys.argv[1]), SCHEMA)
store.upsert(random_points(200, seed=1))
store.optimize()
store.upsert(random_points(20, seed=2, first=1000))
print(store.pid, flush=True)
time.sleep(60)
"""
    with script(program, str(folder)) as service:
        engine = int(said(service))
        with pytest.raises(StoreLocked, match=f"is open in process {service.pid} "):
            EdgeStore(folder, SCHEMA)
        service.kill()
        service.wait()
        until(lambda: not Path(f"/proc/{engine}").exists())
    with closing(EdgeStore(folder, SCHEMA)) as again:
        assert again.count() == 220


def test_engines_of_a_killed_service_keep_others_out_until_they_are_gone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are stopped here, as if in the middle of a long call: one answers, one builds."""
    program = """
import sys, time
from pathlib import Path
import psutil
from hybridsearch.adapters.stores.edge_tuning import EdgeTuning
from hybridsearch.adapters.stores.side_build import SideBuildingStore
from tests.contract.stores import SCHEMA, random_points
def building():
    print(*(each.pid for each in psutil.Process().children()), flush=True)
    time.sleep(60)
store = SideBuildingStore(Path(sys.argv[1]), SCHEMA, tuning=EdgeTuning(graph_from_kb=1))
store.upsert(random_points(20_000, seed=1))
store.optimize(building)
"""
    with script(program, str(folder)) as service:
        engines = [int(each) for each in said(service).split()]
        assert len(engines) == 2
        for each in engines:
            os.kill(each, signal.SIGSTOP)
        service.kill()
        service.wait()
    with monkeypatch.context() as soon:
        soon.setattr(folder_lock, "ENDING", 0.1)
        for kind in (EdgeStore, SideBuildingStore):
            with pytest.raises(StoreLocked, match=f"is open in process {service.pid} "):
                kind(folder, SCHEMA)
    with ThreadPoolExecutor(1) as pool:
        opening = pool.submit(SideBuildingStore, folder, SCHEMA)
        time.sleep(0.5)
        assert not opening.done()
        for each in engines:
            os.kill(each, signal.SIGCONT)
        with closing(opening.result(10)) as again:
            assert again.count() == 20_000
            again.optimize()
    assert files(folder) - {"unbuilt"} == {"lock", "shard"}


@pytest.mark.parametrize("kind", [EdgeStore, SideBuildingStore])
def test_who_opens_it_next_knows_how_it_was_left(
    folder: Path, kind: type[EdgeStore] | type[SideBuildingStore]
) -> None:
    with closing(SideBuildingStore(folder, SCHEMA)) as store:
        store.upsert(random_points(1000, seed=1))
        store.optimize()
        store.upsert(random_points(4, seed=2, first=2001))
    with closing(kind(folder, SCHEMA)) as reading:
        assert reading.count() == 1004
    with closing(SideBuildingStore(folder, SCHEMA)) as store:
        pid = store.pid
        store.optimize()
        assert store.pid == pid
        store.upsert(random_points(7, seed=3, first=3001))
        store.optimize()
        assert store.pid != pid
    with closing(kind(folder, SCHEMA)) as writing:
        writing.upsert(random_points(4, seed=4, first=4001))
    with closing(SideBuildingStore(folder, SCHEMA)) as store:
        pid = store.pid
        store.optimize()  # an embedded store does not count what it changes
        assert (store.pid == pid) == (kind is SideBuildingStore)


def test_after_a_kill_it_is_built(folder: Path) -> None:
    with closing(SideBuildingStore(folder, SCHEMA)) as store:
        store.upsert(random_points(1000, seed=1))
        store.optimize()
    program = """
import os, sys
from pathlib import Path
from hybridsearch.adapters.stores.side_build import SideBuildingStore
from tests.contract.stores import SCHEMA
SideBuildingStore(Path(sys.argv[1]), SCHEMA)
print("open", flush=True)
os.kill(os.getpid(), 9)
"""
    with script(program, str(folder)) as service:
        assert said(service) == "open"
        service.wait()
    with closing(SideBuildingStore(folder, SCHEMA)) as store:
        pid = store.pid
        store.optimize()
        assert store.pid != pid


@pytest.mark.parametrize("told", ["", "many", "-5"])
def test_a_count_that_cannot_be_read_is_none(folder: Path, told: str) -> None:
    with closing(SideBuildingStore(folder, SCHEMA)) as store:
        store.upsert(random_points(1000, seed=1))
    (folder / "unbuilt").write_text(told)
    with closing(SideBuildingStore(folder, SCHEMA)) as store:
        pid = store.pid
        store.optimize()
        assert store.pid != pid


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written"):
        SideBuildingStore(tmp_path / "file" / "store", SCHEMA)


def test_the_builder_gives_way(store: SideBuildingStore, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    optimize: Any = EngineProcessStore.optimize

    def watched(self: EngineProcessStore) -> None:
        seen.append(os.getpriority(os.PRIO_PROCESS, self.pid))
        optimize(self)

    monkeypatch.setattr(EngineProcessStore, "optimize", watched)
    own = os.getpriority(os.PRIO_PROCESS, store.pid)
    store.upsert(random_points(10, seed=1))
    store.optimize()
    assert seen[0] > own or own == 19
    assert os.getpriority(os.PRIO_PROCESS, store.pid) == own


def test_a_closed_store_says_so(folder: Path) -> None:
    store = SideBuildingStore(folder, SCHEMA)
    pid = store.pid
    store.close()
    store.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        store.count()
    deadline = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
