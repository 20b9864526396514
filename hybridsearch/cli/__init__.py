"""The command line: ``hybridsearch ingest | search | similar | status | export | ...``.

In: words typed in a shell. Out: tables for people, or JSON for machines with ``--json``.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable


def main() -> None:
    """Run a command."""
    share_the_cores()
    from hybridsearch.cli.commands import app, with_plugins

    # Pillow warns of every damaged tag it passes over; one hostile TIFF has 120,000 of them.
    warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
    sys.exit(tell_errors(with_plugins(app)))


def share_the_cores() -> None:
    """Have array products done by the thread that asks; before numpy is loaded.

    OpenBLAS's threads spin while they wait. A query's text is small: beside other work its vector
    took 27 ms in one thread and 280 to 600 in two. What the user has set stays.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def tell_errors(command: Callable[[], object]) -> int:
    """Run it; an expected error is told with its remedy and ends with exit code 1."""
    from hybridsearch.errors import HybridSearchError

    try:
        command()
    except HybridSearchError as error:
        print(f"hybridsearch: {error.message}\n  What to do: {error.remedy}", file=sys.stderr)
        return 1
    return 0
