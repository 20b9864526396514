"""The short ways of a search through the service: to its route, into a thread and back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from fastapi.responses import PlainTextResponse, Response
from fastapi.testclient import TestClient

from services.api.routes.direct import DirectRoute
from services.api.threads import in_thread


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as made:
        yield made


def test_what_the_thread_returns_or_raises_comes_back(pool: ThreadPoolExecutor) -> None:
    async def both() -> int:
        with pytest.raises(ZeroDivisionError):
            await in_thread(pool, lambda: 1 // 0)
        return await in_thread(pool, lambda: 6 * 7)

    assert asyncio.run(both()) == 42


def test_nobody_waiting_any_more_harms_nothing(pool: ThreadPoolExecutor) -> None:
    begun, may_end, not_begun = Event(), Event(), Event()
    faults: list[dict[str, object]] = []

    def long() -> None:
        begun.set()
        assert may_end.wait(10)

    async def given_up() -> str:
        asyncio.get_running_loop().set_exception_handler(lambda _, fault: faults.append(fault))
        running = asyncio.create_task(in_thread(pool, long))
        waiting = asyncio.create_task(in_thread(pool, not_begun.set))
        while not begun.is_set():
            await asyncio.sleep(0.001)
        for task in (running, waiting):
            task.cancel()
        assert await asyncio.gather(running, waiting, return_exceptions=True)
        may_end.set()
        return await in_thread(pool, lambda: "next")

    assert asyncio.run(given_up()) == "next"
    assert not not_begun.is_set() and faults == []


@pytest.fixture
def client() -> Iterator[TestClient]:
    async def first(request: Request) -> None:
        request.state.seen = ["first"]

    async def second(request: Request) -> None:
        if request.query_params.get("bad"):
            raise HTTPException(403)
        request.state.seen.append("second")

    router = APIRouter(route_class=DirectRoute, dependencies=[Depends(first)])

    @router.get("/alone", dependencies=[Depends(second)])
    async def alone(request: Request) -> Response:
        return PlainTextResponse(" ".join(request.state.seen))

    @router.get("/of/{number}", dependencies=[Depends(second)])
    async def of(request: Request, number: int) -> Response:
        return PlainTextResponse(" ".join([*request.state.seen, str(number)]))

    app = FastAPI()
    app.include_router(router)
    with TestClient(app) as made:
        yield made


def test_dependencies_run_in_order_before_the_endpoint(client: TestClient) -> None:
    assert client.get("/alone").text == "first second"
    assert client.get("/alone?bad=1").status_code == 403
    assert client.get("/missing").status_code == 404


def test_what_takes_more_than_the_request_is_left_to_fastapi(client: TestClient) -> None:
    assert client.get("/of/7").text == "first second 7"
    assert client.get("/of/seven").status_code == 422
    assert client.get("/of/7?bad=1").status_code == 403


def test_only_what_takes_the_request_alone_goes_the_short_way() -> None:
    async def alone(request: Request) -> Response:
        return Response()

    async def more(request: Request, q: str) -> Response:
        return Response()

    async def check(word: str) -> None:
        return None

    def handler(
        endpoint: Callable[..., Awaitable[Response]], *checks: Callable[..., object]
    ) -> str:
        route = DirectRoute("/x", endpoint, dependencies=[Depends(each) for each in checks])
        return route.get_route_handler().__qualname__

    short = handler(alone)
    assert "DirectRoute" in short
    assert handler(more) != short and handler(alone, check) != short
