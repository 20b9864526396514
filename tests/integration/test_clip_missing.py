"""What a person is told when a CLIP model cannot be had."""

from __future__ import annotations

import json
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import huggingface_hub
import pytest

from hybridsearch.adapters.encoders.clip import ClipEncoder
from hybridsearch.adapters.encoders.clip_models import locate_model, model_dimension
from hybridsearch.errors import EncoderError, ModelMissing
from tests.contract.encoders import small_clip


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A hub cache with nothing in it, and a hub address where nobody answers."""
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", "http://127.0.0.1:9")
    return tmp_path


@pytest.mark.parametrize("name", ["clip-ViT-B-32", "some-one/some-clip"])
def test_without_a_hub_a_name_fails_quickly_and_says_what_to_do(
    empty_cache: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    started = time.monotonic()
    encoder = ClipEncoder(name)
    for attempt in (lambda: encoder.card, lambda: encoder.embed_texts(["fire"])):
        with pytest.raises(ModelMissing) as caught:
            attempt()
        assert name in caught.value.message
        assert "--encoder starter" in caught.value.remedy
        assert "path" in caught.value.remedy and "internet" in caught.value.remedy
    assert time.monotonic() - started < 5
    assert capfd.readouterr() == ("", "")


def test_offline_mode_fails_the_same_way(
    empty_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ModelMissing, match="offline"):
        locate_model("clip-ViT-B-32")


def test_a_name_that_is_none_is_missing_too(empty_cache: Path) -> None:
    with pytest.raises(ModelMissing, match="not on this machine"):
        locate_model("no such name!")


@pytest.mark.parametrize("path", ["/nowhere/at/all", "./nowhere", "~/nowhere-at-all"])
def test_a_path_that_leads_nowhere_is_told_apart(path: str) -> None:
    with pytest.raises(ModelMissing, match="There is no model folder at") as caught:
        _ = ClipEncoder(path).card
    assert "path" in caught.value.remedy
    assert "starter" not in caught.value.remedy


def test_a_folder_without_a_model_is_told_apart(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="holds no model: neither"):
        _ = ClipEncoder(str(tmp_path)).card
    file = tmp_path / "model.safetensors"
    file.write_bytes(b"")
    with pytest.raises(ModelMissing, match="There is no model folder") as caught:
        locate_model(str(file))
    assert "not to a file" in caught.value.remedy


def cached(cache: Path, repository: str, revision: str = "abc") -> Path:
    """Puts the small model into a hub cache as a download would."""
    folder = cache / f"models--{repository.replace('/', '--')}"
    snapshot = folder / "snapshots" / revision
    snapshot.mkdir(parents=True)
    for file in small_clip().iterdir():
        (snapshot / file.name).hardlink_to(file)
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text(revision)
    return snapshot


def test_a_cached_model_needs_no_hub(empty_cache: Path) -> None:
    snapshot = cached(empty_cache / "hub", "sentence-transformers/clip-ViT-B-32")
    assert locate_model("clip-ViT-B-32") == snapshot
    encoder = ClipEncoder()
    assert encoder.card.name == "clip-ViT-B-32"
    assert encoder.card.fingerprint == ClipEncoder(str(small_clip())).card.fingerprint
    assert encoder.embed_texts(["fire"]).shape == (1, 512)


def test_a_model_on_the_hub_is_downloaded_once_without_double_weights(
    empty_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, Any]] = []
    files = ["model.safetensors", "pytorch_model.bin", "2_Dense/pytorch_model.bin", "config.json"]
    info = SimpleNamespace(sha="abc", siblings=[SimpleNamespace(rfilename=name) for name in files])

    def download(repository: str, **options: Any) -> str:
        if options.get("local_files_only"):
            raise huggingface_hub.errors.LocalEntryNotFoundError("not cached")
        asked.append({"repository": repository, **options})
        return str(small_clip())

    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", lambda *_, **__: info)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    assert locate_model("clip-ViT-B-32") == small_clip()
    (call,) = asked
    assert call["repository"] == "sentence-transformers/clip-ViT-B-32"
    assert call["revision"] == "abc"
    assert "pytorch_model.bin" in call["ignore_patterns"]
    assert "2_Dense/pytorch_model.bin" not in call["ignore_patterns"]


@pytest.mark.parametrize(
    ("configs", "expected"),
    [
        ({"0_CLIPModel": {"projection_dim": 512}}, 512),
        ({"": {"dim": 768}, "1_Pooling": {"word_embedding_dimension": 768}}, 768),
        ({"": {"dim": 768}, "1_Pooling": {}, "2_Dense": {"out_features": 512}}, 512),
        ({"": {"hidden_size": 384}, "1_Pooling": {"embedding_dimension": 384}, "2_Norm": {}}, 384),
        ({"": {}}, None),
    ],
)
def test_the_dimension_is_read_from_the_configuration(
    tmp_path: Path, configs: dict[str, dict[str, int]], expected: int | None
) -> None:
    for path, config in configs.items():
        (tmp_path / path).mkdir(exist_ok=True)
        (tmp_path / path / "config.json").write_text(json.dumps(config))
    (tmp_path / "modules.json").write_text(json.dumps([{"path": path} for path in configs]))
    assert model_dimension(tmp_path) == expected


def test_settings_that_are_no_json_name_the_file(tmp_path: Path) -> None:
    (tmp_path / "modules.json").write_text("[")
    with pytest.raises(EncoderError, match=r"modules\.json is damaged"):
        model_dimension(tmp_path)
