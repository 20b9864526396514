"""An exported model run by ONNX Runtime: texts and squares of pictures become vectors.

In: an export's folder. Out: float32 rows. The only module that calls onnxruntime and
tokenizers, and so the one that maps their errors; torch is never imported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt

from hybridsearch.adapters.encoders.cores import cores
from hybridsearch.adapters.encoders.onnx_files import PICTURES, TEXTS, TOKENIZER, Export, Precision
from hybridsearch.errors import EncoderError, ModelMissing
from hybridsearch.ports import Matrix, Pixels

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

Item = TypeVar("Item")

BATCH: Mapping[Precision, int] = {"fp32": 16, "int8": 1}
"""Inputs in one run: more gain nothing on a processor and hold more memory. In int8 one alone, for
activations are quantized by the range of all inputs of a run, and a vector must not depend on the
company it was made in."""


class OnnxTower:
    """One export; threads may share it. Sessions are opened when first used.

    Args:
        folder: where the export lies.
        export: what it says of itself.
        threads: of one run; by default as many as this process has cores.
    """

    def __init__(self, folder: Path, export: Export, threads: int | None = None) -> None:
        self.folder = folder
        self.export = export
        self._threads = threads or cores()
        self._sessions: dict[str, InferenceSession] = {}
        self._loaded_tokenizer: Tokenizer | None = None
        self._loading = Lock()

    def read(self, texts: Sequence[str]) -> Matrix:
        """float32 of shape (len(texts), dimension); what exceeds the model's limit is cut off.

        Raises:
            ModelMissing: onnxruntime or tokenizers is not installed.
            EncoderError: the export is incomplete, or fails.
        """
        return self._in_batches(texts, self._read)

    def tokens(self, text: str) -> list[int]:
        """The ids that the model reads, its first and last mark included."""
        with self._vendor_errors("failed"):
            return list(self._tokenizer.encode(text).ids)

    def look(self, squares: Sequence[Pixels]) -> Matrix:
        """float32 of shape (len(squares), dimension), for what the export's crop made of pictures.

        Raises:
            ModelMissing: onnxruntime is not installed.
            EncoderError: the export is of texts only, is incomplete, or fails.
        """
        if self.export.crop is None:
            raise EncoderError(
                f"The model {self.export.name} does not take image input.",
                "Configure a CLIP model; a text model is for the option text_model only.",
            )
        return self._in_batches(squares, self._look)

    def _read(self, texts: Sequence[str]) -> Matrix:
        encoded = self._tokenizer.encode_batch(list(texts))
        ids = np.array([each.ids for each in encoded], dtype=np.int64)
        mask = np.array([each.attention_mask for each in encoded], dtype=np.int64)
        return self._run(TEXTS, {"input_ids": ids, "attention_mask": mask})

    def _look(self, squares: Sequence[Pixels]) -> Matrix:
        return self._run(PICTURES, {"squares": np.stack(squares)})

    def _in_batches(self, items: Sequence[Item], run: Callable[[Sequence[Item]], Matrix]) -> Matrix:
        rows = np.empty((len(items), self.export.dimension), dtype=np.float32)
        batch = BATCH[self.export.precision]
        with self._vendor_errors("failed"):
            for start in range(0, len(items), batch):
                rows[start : start + batch] = run(items[start : start + batch])
        return rows

    def _run(self, graph: str, inputs: dict[str, npt.NDArray[np.generic]]) -> Matrix:
        rows: Matrix = self._session(graph).run(["vectors"], inputs)[0]
        return rows

    def _session(self, graph: str) -> InferenceSession:
        with self._loading:
            if graph not in self._sessions:
                self._sessions[graph] = self._open(graph)
            return self._sessions[graph]

    def _open(self, graph: str) -> InferenceSession:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Threads that spin while they wait take the cores from those who decode pictures.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        providers = ["CPUExecutionProvider"]
        return onnxruntime.InferenceSession(self.folder / graph, options, providers=providers)

    @property
    def _tokenizer(self) -> Tokenizer:
        with self._loading:
            if self._loaded_tokenizer is None:
                from tokenizers import Tokenizer

                tokenizer = Tokenizer.from_file(str(self.folder / TOKENIZER))
                tokenizer.enable_truncation(self.export.max_tokens)
                tokenizer.enable_padding(pad_id=self.export.pad_id, pad_token=self.export.pad_token)
                self._loaded_tokenizer = tokenizer
            return self._loaded_tokenizer

    @contextmanager
    def _vendor_errors(self, what: str) -> Iterator[None]:
        try:
            yield
        except ImportError as error:
            raise ModelMissing(
                f"The exported model {self.export.name} needs a package that is not installed "
                f"({error.name}).",
                "Install it with: pip install 'hybridsearch[onnx]', or set encoder.runtime to "
                "torch.",
            ) from error
        except Exception as error:  # onnxruntime's and tokenizers' errors have no class in common
            reason = str(error).strip().splitlines() or [type(error).__name__]
            raise EncoderError(
                f"The exported model {self.export.name} {what} ({reason[0]}).",
                f"Make it anew: delete {self.folder} and run hybridsearch export; if memory is "
                "short, close what else needs it.",
            ) from error
