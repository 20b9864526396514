"""Text in pictures, read by RapidOCR: PP-OCR models that its package carries, on ONNX Runtime.

In: upright RGB pixels. Out: lines of text. Needs the extra ``ocr``; nothing is fetched. The models
know Latin script with its diacritics, Chinese and Japanese.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from hybridsearch.errors import ConfigError, PictureError
from hybridsearch.ports import Pixels

DEFAULT_MIN_SCORE = 0.75
"""Mean confidence of a line's characters; below it, texture and half-hidden letters begin."""


class RapidTextReader:
    """Implements ``ports.TextReader``. Its engine loads when it is first used; it pickles without.

    Raises:
        ConfigError: the extra is not installed, or a number is out of range.
    """

    def __init__(self, min_score: float = DEFAULT_MIN_SCORE, threads: int = 1) -> None:
        """
        Args:
            min_score: lines that were read with less confidence are left out; 0 to 1.
            threads: of ONNX Runtime; one for each process where several read.
        """
        if not 0.0 <= min_score <= 1.0 or threads < 1:
            raise ConfigError(
                f"min_score ({min_score}) must be from 0 to 1, threads ({threads}) at least 1.",
                "Correct the setting, or leave it out for the default.",
            )
        try:
            self._version = version("rapidocr")
            version("onnxruntime")
        except PackageNotFoundError as error:
            raise ConfigError(
                "Reading text in pictures (ingest.ocr) needs packages that are missing.",
                "Install the ocr extra: pip install 'hybridsearch[ocr]'.",
            ) from error
        self._min_score = min_score
        self._threads = threads
        self._engine: Any = None

    @property
    def name(self) -> str:
        return f"rapidocr {self._version} from {self._min_score:g}"

    def read(self, pixels: Pixels) -> str:
        backwards = np.ascontiguousarray(pixels[:, :, ::-1])  # the engine takes blue first
        try:
            answer = self._loaded()(backwards)
        except Exception as error:  # OpenCV's and ONNX Runtime's errors share no narrower root
            raise PictureError(
                f"The picture cannot be read for text ({type(error).__name__}).",
                "Switch ingest.ocr off for it, or export it again.",
            ) from error
        lines = zip(answer.txts or (), answer.scores or (), strict=True)
        return "\n".join(text.strip() for text, score in lines if score >= self._min_score)

    def _loaded(self) -> Any:
        if self._engine is None:
            from rapidocr import RapidOCR

            self._engine = RapidOCR(
                params={
                    "Global.log_level": "critical",
                    "EngineConfig.onnxruntime.intra_op_num_threads": self._threads,
                    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
                }
            )
        return self._engine

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_engine": None}
