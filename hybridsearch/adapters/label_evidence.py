"""What a generation's captions tell of its encoder, kept as ``labels.json`` in its folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hybridsearch.domain.encoder import EncoderCard
from hybridsearch.labels.evidence import Evidence

FILE = "labels.json"

STALE = 0.1
"""Measured anew when the archive has grown or shrunk by more than this since."""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    format: Literal[1] = 1
    encoder: str
    points: int = Field(ge=0)
    slope: float = Field(ge=0)
    offset: float
    words: int = Field(ge=0)
    pictures: int = Field(ge=0)


class FolderEvidence:
    """``labels.json`` beside ``generation.json``: a few numbers, read once a process."""

    def __init__(self, folder: Path, encoder: EncoderCard | None) -> None:
        self._path = folder / FILE
        # The name too: another text tower for the same space reads words otherwise.
        self._encoder = f"{encoder.fingerprint} {encoder.name}" if encoder else ""

    def load(self, points: int) -> Evidence | None:
        """The evidence; None where there is none, or it was measured for something else.

        It is derived: a file that is damaged is as good as none, and is measured anew.
        """
        try:
            kept = _File.model_validate_json(self._path.read_bytes())
        except (OSError, ValidationError):
            return None
        if kept.encoder != self._encoder or abs(points - kept.points) > STALE * kept.points:
            return None
        return Evidence(kept.slope, kept.offset, kept.words, kept.pictures)

    def save(self, evidence: Evidence, points: int) -> None:
        """Write the file beside itself and rename it; where that fails, the next one measures."""
        told = _File(
            encoder=self._encoder,
            points=points,
            slope=evidence.slope,
            offset=evidence.offset,
            words=evidence.words,
            pictures=evidence.pictures,
        )
        beside = self._path.with_name(f"{FILE}.{os.getpid()}.new")
        try:
            beside.write_text(told.model_dump_json(), encoding="utf-8")
            beside.replace(self._path)
        except OSError:
            beside.unlink(missing_ok=True)
