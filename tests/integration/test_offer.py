"""The end of the demo, at a real terminal (a pseudo-terminal) and without one."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.test_api_server import environment, free_port, status
from tests.service import built

pty = pytest.importorskip("pty", reason="there are no pseudo-terminals on this system")

ROOT = Path(__file__).parents[2]

OFFER = """
from rich.console import Console
from hybridsearch.cli.offering import offer_to_serve
from hybridsearch.config import load_settings
offer_to_serve(load_settings(), Console(highlight=False))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("offer")
    built(made)
    return made


@contextmanager
def at_a_terminal(own: dict[str, str]) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """The program with a terminal; what is written into it is what a person types."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", OFFER],
        cwd=ROOT,
        env=own,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield ours, process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        os.close(ours)


def read_until(terminal: int, wanted: str, seconds: float = 60) -> str:
    told = ""
    deadline = time.monotonic() + seconds
    while wanted not in told:
        ready, _, _ = select.select([terminal], [], [], 0.1)
        if ready:
            try:
                told += os.read(terminal, 4096).decode()
            except OSError:  # its other end is closed
                break
        assert time.monotonic() < deadline, told
    assert wanted in told, told
    return told


def own_environment(folder: Path, port: int, **more: str) -> dict[str, str]:
    own = environment(
        folder, HYBRIDSEARCH_SERVICE__PORT=str(port), COLUMNS="200", TERM="dumb", **more
    )
    return {name: value for name, value in own.items() if name != "CI" or "CI" in more}


def test_yes_serves_and_ctrl_c_ends(folder: Path) -> None:
    import signal

    port = free_port()
    with at_a_terminal(own_environment(folder, port)) as (terminal, process):
        read_until(terminal, f"Serve it at http://127.0.0.1:{port} ? [y/n] (y):")
        os.write(terminal, b"\n")
        read_until(terminal, "Open http://127.0.0.1")
        deadline = time.monotonic() + 60
        while status(port, "/ready") != 200:
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        read_until(terminal, "the service ends")
        while process.poll() is None:
            select.select([terminal], [], [], 0.1)[0] and _drained(terminal)
            assert time.monotonic() < deadline
        assert process.returncode == 0


def _drained(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


@pytest.mark.parametrize("typed", [b"n\n", b"\x04"])
def test_no_tells_the_command(folder: Path, typed: bytes) -> None:
    port = free_port()
    with at_a_terminal(own_environment(folder, port)) as (terminal, process):
        read_until(terminal, "(y):")
        os.write(terminal, typed)
        read_until(terminal, "hybridsearch serve --archive default")
        assert process.wait(30) == 0


def test_nobody_is_asked_where_a_build_has_a_terminal(folder: Path) -> None:
    with at_a_terminal(own_environment(folder, free_port(), CI="true")) as (terminal, process):
        told = read_until(terminal, "hybridsearch serve --archive default")
        assert process.wait(30) == 0
    assert "?" not in told


def test_without_a_terminal_the_command_is_told_with_a_port_that_is_free(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-c", OFFER],
            cwd=ROOT,
            env=own_environment(folder, port),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 0, done.stderr
    assert "hybridsearch serve --archive default --port " in done.stdout
    assert f"--port {port}" not in done.stdout
    assert "?" not in done.stdout


def test_the_demo_installs_what_serving_needs() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    demo = json.dumps(extras["optional-dependencies"]["demo"])
    assert "hybridsearch[serve,starter]" in demo
