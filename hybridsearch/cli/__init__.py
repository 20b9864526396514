"""The command line: ``hybridsearch ingest | search | similar | status | config | demo``.

In: words typed in a shell. Out: tables for people, or JSON for machines with ``--json``.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Run a command; an expected error is told with its remedy and ends with exit code 1."""
    from hybridsearch.cli.commands import app
    from hybridsearch.errors import HybridSearchError

    try:
        app()
    except HybridSearchError as error:
        print(f"hybridsearch: {error.message}\n  What to do: {error.remedy}", file=sys.stderr)
        sys.exit(1)
