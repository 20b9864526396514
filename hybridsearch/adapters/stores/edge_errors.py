"""The embedded engine's errors as ours: the one place where they are mapped.

In: what the engine raises (plain ``Exception``, sometimes a panic). Out: a StoreError.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hybridsearch.errors import StoreError, StoreLocked

_RAISED = (Exception, ValueError, TypeError, RuntimeError, OSError, OverflowError)
"""What the engine raises, by exact type; most is a plain Exception."""


@contextmanager
def edge_errors(folder: Path, doing: str) -> Iterator[None]:
    """Map whatever the engine raises while ``doing`` something in ``folder``.

    Raises:
        StoreLocked: another process holds the engine's log.
        StoreError: anything else.
    """
    try:
        yield
    except BaseException as fault:
        # A panic of the engine derives from BaseException; an interrupt, our own errors and
        # defects of ours must pass.
        if type(fault) not in _RAISED and type(fault).__name__ != "PanicException":
            raise
        raise _mapped(folder, doing, " ".join(str(fault).split())[:500]) from fault


def _mapped(folder: Path, doing: str, text: str) -> StoreError:
    if "WouldBlock" in text:
        return StoreLocked(
            f"The index in {folder} is open in another process.",
            "Close that process, or ask its service instead.",
        )
    message = f"The index in {folder} failed while {doing}: {text.rstrip('.')}."
    if "ncompatible config" in text or "config is incompatible" in text:
        return StoreError(message, "It was built for another encoder: rebuild the archive.")
    if "No space left" in text or "os error 28" in text:
        return StoreError(message, "Free space on that disk and try again.")
    if "ermission denied" in text or "os error 13" in text:
        return StoreError(message, "Give this user the right to write there.")
    return StoreError(message, "Try again; if it stays so, rebuild the archive from its source.")
