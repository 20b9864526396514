"""The newsroom page in trouble and in other clothes: errors, keys, languages, colours, widths."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Route

from services.api.keys import Keys, Scope
from tests.e2e.browser import Browser, Page, complaints, expect
from tests.e2e.desk import TILES, asked, search_for, serving, settled
from tests.service import built, settings_for

PROBLEM = {
    "type": "urn:hybridsearch:problem:index-unavailable",
    "title": "Index unavailable",
    "status": 503,
    "detail": "The archive cannot be asked right now.",
    "remedy": "Try again in a few seconds.",
    "request_id": "abc123",
}


@pytest.fixture
def keyed(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A service that asks for a key, and a key that opens it."""
    built(tmp_path)
    settings = settings_for(tmp_path, require_key=True)
    secret = Keys(settings.keys_file).add("desk", [Scope.SEARCH]).secret
    with serving(settings) as url:
        yield url, secret


def test_it_asks_no_other_server_and_nothing_is_wrong(page: Page, desk_url: str) -> None:
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url))
    asked(page, desk_url, "?q=Grace+Hopper")
    page.locator(f"{TILES} a").first.click()
    expect(page.locator("#detail .similar")).to_be_visible()
    assert {urlsplit(url).netloc for url in seen} == {urlsplit(desk_url).netloc}
    assert complaints(page) == []


def test_the_policy_lets_no_script_in(page: Page, desk_url: str) -> None:
    response = page.goto(desk_url)
    assert response is not None
    policy = response.headers["content-security-policy"]
    assert "script-src 'self';" in policy and "unsafe" not in policy
    settled(page)
    page.evaluate("document.body.append(Object.assign(document.createElement('p'), {id: 'try'}))")
    with pytest.raises(Exception, match="TrustedHTML"):
        page.evaluate("document.getElementById('try').innerHTML = '<b>made</b>'")
    assert page.locator("#try b").count() == 0


def test_an_error_is_told_with_its_remedy_and_can_be_tried_again(page: Page, desk_url: str) -> None:
    troubled = True

    def answer(route: Route) -> None:
        if troubled:
            body = json.dumps(PROBLEM)
            route.fulfill(status=503, body=body, content_type="application/problem+json")
        else:
            route.continue_()

    page.route("**/v1/search", answer)
    asked(page, desk_url, "?q=coffee")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("The archive cannot be asked right now.")
    expect(alert).to_contain_text("Try again in a few seconds.")
    expect(alert).to_contain_text("abc123")
    expect(page.locator("body.searching")).to_have_count(0)
    troubled = False
    alert.get_by_role("button", name="Try again").click()
    expect(page.locator(TILES).first).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_what_the_server_refuses_is_told_in_its_words(page: Page, desk_url: str) -> None:
    asked(page, desk_url, "?archive=nobody&q=cat")
    expect(page.get_by_role("alert")).to_contain_text("There is no archive 'nobody' here.")
    expect(page.get_by_role("alert")).to_contain_text("Choose from demo, crowd.")
    asked(page, desk_url, "?q=Hubble&asset=nobody")
    expect(page.locator("#detail")).to_contain_text("There is no asset 'nobody'")
    page.keyboard.press("Escape")
    expect(page.locator(TILES).first).to_be_visible()


def test_a_server_that_is_gone_is_told(page: Page, desk_url: str) -> None:
    asked(page, desk_url)
    page.context.set_offline(True)
    page.locator("#q").fill("Falcon")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("The server cannot be reached.")
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(TILES).first).to_have_attribute("data-id", "rocket.jpg")


def test_a_slow_server_is_spoken_of_and_can_be_stopped(page: Page, desk_url: str) -> None:
    asked(page, desk_url)
    page.clock.install()
    page.route("**/v1/search", lambda route: None)
    page.locator("#q").fill("Falcon")
    page.keyboard.press("Enter")
    expect(page.locator("body.searching")).to_have_count(1)
    page.clock.fast_forward(5000)
    expect(page.locator("#progress")).to_contain_text("Still searching.")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("body.searching")).to_have_count(0)
    expect(page.locator("#progress")).to_be_hidden()


def test_a_later_search_is_not_overwritten_by_an_earlier_one(page: Page, desk_url: str) -> None:
    asked(page, desk_url)
    held: list[Route] = []

    def answer(route: Route) -> None:
        if '"Hubble"' in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    page.route("**/v1/search", answer)
    page.locator("#q").fill("Hubble")
    page.keyboard.press("Enter")
    expect(page.locator("body.searching")).to_have_count(1)
    search_for(page, "Falcon")
    assert len(held) == 1
    expect(page.locator(TILES).first).to_have_attribute("data-id", "rocket.jpg")
    expect(page.locator("#q")).to_have_value("Falcon")


