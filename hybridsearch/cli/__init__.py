"""The command line: ``hybridsearch ingest | search | similar | status | export | ...``.

In: words typed in a shell. Out: tables for people, or JSON for machines with ``--json``.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable


def main() -> None:
    """Run a command."""
    from hybridsearch.cli.commands import app, with_plugins

    # Pillow warns of every damaged tag it passes over; one hostile TIFF has 120,000 of them.
    warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
    sys.exit(tell_errors(with_plugins(app)))


def tell_errors(command: Callable[[], object]) -> int:
    """Run it; an expected error is told with its remedy and ends with exit code 1."""
    from hybridsearch.errors import HybridSearchError

    try:
        command()
    except HybridSearchError as error:
        print(f"hybridsearch: {error.message}\n  What to do: {error.remedy}", file=sys.stderr)
        return 1
    return 0
