"""What is killed: run as a script, it notes every picture that was embedded.

In: the archives' folder, a manifest ("rebuild" for a rebuild of what is there), the encoder's
name, the batch, a file for the notes. Out: a line on standard output when it begins; in the notes
a line for each picture embedded.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hybridsearch.adapters.encoders.starter.view import Squeeze
from hybridsearch.bootstrap import make_encoder, open_archive
from hybridsearch.config import Settings
from hybridsearch.domain.encoder import EncoderCard
from hybridsearch.domain.generation import EncoderChoice
from hybridsearch.ingest.manifest import ManifestSource
from hybridsearch.ports import Encoder, Matrix, Pixels, View, Viewing
from hybridsearch.upkeep import rebuild

BEGUN = "begun"
REBUILD = "rebuild"


class Noting:
    """An encoder that writes down each picture it is given, by a hash of its pixels."""

    def __init__(self, encoder: Encoder, notes: Path) -> None:
        self._encoder = encoder
        self._notes = os.open(notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    @property
    def card(self) -> EncoderCard:
        """The encoder's own."""
        return self._encoder.card

    def embed_texts(self, texts: Sequence[str]) -> Matrix:
        """As the encoder."""
        return self._encoder.embed_texts(texts)

    def embed_pictures(self, pictures: Sequence[Pixels]) -> Matrix:
        """As the encoder; noted before it begins, so that work cut short counts as done."""
        lines = [hashlib.sha256(each.tobytes()).hexdigest()[:16] + "\n" for each in pictures]
        os.write(self._notes, "".join(lines).encode())
        return self._encoder.embed_pictures(pictures)

    def view(self) -> View | None:
        """As the encoder; a small square where it wants whole pictures."""
        return self._encoder.view() if isinstance(self._encoder, Viewing) else Squeeze()

    def batch(self) -> int:
        """As the encoder."""
        return self._encoder.batch() if isinstance(self._encoder, Viewing) else 32


def settings_for(data: Path, encoder: str, batch: int) -> Settings:
    """Of the archive that is killed, and of the one that is not."""
    return Settings.model_validate(
        {"data_dir": data, "encoder": {"name": encoder}, "ingest": {"batch": batch}}
    )


def main(data: Path, task: str, encoder: str, batch: int, notes: Path) -> None:
    """Ingest or rebuild to the end, unless somebody is in the way."""
    settings = settings_for(data, encoder, batch)
    if task == REBUILD:
        made = make_encoder(EncoderChoice(encoder), settings)
        assert made is not None  # noqa: S101 - the command line asks for one
        print(BEGUN, flush=True)
        rebuild(settings, encoder=Noting(made, notes))
        return
    with open_archive(settings, create=True, serve=True) as archive:
        assert archive.encoder is not None  # noqa: S101
        noting = replace(archive, encoder=Noting(archive.encoder, notes))
        print(BEGUN, flush=True)
        noting.ingest().run(ManifestSource(Path(task)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]), Path(sys.argv[5]))
