"""Files are read ahead of the encoder, several at once: what the ingest needs for that.

In: work. Out: futures of what ``load`` gives.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Protocol

from hybridsearch.ingest.changes import Work
from hybridsearch.ingest.entry import Failure
from hybridsearch.ingest.load import Loaded


class Readers(Protocol):
    """Those who read files during one ingest."""

    def start(self, work: Work) -> Future[Loaded | Failure]:
        """Begin reading a file; never waits."""
        ...

    def close(self) -> None:
        """Let go of everything at once, also of what is being read. Twice is no error."""
        ...


OpenReaders = Callable[[], Readers]
