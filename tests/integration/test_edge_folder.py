"""The embedded store's folder: what a second opener, a kill and another schema meet."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import qdrant_edge

from hybridsearch.adapters.stores.edge import EdgeStore
from hybridsearch.adapters.stores.edge_tuning import EdgeTuning
from hybridsearch.domain.filters import AnyOf, Filter, HasPhrase, WithinBox
from hybridsearch.errors import ConfigError, StoreError, StoreLocked
from hybridsearch.ports import DenseQuery, FacetCount, SparseQuery, StoreSchema
from tests.contract.stores import SCHEMA, point, quick_folder, random_points, uid, unit, words

REPOSITORY = Path(__file__).resolve().parents[2]
HOLD = """
import sys, time
from pathlib import Path
from hybridsearch.adapters.stores.edge import EdgeStore
from tests.contract.stores import SCHEMA
store = EdgeStore(Path(sys.argv[1]), SCHEMA)
print("open", flush=True)
time.sleep(60)
"""
WRITE = """
import sys
from pathlib import Path
from hybridsearch.adapters.stores.edge import EdgeStore
from tests.contract.stores import SCHEMA, random_points
store = EdgeStore(Path(sys.argv[1]), SCHEMA)
for batch in range(10_000):
    store.upsert(random_points(20, seed=batch, first=1 + 20 * batch))
    print(batch, flush=True)
    if batch == 2:
        store.flush()
