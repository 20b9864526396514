"""The end of the demo: its archive served, to whoever sits at a terminal and says yes.

In: settings, a terminal or none. Out: a running service in this process's place; or the command
that starts one. Where nobody can answer, nothing is asked.
"""

from __future__ import annotations

import os
import shlex
import socket
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

from rich.prompt import Confirm

if TYPE_CHECKING:
    from rich.console import Console

    from hybridsearch.config import Settings

_NEEDED = ("fastapi", "uvicorn")


def offer_to_serve(settings: Settings, console: Console) -> None:
    """Ask whether to serve the archive, and do it; or tell how it is done."""
    port = _port(settings.service.port)
    words = ["serve", "--archive", settings.archive]
    if port != settings.service.port:
        words += ["--port", str(port)]
    address = f"http://127.0.0.1:{port}"
    told = f"Search it in your browser, at {address}:\n  {shlex.join(['hybridsearch', *words])}"
    if find_spec("services") is None or any(find_spec(name) is None for name in _NEEDED):
        told += "\n(needs hybridsearch\\[serve])"
    elif _somebody_is_there(os.environ) and _agreed(f"Serve it at {address} ?", console):
        console.print(f"Open {address} in your browser. Ctrl-C ends the service.")
        _become([sys.executable, "-m", "hybridsearch", *words])
    console.print(told)


def _somebody_is_there(environment: Mapping[str, str]) -> bool:
    """Whether a question would be read, and answered: builds may have terminals and no people."""
    return sys.stdin.isatty() and sys.stdout.isatty() and not environment.get("CI")


def _agreed(question: str, console: Console) -> bool:
    try:
        return Confirm.ask(question, default=True, console=console)
    except (EOFError, KeyboardInterrupt):
        console.print()
        return False


def _become(command: Sequence[str]) -> None:
    """Run the command in this process's place: what the demo has loaded is let go."""
    os.environ.setdefault("HYBRIDSEARCH_SERVICE__LOG", "text")
    sys.stdout.flush()
    os.execv(command[0], list(command))  # noqa: S606 -- our own command, no shell


def _port(wanted: int) -> int:
    """The port that the service would take; another one where somebody has it."""
    for each in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", each))
            except OSError:
                continue
            found: int = probe.getsockname()[1]
            return found
    return wanted
