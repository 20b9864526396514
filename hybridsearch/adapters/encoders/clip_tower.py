"""A tower: one sentence-transformers model with its files, loaded when it is first used.

In: what sentence-transformers takes for one input. Out: one row for each. The only module that
calls sentence-transformers and torch, and so the one that maps their errors.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from hybridsearch.adapters.encoders.clip_crops import CentreCrop, crop_of
from hybridsearch.adapters.encoders.clip_models import (
    locate_model,
    model_dimension,
    model_fingerprint,
)
from hybridsearch.adapters.encoders.clip_quiet import quiet
from hybridsearch.adapters.encoders.cores import sleep_while_waiting
from hybridsearch.errors import ConfigError, EncoderError
from hybridsearch.ports import Matrix, Pixels

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from hybridsearch.adapters.encoders.clip_modules import Look

Device = Literal["auto", "cpu", "cuda", "mps"]
Modality = Literal["text", "image"]

_VENDOR_ERRORS = (
    OSError,
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    RuntimeError,
    ImportError,
)
"""What sentence-transformers, transformers and torch raise; a full GPU is a RuntimeError."""


class Tower:
    """A model under a name or path; threads may share it."""

    def __init__(self, name: str, device: Device) -> None:
        """
        Args:
            name: a name on the model hub, or the path of a folder.
            device: where to compute; "auto" takes the best there is.

        Raises:
            ConfigError: there is no such device.
        """
        if device not in get_args(Device):
            raise ConfigError(f"Unknown device {device!r}.", "Use auto, cpu, cuda or mps.")
        self.name = name
        self._device = device
        self._loaded: SentenceTransformer | None = None
        self._loading = Lock()
        self._tokenizing = Lock()

    @property
    def short_name(self) -> str:
        """The name without organisation or folders before it."""
        return self.name.rstrip("/\\").replace("\\", "/").rsplit("/", 1)[-1]

    @cached_property
    def folder(self) -> Path:
        return locate_model(self.name)

    @cached_property
    def fingerprint(self) -> str:
        return model_fingerprint(self.folder)

    @cached_property
    def dimension(self) -> int:
        """From the configuration files; a model whose files do not tell is loaded and asked."""
        return model_dimension(self.folder) or int(self.model.get_embedding_dimension() or 0)

    def encode(self, modality: Modality, inputs: Sequence[Any]) -> Matrix:
        """float32 of shape (len(inputs), dimension).

        Raises:
            EncoderError: the model cannot be loaded, does not take this kind of input, or fails.
        """
        if not inputs:
            return np.empty((0, self.dimension), dtype=np.float32)
        self._must_take(modality)
        # Tokenizers set their truncation in place, so threads must not meet in one.
        alone = self._tokenizing if modality == "text" else nullcontext()
        with self._vendor_errors("failed"), alone:
            rows = self.model.encode(list(inputs), batch_size=len(inputs), show_progress_bar=False)
        return np.asarray(rows, dtype=np.float32)

    @cached_property
    def crop(self) -> CentreCrop | None:
        """The model's view of a picture; None where only its own preprocessing knows it."""
        return crop_of(self.folder)

    def look(self, squares: Sequence[Pixels]) -> Matrix:
        """float32 of shape (len(squares), dimension), for what ``crop`` made of pictures.

        Raises:
            EncoderError: the model cannot be loaded, does not take pictures, or fails.
        """
        if not squares:
            return np.empty((0, self.dimension), dtype=np.float32)
        self._must_take("image")
        import torch

        with self._vendor_errors("failed"), torch.inference_mode():
            batch = torch.from_numpy(np.stack(squares))
            if self.on_gpu:
                batch = batch.pin_memory()  # copied by the GPU while the processor goes on
            batch = batch.to(self.model.device, non_blocking=True)
            rows: Matrix = self._look(batch).float().cpu().numpy()
        return rows

    @property
    def on_gpu(self) -> bool:
        """Whether the model computes, or would, on a CUDA device."""
        return self._chosen_device() == "cuda"

    @cached_property
    def _look(self) -> Look:
        from hybridsearch.adapters.encoders.clip_modules import Look

        if self.crop is None:
            raise EncoderError(
                f"The model {self.name} looks at pictures in a way of its own.",
                "Hand the pictures to its own preprocessing.",
            )
        return Look(self.model, self.crop)

    def _must_take(self, modality: Modality) -> None:
        if modality not in self.model.modalities:
            raise EncoderError(
                f"The model {self.name} does not take {modality} input.",
                "Configure a CLIP model; a text model is for the option text_model only.",
            )

    @property
    def model(self) -> SentenceTransformer:
        """The model itself, loaded once; whoever asks first waits for it."""
        with self._loading:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded

    def _load(self) -> SentenceTransformer:
        sleep_while_waiting()
        device = self._chosen_device()
        with self._vendor_errors("cannot be loaded"):
            from sentence_transformers import SentenceTransformer

            with quiet() as reports:
                model = SentenceTransformer(str(self.folder), device=device, local_files_only=True)
        if any("| MISSING" in report for report in reports):
            raise EncoderError(
                f"The model in {self.folder} lacks some of its weights.",
                "Fetch or save the model again; its weight files are incomplete.",
            )
        _limit_text(model)
        return model.half() if device == "cuda" else model

    def _chosen_device(self) -> str:
        if self._device == "cpu":
            return "cpu"
        sleep_while_waiting()
        import torch

        there = {
            "cuda": torch.cuda.is_available(),
            "mps": torch.backends.mps.is_available(),
            "cpu": True,
        }
        if self._device == "auto":
            return next(device for device, present in there.items() if present)
        if not there[self._device]:
            raise ConfigError(
                f"This machine, or its PyTorch, has no {self._device} device.",
                "Set the device to auto or cpu, or install the PyTorch build for it.",
            )
        return self._device

    @contextmanager
    def _vendor_errors(self, what: str) -> Iterator[None]:
        from safetensors import SafetensorError

        try:
            yield
        except (*_VENDOR_ERRORS, SafetensorError) as error:
            reason = str(error).strip().splitlines() or [type(error).__name__]
            raise EncoderError(
                f"The model {self.name} {what} ({reason[0]}).",
                "Check that the model's folder is complete and that there is enough memory; "
                "smaller batches need less.",
            ) from error


def _limit_text(model: SentenceTransformer) -> None:
    """Cut texts where the model's positions end, if its tokenizer's settings forgot to say so."""
    config: Any = getattr(model.transformers_model, "config", None)
    positions = getattr(config and config.get_text_config(), "max_position_embeddings", None)
    if positions and (model.max_seq_length is None or model.max_seq_length > positions):
        model.max_seq_length = positions
