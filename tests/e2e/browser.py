"""A real browser for tests: Chromium, driven by Playwright.

``browser`` and ``page`` are fixtures; a test module gets them by importing ``browser_fixture``
and ``page_fixture``. The browser lives as long as the module: while Playwright runs, the thread
has a running event loop, and no other test may find it there.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

pytest.importorskip("playwright", reason="playwright is not installed (pip install playwright)")

from playwright.sync_api import Browser, Error, Page, Playwright, expect, sync_playwright

__all__ = ["HOSTILE", "Browser", "Page", "browser_fixture", "complaints", "expect", "page_fixture"]

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",  # Tests run in containers, as root.
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
)
PATIENCE = 30_000  # Milliseconds, as Playwright counts.

HOSTILE = "<img src=x onerror='document.title=1'><script>document.title=1</script>"


@pytest.fixture(name="browser", scope="module")
def browser_fixture() -> Iterator[Browser]:
    """A headless Chromium; skips the test, saying why, where none is installed."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright, _launched(playwright) as browser:
        yield browser


@pytest.fixture(name="page")
def page_fixture(browser: Browser) -> Iterator[Page]:
    """A tab with a profile of its own."""
    with browser.new_page() as page:
        yield page


def complaints(page: Page) -> list[str]:
    """What the browser or the page itself found wrong, over all addresses it was at."""
    said = [each.text for each in page.console_messages(filter="all")]
    return said + [str(each) for each in page.page_errors(filter="all")]


def _launched(playwright: Playwright) -> Browser:
    """The system's own Chromium or the one that Playwright has installed."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    try:
        return playwright.chromium.launch(executable_path=path, args=FLAGS, timeout=PATIENCE)
    except Error as error:
        if path is None and "Executable doesn't exist" in error.message:
            pytest.skip("no Chromium is installed (apt-get install chromium)")
        raise
