"""Exports a CLIP model, or a text tower, to what ONNX Runtime takes, and checks the copy.

In: a model by name or path, as sentence-transformers loads it. Out: a folder with the graphs, the
tokenizer and a manifest; it appears whole or not at all.
"""

from __future__ import annotations

import logging
import shutil
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from hybridsearch.adapters.encoders.clip_pictures import VERSION
from hybridsearch.adapters.encoders.clip_quiet import quiet
from hybridsearch.adapters.encoders.clip_tower import Tower
from hybridsearch.adapters.encoders.onnx_files import (
    PICTURES,
    TEXTS,
    TOKENIZER,
    Export,
    Precision,
    export_folder,
    write_manifest,
)
from hybridsearch.adapters.encoders.onnx_tower import OnnxTower
from hybridsearch.errors import EncoderError, ModelMissing
from hybridsearch.ports import Matrix, Pixels

LEAST_COSINE: Mapping[Precision, float] = {"fp32": 0.9999, "int8": 0.9}
"""To the model's own vectors, for every probe. fp32 must be interchangeable with them; int8 has a
space of its own, and below this its graph is broken rather than coarse."""

_LIBRARIES = ("torch", "onnx", "onnxscript", "onnxruntime", "sentence-transformers")

PROBE_TEXTS = (
    "fire",
    "",
    "  A RED   house\n",
    "čoln na reki, 1942",
    "🔥!",
    "a photo of two dogs on a beach",
    "fire " * 200,
)
"""Also what tokenizers treat differently: nothing, spaces, capitals, other scripts, length."""


def export_model(name: str, models: Path, precision: Precision = "fp32") -> Export:
    """Export a model and put it where ``read_export`` finds it; what lay there is replaced.

    Args:
        name: as for ``ClipEncoder``: a name on the model hub, or a folder.
        models: the folder of all exports.
        precision: int8 quantizes the weights once and the activations as they come (dynamic
            quantization); smaller and faster, and a vector space of its own.

    Raises:
        ModelMissing: the model, or a package of ``hybridsearch[export]``, is not there.
        EncoderError: the model cannot be loaded or exported, or the copy's vectors differ.
    """
    _must_be_installed()
    folder = export_folder(models, name, precision)
    making = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    try:
        export = _make(Tower(name, "cpu"), making, precision)
        write_manifest(making, export)
        shutil.rmtree(folder, ignore_errors=True)
        making.rename(folder)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return export


def _make(tower: Tower, folder: Path, precision: Precision) -> Export:
    with _vendor_errors(tower.name):
        tokenizer = tower.model.tokenizer
        tokenizer.backend_tokenizer.save(str(folder / TOKENIZER))
        pictured = "image" in tower.model.modalities
        if pictured and tower.crop is None:
            raise EncoderError(
                f"The model {tower.name} prepares pictures in a way that is not CLIP's.",
                "Keep it on torch: set encoder.runtime to torch.",
            )
        for graph in (PICTURES, TEXTS) if pictured else (TEXTS,):
            _write_graph(tower, folder / graph)
            if precision == "int8":
                _quantize(folder / graph)
    source = tower.fingerprint
    fingerprint = f"clip-{VERSION}-{source}"
    if precision == "int8":
        quantized = folder / (PICTURES if pictured else TEXTS)
        fingerprint += f"-int8-{sha256(quantized.read_bytes()).hexdigest()[:8]}"
    made = Export(
        name=tower.short_name,
        source=source,
        fingerprint=fingerprint,
        dimension=tower.dimension,
        precision=precision,
        crop=tower.crop if pictured else None,
        max_tokens=int(tower.model.max_seq_length or tokenizer.model_max_length),
        pad_id=int(tokenizer.pad_token_id),
        pad_token=str(tokenizer.pad_token),
        agreement=0.0,
        made_with={library: metadata.version(library) for library in _LIBRARIES},
    )
    return _checked(tower, OnnxTower(folder, made))


