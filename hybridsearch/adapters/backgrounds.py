"""The background of an index, kept as ``background.npz`` in its generation's folder."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import numpy as np

from hybridsearch.analysis.background import Background
from hybridsearch.domain.generation import Generation

FILE = "background.npz"


class FolderBackgrounds:
    """``background.npz`` beside ``generation.json``: half a megabyte, read once a process."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    def save(self, background: Background, generation: Generation) -> None:
        """Write the file beside itself and rename it: a reader sees the old or the new."""
        stream = io.BytesIO()
        np.savez(
            stream,
            vectors=background.vectors.astype(np.float16),
            measured=np.array([background.distance, background.spread, background.pairs]),
            encoder=np.array(_encoder_of(generation)),
            sample=np.array(background.sample),
        )
        self._path.parent.mkdir(parents=True, exist_ok=True)
        beside = self._path.with_name(f"{FILE}.{os.getpid()}.new")
        beside.write_bytes(stream.getvalue())
        beside.replace(self._path)

    def load(self, generation: Generation) -> Background | None:
        """The background, None where there is none that fits.

        It is derived from the index: a file that is damaged, or was made under another encoder,
        is as good as none, and the next ingest makes it anew.
        """
        try:
            with np.load(io.BytesIO(self._path.read_bytes()), allow_pickle=False) as read:
                if str(read["encoder"]) != _encoder_of(generation):
                    return None
                distance, spread, pairs = (float(each) for each in read["measured"])
                vectors = read["vectors"].astype(np.float32)
                sample = str(read["sample"]) if "sample" in read else ""
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None
        return Background(vectors, distance, spread, int(pairs), sample)


def _encoder_of(generation: Generation) -> str:
    return generation.encoder.fingerprint if generation.encoder else ""
