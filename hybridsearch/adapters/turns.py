"""Who may change an archive's index now: its writers among themselves, or one alone.

In: the archive's folder. Out: locks that hold between processes too. Writers hold theirs for one
write each; who copies an index or exchanges generations waits until none holds it, and keeps them
waiting for that moment. The operating system lets go when a process ends in any way.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import portalocker

from hybridsearch.adapters.generations import FolderGenerations
from hybridsearch.errors import GenerationReplaced, StoreError, StoreUnavailable

LOCK_FILE = "writing.lock"
CHANGES_FILE = "changes"

_EVERY = 0.01
"""Seconds between two looks at the lock."""

_SHARED = portalocker.LockFlags.SHARED | portalocker.LockFlags.NON_BLOCKING
_ALONE = portalocker.LockFlags.EXCLUSIVE | portalocker.LockFlags.NON_BLOCKING


class Turns:
    """The turns of one archive. Safe to share among threads.

    Args:
        patience: seconds that a writer waits at most.
    """

    def __init__(self, archive_folder: Path, patience: float = 60.0) -> None:
        self._path = archive_folder / LOCK_FILE
        self._patience = patience

    @property
    def there(self) -> bool:
        """Whether the archive's folder is (still) there."""
        return self._path.parent.is_dir()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One write, beside those of others.

        Raises:
            StoreUnavailable: somebody is alone with the archive for too long.
        """
        with self._held(_SHARED, self._patience):
            yield

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody writes meanwhile; waits for the writes that go on, however long they take."""
        with self._held(_ALONE, None):
            yield

    @contextmanager
    def _held(self, how: portalocker.LockFlags, patience: float | None) -> Iterator[None]:
        began = time.monotonic()
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle = self._path.open("a+")  # both, as shared locks on network disks need it
        except OSError as error:
            raise StoreError(
                f"The archive's folder cannot be written ({self._path}): {error.strerror}.",
                "Make room there, or grant permission.",
            ) from error
        with handle:
            while True:
                try:
                    portalocker.lock(handle, how)
                    break
                except portalocker.LockException as error:
                    if patience is not None and time.monotonic() - began > patience:
                        raise StoreUnavailable(
                            "Another generation of the archive is taking over.",
                            "Try again in a minute.",
                        ) from error
                    time.sleep(_EVERY)
            try:
                yield
            finally:
                portalocker.unlock(handle)


class GenerationGuard:
    """The guard of one generation's store; counts the changes that it let through."""

    def __init__(self, generations: FolderGenerations, turns: Turns, number: int) -> None:
        self._generations = generations
        self._turns = turns
        self._number = number
        self._changes = generations.folder_of(number) / CHANGES_FILE

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until nobody is alone with the archive, and let nobody be alone meanwhile."""
        if not self._turns.there:
            yield
            return
        with self._turns.writing():
            yield

    @contextmanager
    def change(self) -> Iterator[None]:
        """One change of the store.

        Raises:
            GenerationReplaced: another generation is the live one by now.
            StoreUnavailable: another one is taking over, and takes too long.
        """
        with self._turns.writing():
            live = self._generations.live_number()
            if live not in (None, self._number):
                raise GenerationReplaced(
                    f"Generation {live} of the archive has taken over from generation "
                    f"{self._number}, which was open for writing.",
                    "Do it again: it goes on in the new generation; what was written is there.",
                )
            # Counted before it happens: a change that ends in the middle may have had effects.
            self._changes.parent.mkdir(parents=True, exist_ok=True)
            with self._changes.open("ab") as counter:
                counter.write(b".")
            yield


def changes_of(generations: FolderGenerations, number: int) -> int:
    """How many changes a generation's store has seen; compare it for equality."""
    path = generations.folder_of(number) / CHANGES_FILE
    return path.stat().st_size if path.exists() else 0