def _write_graph(tower: Tower, path: Path) -> None:
    """Trace one tower with batch and text length left open; weights lie beside the graph."""
    import torch

    from hybridsearch.adapters.encoders.clip_modules import Look, Read

    module: torch.nn.Module
    batch = torch.export.Dim("batch", min=1)
    shapes: tuple[Any, ...]
    if path.name == PICTURES and tower.crop is not None:
        side = tower.crop.side
        module, shapes = Look(tower.model, tower.crop), ({0: batch},)
        inputs = {"squares": torch.zeros((2, side, side, 3), dtype=torch.uint8)}
    else:
        longest = int(tower.model.max_seq_length or 512)
        length = torch.export.Dim("length", min=2, max=longest)
        module, shapes = Read(tower.model), ({0: batch, 1: length}, {0: batch, 1: length})
        tokens = tower.model.preprocess(["fire", "a much longer text about a fire"])
        inputs = {name: tokens[name] for name in ("input_ids", "attention_mask")}
    program = torch.onnx.export(
        module.eval(),
        tuple(inputs.values()),
        dynamo=True,
        verbose=False,
        input_names=list(inputs),
        output_names=["vectors"],
        dynamic_shapes=shapes,
    )
    if program is None:
        raise EncoderError(f"The model {tower.name} gave no graph.", "Keep it on torch.")
    program.save(str(path), external_data=True)  # weights apart are mapped, not read


def _quantize(path: Path) -> None:
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    model = onnx.load(path)
    del model.graph.value_info[:]  # shapes noted by the exporter, which the quantizer disputes
    path.unlink()
    path.with_name(f"{path.name}.data").unlink()
    quantize_dynamic(model, path, weight_type=QuantType.QInt8, per_channel=True)


def _checked(tower: Tower, copy: OnnxTower) -> Export:
    """The export with the agreement that was seen; tokens must be equal, vectors near."""
    export = copy.export
    texts = list(PROBE_TEXTS)
    ours = [tower.model.preprocess([text])["input_ids"][0].tolist() for text in texts]
    if ours != [copy.tokens(text) for text in texts]:
        raise EncoderError(
            f"The tokenizer of {tower.name} reads texts in a way that was lost in its file.",
            "Keep the model on torch: set encoder.runtime to torch.",
        )
    theirs = tower.encode("text", [{"text": text} for text in texts])
    cosines = [_cosines(theirs, copy.read(texts))]
    if export.crop is not None:
        squares = _probe_squares(export.crop.side)
        cosines.append(_cosines(tower.look(squares), copy.look(squares)))
    agreement = float(np.concatenate(cosines).min())
    if not agreement >= LEAST_COSINE[export.precision]:
        raise EncoderError(
            f"The export of {tower.name} in {export.precision} gives other vectors than the "
            f"model: cosine {agreement:.5f}, at least {LEAST_COSINE[export.precision]} is due.",
            "Keep the model on torch: set encoder.runtime to torch.",
        )
    return replace(export, agreement=agreement)


def _probe_squares(side: int) -> Sequence[Pixels]:
    """Noise, black, white, and a slope of colours: flat and busy pictures alike."""
    noise = np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)
    slope = np.linspace(0, 255, side).astype(np.uint8)
    colours = np.stack(np.broadcast_arrays(slope[:, None], slope[None, :], 128), axis=2)
    return [noise, np.zeros_like(noise), np.full_like(noise, 255), colours.astype(np.uint8)]


def _cosines(one: Matrix, other: Matrix) -> Matrix:
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    cosines: Matrix = np.sum(one * other, axis=1) / lengths
    return cosines


def _must_be_installed() -> None:
    for library in _LIBRARIES:
        try:
            metadata.version(library)
        except metadata.PackageNotFoundError as error:
            raise ModelMissing(
                f"Exporting a model needs the package {library}, which is not installed.",
                "Install it with: pip install 'hybridsearch[export]'",
            ) from error


@contextmanager
def _vendor_errors(name: str) -> Iterator[None]:
    """What torch, onnx and onnxruntime raise while exporting.

    Their warnings, a page of them, are of nothing that a person could mend; logging is held
    back for the whole process, for they log through loggers of many names.
    """
    held_back = logging.root.manager.disable
    try:
        logging.disable(logging.WARNING)
        with quiet(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except (EncoderError, OSError):
        raise
    except Exception as error:
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise EncoderError(
            f"The model {name} cannot be exported ({reason[0]}).",
            "Keep it on torch: set encoder.runtime to torch.",
        ) from error
    finally:
        logging.disable(held_back)
