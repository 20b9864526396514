"""The newsroom page's grid with a thousand thumbnails: nothing jumps, little is drawn."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Route

from tests.e2e.browser import Page, complaints, expect
from tests.e2e.desk import TILES, asked

SHIFTS = """() => {
    window.shifts = [];
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
            if (entry.hadRecentInput) continue;
            const moved = entry.sources.map(({node}) => node?.id || node?.className);
            window.shifts.push(`${moved} by ${entry.value}`);
        }
    }).observe({type: 'layout-shift', buffered: true});
}"""
BOXES = """(tiles) => tiles.map((tile) => {
    const {left, right, top, bottom} = tile.getBoundingClientRect();
    const frame = tile.querySelector('.frame').getBoundingClientRect();
    return {left, right, top: top + scrollY, bottom: bottom + scrollY,
            wide: frame.width, high: frame.height};
})"""


def boxes(page: Page) -> list[dict[str, float]]:
    """Where the tiles are, in the page."""
    found: list[dict[str, float]] = page.locator(TILES).evaluate_all(BOXES)
    return found


def rows_of(found: list[dict[str, float]]) -> list[list[dict[str, float]]]:
    rows: dict[float, list[dict[str, float]]] = {}
    for box in found:
        rows.setdefault(round(box["top"]), []).append(box)
    return list(rows.values())


def to_the_end(page: Page) -> None:
    """Scroll on as a reader does, until there is no more."""
    page.mouse.move(700, 500)
    for _ in range(400):
        if "first 1,000" in (page.locator("#end").text_content() or ""):
            return
        page.mouse.wheel(0, 1600)
        page.wait_for_timeout(20)
    raise AssertionError(page.locator("#end").text_content())


def scrolled_to(page: Page, y: float) -> None:
    """Wait until the page is there; its policy forbids waiting inside it."""
    for _ in range(200):
        if page.evaluate("scrollY") == pytest.approx(y, abs=1):
            return
        page.wait_for_timeout(25)
    raise AssertionError(page.evaluate("scrollY"))


def test_a_thousand_thumbnails_scroll_without_a_jump(page: Page, desk_url: str) -> None:
    page.set_viewport_size({"width": 1400, "height": 900})
    asked(page, desk_url, "?q=cutting&archive=crowd")
    page.evaluate(SHIFTS)
    before = boxes(page)
    to_the_end(page)
    expect(page.locator(TILES)).to_have_count(1000)
    places = boxes(page)
    for one, other in zip(before, places, strict=False):
        assert other == pytest.approx(one, abs=0.5)
    assert page.evaluate("shifts") == []
    assert page.evaluate("document.querySelectorAll('*').length") < 20_000
    drawn: int = page.locator(TILES).evaluate_all(
        "(tiles) => tiles.filter((each) => each.firstElementChild.checkVisibility("
        "{contentVisibilityAuto: true})).length"
    )
    assert 0 < drawn < 200
    assert "n=1000" in page.url
    assert complaints(page) == []


def test_pictures_are_asked_for_when_they_come_into_sight(page: Page, desk_url: str) -> None:
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url))
    asked(page, desk_url, "?q=cutting&archive=crowd&n=400")
    expect(page.locator(TILES).nth(300)).to_be_attached()
    page.wait_for_timeout(300)
    assert 5 < sum("/thumbnails/" in url for url in seen) < 200


@pytest.mark.parametrize("width", [360, 1280, 2560])
def test_rows_are_justified_and_pictures_keep_their_proportions(
    page: Page, desk_url: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    asked(page, desk_url, "?filter=city%3Dkoper&archive=crowd&n=60")
    grid = page.locator("#grid").bounding_box()
    assert grid is not None
    rows = rows_of(boxes(page))
    assert len(rows) > 2
    for row in rows:
        assert len({round(box["high"], 1) for box in row}) == 1
        assert row[0]["left"] == pytest.approx(grid["x"], abs=1)
        assert row[-1]["right"] == pytest.approx(grid["x"] + grid["width"], abs=1)
        assert all(one["right"] <= other["left"] for one, other in pairwise(row))
    shapes: list[dict[str, Any]] = page.locator(f"{TILES} img").evaluate_all(
        "(images) => images.filter((each) => each.naturalWidth).map((each) => ({"
        "shown: each.clientWidth / each.clientHeight, "
        "real: each.naturalWidth / each.naturalHeight}))"
    )
    assert shapes
    for shape in shapes:
        assert shape["shown"] == pytest.approx(shape["real"], rel=0.03)


def test_a_large_screen_is_filled_without_scrolling(page: Page, desk_url: str) -> None:
    page.context.add_cookies([{"name": "size", "value": "small", "url": desk_url}])
    page.set_viewport_size({"width": 2560, "height": 2400})
    asked(page, desk_url, "?q=cutting&archive=crowd")
    expect(page.locator(TILES).nth(150)).to_be_attached()
    assert max(box["bottom"] for box in boxes(page)) > 2400


def test_a_thumbnail_that_did_not_come_is_asked_for_again(page: Page, desk_url: str) -> None:
    asked_for = 0

    def refused_once(route: Route) -> None:
        nonlocal asked_for
        asked_for += 1
        if asked_for == 1:
            route.fulfill(status=429)
        else:
            route.continue_()

    page.route("**/v1/thumbnails/grace_hopper.jpg*", refused_once)
    asked(page, desk_url, "?q=Grace+Hopper")
    image = page.locator(f"{TILES} img").first
    expect(image).not_to_have_js_property("naturalWidth", 0)
    assert asked_for == 2


def test_the_size_of_pictures_is_the_readers_choice(page: Page, desk_url: str) -> None:
    asked(page, desk_url, "?filter=city%3Dkoper&archive=crowd")
    medium = boxes(page)[0]["high"]
    page.get_by_role("button", name="Settings").click()
    page.get_by_label("Large").check()
    page.get_by_role("button", name="Close").click()
    assert boxes(page)[0]["high"] > medium * 1.2
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-size", "large")


def test_back_returns_to_where_the_reader_was(page: Page, desk_url: str) -> None:
    asked(page, desk_url, "?q=cutting&archive=crowd")
    page.mouse.move(700, 500)
    while page.locator(TILES).count() < 150:
        page.mouse.wheel(0, 1200)
        page.wait_for_timeout(30)
    page.wait_for_timeout(200)
    before = page.evaluate("scrollY")
    page.locator("#order").select_option("newest")
    expect(page.locator("#order")).to_have_value("newest")
    scrolled_to(page, 0)
    page.go_back()
    expect(page.locator("#order")).to_have_value("relevance")
    scrolled_to(page, before)