"""

REWRITE = """
import sys, time
from pathlib import Path
from hybridsearch.adapters.stores.edge import EdgeStore
from hybridsearch.adapters.stores.edge_tuning import EdgeTuning
from tests.contract.stores import SCHEMA, random_points
store = EdgeStore(Path(sys.argv[1]), SCHEMA, tuning=EdgeTuning(1, 0, 0.0))
store.upsert(random_points(400, seed=1))
store.flush()
store.upsert(random_points(300, seed=2))
store.optimize()
store.upsert(random_points(100, seed=3))
print("written", flush=True)
time.sleep(60)
"""


@contextmanager
def script(text: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A Python program in a process of its own, killed at the end."""
    with subprocess.Popen(
        [sys.executable, "-c", text, *arguments],
        stdout=subprocess.PIPE,
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.fixture
def folder() -> Iterator[Path]:
    with quick_folder() as made:
        yield made / "store"


class TestLock:
    def test_a_second_process_is_told_who_holds_the_folder(self, folder: Path) -> None:
        with script(HOLD, str(folder)) as holder:
            assert said(holder) == "open"
            with pytest.raises(StoreLocked) as caught:
                EdgeStore(folder, SCHEMA)
            text = str(caught.value)
            assert f"is open in process {holder.pid} (-c {folder}, since " in text
            assert time.strftime("%H:") in text
            assert "Wait until it ends or stop it" in caught.value.remedy
            holder.kill()
            holder.wait()
            # The killed process's description is still there; its lock is not.
            with closing(EdgeStore(folder, SCHEMA)) as store:
                assert store.count() == 0

    def test_one_process_cannot_open_it_twice_but_one_after_the_other(self, folder: Path) -> None:
        held = rf"process {os.getppid()} \(hybridsearch ingest, since"
        with (
            closing(
                EdgeStore(folder, SCHEMA, holder="hybridsearch ingest", holder_pid=os.getppid())
            ),
            pytest.raises(StoreLocked, match=held),
        ):
            EdgeStore(folder, SCHEMA)
        with closing(EdgeStore(folder, SCHEMA)) as store:
            assert store.count() == 0
        assert not (folder / "holder.json").exists()

    def test_an_unreadable_description_is_no_obstacle(self, folder: Path) -> None:
        with closing(EdgeStore(folder, SCHEMA)):
            (folder / "holder.json").write_text("{")
            with pytest.raises(StoreLocked, match="is open in another process"):
                EdgeStore(folder, SCHEMA)

    def test_a_folder_opened_past_our_lock_is_locked_too(self, folder: Path) -> None:
        EdgeStore(folder, SCHEMA).close()
        other = qdrant_edge.EdgeShard.load(str(folder / "shard"))
        with pytest.raises(StoreLocked, match="open in another process"):
            EdgeStore(folder, SCHEMA)
        other.close()
        EdgeStore(folder, SCHEMA).close()

    def test_a_folder_that_cannot_be_made_is_named(self, folder: Path) -> None:
        folder.parent.joinpath("file").write_text("in the way")
        with pytest.raises(StoreError, match="cannot be written") as caught:
            EdgeStore(folder.parent / "file" / "store", SCHEMA)
        assert "Choose a folder" in caught.value.remedy


class TestDurability:
    @pytest.mark.parametrize("acknowledged", [1, 4, 9, 17])
    def test_a_kill_loses_nothing_acknowledged(self, folder: Path, acknowledged: int) -> None:
        with script(WRITE, str(folder)) as writer:
            last = -1
            while last < acknowledged:
                last = int(said(writer))
            writer.send_signal(signal.SIGKILL)
            writer.wait()
            assert writer.stdout is not None
            rest = [int(line) for line in writer.stdout.read().split("\n")[:-1]]
            last = max([last, *rest])
        with closing(EdgeStore(folder, SCHEMA)) as store:
            for batch in range(last + 1):
                points = random_points(20, seed=batch, first=1 + 20 * batch)
                read = store.retrieve([each.id for each in points], vectors=True)
                assert [each.payload for each in read] == [each.payload for each in points]
                assert [each.sparse for each in read] == [each.sparse for each in points]
            # Beyond that at most the batch that was being written, whole or not at all.
            assert store.count() in (20 * (last + 1), 20 * (last + 2))

    def test_counts_are_exact_after_a_kill_between_optimize_and_flush(self, folder: Path) -> None:
        """A hundred points then lie in two segments; the engine's quick counts tell them twice."""
        with script(REWRITE, str(folder)) as writer:
            assert said(writer) == "written"
            writer.send_signal(signal.SIGKILL)
            writer.wait()
        with closing(EdgeStore(folder, SCHEMA, tuning=EdgeTuning(1, 0, 0.0))) as store:
            payloads = [each.payload for batch in store.scroll() for each in batch]
            cities = Counter(each["city"] for each in payloads if "city" in each)
            assert store.info().points == store.count() == len(payloads) == 400
            assert {each.value: each.count for each in store.facet("city", 10)} == cities
            for city, passing in cities.items():
                only = Filter(must=(AnyOf("city", (city,)),))
                assert store.count(only) == passing
                assert store.facet("city", 10, only) == (FacetCount(city, passing),)

    def test_everything_is_there_on_reopening(self, folder: Path) -> None:
        with closing(EdgeStore(folder, SCHEMA)) as store:
            store.upsert([point(1, unit(1, 0, 0, 0), words(t1=2), city="Kranj")])
            store.upsert([point(2, None, words(t1=1)), point(3, unit(0, 1, 0, 0))])
            store.optimize()
            store.reweigh({uid(2): words(t2=1)})
            store.delete([uid(3)])
        with closing(EdgeStore(folder, SCHEMA)) as store:
            assert store.count() == 2
            assert store.count(Filter(must=(AnyOf("city", ("Kranj",)),))) == 1
            rankings = store.rank(
                [
                    DenseQuery("d", unit(1, 0, 0, 0), 5),
                    SparseQuery("one", words(t1=1), 5),
                    SparseQuery("two", words(t2=1), 5),
                ]
            )
            found = [[entry.point_id for entry in each.entries] for each in rankings]
            assert found == [[uid(1)], [uid(1)], [uid(2)]]


class TestSchema:
    def test_another_dimension_is_refused_with_the_remedy(self, folder: Path) -> None:
        EdgeStore(folder, SCHEMA).close()
        with pytest.raises(StoreError, match="expected vector size 5, but got 4") as caught:
            EdgeStore(folder, StoreSchema(5))
        assert "rebuild" in caught.value.remedy
        EdgeStore(folder, SCHEMA).close()

    def test_new_filter_keys_get_an_index_over_what_is_there(self, folder: Path) -> None:
        with closing(EdgeStore(folder, SCHEMA)) as store:
            store.upsert([point(1, None, words(t1=1), credit="STA")])
        wider = StoreSchema(4, (*SCHEMA.keyword_keys, "credit"), SCHEMA.integer_keys)
        with closing(EdgeStore(folder, wider)) as store:
            assert store.count(Filter(must=(AnyOf("credit", ("STA",)),))) == 1

    def test_new_text_and_location_keys_too(self, folder: Path) -> None:
        written = [
            point(1, None, words(t1=1), text={"caption": "steam engine"}, at={"lat": 1, "lon": 2}),
            point(2, None, words(t1=1), text={"caption": "engine"}),
        ]
        keys = {"text_keys": ("text.caption",), "location_keys": ("at",)}
        engine = Filter(must=(HasPhrase(("text.caption",), ("steam", "engine")),))
        box = Filter(must=(WithinBox("at", 0, 0, 3, 3),))
        with closing(EdgeStore(folder, StoreSchema(4))) as store:
            store.upsert(written)
            with pytest.raises(StoreError, match="no text index"):
                store.count(engine)
        with closing(EdgeStore(folder, StoreSchema(4, **keys))) as store:
            assert store.count(box) == 1
            assert store.count(engine) == 0  # what was written without texts has none
            store.upsert(written)
            assert store.count(engine) == 1
            assert store.retrieve([uid(1)])[0].payload == written[0].payload

    def test_a_kill_while_creating_is_mended(self, folder: Path) -> None:
        EdgeStore(folder, SCHEMA).close()
        for segment in (folder / "shard" / "segments").iterdir():
            segment.rename(folder.parent / segment.name)
        with closing(EdgeStore(folder, SCHEMA)) as store:
            store.upsert([point(1, unit(1, 0, 0, 0), words(t1=1))])
            assert store.count() == 1

    def test_tuning_out_of_range_is_refused(self) -> None:
        for bad in ({"graph_from_kb": 0}, {"exact_up_to_share": 1.5}, {"hnsw_m": -1}):
            with pytest.raises(ConfigError, match="out of range"):
                EdgeTuning(**bad)


def test_quantized_search_finds_the_same(folder: Path) -> None:
    points = random_points(400, seed=7)
    query = DenseQuery("dense", unit(1, 2, 3, 4), 10)
    with closing(EdgeStore(folder / "plain", SCHEMA)) as store:
        store.upsert(points)
        (plain,) = store.rank([query])
    tuning = EdgeTuning(graph_from_kb=1, exact_up_to_kb=0, exact_up_to_share=0, quantized=True)
    with closing(EdgeStore(folder / "quantized", SCHEMA, tuning=tuning)) as store:
        store.upsert(points)
        store.optimize()
        assert (store.info().indexed or 0) > 300
        (quantized,) = store.rank([query])
    same = {each.point_id for each in plain.entries} & {each.point_id for each in quantized.entries}
    assert len(same) >= 9
