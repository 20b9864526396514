"""Which runtime computes a CLIP model: torch, or ONNX Runtime where an export lies ready.

In: what the configuration says. Out: an encoder. Asking needs neither runtime.
"""

from __future__ import annotations

import logging
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from hybridsearch.adapters.encoders.onnx_files import (
    Export,
    Precision,
    export_folder,
    is_stale,
    read_export,
)
from hybridsearch.errors import ModelMissing

if TYPE_CHECKING:
    from hybridsearch.adapters.encoders.clip_tower import Device
    from hybridsearch.ports import Encoder

Runtime = Literal["auto", "torch", "onnx"]

_ACCELERATORS = ("/dev/nvidia0", "/dev/kfd")
"""Device files of the drivers of NVIDIA and AMD; asking torch would mean importing it."""

_logger = logging.getLogger(__name__)


def clip_encoder(
    models: Path,
    model: str,
    text_model: str | None = None,
    *,
    device: Device = "auto",
    runtime: Runtime = "auto",
    precision: Precision = "fp32",
) -> Encoder:
    """An encoder for a CLIP model and, optionally, another text tower.

    Args:
        models: the folder of exports.
        runtime: "auto" takes ONNX Runtime where it is installed, every model that it needs was
            exported, and the device is, or would be, the processor; torch otherwise.
        precision: "int8" exists as an export only.

    Raises:
        ModelMissing: ONNX Runtime was asked for, by name or by the precision, and an export is
            missing or was made from another model than the folder holds now.
        EncoderError: an export is damaged, or the two towers share no space.
    """
    wants_onnx = runtime == "onnx" or precision == "int8"
    if runtime == "torch" and precision == "int8":
        raise ModelMissing(
            "int8 vectors are computed by ONNX Runtime only.",
            "Set encoder.runtime to auto or onnx, or encoder.precision to fp32.",
        )
    could_use_it = _on_processor(device) and find_spec("onnxruntime") is not None
    if wants_onnx or (runtime == "auto" and could_use_it):
        names = [model, text_model] if text_model else [model]
        found = {name: _usable(models, name, precision) for name in names}
        missing = [name for name, export in found.items() if export is None]
        if not missing:
            return _exported(models, found, precision)
        if wants_onnx:
            flag = " --int8" if precision == "int8" else ""
            raise ModelMissing(
                f"There is no {precision} export of {missing[0]} in {models}, or it was made from "
                "another model.",
                f"Make it: hybridsearch export{flag} --encoder {model}.",
            )
    from hybridsearch.adapters.encoders.clip import ClipEncoder

    return ClipEncoder(model, text_model=text_model, device=device)


def _usable(models: Path, name: str, precision: Precision) -> Export | None:
    export = read_export(export_folder(models, name, precision))
    if export is not None and is_stale(export, name):
        _logger.warning("the export of %s was made from another model; torch is used", name)
        return None
    return export


def _exported(models: Path, found: dict[str, Export | None], precision: Precision) -> Encoder:
    from hybridsearch.adapters.encoders.onnx_clip import OnnxClipEncoder
    from hybridsearch.adapters.encoders.onnx_tower import OnnxTower

    towers = [
        OnnxTower(export_folder(models, name, precision), export)
        for name, export in found.items()
        if export is not None
    ]
    return OnnxClipEncoder(*towers)


def _on_processor(device: Device) -> bool:
    if device != "auto":
        return device == "cpu"
    return sys.platform != "darwin" and not any(Path(each).exists() for each in _ACCELERATORS)
