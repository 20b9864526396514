"""Lets ``python -m eval.bench`` run a benchmark."""

from __future__ import annotations

import sys

from hybridsearch.cli import share_the_cores
from hybridsearch.errors import HybridSearchError


def main() -> None:
    """Run a command; an expected error is told with its remedy and ends with exit code 1."""
    share_the_cores()
    from eval.bench.commands import app

    try:
        app()
    except HybridSearchError as error:
        print(f"bench: {error.message}\n  What to do: {error.remedy}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
