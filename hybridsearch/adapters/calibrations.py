"""The calibration of an index, kept as ``calibration.json`` in its generation's folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from hybridsearch.domain.calibration import RelevanceModel
from hybridsearch.domain.generation import Generation
from hybridsearch.domain.listing import listed
from hybridsearch.domain.notes import NoteKind
from hybridsearch.domain.plan import LegKind
from hybridsearch.search.cutoff import CutOff

FILE = "calibration.json"


class _File(BaseModel):
    """The model as it stands in its file; the domain's own checks run when it is read."""

    model_config = ConfigDict(extra="forbid")

    format: Literal[1] = 1
    model: RelevanceModel


class FolderCalibrations:
    """``calibration.json`` beside ``generation.json``."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    def save(self, model: RelevanceModel) -> Path:
        """Write the file beside itself and rename it: a reader sees the old or the new."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        beside = self._path.with_name(f"{FILE}.{os.getpid()}.new")
        with beside.open("w", encoding="utf-8") as stream:
            stream.write(_File(model=model).model_dump_json(indent=1))
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(self._path)
        return self._path

    def cutoff(self, generation: Generation) -> CutOff:
        """What searches of the generation may cut by.

        A search without relevance is better than none: a file that is damaged, or a map that
        was fitted for another encoder or analyzer, is left out and the answer's notes say so.
        """
        try:
            text = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return CutOff()
        except OSError as error:
            why = str(error.strerror)
            return CutOff(notes=(NoteKind.UNREAD_CALIBRATION.of(file=FILE, reason=why),))
        try:
            model = _File.model_validate_json(text).model
        except ValidationError as error:
            wrong = error.errors()[0]["msg"]
            return CutOff(notes=(NoteKind.DAMAGED_CALIBRATION.of(file=FILE, reason=wrong),))
        return _fitting(model, fingerprints(generation))


def fingerprints(generation: Generation) -> Mapping[LegKind, str]:
    """What makes the scores of each kind of leg, by its fingerprint."""
    made_by = {LegKind.WORDS: generation.analyzer_version}
    if generation.encoder is not None:
        made_by[LegKind.LOOKS] = generation.encoder.fingerprint
    return made_by


def _fitting(model: RelevanceModel, made_by: Mapping[LegKind, str]) -> CutOff:
    known = set(made_by.values())
    fit = tuple(each for each in model.calibrations if each.fingerprint in known)
    stale = sorted({each.leg for each in model.calibrations if each.fingerprint not in known})
    if not stale:
        return CutOff(model)
    note = NoteKind.OTHER_CALIBRATION.of(legs=listed(stale))
    legs = {each.leg for each in fit}
    blends = tuple(each for each in model.blends if legs.issuperset(each.legs))
    return CutOff(replace(model, calibrations=fit, blends=blends) if fit else None, (note,))
