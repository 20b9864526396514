"""The judging page in a real browser: Chromium, driven over a pipe, standard library only."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

from eval.evaluation import ShownAsset
from eval.pool import Pool, PoolItem, judging_server
from eval.qrels import Grades, read_qrels
from tests.builders import png

FLAGS = (
    "--headless",
    "--no-sandbox",  # Tests run in containers, as root.
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--remote-debugging-pipe",
)
PATIENCE = 30.0

_RENUMBER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.dup2(int(sys.argv[2]), 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


def a_chromium(folder: Path) -> Chromium:
    """A Chromium with a profile in ``folder``; skips the test, saying why, where none is."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None or sys.platform == "win32":
        pytest.skip("no Chromium is installed (apt-get install chromium)")
    return Chromium(path, folder / "profile")


def _pipe() -> tuple[int, int]:
    """A pipe whose descriptors are out of the way of those that Chromium speaks over."""
    ends = os.pipe()
    moved = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends]
    for end in ends:
        os.close(end)
    return moved[0], moved[1]


class Chromium:
    """One tab of a headless Chromium, spoken to in the DevTools protocol over file descriptors.

    With ``--remote-debugging-pipe`` Chromium reads requests from descriptor 3 and writes answers
    to 4, each a JSON text that ends with a zero byte.
    """

    def __init__(self, path: str, profile: Path) -> None:
        to_browser, self._requests = _pipe()
        self._answers, from_browser = _pipe()
        renumber = [sys.executable, "-c", _RENUMBER, str(to_browser), str(from_browser)]
        self._process = subprocess.Popen(
            [*renumber, path, *FLAGS, f"--user-data-dir={profile}", "about:blank"],
            pass_fds=(to_browser, from_browser),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        self._read = b""
        self._number = 0
        self.events: deque[dict[str, Any]] = deque(maxlen=2000)
        self._session: str | None = None
        self._session = self._attach()

    def __enter__(self) -> Chromium:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._requests)  # Chromium ends when its pipe does.
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._answers)

    def call(self, method: str, **parameters: Any) -> Any:
        """One request of the protocol and its answer."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._requests, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer["error"]
                return answer["result"]
            self.events.append(answer)

    def open(self, url: str) -> None:
        """Go to an address and wait until it is loaded."""
        self.call("Page.navigate", url=url)
        self.wait_for("document.readyState === 'complete' && location.href !== 'about:blank'")

    def value(self, script: str) -> Any:
        """What an expression in the page gives."""
        answer = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait_for(self, script: str) -> None:
        """Until an expression in the page is true."""
        end = time.monotonic() + PATIENCE
        while not self.value(script):
            assert time.monotonic() < end, f"never came true: {script}"
            time.sleep(0.02)

    def press(self, key: str, code: int = 0, text: str = "") -> None:
        """A key, down and up, as a keyboard sends it."""
        for kind in ("keyDown", "keyUp"):
            written = {"text": text} if text and kind == "keyDown" else {}
            self.call(
                "Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code, **written
            )

    def complaints(self) -> list[str]:
        """What the browser found wrong with the page."""
        wrong = ("Log.entryAdded", "Runtime.exceptionThrown")
        return [json.dumps(each["params"]) for each in self.events if each["method"] in wrong]

    def requests(self) -> list[str]:
        """Every address the browser asked for."""
        return [
            each["params"]["request"]["url"]
            for each in self.events
            if each["method"] == "Network.requestWillBeSent"
        ]

    def _attach(self) -> str:
        targets = self.call("Target.getTargets")["targetInfos"]
        page = next(each for each in targets if each["type"] == "page")
        attached = self.call("Target.attachToTarget", targetId=page["targetId"], flatten=True)
        self._session = str(attached["sessionId"])
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")
        return self._session

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._read:
            part = os.read(self._answers, 1 << 20)
            assert part, "Chromium has ended"
            self._read += part
        one, self._read = self._read.split(b"\0", 1)
        found: dict[str, Any] = json.loads(one)
        return found


HOSTILE = "<img src=x onerror='document.title=1'><script>document.title=1</script>"


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
def served(pool: Pool, qrels: Path) -> Iterator[str]:
    """The page's address while it is served."""
    with judging_server(pool, qrels, 0) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server.url
        finally:
            server.shutdown()
            thread.join()


