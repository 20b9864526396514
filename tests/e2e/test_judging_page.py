"""The judging page in a real browser."""

from __future__ import annotations

import html
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import BaseServer

from eval.evaluation import ShownAsset
from eval.pool import Pool, PoolItem, judging_server
from eval.qrels import Grades, read_qrels
from tests.builders import png
from tests.e2e.browser import (
    HOSTILE,
    Page,
    complaints,
    expect,
)

POST = """([url, mode, type, body]) =>
    fetch(url, {method: 'POST', mode, body, headers: {'Content-Type': type}})
        .then(() => 1, () => 0)"""
READ = "(url) => fetch(url).then(() => 'read', () => 'kept out')"


def a_pool(folder: Path) -> Pool:
    """Two queries, three pictures; one text is hostile."""
    (folder / "red.png").write_bytes(png("red"))
    assets = [
        ShownAsset("a/1", HOSTILE, HOSTILE, folder / "red.png"),
        ShownAsset("b", "no picture"),
    ]
    items = [PoolItem("q1", "red things", asset) for asset in assets]
    return Pool([*items, PoolItem("q2", "blue things", assets[0])])


@contextmanager
def running(server: BaseServer) -> Iterator[None]:
    """A server that answers, in a thread of its own."""
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()


@contextmanager
def served(pool: Pool, qrels: Path) -> Iterator[str]:
    """The page's address while it is served."""
    with judging_server(pool, qrels, 0) as server, running(server):
        yield server.url


@contextmanager
def elsewhere(folder: Path, target: str, body: str) -> Iterator[str]:
    """The address of a page of another program on this machine; its button sends the body."""
    start, end = map(html.escape, body.split("=", 1))
    (folder / "index.html").write_text(
        f'<form method="post" enctype="text/plain" action="{target}">'
        f'<input type="hidden" name="{start}" value="{end}"><button>Send</button></form>'
    )
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, running(server):
        yield f"http://127.0.0.1:{server.server_port}/"


def start(page: Page, url: str) -> None:
    """Open the page and wait until it has read the pool."""
    page.goto(url)
    expect(page.locator("#grades > *")).to_have_count(4)


def says(page: Page, progress: str) -> None:
    expect(page.locator("#progress")).to_have_text(progress)


def key(page: Page, key: str, progress_then: str) -> None:
    """Press a key and wait for what the page says of the progress."""
    page.keyboard.press(key)
    says(page, progress_then)


def grades(path: Path) -> Grades:
    return read_qrels(path).grades if path.exists() else {}


def test_judging_with_keys_undo_and_going_on_later(page: Page, tmp_path: Path) -> None:
    qrels = tmp_path / "qrels.txt"
    with served(a_pool(tmp_path), qrels) as url:
        start(page, url)
        expect(page.locator("#picture")).to_have_js_property("naturalWidth", 32)
        expect(page.locator("#query")).to_have_text("red things")
        expect(page.locator("#title")).to_have_text(HOSTILE)
        key(page, "2", "1 of 3 judged · this query: picture 2 of 2")
        assert grades(qrels) == {"q1": {"a/1": 2}}
        expect(page.locator("#no-picture")).to_be_visible()
        key(page, "u", "0 of 3 judged · this query: picture 1 of 2")
        assert grades(qrels) == {}
        key(page, "ArrowRight", "0 of 3 judged · this query: picture 2 of 2")
        key(page, "0", "1 of 3 judged · this query: picture 1 of 1")
        key(page, "7", "1 of 3 judged · this query: picture 1 of 1")  # No grade: nothing happens.
    with served(a_pool(tmp_path), qrels) as url:  # The next day.
        start(page, url)
        says(page, "1 of 3 judged · this query: picture 1 of 2")
        key(page, "n", "1 of 3 judged · this query: picture 1 of 1")
        key(page, "n", "1 of 3 judged · this query: picture 1 of 2")
        key(page, "3", "2 of 3 judged · this query: picture 1 of 1")
        page.locator('[data-grade="1"]').click()
        expect(page.locator("#done")).to_be_visible()
    assert grades(qrels) == {"q1": {"b": 0, "a/1": 3}, "q2": {"a/1": 1}}
    assert complaints(page) == []
    assert page.title() == "Judging"


def test_a_grade_that_was_not_saved_is_told_and_the_page_stays(page: Page, tmp_path: Path) -> None:
    qrels = tmp_path / "qrels.txt"
    with served(a_pool(tmp_path), qrels) as url:
        start(page, url)
        qrels.write_text("q1 0 other 1\n")
        page.keyboard.press("2")
        error = page.locator("#error")
        expect(error).to_be_visible()
        expect(error).to_contain_text("Not saved")
        expect(error).to_contain_text("changed by another program")
        says(page, "0 of 3 judged · this query: picture 1 of 2")


def test_a_page_from_elsewhere_cannot_judge(page: Page, tmp_path: Path) -> None:
    # Chromium keeps a page of the net from this machine; one of this machine reaches our server.
    qrels = tmp_path / "qrels.txt"
    body = json.dumps({"query_id": "q1", "asset_id": "b", "grade": 3, "=": ""})
    with served(a_pool(tmp_path), qrels) as url, elsewhere(tmp_path, f"{url}grade", body) as other:
        for address in ("data:text/html,elsewhere", other):
            page.goto(address)
            for mode, kind in (("no-cors", "text/plain"), ("cors", "application/json")):
                page.evaluate(POST, [f"{url}grade", mode, kind, body])
            assert page.evaluate(READ, f"{url}pool") == "kept out"
        page.get_by_role("button").click()
        expect(page.locator("body")).to_contain_text("Only the judging page may judge.")
    assert grades(qrels) == {}
