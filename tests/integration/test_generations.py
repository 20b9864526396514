"""A new generation beside the live one: built, resumed, caught up with, audited, exchanged."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hybridsearch.adapters.encoders.words import WordEncoder
from hybridsearch.adapters.generations import FolderGenerations
from hybridsearch.adapters.stores.edge import EdgeStore
from hybridsearch.adapters.stores.engine_process import EngineProcessStore
from hybridsearch.analysis.payload import asset_of, point_id
from hybridsearch.bootstrap import Archive, fitted_to, open_archive, schema_of
from hybridsearch.cli.commands import app
from hybridsearch.cli.tables import print_status
from hybridsearch.config import Settings
from hybridsearch.domain.query import Query
from hybridsearch.errors import (
    ArchiveNotFound,
    ConfigError,
    GenerationMismatch,
    GenerationReplaced,
    RebuildError,
    StoreError,
    StoreLocked,
)
from hybridsearch.ingest.folder import FolderSource
from hybridsearch.ingest.manifest import ManifestSource
from hybridsearch.ingest.report import Report
from hybridsearch.ports import PointRecord
from hybridsearch.upkeep import failures_of, rebuild, remove_generation, rollback
from tests.builders import png, settings_in, write_manifest, write_pictures
from tests.contract.stores import quick_folder

COLOURS = ("red", "green", "blue", "white", "black")
COUNT = 12


class OtherEncoder(WordEncoder):
    """Another space, as cheap as the first."""

    def __init__(self) -> None:
        super().__init__(64)


@pytest.fixture(autouse=True)
def _cheap_starter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hybridsearch.adapters.encoders.starter.StarterEncoder", OtherEncoder)


@pytest.fixture
def folder() -> Iterator[Path]:
    with quick_folder() as found:
        yield found


@pytest.fixture
def pictures(folder: Path) -> Path:
    """Twelve pictures and an asset of words, with captions; one has a URI of its own."""
    names = {f"{place:02}.png": COLOURS[place % 5] for place in range(COUNT)}
    pictures = write_pictures(folder / "pictures", names)
    rows: list[dict[str, object]] = [
        {"id": f"p{place}", "file": name, "caption": f"The {colour} factories of Melamin"}
        for place, (name, colour) in enumerate(names.items())
    ]
    rows[3]["uri"] = "https://archive.example/3"
    rows.append({"id": "words", "caption": "Words alone about factories"})
    write_manifest(pictures / "m.jsonl", rows)
    return pictures


@pytest.fixture
def settings(folder: Path, pictures: Path) -> Settings:
    """Of an archive with these pictures, by the word encoder."""
    chosen = settings_in(folder / "data", ingest={"batch": 3, "thumbnails": False})
    with open_archive(chosen, create=True) as archive:
        report = archive.ingest().run(ManifestSource(pictures / "m.jsonl"))
    assert (report.written, report.embedded) == (COUNT + 1, COUNT)
    return chosen


def other_analysis(settings: Settings) -> Settings:
    return settings_in(
        settings.data_dir, ingest=settings.ingest.model_dump(), analysis={"languages": ["en", "sl"]}
    )


def other_encoder(settings: Settings) -> Settings:
    return settings_in(
        settings.data_dir, ingest=settings.ingest.model_dump(), encoder={"name": "starter"}
    )


def points(settings: Settings) -> dict[str, PointRecord]:
    with open_archive(settings) as archive:
        ids = [record.id for batch in archive.store.scroll(keys=()) for record in batch]
        found = archive.store.retrieve(ids, vectors=True)
        return {asset_of(record.payload).id: record for record in found}


class Watching:
    """Progress that does something when a phase begins, or after so many written."""

    def __init__(self, at: str | int, act: Callable[[], object]) -> None:
        self._at = at
        self._act: Callable[[], object] | None = act

    def start(self, total: int) -> None:
        self._perhaps("start")

    def advance(self, report: Report) -> None:
        if isinstance(self._at, int) and report.written >= self._at:
            self._do()

    def phase(self, name: str) -> None:
        self._perhaps(name)

    def step(self, done: int, total: int) -> None:
        assert done <= total

    def _perhaps(self, name: str) -> None:
        if name == self._at:
            self._do()

    def _do(self) -> None:
        act, self._act = self._act, None
        if act is not None:
            act()


def interrupt() -> None:
    raise KeyboardInterrupt


# Building


def test_a_new_analyzer_takes_vectors_over_and_reads_no_picture(
    settings: Settings, pictures: Path
) -> None:
    before = points(settings)
    for each in pictures.glob("*.png"):
        each.unlink()
    changed = other_analysis(settings)
    with pytest.raises(GenerationMismatch) as caught:
        open_archive(changed)
    assert "hybridsearch rebuild;" in caught.value.remedy
    done = rebuild(changed)
    assert done is not None
    assert (done.report.written, done.report.embedded) == (COUNT + 1, 0)
    assert (done.before.number, done.now.number) == (1, 2)
    assert done.now.complete and not done.now.pending
    after = points(changed)
    assert set(after) == set(before)
    for key, record in after.items():
        assert asset_of(record.payload) == asset_of(before[key].payload)
        if key == "words":
            assert record.dense is None
        else:
            one, other = record.dense, before[key].dense
            assert one is not None and other is not None
            assert one.tolist() == pytest.approx(other.tolist(), abs=1e-6)
        assert record.sparse != before[key].sparse
    with open_archive(changed) as archive:
        report = archive.ingest().run(ManifestSource(pictures / "m.jsonl"))
        assert not (done.now.number == 2 and archive.generation.drift)
        assert report.written == 0 and len(report.failures) == COUNT  # the files are gone


def test_an_index_whose_points_have_other_ids_is_not_sent_to_rebuild(settings: Settings) -> None:
    generations = FolderGenerations(settings.archive_folder)
    live = generations.live()
    assert live is not None
    generations.save(replace(live, analyzer_version=f"2-{live.analyzer_version[2:]}"))
    with pytest.raises(GenerationMismatch, match="An earlier version") as caught:
        open_archive(settings)
    assert "rebuild" not in caught.value.remedy and "--archive" in caught.value.remedy


def test_the_result_is_that_of_an_ingest_from_nothing(
    settings: Settings, pictures: Path, folder: Path
) -> None:
    changed = other_analysis(settings)
    rebuild(changed)
    fresh = changed.model_copy(update={"data_dir": folder / "fresh"})
    with open_archive(fresh, create=True) as archive:
        archive.ingest().run(ManifestSource(pictures / "m.jsonl"))
    ours, theirs = points(changed), points(fresh)
    assert ours.keys() == theirs.keys()
    for key, record in ours.items():
        assert record.payload == theirs[key].payload
        one, other = record.sparse, theirs[key].sparse
        assert one is not None and other is not None
        assert one.indices == other.indices
        assert one.values == pytest.approx(other.values, rel=1e-5)


def test_a_new_encoder_reads_the_pictures_and_keeps_the_metadata(
    settings: Settings, pictures: Path
) -> None:
    """Also that of an asset whose own URI is not where its picture is; the manifest is gone."""
    before = points(settings)
    (pictures / "m.jsonl").unlink()
    changed = other_encoder(settings)
    with pytest.raises(GenerationMismatch) as caught:
        open_archive(changed)
    assert "hybridsearch rebuild --encoder starter" in caught.value.remedy
    done = rebuild(changed)
    assert done is not None
    assert (done.report.written, done.report.embedded, done.report.failures) == (13, 12, [])
    after = points(changed)
    assert {key: each.payload for key, each in after.items()} == {
        key: each.payload for key, each in before.items()
    }
    with open_archive(changed) as archive:
        assert archive.encoder is not None
        assert all(
            each.dense is None or each.dense.shape == (archive.encoder.card.dimension,)
            for each in after.values()
        )


def test_nothing_is_built_where_nothing_changed(settings: Settings) -> None:
    assert rebuild(settings) is None
    named = settings.model_copy(
        update={"encoder": settings.encoder.model_copy(update={"name": None})}
    )
    assert rebuild(named) is None
    assert len(FolderGenerations(settings.archive_folder).every()) == 1


def test_an_archive_that_is_not_there_cannot_be_rebuilt(tmp_path: Path) -> None:
    for act in (rebuild, rollback):
        with pytest.raises(ArchiveNotFound):
            act(settings_in(tmp_path))


@pytest.mark.parametrize("moment", [6, "building indexes", "taking over"])
def test_an_interrupted_rebuild_goes_on(settings: Settings, moment: str | int) -> None:
    changed = other_encoder(settings)
    cut = rebuild(changed, Watching(moment, interrupt))
    assert cut is not None and cut.report.interrupted
    generations = FolderGenerations(settings.archive_folder)
    assert generations.live_number() == 1
    done = rebuild(changed)
    assert done is not None
    assert done.now.number == 2
    assert done.report.unchanged == cut.report.written
    assert done.report.written + cut.report.written == COUNT + 1
    assert generations.live_number() == 2
    assert len(points(changed)) == COUNT + 1


# What is written meanwhile


def test_what_is_written_meanwhile_is_not_lost(settings: Settings, pictures: Path) -> None:
    """Changed, added and deleted through the live generation while the new one is built."""

    def write() -> None:
        rows = [
            {"id": "p1", "file": "01.png", "caption": "Changed meanwhile"},
            {"id": "new", "file": "02.png", "caption": "Added meanwhile"},
        ]
        manifest = write_manifest(pictures / "meanwhile.jsonl", rows)
        with open_archive(settings) as archive:
            assert archive.ingest().run(ManifestSource(manifest)).written == 2
            archive.store.delete([point_id("default", "p5")])
            archive.store.flush()

    changed = other_encoder(settings)
    done = rebuild(changed, Watching(6, write))
    assert done is not None
    after = points(changed)
    assert set(after) == ({f"p{place}" for place in range(COUNT)} - {"p5"}) | {"new", "words"}
    assert asset_of(after["p1"].payload).caption == "Changed meanwhile"
    assert after["new"].dense is not None
    assert done.now.complete and not done.now.pending


def test_a_writer_that_never_rests_is_kept_waiting_in_the_end(
    settings: Settings, pictures: Path
) -> None:
    """Each round finds new changes; the last one is made while nobody may write."""
    count = 0

    class Busy:
        def start(self, total: int) -> None:
            pass

        def advance(self, report: Report) -> None:
            pass

        def step(self, done: int, total: int) -> None:
            pass

        def phase(self, name: str) -> None:
            nonlocal count
            if name != "taking over":
                return
            count += 1
            rows = [{"id": f"busy{count}", "caption": "factories without rest"}]
            manifest = write_manifest(pictures / f"busy{count}.jsonl", rows)
            with open_archive(settings) as archive:
                archive.ingest().run(ManifestSource(manifest))

    changed = other_analysis(settings)
    done = rebuild(changed, Busy())
    assert done is not None and count == 2
    assert {"busy1", "busy2"} <= set(points(changed))
    assert done.now.complete and not done.now.pending  # finished afterwards


def test_who_writes_to_the_old_generation_is_told(settings: Settings, pictures: Path) -> None:
    with open_archive(settings) as archive:
        rebuild(other_analysis(settings))
        source = FolderSource(pictures)
        with pytest.raises(GenerationReplaced) as caught:
            archive.ingest().run(source)
        assert "goes on in the new generation" in caught.value.remedy
        assert archive.search().search(Query("factories")).hits  # searches end as they began


# The audit


def test_assets_that_got_lost_keep_the_old_generation_live(settings: Settings) -> None:
    changed = other_analysis(settings)
    rebuild(changed, Watching("auditing", interrupt))
    generations = FolderGenerations(settings.archive_folder)

    class Losing(EngineProcessStore):
        """A copy that claims an asset which can never be read whole."""

        def retrieve(self, ids, *, keys=None, vectors=False):  # type: ignore[no-untyped-def]
            found = super().retrieve(ids, keys=keys, vectors=vectors)
            lost = point_id("default", "p4")
            return [each for each in found if each.id != lost or keys is None]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hybridsearch.adapters.stores.engine_process.EngineProcessStore", Losing)
        new = generations.folder_of(2) / "store"
        built = generations.get(2)
        assert built is not None
        with closing(EdgeStore(new, schema_of(built))) as store:
            store.delete([point_id("default", "p4")])
            store.flush()
        with pytest.raises(RebuildError) as caught:
            rebuild(changed)
    assert "1 of 13 assets are neither" in caught.value.message and "p4" in caught.value.message
    assert "rebuild again" in caught.value.remedy
    assert generations.live_number() == 1
    done = rebuild(changed)
    assert done is not None and done.report.written == 1
    assert len(points(changed)) == COUNT + 1


def test_a_disk_that_is_not_there_keeps_the_old_generation_live(
    settings: Settings, pictures: Path
) -> None:
    changed = other_encoder(settings)
    away = pictures.rename(pictures.with_name("away"))
    generations = FolderGenerations(settings.archive_folder)
    with pytest.raises(RebuildError) as caught:
        rebuild(changed)
    assert "12 of 13 assets cannot be taken" in caught.value.message
    assert "--accept-failures" in caught.value.remedy
    assert generations.live_number() == 1
    assert failures_of(generations, 2).read_text().count("No such file") == 12
    away.rename(pictures)
    done = rebuild(changed)
    assert done is not None and (done.report.embedded, done.report.failures) == (12, [])
    assert not failures_of(generations, 2).exists()


def test_single_failures_are_listed_and_taken_up_later(settings: Settings, pictures: Path) -> None:
    changed = other_encoder(settings)
    (pictures / "04.png").write_bytes(b"damaged")
    done = rebuild(changed)
    assert done is not None and [each.asset_id for each in done.report.failures] == ["p4"]
    assert "p4" not in points(changed)
    with open_archive(changed) as archive:
        assert '"p4"' in archive.failures_file.read_text()
    (pictures / "04.png").write_bytes(png("white", (40, 40)))
    with open_archive(changed) as archive:
        assert archive.ingest().run(ManifestSource(pictures / "m.jsonl")).embedded == 1


def test_everything_is_accepted_where_that_is_asked_for(settings: Settings, pictures: Path) -> None:
    pictures.rename(pictures.with_name("away"))
    done = rebuild(other_encoder(settings), accept_failures=True)
    assert done is not None and len(done.report.failures) == COUNT
    assert set(points(other_encoder(settings))) == {"words"}


def test_a_link_that_leads_out_by_now_is_not_followed(settings: Settings, folder: Path) -> None:
    """The pictures of a folder stay inside it also when they are read again."""
    own = write_pictures(folder / "own", {"a.png": "red", "b.png": "green", "c.png": "blue"})
    secret = write_pictures(folder / "secret", {"s.png": "black"}) / "s.png"
    with open_archive(settings) as archive:
        archive.ingest().run(FolderSource(own))
    (own / "b.png").unlink()
    (own / "b.png").symlink_to(secret)
    done = rebuild(other_encoder(settings))
    assert done is not None
    assert [each.asset_id for each in done.report.failures] == ["b.png"]
    assert "leads out of" in done.report.failures[0].reason


# Back, and away


def test_rollback_returns_to_the_generation_before(settings: Settings) -> None:
    changed = other_analysis(settings)
    rebuild(changed)
    now, before = rollback(changed)
    assert (now.number, before.number) == (1, 2)
    with open_archive(settings) as archive:
        assert archive.generation.number == 1
        assert archive.store.count() == COUNT + 1
    with pytest.raises(ConfigError, match="no complete generation before 1"):
        rollback(settings)
    now, before = rollback(settings, to=2)
    assert now.number == 2
    with pytest.raises(ConfigError, match="no complete generation 7"):
        rollback(settings, to=7)


def test_a_rebuild_after_a_rollback_takes_up_what_was_built(settings: Settings) -> None:
    changed = other_analysis(settings)
    rebuild(changed)
    rollback(changed)
    done = rebuild(changed)
    assert done is not None
    assert (done.now.number, done.report.written, done.report.unchanged) == (2, 0, COUNT + 1)


def test_an_unfinished_generation_is_none_to_return_to(settings: Settings) -> None:
    rebuild(other_encoder(settings), Watching(3, interrupt))
    with pytest.raises(ConfigError, match="no complete generation 2"):
        rollback(settings, to=2)


def test_old_generations_are_removed_on_request_and_the_live_one_never(settings: Settings) -> None:
    changed = other_analysis(settings)
    rebuild(changed)
    generations = FolderGenerations(settings.archive_folder)
    with pytest.raises(StoreError, match="is the live one"):
        remove_generation(changed, 2)
    assert generations.folder_of(1).is_dir()
    before = generations.get(1)
    assert before is not None
    remove_generation(changed, 1)
    assert not generations.folder_of(1).exists()
    assert [each.number for each in generations.every()] == [2]
    with pytest.raises(ConfigError, match="no generation 1"):
        remove_generation(changed, 1)
    assert len(points(changed)) == COUNT + 1


def test_a_generation_that_is_open_is_not_removed(settings: Settings) -> None:
    with open_archive(settings):
        rebuild(other_analysis(settings))
        with pytest.raises(StoreLocked):
            remove_generation(settings, 1)


def test_settings_can_be_fitted_to_a_generation(settings: Settings) -> None:
    """As a service does that follows an archive to another generation."""
    changed = other_analysis(settings)
    rebuild(changed)
    live = FolderGenerations(settings.archive_folder).live()
    assert live is not None
    with open_archive(fitted_to(settings, live)) as archive:
        assert archive.generation.number == 2
        assert archive.analyzer.settings.languages == ("en", "sl")


@pytest.fixture
def opened(settings: Settings) -> Iterator[Archive]:
    with open_archive(settings, serve=True) as archive:
        yield archive


def test_the_live_generation_answers_while_another_process_has_it(
    settings: Settings, opened: Archive
) -> None:
    """Its index is locked, and in a slot: the rebuild reads a copy."""
    changed = other_analysis(settings)
    done = rebuild(changed, Watching("auditing", lambda: opened.store.optimize()))
    assert done is not None and done.report.embedded == 0
    assert opened.store.count() == COUNT + 1
    assert len(points(changed)) == COUNT + 1


# The commands


def test_the_commands_tell_machines(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYBRIDSEARCH_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("HYBRIDSEARCH_ENCODER__NAME", "words")

    def told(*words: str) -> Any:
        ended = CliRunner().invoke(app, [*words, "--json"], catch_exceptions=False)
        assert ended.exit_code == 0, ended.output
        return json.loads(ended.stdout)

    assert told("rebuild") == {"rebuilt": False}
    monkeypatch.setenv("HYBRIDSEARCH_ANALYSIS__LANGUAGES", '["en", "sl"]')
    done = told("rebuild")
    assert (done["rebuilt"], done["generation"], done["report"]["embedded"]) == (True, 2, 0)
    assert [(each["number"], each["live"]) for each in told("generations")] == [
        (1, False),
        (2, True),
    ]
    assert told("rollback") == {"generation": 1, "before": 2}
    ended = CliRunner().invoke(app, ["rollback", "--to", "2"], catch_exceptions=False)
    assert "Generation 2 (words" in ended.output and "put them back" not in ended.output


def test_a_rebuild_that_was_cut_short_is_told_by_the_status(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    rebuild(other_encoder(settings), Watching(3, interrupt))
    with open_archive(settings) as archive:
        print_status(archive, as_json=False)
    assert "Generation 2 is unfinished: hybridsearch rebuild goes on" in capsys.readouterr().out
