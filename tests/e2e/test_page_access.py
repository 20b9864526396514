"""axe-core finds nothing wrong with the newsroom page (WCAG 2.2 AA and best practices)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip(
    "axe_playwright_python", reason="axe-core comes with axe-playwright-python (hybridsearch[dev])"
)

from axe_playwright_python.sync_playwright import Axe

from tests.e2e.browser import Browser, Page, expect
from tests.e2e.desk import TILES, asked

RULES = {
    "runOnly": [
        "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice",
    ]
}  # fmt: skip


def looked(page: Page) -> None:
    pass


def opened(page: Page) -> None:
    page.locator(f"{TILES} a").first.click()
    expect(page.locator("#detail .similar")).to_be_visible()


def filters(page: Page) -> None:
    page.get_by_role("button", name="Filters").click()


def widened(page: Page) -> None:
    page.get_by_role("group", name="Collection").get_by_role("button", name="More").click()
    expect(page.get_by_role("searchbox", name="Find in: Collection")).to_be_focused()


def helped(page: Page) -> None:
    page.keyboard.press("?")


def chose(page: Page) -> None:
    page.get_by_role("button", name=re.compile("Settings")).click()


def locked(page: Page) -> None:
    page.evaluate("document.getElementById('key-dialog').showModal()")


def typed(page: Page) -> None:
    page.locator("#q").press_sequentially("gra")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")


STATES: dict[str, tuple[str, int, Callable[[Page], None]]] = {
    "welcome": ("", 1280, looked),
    "results": ("?q=Grace+Hoper+-cat&filter=country%3Dunited+states", 1280, looked),
    "narrow": ("?q=Grace+Hopper+in+uniform", 360, looked),
    "detail": ("?q=Grace+Hopper", 1280, opened),
    "narrow detail": ("?q=Grace+Hopper", 360, opened),
    "filters": ("?q=Grace+Hopper", 360, filters),
    "all values": ("?archive=crowd", 1280, widened),
    "suggestions": ("", 1280, typed),
    "help": ("", 1280, helped),
    "settings": ("", 1280, chose),
    "key": ("", 1280, locked),
    "nothing": ("?q=%22purple+elephant%22+date%3A1512", 1280, looked),
    "error": ("?q=cat&archive=nobody", 1280, looked),
}


IN_THE_DARK = ("results", "detail", "filters", "error")
"""Only colours differ there, and these states show them all."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser: Browser, desk_url: str, scheme: Any) -> None:
    found: list[str] = []
    states = IN_THE_DARK if scheme == "dark" else tuple(STATES)
    with browser.new_context(color_scheme=scheme, reduced_motion="reduce") as context:
        page = context.new_page()
        for name in states:
            query, width, act = STATES[name]
            page.set_viewport_size({"width": width, "height": 900})
            asked(page, desk_url, query)
            act(page)
            results = Axe().run(page, options=RULES).response
            assert len(results["passes"]) > 15
            found += [
                f"{name}: {rule['id']}: {node['target']} {node['failureSummary']}"
                for rule in results["violations"]
                for node in rule["nodes"]
            ]
    assert found == []
