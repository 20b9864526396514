"""One picture in full on the newsroom page, and searching by pictures."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import FilePayload

from tests.builders import png
from tests.e2e.browser import Browser, Page, complaints, expect
from tests.e2e.desk import TILES, asked, ids, search_for, settled

DROP = """([kind, text, type]) => {
    const bytes = Uint8Array.from(atob(text), (each) => each.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], 'from-desk.jpg', {type}));
    const event = kind === 'paste'
        ? new ClipboardEvent('paste', {clipboardData: transfer, bubbles: true})
        : new DragEvent(kind, {dataTransfer: transfer, bubbles: true, cancelable: true});
    document.body.dispatchEvent(event);
}"""


@pytest.fixture
def copying(browser: Browser, desk_url: str) -> Page:
    """A page that may read what it copied; closed with its browser."""
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    return context.new_page()


def copied(page: Page) -> str:
    text: str = page.evaluate("navigator.clipboard.readText()")
    return text


def test_all_fields_are_shown_and_rights_come_first(page: Page, desk_url: str) -> None:
    asked(page, desk_url, "?q=Grace+Hopper")
    page.locator(f"{TILES} a").first.click()
    detail = page.locator("#detail")
    expect(detail.locator("#detail-title")).to_have_text(
        "Commodore Grace Hopper, official portrait"
    )
    sections = detail.locator("section h3").all_text_contents()
    assert sections[:3] == ["Rights", "Why it is here", "About the picture"]
    rights = detail.locator(".rights")
    expect(rights.locator("dt")).to_have_text(
        ["Copyright", "Credit", "Usage terms", "Photographer", "Source"]
    )
    expect(rights.locator("dd")).to_have_text(
        ["not stated", "United States Navy", "public domain", "James S. Davis", "not stated"]
    )
    about = detail.locator("section", has_text="About the picture").first
    for told in ("Grace Hopper", "Jan 20, 1984", "computer science", "512 × 600", "image/jpeg"):
        expect(about).to_contain_text(told)
    expect(detail.locator(".reasons")).to_contain_text("“Grace”, “Hopper”")
    expect(detail.locator(".canvas.loaded")).to_be_visible()
    assert detail.locator(".large").evaluate("each => each.naturalWidth") == 512
    assert complaints(page) == []


def test_caption_credit_and_link_are_copied(copying: Page, desk_url: str) -> None:
    asked(copying, desk_url, "?q=Grace+Hopper")
    copying.locator(f"{TILES} a").first.click()
    copying.get_by_role("button", name="Copy caption").click()
    expect(copying.locator("#toast")).to_contain_text("Copied: Grace Hopper, computer scientist")
    assert copied(copying).startswith("Grace Hopper, computer scientist and officer")
    copying.keyboard.press("r")
    expect(copying.locator("#toast")).to_contain_text("Copied: James S. Davis / United States Navy")
    assert copied(copying) == "James S. Davis / United States Navy"
    copying.keyboard.press("l")
    expect(copying.locator("#toast")).to_contain_text("asset=grace_hopper.jpg")
    assert copied(copying) == copying.url
    copying.context.close()


def test_keys_alone_go_from_search_to_picture_and_back(page: Page, desk_url: str) -> None:
    asked(page, desk_url)
    page.keyboard.press("ArrowRight")
    expect(page.locator(TILES).first.locator("a")).to_be_focused()
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("Grace Hopper")
    page.keyboard.press("Enter")
    settled(page)
    page.keyboard.press("Escape")
    tiles = page.locator(TILES)
    expect(tiles.nth(0).locator("a")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(tiles.nth(1).locator("a")).to_be_focused()
    page.keyboard.press("ArrowDown")
    below, right = (page.locator(":focus").bounding_box(), tiles.nth(1).bounding_box())
    assert below and right and below["y"] > right["y"]
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(page.locator("#detail .place")).to_have_text("1 of 23")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#detail .place")).to_have_text("2 of 23")
    second = ids(page, 2)[1]
    assert f"asset={second}" in page.url
    page.keyboard.press("Escape")
    expect(page.locator("#detail")).to_be_hidden()
    expect(tiles.nth(1).locator("a")).to_be_focused()
    assert "asset" not in page.url and "Grace+Hopper" in page.url
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Help")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    expect(page.locator("#facets input").first).to_be_focused()


def test_the_grid_follows_what_was_looked_at(page: Page, desk_url: str) -> None:
    asked(page, desk_url, "?archive=crowd&q=cutting")
    page.locator(f"{TILES} a").first.click()
    for place in range(2, 64):
        page.keyboard.press("ArrowRight")
        expect(page.locator("#detail .place")).to_contain_text(f"{place} of")
    page.keyboard.press("Escape")
    tile = page.locator(TILES).nth(62)
    expect(tile.locator("a")).to_be_focused()
    expect(tile).to_be_in_viewport()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(TILES).nth(61).locator("a")).to_be_focused()


def test_single_keys_can_be_turned_off(page: Page, desk_url: str) -> None:
    asked(page, desk_url)
    page.keyboard.press("?")
    page.get_by_label("Single keys are on").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#q")).not_to_be_focused()
    asked(page, desk_url)
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_hidden()


def test_a_link_restores_everything(page: Page, desk_url: str) -> None:
    link = "?archive=crowd&q=cutting&filter=city%3Dkoper&since=1940&until=1999&order=newest&n=90"
    asked(page, desk_url, link)
    third = ids(page, 3)[2]
    asked(page, desk_url, f"{link}&asset={quote(third)}")
    expect(page.locator("#detail .place")).to_contain_text("3 of")
    expect(page.locator("#detail .reasons")).to_contain_text("Why it is here")
    expect(page.get_by_role("button", name="Previous picture")).to_be_enabled()
    page.keyboard.press("Escape")
    expect(page.locator("#q")).to_have_value("cutting")
    expect(page.locator("#order")).to_have_value("newest")
    expect(page.locator("#chips .chip")).to_have_count(3)
    expect(page.get_by_label("Archive")).to_have_value("crowd")
    expect(
        page.get_by_role("group", name="City").get_by_label(re.compile("^Koper"))
    ).to_be_checked()


def test_back_goes_through_what_was_looked_at(page: Page, desk_url: str) -> None:
    asked(page, desk_url)
    search_for(page, "Hubble")
    page.locator(f"{TILES} a").first.click()
    expect(page.locator("#detail")).to_be_visible()
    page.locator("#detail").get_by_role("link", name="NASA", exact=True).click()
    expect(page.locator("#detail")).to_be_hidden()
    expect(page.locator("#chips .chip")).to_contain_text("NASA")
    page.go_back()
    expect(page.locator("#detail-title")).to_have_text("Hubble eXtreme Deep Field")
    page.go_back()
    expect(page.locator("#detail")).to_be_hidden()
    expect(page.locator("#q")).to_have_value("Hubble")
    page.go_back()
    expect(page.locator("#count")).to_have_text("Newest in the archive")


def test_near_duplicates_stand_apart_from_what_is_only_similar(page: Page, desk_url: str) -> None:
    asked(page, desk_url, "?archive=crowd&q=%22printed+again%22")
    page.locator(f"{TILES} a").first.click()
    duplicates = page.locator("#detail .duplicates a")
    expect(duplicates).to_have_count(1)
    expect(page.locator("#detail .similar a").first).to_be_visible()
    duplicates.click()
    expect(page.locator("#detail-title")).to_contain_text("Cutting 3 of")
    expect(page.locator("#detail .duplicates a")).to_have_attribute("title", "Printed again")
    page.get_by_role("button", name="Find similar").click()
    expect(page.locator("#detail")).to_be_hidden()
    expect(page.locator("#chips .chip")).to_contain_text("crowd/0003")
    settled(page)
    assert ids(page, 1) == ["twin"]


def test_an_entry_without_a_picture_is_shown_by_its_words(page: Page, desk_url: str) -> None:
    asked(page, desk_url, "?archive=crowd&q=lighthouse")
    tile = page.locator(TILES).first
    expect(tile.locator(".frame.words")).to_contain_text("the lighthouse")
    tile.locator("a").click()
    expect(page.locator("#detail")).to_contain_text("words only, no picture")


@pytest.mark.parametrize("kind", ["drop", "paste"])
def test_a_picture_that_is_given_is_searched_by(
    page: Page, desk_url: str, desk_folder: Path, kind: str
) -> None:
    asked(page, desk_url)
    data = (desk_folder / "demo" / "coffee.png").read_bytes()
    if kind == "drop":
        page.evaluate(DROP, ["dragover", "", "image/png"])
        expect(page.locator("#drop")).to_be_visible()
    page.evaluate(DROP, [kind, base64.b64encode(data).decode(), "image/png"])
    expect(page.locator("#chips .chip.picture")).to_contain_text("from-desk.jpg")
    expect(page.locator("#drop")).to_be_hidden()
    settled(page)
    assert ids(page, 1) == ["coffee.png"]
    expect(page.locator(TILES).first.locator(".why")).to_contain_text("likeness #1")


def test_a_picture_and_words_together_outlast_a_reload(
    page: Page, desk_url: str, desk_folder: Path
) -> None:
    asked(page, desk_url)
    page.locator("#file").set_input_files(desk_folder / "demo" / "rocket.jpg")
    expect(page.locator("#chips .chip.picture")).to_contain_text("rocket.jpg")
    settled(page)
    search_for(page, "Hubble galaxies")
    assert "hubble_deep_field.jpg" in ids(page, 3)
    assert "rocket.jpg" in ids(page, 3)
    page.reload()
    settled(page)
    expect(page.locator("#chips .chip.picture")).to_contain_text("rocket.jpg")
    expect(page.locator("#chips .chip")).to_have_count(2)


def test_a_link_with_a_picture_says_that_it_lacks_it(page: Page, desk_url: str) -> None:
    asked(page, desk_url, "?picture=elsewhere&q=coffee")
    expect(page.locator("#chips .chip.picture")).to_contain_text("not part of this link")


def test_a_file_that_is_no_picture_is_refused_well(page: Page, desk_url: str) -> None:
    asked(page, desk_url, "?q=coffee")
    before = ids(page, 3)
    broken = FilePayload(name="x.jpg", mimeType="image/jpeg", buffer=png("red")[:60])
    page.locator("#file").set_input_files(broken)
    expect(page.locator("#toast")).to_contain_text("The picture cannot be read.")
    expect(page.locator("#toast")).to_contain_text("Choose a JPEG, PNG, WebP or GIF file.")
    assert ids(page, 3) == before


def test_a_document_that_is_dropped_is_refused_well(page: Page, desk_url: str) -> None:
    asked(page, desk_url, "?q=coffee")
    page.evaluate(DROP, ["drop", base64.b64encode(b"%PDF-1.7").decode(), "application/pdf"])
    expect(page.locator("#toast")).to_contain_text("The picture cannot be read.")
    expect(page.locator("#drop")).to_be_hidden()