def test_where_a_key_is_needed_the_page_asks_for_it(page: Page, keyed: tuple[str, str]) -> None:
    url, secret = keyed
    page.goto(f"{url}/?q=fire")
    dialog = page.get_by_role("dialog", name="A key is needed")
    expect(dialog).to_be_visible()
    dialog.get_by_label("Key").fill("hs_wrong")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("does not open the archive")
    dialog.get_by_label("Key").fill(secret)
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(page.locator(TILES).first).to_have_attribute("data-id", "a")
    page.reload()
    expect(page.locator(TILES).first).to_have_attribute("data-id", "a")
    assert secret not in page.content()
    assert page.evaluate("document.cookie") == ""


@pytest.mark.parametrize("width", [320, 360, 768, 2560])
def test_the_page_is_never_wider_than_the_window(page: Page, desk_url: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    asked(page, desk_url, "?q=Grace+Hopper+in+uniform+date%3A1900-1999+-%22a+very+long+phrase%22")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator(f"{TILES} a").first.click()
    expect(page.locator("#detail-title")).to_be_visible()
    assert page.evaluate("document.getElementById('detail').scrollWidth") <= width


def test_on_a_narrow_screen_filters_slide_in(page: Page, desk_url: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    asked(page, desk_url)
    filters = page.get_by_role("complementary", name="Filters")
    expect(filters).to_be_hidden()
    page.get_by_role("button", name="Filters").click()
    expect(filters).to_be_visible()
    filters.get_by_role("checkbox", name="Canada").check()
    expect(page.locator("#chips")).to_contain_text("Canada")
    page.keyboard.press("Escape")
    expect(filters).to_be_hidden()
    expect(page.get_by_role("button", name="Filters")).to_be_focused()
    expect(page.get_by_role("button", name="Filters")).to_contain_text("1")


def test_colours_follow_the_system_and_the_reader(browser: Browser, desk_url: str) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    with browser.new_context(color_scheme="dark") as context:
        page = asked(context.new_page(), desk_url)
        assert page.evaluate(paper) == "rgb(22, 23, 26)"
        page.get_by_role("button", name="Settings").click()
        page.get_by_label("Light", exact=True).check()
        page.reload()
        assert page.evaluate(paper) == "rgb(255, 255, 255)"


def test_the_page_speaks_slovene_to_who_reads_it(browser: Browser, desk_url: str) -> None:
    with browser.new_context(locale="sl-SI") as context:
        page = context.new_page()
        asked(page, desk_url, "?filter=country%3Dunited+states")
        expect(page.locator("html")).to_have_attribute("lang", "sl")
        expect(page.locator("#count")).to_have_text("3 slike")
        page.get_by_role("button", name="Nastavitve").click()
        page.get_by_label("English").check()
        expect(page.locator("html")).to_have_attribute("lang", "en")
        expect(page.locator("#count")).to_have_text("3 pictures")
        assert complaints(page) == []


def test_what_the_server_notes_and_refuses_is_told_in_slovene_too(
    browser: Browser, desk_url: str
) -> None:
    with browser.new_context(locale="sl-SI") as context:
        page = context.new_page()
        asked(page, desk_url, "?q=zeppelin+date:foo")
        expect(page.locator("#notes")).to_contain_text("“date:foo” ni datum in se bere kot besede")
        expect(page.locator("#notes")).to_contain_text(
            "V nobenem podnapisu ali polju: “zeppelin”, “foo”."
        )
        asked(page, desk_url, "?q=is:portrait&filter=orientation%3Dportrait")
        expect(page.locator("#chips .chip-text")).to_have_text(["pokončna", "pokončna"])
        expect(page.get_by_role("group", name="Oblika").get_by_role("checkbox")).to_be_checked()
        asked(page, desk_url, "?archive=nobody&q=cat")
        expect(page.get_by_role("alert")).to_contain_text("Tega arhiva ni.")
        expect(page.get_by_role("alert").locator("[lang=en]").first).to_contain_text("no archive")
        asked(page, desk_url, "?q=Hubble&asset=nobody")
        expect(page.locator("#detail")).to_contain_text("Te slike ni v arhivu.")
