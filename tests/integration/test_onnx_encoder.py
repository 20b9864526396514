"""CLIP by ONNX Runtime: the same vectors as torch in fp32, a space of its own in int8."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sentence_transformers import SentenceTransformer
from typer.testing import CliRunner

from hybridsearch.adapters.encoders.clip import ClipEncoder
from hybridsearch.adapters.encoders.clip_quiet import quiet
from hybridsearch.adapters.encoders.onnx_clip import OnnxClipEncoder
from hybridsearch.adapters.encoders.onnx_export import export_model
from hybridsearch.adapters.encoders.onnx_files import (
    MANIFEST,
    PICTURES,
    TEXTS,
    Precision,
    export_folder,
    read_export,
)
from hybridsearch.adapters.encoders.onnx_tower import OnnxTower
from hybridsearch.adapters.encoders.runtimes import Runtime, clip_encoder
from hybridsearch.analysis.vectors import embed_pictures, embed_texts
from hybridsearch.bootstrap import open_archive
from hybridsearch.cli.commands import app
from hybridsearch.config import Settings
from hybridsearch.domain.query import Query
from hybridsearch.errors import ConfigError, EncoderError, GenerationMismatch, ModelMissing
from hybridsearch.ingest.folder import FolderSource
from hybridsearch.ports import Matrix
from hybridsearch.upkeep import rebuild
from tests.builders import write_pictures
from tests.contract.encoders import (
    exported,
    noise,
    real_shape_clip,
    small_clip,
    text_tower,
)

TEXTS_ASKED = ["fire", "", "a RED fire  in\na red house", "čoln", "🔥" * 50, "fire " * 300]


def onnx(model: Path, precision: Precision = "fp32") -> OnnxClipEncoder:
    models = exported(model, precision)
    encoder = clip_encoder(models, str(model), device="cpu", runtime="onnx", precision=precision)
    assert isinstance(encoder, OnnxClipEncoder)
    return encoder


def cosines(one: Matrix, other: Matrix) -> Matrix:
    return np.asarray(np.sum(one * other, axis=1), dtype=np.float32)


def test_fp32_is_interchangeable_with_sentence_transformers_on_the_real_shape() -> None:
    """Every picture and every text, batched or alone."""
    with quiet():
        model = SentenceTransformer(str(real_shape_clip()), device="cpu")
    pictures = [noise(480, 640), noise(640, 480), noise(224, 224), noise(40, 300), noise(33, 20)]
    slope = np.tile(np.arange(400, dtype=np.uint8)[None, :, None] // 2, (300, 1, 3))
    pictures += [slope, np.zeros_like(slope), np.full_like(slope, 255)]
    encoder = onnx(real_shape_clip())
    ours = embed_pictures(encoder, pictures)
    theirs = model.encode([Image.fromarray(each) for each in pictures], normalize_embeddings=True)
    assert cosines(ours, theirs).min() > 0.9999
    assert cosines(ours, embed_pictures(encoder, pictures, batch=1)).min() > 0.99999
    read = embed_texts(encoder, TEXTS_ASKED)
    theirs = model.encode([{"text": each} for each in TEXTS_ASKED], normalize_embeddings=True)
    assert cosines(read, theirs).min() > 0.9999
    assert cosines(read, embed_texts(encoder, TEXTS_ASKED, batch=1)).min() > 0.99999
    assert encoder.card == ClipEncoder(str(real_shape_clip()), device="cpu").card


def test_more_than_one_run_of_the_model_keeps_the_order() -> None:
    encoder = onnx(small_clip())
    pictures = [noise(60, 60 + place, place) for place in range(40)]
    together = embed_pictures(encoder, pictures, batch=40)
    apart = embed_pictures(encoder, pictures, batch=7)
    assert np.abs(together - apart).max() < 1e-4
    assert encoder.embed_pictures([]).shape == encoder.embed_texts([]).shape == (0, 512)


def test_a_second_text_tower_reads_for_the_same_pictures() -> None:
    models = exported(small_clip())
    exported(text_tower())
    both = clip_encoder(models, str(small_clip()), str(text_tower()), device="cpu", runtime="onnx")
    torch = ClipEncoder(str(small_clip()), text_model=str(text_tower()), device="cpu")
    assert isinstance(both, OnnxClipEncoder)
    assert both.card == torch.card
    assert both.text_version != onnx(small_clip()).text_version
    assert cosines(embed_texts(both, ["čoln"]), embed_texts(torch, ["čoln"])).min() > 0.9999


def test_towers_of_different_spaces_are_refused() -> None:
    models = exported(small_clip())
    exported(text_tower(48))
    with pytest.raises(EncoderError, match=r"vectors of 48 numbers, .* of 512"):
        clip_encoder(models, str(small_clip()), str(text_tower(48)), device="cpu", runtime="onnx")
    with pytest.raises(EncoderError, match="does not take image input"):
        clip_encoder(models, str(text_tower(48)), device="cpu", runtime="onnx")


def test_int8_has_a_fingerprint_of_its_own_and_can_be_made_again(tmp_path: Path) -> None:
    fp32, int8 = onnx(small_clip()), onnx(small_clip(), "int8")
    assert int8.card.fingerprint.startswith(f"{fp32.card.fingerprint}-int8-")
    again = export_model(str(small_clip()), tmp_path, "int8")
    assert again.fingerprint == int8.card.fingerprint
    pictures = [noise(100, 140, seed) for seed in range(4)]
    near = cosines(embed_pictures(fp32, pictures), embed_pictures(int8, pictures))
    assert near.min() > 0.98 and near.max() < 0.9999999


@pytest.mark.parametrize(
    ("there", "runtime", "device", "onnx_runs"),
    [
        (True, "auto", "cpu", True),
        (True, "onnx", "auto", True),
        (True, "torch", "cpu", False),
        (True, "auto", "cuda", False),
        (False, "auto", "cpu", False),
    ],
)
def test_the_runtime_is_chosen(
    tmp_path: Path, there: bool, runtime: Runtime, device: str, onnx_runs: bool
) -> None:
    models = exported(small_clip()) if there else tmp_path
    encoder = clip_encoder(
        models,
        str(small_clip()),
        device=device,  # type: ignore[arg-type]
        runtime=runtime,
    )
    assert isinstance(encoder, OnnxClipEncoder if onnx_runs else ClipEncoder)


def test_an_export_without_the_runtime_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A data folder that was copied to a machine where only PyTorch is installed."""
    models = exported(small_clip())
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    monkeypatch.setattr("hybridsearch.adapters.encoders.runtimes.find_spec", lambda name: None)
    assert isinstance(clip_encoder(models, str(small_clip()), device="cpu"), ClipEncoder)
    asked = clip_encoder(models, str(small_clip()), device="cpu", runtime="onnx")
    with pytest.raises(ModelMissing, match="onnxruntime") as caught:
        asked.embed_texts(["fire"])
    assert "hybridsearch[onnx]" in caught.value.remedy


