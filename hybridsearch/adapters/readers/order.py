"""What a reader process is told once: how to read, and within which limits."""

from __future__ import annotations

from dataclasses import dataclass

from hybridsearch.ingest.extras import NO_EXTRAS, Extras
from hybridsearch.ingest.originals import MAX_FILE_BYTES
from hybridsearch.ports import MediaReader, View


@dataclass(frozen=True, slots=True)
class ReadingOrder:
    """Everything in it must pickle.

    ``view`` is what the encoder looks at, None for whole pictures; ``extras`` is what else is
    done with a picture. ``seconds`` is how long one file may take. ``memory_bytes`` bounds the
    address space of the process, None leaves it be.
    """

    media: MediaReader
    view: View | None = None
    max_file_bytes: int = MAX_FILE_BYTES
    seconds: float = 60.0
    memory_bytes: int | None = None
    extras: Extras = NO_EXTRAS
