"""Where a CLIP model lies: its folder, its dimension and its fingerprint, before it is loaded.

In: the name or path that a person configured. Out: a folder with the model's files. A name is
looked up in the hub's cache first, and downloaded only if it is not there.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any

from hybridsearch.adapters.encoders.clip_quiet import quiet
from hybridsearch.errors import EncoderError, ModelMissing

HUB_ORGANISATION = "sentence-transformers"
"""Where names without an organisation belong, as sentence-transformers has it."""

HUB_TIMEOUT = 5.0
"""Seconds to wait for the hub's answer whether it has the model."""

_OTHER_RUNTIMES = ("onnx/*", "openvino/*", "*.onnx", "*.msgpack", "*.h5", "*.ot", "*.md", ".git*")
"""Files of a model's repository that torch does not need."""

_WEIGHTS = {".safetensors", ".bin", ".pt", ".pth"}
_SETTINGS = {".json", ".txt", ".model"}
_SAMPLES, _SAMPLE_SIZE = 256, 4096

_logger = logging.getLogger(__name__)


def locate_model(name: str) -> Path:
    """The folder of a model.

    Args:
        name: a path to a folder, or a name on the hub ("clip-ViT-B-32", "openai/clip-...").

    Raises:
        ModelMissing: no such folder, no model in it, or neither cache nor hub has the name.
    """
    path = Path(name).expanduser()
    if path.is_dir():
        return _model_folder(path)
    if path.exists() or _looks_like_a_path(name):
        raise ModelMissing(
            f"There is no model folder at {name}.",
            "Correct the path; it must lead to a folder, not to a file in it.",
        )
    return _hub_folder(name)


def _looks_like_a_path(name: str) -> bool:
    return name.startswith((".", "~", "/", os.sep)) or "\\" in name or name.count("/") > 1


def _model_folder(folder: Path) -> Path:
    if not any((folder / file).is_file() for file in ("modules.json", "config.json")):
        raise ModelMissing(
            f"The folder {folder} holds no model: neither modules.json nor config.json is in it.",
            "Give the folder that sentence-transformers or transformers saved the model to.",
        )
    return folder


def _hub_folder(name: str) -> Path:
    """The model's snapshot in the hub's cache, downloaded at need.

    The hub is asked once whether it has the model, with a timeout: left alone,
    sentence-transformers tries each file six times, a minute and more in all.
    """
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError
    from huggingface_hub.utils import httpx  # type: ignore[attr-defined]

    repository = name if "/" in name else f"{HUB_ORGANISATION}/{name}"
    try:
        return _model_folder(Path(snapshot_download(repository, local_files_only=True)))
    except (OSError, HFValidationError, ModelMissing):
        _logger.debug("%s is not in the hub's cache", repository)
    try:
        model = HfApi().model_info(repository, timeout=HUB_TIMEOUT)
        files = [file.rfilename for file in model.siblings or ()]
        unneeded = [*_OTHER_RUNTIMES, *_double_weights(files)]
        _logger.info("downloading the model %s", repository)
        with quiet():
            folder = snapshot_download(repository, revision=model.sha, ignore_patterns=unneeded)
    except (OSError, HFValidationError, HfHubHTTPError, httpx.HTTPError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelMissing(
            f"The model {name} is not on this machine, and the model hub did not give it "
            f"({reason}).",
            "Connect to the internet once so that it can be downloaded, give the path of a "
            "folder with the model, or try the search out with `--encoder starter`.",
        ) from error
    return _model_folder(Path(folder))


def model_dimension(folder: Path) -> int | None:
    """The length of the model's vectors as its configuration files tell it; None if they do not."""
    modules = _read_json(folder / "modules.json") or [{"path": ""}]
    for module in reversed(modules):
        config = _read_json(folder / module.get("path", "") / "config.json") or {}
        for key in (
            "out_features",  # Dense
            "projection_dim",  # CLIP
            "embedding_dimension",  # Pooling
            "word_embedding_dimension",  # Pooling, before sentence-transformers 5.4
            "hidden_size",
            "dim",  # DistilBERT
        ):
            if isinstance(config.get(key), int):
                return int(config[key])
    return None


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except OSError:
        return None
    except ValueError as error:
        raise EncoderError(
            f"The model's file {path} is damaged ({error}).", "Fetch the model again."
        ) from error


def model_fingerprint(folder: Path) -> str:
    """16 hexadecimal digits that change when the model does, wherever its folder lies.

    Configuration and tokenizer files count in full. Of weights, size and 256 blocks of 4 KB
    spread over the file count, the first of which holds the tensors' names and places: 1 MB is
    read instead of 600, and training changes nearly every number of a model. Dates and paths do
    not count, so a copy on another machine has the same fingerprint.
    """
    digest = sha256()
    for path in sorted(_files_that_matter(folder), key=lambda each: each.as_posix()):
        file = folder / path
        content = _sampled(file) if path.suffix in _WEIGHTS else file.read_bytes()
        digest.update(f"{path.as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


def _files_that_matter(folder: Path) -> list[Path]:
    found = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    doubles = set(_double_weights([path.as_posix() for path in found]))
    return [
        path
        for path in found
        if not any(part.startswith(".") or part in ("onnx", "openvino") for part in path.parts)
        and path.suffix in _WEIGHTS | _SETTINGS
        and path.as_posix() not in doubles
    ]


def _double_weights(files: Sequence[str]) -> list[str]:
    """Older weight files beside safetensors: the same numbers a second time."""
    safe = {PurePosixPath(file).parent for file in files if file.endswith(".safetensors")}
    older = tuple(_WEIGHTS - {".safetensors"})
    return [file for file in files if file.endswith(older) and PurePosixPath(file).parent in safe]


def _sampled(path: Path) -> bytes:
    size = path.stat().st_size
    step = max(_SAMPLE_SIZE, size // _SAMPLES)
    parts = [size.to_bytes(8, "big")]
    with path.open("rb") as file:
        for start in range(0, size, step):
            file.seek(start)
            parts.append(file.read(_SAMPLE_SIZE))
    return b"".join(parts)