def test_one_missing_export_of_two_keeps_the_whole_encoder_on_torch(tmp_path: Path) -> None:
    export_model(str(small_clip()), tmp_path)
    encoder = clip_encoder(tmp_path, str(small_clip()), str(text_tower()), device="cpu")
    assert isinstance(encoder, ClipEncoder)


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_a_missing_export_that_was_asked_for_names_the_command(
    tmp_path: Path, precision: Precision
) -> None:
    with pytest.raises(ModelMissing) as caught:
        clip_encoder(tmp_path, "clip-x", runtime="onnx", precision=precision)
    flag = " --int8" if precision == "int8" else ""
    assert f"hybridsearch export{flag} --encoder clip-x" in caught.value.remedy
    with pytest.raises(ModelMissing, match="ONNX Runtime only"):
        clip_encoder(tmp_path, "clip-x", runtime="torch", precision="int8")


def test_an_export_of_another_model_is_not_used(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    model = Path(shutil.copytree(small_clip(), tmp_path / "model"))
    export_model(str(model), tmp_path / "exports")
    encoder = clip_encoder(tmp_path / "exports", str(model), device="cpu")
    assert isinstance(encoder, OnnxClipEncoder)
    shutil.copy(small_clip(3) / "model.safetensors", model / "model.safetensors")
    encoder = clip_encoder(tmp_path / "exports", str(model), device="cpu")
    assert isinstance(encoder, ClipEncoder)
    assert "made from another model" in caplog.text
    with pytest.raises(ModelMissing):
        clip_encoder(tmp_path / "exports", str(model), device="cpu", runtime="onnx")


def test_damaged_exports_are_named(tmp_path: Path) -> None:
    name = str(small_clip())
    folder = export_folder(tmp_path, name, "fp32")
    shutil.copytree(export_folder(exported(small_clip()), name, "fp32"), folder)
    whole = (folder / f"{PICTURES}.data").read_bytes()
    (folder / f"{PICTURES}.data").write_bytes(whole[: len(whole) // 2])
    (folder / TEXTS).write_bytes(b"no graph")
    encoder = clip_encoder(tmp_path, name, device="cpu", runtime="onnx")
    with pytest.raises(EncoderError, match="exported model small-2 failed") as caught:
        encoder.embed_pictures([noise(9, 9)])
    assert str(folder) in caught.value.remedy
    with pytest.raises(EncoderError, match="exported model small-2 failed"):
        encoder.embed_texts(["fire"])
    (folder / MANIFEST).write_text("{}")
    with pytest.raises(EncoderError, match="damaged"):
        clip_encoder(tmp_path, name, device="cpu")


def test_an_export_that_fails_leaves_nothing_and_keeps_the_old(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        export_model(str(tmp_path / "nowhere"), tmp_path / "exports")
    assert not list((tmp_path / "exports").rglob(MANIFEST))
    model = Path(shutil.copytree(small_clip(), tmp_path / "model"))
    before = export_model(str(model), tmp_path / "exports")
    (model / "model.safetensors").write_bytes(b"damaged")
    with pytest.raises(EncoderError, match="cannot be loaded"):
        export_model(str(model), tmp_path / "exports")
    assert read_export(export_folder(tmp_path / "exports", str(model), "fp32")) == before


def test_a_model_with_other_eyes_is_left_to_torch(tmp_path: Path) -> None:
    """It squeezes pictures into its square: our crop is not what it looks at."""
    model = Path(shutil.copytree(small_clip(), tmp_path / "model"))
    config = json.loads((model / "processor_config.json").read_text())
    config["image_processor"] |= {"size": {"height": 224, "width": 224}, "do_center_crop": False}
    (model / "processor_config.json").write_text(json.dumps(config))
    encoder = ClipEncoder(str(model), device="cpu")
    assert encoder.view() is None
    picture = noise(100, 300)
    with quiet():
        theirs = SentenceTransformer(str(model), device="cpu").encode([Image.fromarray(picture)])
    assert np.allclose(encoder.embed_pictures([picture]), theirs, atol=1e-5)
    with pytest.raises(EncoderError, match="not CLIP's"):
        export_model(str(model), tmp_path / "exports")


def settings_for(folder: Path, **encoder: object) -> Settings:
    shutil.copytree(exported(small_clip()), folder / "_models", dirs_exist_ok=True)
    return Settings(data_dir=folder, encoder={"name": str(small_clip()), **encoder})


def test_an_archive_moves_between_the_runtimes_but_not_between_precisions(tmp_path: Path) -> None:
    exported(small_clip(), "int8")
    pictures = FolderSource(write_pictures(tmp_path / "p", {"a.png": "red", "b.png": "blue"}))
    for runtime in ("torch", "onnx"):
        with open_archive(settings_for(tmp_path, runtime=runtime), create=True) as archive:
            report = archive.ingest().run(pictures)
            assert (report.written, report.unchanged) == ((2, 0) if runtime == "torch" else (0, 2))
            answer = archive.search().search(Query("red"))
            assert len(answer.hits) == 2
    with pytest.raises(GenerationMismatch, match="indexed in fp32, not in int8"):
        open_archive(settings_for(tmp_path, precision="int8"))

    int8 = {"archive": "eight", "data_dir": tmp_path}
    asked = Settings(**int8, encoder={"name": str(small_clip()), "precision": "int8"})  # type: ignore[arg-type]
    with open_archive(asked, create=True) as archive:
        assert archive.ingest().run(pictures).written == 2
        fingerprint = archive.generation.encoder
    with open_archive(Settings(**int8)) as archive:  # type: ignore[arg-type]
        assert archive.encoder is not None and archive.encoder.card == fingerprint
        assert "-int8-" in archive.encoder.card.fingerprint
        assert len(archive.search().search(Query("red")).hits) == 2
    with pytest.raises(GenerationMismatch, match="indexed in int8, not in fp32"):
        open_archive(Settings(**int8, encoder={"precision": "fp32"}))  # type: ignore[arg-type]


def test_a_rebuild_goes_over_to_the_other_precision(tmp_path: Path) -> None:
    """Every picture is embedded again: fp32 and int8 never meet in one generation."""
    exported(small_clip(), "int8")
    pictures = FolderSource(write_pictures(tmp_path / "p", {"a.png": "red", "b.png": "blue"}))
    with open_archive(settings_for(tmp_path), create=True) as archive:
        assert archive.ingest().run(pictures).embedded == 2
    done = rebuild(Settings(data_dir=tmp_path, encoder={"precision": "int8"}))
    assert done is not None and done.report.embedded == 2
    before, now = done.before.encoder, done.now.encoder
    assert before is not None and now is not None and before.fingerprint != now.fingerprint
    with open_archive(Settings(data_dir=tmp_path)) as archive:
        assert archive.generation.choice is not None
        assert (archive.generation.number, archive.generation.choice.precision) == (2, "int8")
        assert len(archive.search().search(Query("red")).hits) == 2


SEARCH = """
import sys
from pathlib import Path
from hybridsearch.bootstrap import open_archive
from hybridsearch.config import Settings
from hybridsearch.domain.query import Query

data, model, picture = sys.argv[1:]
with open_archive(Settings(data_dir=data, encoder={"device": "cpu"})) as archive:
    engine = archive.search()
    print(len(engine.search(Query("red fire")).hits))
    print(len(engine.search(Query(picture=Path(picture))).hits))
heavy = "torch", "transformers", "sentence_transformers", "huggingface_hub"
print([name for name in heavy if name in sys.modules])
"""


def test_a_search_needs_onnxruntime_and_tokenizers_only(tmp_path: Path) -> None:
    folder = write_pictures(tmp_path / "p", {"a.png": "red", "b.png": "blue"})
    with open_archive(settings_for(tmp_path, runtime="onnx"), create=True) as archive:
        assert archive.ingest().run(FolderSource(folder)).written == 2
    ended = subprocess.run(
        [sys.executable, "-c", SEARCH, str(tmp_path), str(small_clip()), str(folder / "a.png")],
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
        cwd=Path(__file__).parents[2],
    )
    assert ended.stdout.split("\n")[:3] == ["2", "2", "[]"]


def test_threads_may_share_it() -> None:
    from concurrent.futures import ThreadPoolExecutor

    folder = export_folder(exported(small_clip()), str(small_clip()), "fp32")
    export = read_export(folder)
    assert export is not None
    tower = OnnxTower(folder, export)
    expected = tower.read(TEXTS_ASKED)
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: tower.read(TEXTS_ASKED), range(12)))
    assert all(np.allclose(answer, expected, atol=1e-5) for answer in answers)


def test_the_command_exports_what_the_configuration_names(tmp_path: Path) -> None:
    environment = {"HYBRIDSEARCH_DATA_DIR": str(tmp_path)}
    asked = ["export", "--encoder", str(small_clip()), "--json"]
    ended = CliRunner().invoke(app, asked, env=environment, catch_exceptions=False)
    [told] = json.loads(ended.output)
    assert told["precision"] == "fp32" and told["agreement"] > 0.9999
    settings = Settings(data_dir=tmp_path)
    encoder = clip_encoder(settings.models_folder, str(small_clip()), device="cpu")
    assert isinstance(encoder, OnnxClipEncoder)
    assert encoder.card.fingerprint == told["fingerprint"]
    with pytest.raises(ConfigError, match="'starter' is no CLIP model"):
        CliRunner().invoke(
            app, ["export", "--encoder", "starter"], env=environment, catch_exceptions=False
        )
