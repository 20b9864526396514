"""Tags, classes and descriptions of a real archive on disk, with the word encoder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hybridsearch.adapters.encoders.words import WordEncoder
from hybridsearch.adapters.label_evidence import FILE, FolderEvidence
from hybridsearch.adapters.media import FileMediaReader
from hybridsearch.adapters.stores.memory import MemoryStore
from hybridsearch.analysis.background import Background
from hybridsearch.bootstrap import Archive, open_archive
from hybridsearch.domain.encoder import EncoderCard
from hybridsearch.domain.upload import Upload
from hybridsearch.errors import AssetNotFound, PictureError, QueryError
from hybridsearch.ingest.manifest import ManifestSource
from hybridsearch.labels.classifying import ClassSettings
from hybridsearch.labels.describing import near_captions
from hybridsearch.labels.evidence import GRANTED, Evidence
from hybridsearch.labels.label import labels_from
from hybridsearch.labels.labeller import Aids, Labeller
from hybridsearch.labels.looked import OfAsset
from hybridsearch.labels.tagging import TagSettings
from hybridsearch.ports import Matrix, StoreSchema
from tests.builders import COLOURS, ingest, png, settings_in, write_manifest, write_pictures

LABELS = labels_from(["red: crimson", "green", "blue", "white", "black"])
EACH = 12
SHOWN = TagSettings(share=0.2)


def captioned(folder: Path) -> Path:
    """Pictures of five colours, most with a caption that names the colour."""
    names = {f"{colour}{number}": colour for colour in COLOURS for number in range(EACH)}
    write_pictures(folder, {f"{name}.png": colour for name, colour in names.items()})
    rows = [
        {
            "id": name,
            "file": f"{name}.png",
            "caption": f"A {colour} wall, number {name[-1]}" if number % 6 else "",
            "keywords": ["Crimson"] if name == "red1" else [],
        }
        for number, (name, colour) in enumerate(names.items())
    ]
    return write_manifest(folder / "list.jsonl", [*rows, {"id": "words", "caption": "No picture"}])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("labels")


@pytest.fixture(scope="module")
def archive(folder: Path) -> Iterator[Archive]:
    source = ManifestSource(captioned(folder / "pictures"))
    report, opened = ingest(settings_in(folder / "data"), source)
    assert report.written == len(COLOURS) * EACH + 1
    with opened:
        yield opened


@pytest.fixture(scope="module")
def labeller(archive: Archive) -> Labeller:
    return archive.labels()


def test_a_file_an_upload_and_an_asset_get_the_same_tags(labeller: Labeller, folder: Path) -> None:
    path = folder / "query.png"
    path.write_bytes(png("red"))
    found = [
        labeller.tag(picture, LABELS, SHOWN)
        for picture in (path, Upload(png("red")), OfAsset("red3"))
    ]
    for tags in found:
        assert tags.tags[0].label == "red"
        assert tags.tags[0].probability == pytest.approx(found[0].tags[0].probability, abs=1e-3)
        assert tags.labels == 5 and tags.share == 0.2
        assert tags.encoder.trial


def test_the_right_colour_is_likely_and_others_are_not(labeller: Labeller) -> None:
    for colour in COLOURS:
        all_five = replace(SHOWN, least=0.0)
        by_label = {
            tag.label: tag.probability
            for tag in labeller.tag(OfAsset(f"{colour}2"), LABELS, all_five).tags
        }
        assert max(by_label, key=by_label.__getitem__) == colour
        assert (
            by_label[colour]
            > 0.5
            > 3 * max(value for name, value in by_label.items() if name != colour)
        )


def test_a_classification_knows_none_of_these(labeller: Labeller) -> None:
    sure = labeller.classify(OfAsset("red3"), LABELS[:3], ClassSettings(none=0.3))
    assert sure.labels[0].label == "red"
    assert sure.none is not None and sure.none < sure.labels[0].probability
    told = sum(each.probability for each in sure.labels) + sure.none
    assert told == pytest.approx(1.0)
    lost = labeller.classify(OfAsset("black3"), LABELS[:3], ClassSettings(none=0.3))
    assert lost.none is not None and lost.none > lost.labels[0].probability
    trained = labeller.classify(OfAsset("red3"), LABELS, ClassSettings(scale=100.0))
    assert trained.evidence is None and trained.notes == ()
    assert trained.labels[0].probability > 0.999


def test_a_description_quotes_the_nearest_and_not_itself(labeller: Labeller) -> None:
    found = labeller.describe(OfAsset("blue2"), limit=3)
    assert 1 <= len(found.captions) <= 3
    assert all("blue wall" in each.text for each in found.captions)
    assert "blue2" not in {each for caption in found.captions for each in caption.assets}
    assert [each.score for each in found.captions] == sorted(
        (each.score for each in found.captions), reverse=True
    )
    assert found.notes[0].startswith("Ordered by how near the picture is")
    stranger = labeller.describe(Upload(png("blue")), limit=50)
    texts = [each.text for each in stranger.captions]
    assert len(set(texts)) == len(texts)


def test_every_picture_is_tagged_and_nothing_is_written(
    archive: Archive, labeller: Labeller
) -> None:
    before = {r.id: dict(r.payload) for batch in archive.store.scroll() for r in batch}
    found = {each.asset_id: each for each in labeller.tag_archive(LABELS, SHOWN)}
    assert set(found) == {f"{colour}{n}" for colour in COLOURS for n in range(EACH)}
    assert all(each.tags[0].label == name.rstrip("0123456789") for name, each in found.items())
    # Red's synonym stands among the keywords, whatever its case.
    assert found["red1"].written == {"red"} and found["red2"].written == frozenset()
    alone = labeller.tag(OfAsset("red1"), LABELS, SHOWN)
    assert found["red1"].tags[0].probability == pytest.approx(alone.tags[0].probability, abs=1e-6)
    after = {r.id: dict(r.payload) for batch in archive.store.scroll() for r in batch}
    assert after == before


def test_what_was_measured_is_kept_until_it_fits_no_more(
    archive: Archive, labeller: Labeller
) -> None:
    evidence = labeller.evidence
    folder = archive.generations.folder_of(archive.generation.number)
    card = archive.encoder.card if archive.encoder else None
    kept = FolderEvidence(folder, card)
    points = archive.store.count()
    assert json.loads((folder / FILE).read_text())["points"] == points
    assert kept.load(points) == evidence
    assert kept.load(points + 3) == evidence
    assert kept.load(2 * points) is None
    assert FolderEvidence(folder, EncoderCard("other", 256, "other")).load(points) is None
    assert archive.labels().evidence == evidence
    (folder / FILE).write_text("{")
    assert kept.load(points) is None
    assert archive.labels().evidence == evidence


def test_evidence_that_cannot_be_kept_is_measured_each_time(tmp_path: Path) -> None:
    kept = FolderEvidence(tmp_path / "nowhere", None)
    kept.save(Evidence(1.2, -0.7, 30, 200), 200)
    assert kept.load(200) is None


@pytest.mark.parametrize(
    ("picture", "error", "told"),
    [
        (OfAsset("nobody"), AssetNotFound, "no asset 'nobody'"),
        (OfAsset("words"), AssetNotFound, "has no picture to look at"),
        (Path("/nowhere/photo.jpg"), PictureError, "cannot be read"),
        (Upload(b"no picture"), PictureError, "picture"),
    ],
)
def test_pictures_that_are_none_are_refused(
    labeller: Labeller, picture: Path | Upload | OfAsset, error: type[Exception], told: str
) -> None:
    for ask in (
        lambda: labeller.tag(picture, LABELS),
        lambda: labeller.classify(picture, LABELS),
        lambda: labeller.describe(picture),
    ):
        with pytest.raises(error, match=told):
            ask()


def test_an_archive_of_words_only_cannot_label(tmp_path: Path) -> None:
    listed = ManifestSource(write_manifest(tmp_path / "list.jsonl", [{"id": "a", "caption": "b"}]))
    _, opened = ingest(settings_in(tmp_path / "data", encoder={"name": "none"}), listed)
    with opened, pytest.raises(QueryError, match="without an encoder"):
        opened.labels()


def test_an_archive_without_pictures_has_nothing_to_compare_with(tmp_path: Path) -> None:
    listed = ManifestSource(write_manifest(tmp_path / "list.jsonl", [{"id": "a", "caption": "b"}]))
    _, opened = ingest(settings_in(tmp_path / "data"), listed)
    with opened, pytest.raises(QueryError, match="no picture to compare with"):
        opened.labels().tag(Upload(png("red")), LABELS)


def test_a_small_archive_grants_a_weak_encoder_and_says_so(tmp_path: Path) -> None:
    names = {"one.png": "red", "two.png": "blue", "three.png": "green"}
    write_pictures(tmp_path / "pictures", names)
    listed = write_manifest(
        tmp_path / "pictures" / "list.jsonl", [{"id": name, "file": name} for name in names]
    )
    _, opened = ingest(settings_in(tmp_path / "data"), ManifestSource(listed))
    with opened:
        found = opened.labels().tag(OfAsset("one.png"), LABELS)
        assert found.evidence == GRANTED
        assert "too few captions" in found.notes[0]
        assert "Only 3 pictures" in found.notes[1]


def test_without_a_kept_background_the_store_is_read(archive: Archive) -> None:
    bare = Labeller(
        archive.settings.archive, archive.store, archive.encoder, FileMediaReader(), Aids()
    )
    assert len(bare.background.vectors) == len(COLOURS) * EACH
    assert bare.tag(OfAsset("red3"), LABELS, SHOWN).tags[0].label == "red"


def test_a_deleted_index_folder_is_measured_anew(archive: Archive) -> None:
    with_none = archive.labels()
    path = archive.generations.folder_of(archive.generation.number) / FILE
    path.unlink()
    assert with_none.evidence.is_measured == archive.labels().evidence.is_measured
    assert path.is_file()


def test_texts_are_heard_only_where_captions_proved_the_encoder() -> None:
    store = MemoryStore(StoreSchema(4))
    basis = np.eye(4, dtype=np.float32)
    asked: list[Sequence[str]] = []

    def embed(texts: Sequence[str]) -> Matrix:
        asked.append(texts)
        return basis[: len(texts)]

    blind = Background(basis, distance=1.0, spread=0.1, pairs=100)
    assert near_captions(basis[0], store, blind, embed, 3) == ()
    assert asked == []


def test_the_word_encoder_reads_labels_as_any_other(archive: Archive) -> None:
    assert isinstance(archive.encoder, WordEncoder)
    with open_archive(settings_in(archive.settings.data_dir / "none"), create=True) as empty:
        assert empty.labels().card == archive.encoder.card
