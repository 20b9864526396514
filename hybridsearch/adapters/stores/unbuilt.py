"""How many points of an index were changed since its indexes were built, while nobody has it open.

In: the folder of an index, whose lock the caller holds. Out: a count in a file. It is taken away
while the index is open, so that after an end of any other kind nobody knows, and it is built.
"""

from __future__ import annotations

import math
from contextlib import suppress
from pathlib import Path

FILE = "unbuilt"


def taken(folder: Path) -> float:
    """The count; infinite where nobody knows. It is to be left again.

    Raises:
        OSError: the folder cannot be written.
    """
    try:
        count = int((folder / FILE).read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        count = -1
    forget(folder)
    return count if count >= 0 else math.inf


def left(folder: Path, count: float) -> None:
    """Tell whoever opens it next."""
    if math.isfinite(count):
        with suppress(OSError):  # it costs the next one a build, and nothing else
            (folder / FILE).write_text(str(int(count)), encoding="ascii")


def forget(folder: Path) -> None:
    """The index is changed by somebody who does not count.

    Raises:
        OSError: the folder cannot be written.
    """
    (folder / FILE).unlink(missing_ok=True)
