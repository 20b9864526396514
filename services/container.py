"""The entry point of the container image: the command line, with a first key where none is.

In: the arguments of ``hybridsearch``. Out: the same as from it. A service in a container listens
to other machines, so it needs a key; the first one is made here, once, with every scope, and
written to a file that only this user reads.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

FIRST_KEY = "first-key.txt"


def main() -> None:
    """Make the first key if there is none and the service is to run; then run the command."""
    from hybridsearch.cli import main as command
    from hybridsearch.cli import tell_errors

    if sys.argv[1:2] == ["serve"]:
        failed = tell_errors(_have_a_key)
        if failed:
            sys.exit(failed)
    command()


def _have_a_key() -> None:
    from hybridsearch.config import load_settings
    from services.api.keys import Keys, Scope

    path = load_settings().keys_file
    keys = Keys(path)
    if keys.all():
        return
    made = keys.add("first key, made at the first start", list(Scope))
    told = path.with_name(FIRST_KEY)
    _write_for_owner(told, made.secret)
    print(f"A first key was made; read it in {told}, and make others with `keys add`.", flush=True)


def _write_for_owner(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(f"{text}\n")


if __name__ == "__main__":
    main()
