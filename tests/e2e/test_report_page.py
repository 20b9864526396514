"""The report's page in a real browser, opened as a file."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from eval.evaluation import ShownAsset
from eval.report import write_report
from tests.builders import png
from tests.e2e.browser import (
    HOSTILE,
    Browser,
    Page,
    complaints,
    expect,
)
from tests.evaluations import made_evaluation

LINES = "#query-list > li"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where the report is."""
    folder = tmp_path_factory.mktemp("page")
    made = made_evaluation()
    (folder / "red.png").write_bytes(png("red"))
    assets = {
        key: ShownAsset(key, HOSTILE, asset.caption, folder / "red.png")
        for key, asset in made.assets.items()
    }
    return write_report(replace(made, assets=assets), folder / "out").as_uri()


@pytest.fixture
def report(page: Page, address: str) -> Page:
    """The report, just opened."""
    page.goto(f"{address}#means")
    expect(page.locator(LINES)).to_have_count(36)
    return page


def gaps(report: Page) -> list[float]:
    """The differences of the lines, from top to bottom."""
    return [float(each.replace("−", "-")) for each in report.locator(".gap").all_text_contents()]


def test_it_asks_the_network_for_nothing_and_nothing_is_wrong(page: Page, address: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}#means")
    expect(page.locator(LINES)).to_have_count(36)
    assert asked
    assert all(url.startswith(("file:", "data:")) for url in asked)
    assert complaints(page) == []


def test_a_query_is_drawn_when_it_is_opened(report: Page) -> None:
    cards = report.locator(".card")
    assert cards.count() == 0
    report.locator(".query > summary").first.click()
    expect(cards).to_have_count(50)
    cards.first.scroll_into_view_if_needed()
    expect(cards.first.locator("img")).not_to_have_js_property("naturalWidth", 0)
    expect(cards.locator(".title").first).to_have_text(HOSTILE)
    expect(cards.locator(".title img")).to_have_count(0)
    expect(report.locator(".query[open] mark")).not_to_have_count(0)
    assert report.title() != "1"


def test_filter_class_and_measure(report: Page) -> None:
    lines = report.locator(LINES)
    report.locator("#filter").fill("mixture-1")
    expect(lines).to_have_count(3)  # mixture-1, -10 and -11.
    report.locator("#filter").fill("")
    report.locator("#class").select_option("name")
    expect(lines).to_have_count(12)
    shown = report.locator("#curves .pair:not([hidden])")
    expect(shown).to_have_count(1)
    expect(shown).to_have_attribute("data-class", "name")
    report.locator("#measure").select_option("RR")
    expect(report.locator("#regret [data-no-measure]")).to_be_visible()
    expect(report.locator("#means [data-measure=RR]").first).to_be_visible()


def test_lines_are_sorted_by_difference(report: Page) -> None:
    falling = gaps(report)
    assert falling == sorted(falling, reverse=True)
    report.locator("#sort").select_option("up")
    rising = gaps(report)
    assert rising == sorted(rising)


def test_the_bars_are_moved_over_with_keys_and_open_the_query(report: Page) -> None:
    frame = report.locator(".bars-frame")
    frame.focus()
    report.keyboard.press("End")
    report.keyboard.press("ArrowLeft")
    expect(frame).to_have_attribute("aria-valuenow", "35")
    expect(frame).to_have_attribute("aria-valuetext", re.compile("planner"))
    report.keyboard.press("Enter")
    expect(report.locator(".query[open]")).to_have_count(1)
    expect(report.locator(".query[open] > summary")).to_be_focused()


def test_an_address_opens_its_query(report: Page) -> None:
    report.evaluate("location.hash = '#q-description-3'")
    expect(report.locator("#q-description-3")).to_have_attribute("open", "")


@pytest.mark.parametrize("width", [360, 768, 1600])
def test_the_page_is_never_wider_than_the_window(report: Page, width: int) -> None:
    report.set_viewport_size({"width": width, "height": 800})
    report.locator(".query > summary").first.click()
    expect(report.locator(".card")).to_have_count(50)
    assert report.evaluate("window.innerWidth") == width
    assert report.evaluate("document.documentElement.scrollWidth") <= width


def test_without_script_the_figures_are_all_there(browser: Browser, address: str) -> None:
    with browser.new_page(java_script_enabled=False) as page:
        page.goto(address)
        html = page.content()
        expect(page.locator("[data-measure]:visible")).to_have_count(1 + 6 + 1)
    assert html.count('data-measure="') == 1 + 6 + 1
    assert "need the page's script" in html
