"""The client that measures: whole answers however they arrive, and never a wrong one as right."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Thread

import pytest

from eval.bench.load.wire import Wire, steps_of
from eval.bench.processes import CommandFailed

HEAD = (
    b"HTTP/1.1 200 OK\r\nServer-Timing: queue;dur=0.10, engine;dur=12.50\r\ncontent-length: 6\r\n"
)


@contextmanager
def answering(*answers: Sequence[bytes]) -> Iterator[int]:
    """A server for one connection that sends each answer in the parts given; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                for parts in answers:
                    if not connection.recv(10_000):
                        return
                    for part in parts:
                        connection.sendall(part)
                        time.sleep(0.01)  # so that the parts arrive as parts

        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(10)
        assert not thread.is_alive()


def test_answers_over_one_connection_are_whole_in_whatever_parts_they_come() -> None:
    whole = HEAD + b"\r\nabcdef"
    parts = [whole[at : at + 7] for at in range(0, len(whole), 7)]
    with answering([whole], parts) as port, Wire(port) as wire:
        for _ in range(2):
            answer = wire.ask(wire.request("/v1/search?q=a"))
            assert answer.body == b"abcdef"
            assert answer.timing == {"queue": 0.1, "engine": 12.5}
            assert answer.milliseconds > 0


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n", "503"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", "chunked"),
        (HEAD + b"\r\nabcdefg", "abcdefg"),
        (HEAD + b"\r\nabc", "closed the connection"),
        (HEAD, "closed the connection"),
    ],
)
def test_what_is_not_a_whole_answer_of_200_is_no_measurement(sent: bytes, told: str) -> None:
    with answering([sent]) as port, Wire(port) as wire, pytest.raises(CommandFailed, match=told):
        wire.ask(wire.request("/"))


def test_a_silent_server_is_not_waited_for_without_end() -> None:
    with answering([], []) as port, Wire(port, patience=0.1) as wire, pytest.raises(TimeoutError):
        wire.ask(wire.request("/"))


def test_steps_are_milliseconds_by_name() -> None:
    assert steps_of("engine;dur=1.5, plan;dur=0.25") == {"engine": 1.5, "plan": 0.25}