def start(page: Chromium, url: str) -> None:
    """Open the page and wait until it has read the pool."""
    page.open(url)
    page.wait_for("document.getElementById('grades').childElementCount === 4")


def progress(page: Chromium) -> str:
    return str(page.value("document.getElementById('progress').textContent"))


def key(page: Chromium, key: str, progress_then: str) -> None:
    """Press a key and wait for what the page says of the progress."""
    page.press(key)
    page.wait_for(f"document.getElementById('progress').textContent.startsWith({progress_then!r})")


def grades(path: Path) -> Grades:
    return read_qrels(path).grades if path.exists() else {}


def test_judging_with_keys_undo_and_going_on_later(tmp_path: Path) -> None:
    qrels = tmp_path / "qrels.txt"
    with a_chromium(tmp_path) as page:
        with served(a_pool(tmp_path), qrels) as url:
            start(page, url)
            page.wait_for("document.getElementById('picture').naturalWidth > 0")
            assert page.value("document.getElementById('query').textContent") == "red things"
            assert page.value("document.getElementById('title').textContent") == HOSTILE
            key(page, "2", "1 of 3 judged · this query: picture 2 of 2")
            assert grades(qrels) == {"q1": {"a/1": 2}}
            assert page.value("!document.getElementById('no-picture').hidden")
            key(page, "u", "0 of 3 judged · this query: picture 1 of 2")
            assert grades(qrels) == {}
            key(page, "ArrowRight", "0 of 3 judged · this query: picture 2 of 2")
            key(page, "0", "1 of 3 judged · this query: picture 1 of 1")
            key(page, "7", "1 of 3")  # No grade: nothing happens.
        with served(a_pool(tmp_path), qrels) as url:  # The next day.
            start(page, url)
            assert progress(page).startswith("1 of 3 judged · this query: picture 1 of 2")
            key(page, "n", "1 of 3 judged · this query: picture 1 of 1")
            key(page, "n", "1 of 3 judged · this query: picture 1 of 2")
            key(page, "3", "2 of 3 judged · this query: picture 1 of 1")
            page.value("document.querySelector('[data-grade=\"1\"]').click()")
            page.wait_for("!document.getElementById('done').hidden")
        assert grades(qrels) == {"q1": {"b": 0, "a/1": 3}, "q2": {"a/1": 1}}
        assert page.complaints() == []
        assert page.value("document.title") == "Judging"


def test_a_grade_that_was_not_saved_is_told_and_the_page_stays(tmp_path: Path) -> None:
    qrels = tmp_path / "qrels.txt"
    with a_chromium(tmp_path) as page, served(a_pool(tmp_path), qrels) as url:
        start(page, url)
        qrels.write_text("q1 0 other 1\n")
        page.press("2")
        page.wait_for("!document.getElementById('error').hidden")
        said = page.value("document.getElementById('error').textContent")
        assert "Not saved" in said
        assert "changed by another program" in said
        assert progress(page).startswith("0 of 3 judged · this query: picture 1 of 2")


def test_a_page_from_elsewhere_cannot_judge(tmp_path: Path) -> None:
    qrels = tmp_path / "qrels.txt"
    body = json.dumps({"query_id": "q1", "asset_id": "b", "grade": 3})
    with a_chromium(tmp_path) as page, served(a_pool(tmp_path), qrels) as url:
        page.open("data:text/html,elsewhere")
        for mode, kind in (("no-cors", "text/plain"), ("cors", "application/json")):
            page.value(
                f"fetch({url + 'grade'!r}, {{method: 'POST', mode: {mode!r}, body: {body!r},"
                f" headers: {{'Content-Type': {kind!r}}}}}).then(() => 1, () => 0)"
            )
        assert page.value(f"fetch({url + 'pool'!r}).then(() => 'read', () => 'kept out')") == (
            "kept out"
        )
    assert grades(qrels) == {}
