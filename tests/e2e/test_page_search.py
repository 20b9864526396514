"""Searching on the newsroom page: what was understood, filters, dates, suggestions."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route

from tests.e2e.browser import HOSTILE, Page, complaints, expect
from tests.e2e.desk import BOXES, TILES, asked, ids, search_for, settled

CHIP = "#chips .chip"


@pytest.fixture
def desk(page: Page, desk_url: str) -> Page:
    """The page, just opened, over the demo's photographs."""
    return asked(page, desk_url)


def test_a_name_is_found_and_said_to_be_one(desk: Page) -> None:
    search_for(desk, "Grace Hopper in uniform")
    assert ids(desk, 1) == ["grace_hopper.jpg"]
    expect(desk.locator(f"{CHIP}.name")).to_contain_text("Grace Hopper")
    expect(desk.locator(CHIP).nth(1)).to_contain_text("in uniform")
    first = desk.locator(TILES).first
    expect(first.locator("mark").first).to_have_text("Grace")
    expect(first.locator(".why")).to_contain_text("people")
    desk.get_by_role("button", name="Trial encoder").click()
    expect(desk.locator("#about-encoder")).to_contain_text("for trying out")
    assert complaints(desk) == []


def test_every_kind_of_chip_can_be_taken_away(desk: Page) -> None:
    search_for(desk, '"Hubble" galaxies -cat date:2012 has:headline org:nasa')
    kinds = [
        re.sub(r"^chip ", "", str(each.get_attribute("class"))) for each in desk.locator(CHIP).all()
    ]
    assert kinds == ["phrase", "words", "words negated", "date", "has", "field"]
    expect(desk.locator(TILES)).to_have_count(1)
    for gone, left in (
        ("org", '"Hubble" galaxies -cat date:2012 has:headline'),
        ("date", '"Hubble" galaxies -cat has:headline'),
        ("without", '"Hubble" galaxies has:headline'),
        ("phrase", "galaxies has:headline"),
        ("has", "galaxies"),
    ):
        desk.locator(CHIP, has_text=re.compile(gone, re.IGNORECASE)).get_by_role("button").click()
        expect(desk.locator("#q")).to_have_value(left)
        settled(desk)
        expect(desk.locator("#chips button:focus")).to_have_count(1)
    expect(desk.locator(TILES)).to_have_count(23)
    desk.go_back()
    expect(desk.locator("#q")).to_have_value("galaxies has:headline")


def test_a_name_is_taken_out_of_its_sentence(desk: Page) -> None:
    search_for(desk, "portrait of Eileen Collins in orange")
    desk.locator(f"{CHIP}.name").get_by_role("button").click()
    expect(desk.locator("#q")).to_have_value("portrait of in orange")


def test_inflected_words_are_marked_and_markup_is_text(page: Page, desk_url: str) -> None:
    asked(page, desk_url, "?q=cuttings+pompeii&archive=crowd")
    marks = page.locator(f"{TILES} mark").all_text_contents()
    assert {"Cutting", "Pompeii"} <= set(marks)
    search_for(page, "onerror")
    tile = page.locator(TILES).first
    expect(tile).to_have_attribute("data-id", "hostile")
    expect(tile.locator(".title")).to_have_text(HOSTILE)
    tile.locator("a").click()
    expect(page.locator("#detail-title")).to_have_text(HOSTILE)
    expect(page.locator("#detail dd", has_text=HOSTILE).first).to_be_visible()
    assert page.title() != "1"
    assert complaints(page) == []


def test_facets_filter_either_both_and_without(page: Page, desk_url: str) -> None:
    asked(page, desk_url, "?archive=crowd")
    city = page.get_by_role("group", name="City")
    koper = city.get_by_label(re.compile("^Koper"))
    count = int(city.locator("li", has_text="Koper").locator(".number").text_content() or 0)
    koper.check()
    expect(page.locator("#count")).to_have_text(f"{count} pictures")
    expect(city.get_by_label(re.compile("^Piran"))).to_be_visible()
    city.get_by_label(re.compile("^Piran")).check()
    expect(page.locator("#chips")).to_contain_text("Koper")
    expect(page.locator("#chips")).to_contain_text("Piran")
    settled(page)
    either = int((page.locator("#count").text_content() or "0").split()[0])
    assert either > count
    city.get_by_role("button", name="Without Maribor").click()
    expect(page.locator(f"{CHIP}.negated")).to_contain_text("Maribor")
    assert "filter=city%21%3DMaribor" in page.url
    page.get_by_role("button", name="Clear all").click()
    expect(page.locator("#count")).to_have_text("Newest in the archive")


def test_shapes_are_filtered_by_and_a_field_without_counts_disturbs_none(
    page: Page, desk_url: str
) -> None:
    asked(page, desk_url, "?filter=media_type%3Dimage%2Fjpeg")
    expect(page.locator("#chips")).to_contain_text("image/jpeg")
    shapes = page.get_by_role("group", name="Shape")
    shapes.get_by_label(re.compile("^landscape")).check()
    expect(page.locator(CHIP)).to_have_count(2)
    settled(page)
    shown = page.locator(f"{TILES} img").evaluate_all(
        "all => Promise.all(all.map((each) => each.decode()"
        ".then(() => each.naturalWidth / each.naturalHeight)))"
    )
    assert shown and min(shown) > 1
    assert complaints(page) == []


def test_an_opened_facet_has_all_its_values_and_finds_one_by_its_letters(
    page: Page, desk_url: str
) -> None:
    asked(page, desk_url, "?archive=crowd")
    boxes = page.get_by_role("group", name="Collection")
    expect(boxes.get_by_role("checkbox")).to_have_count(6)
    boxes.get_by_role("button", name="More").click()
    expect(boxes.get_by_role("checkbox")).to_have_count(BOXES)
    find = boxes.get_by_role("searchbox", name="Find in: Collection")
    expect(find).to_be_focused()
    find.press_sequentially("box 3")
    expect(boxes.locator("li:visible .value")).to_have_count(11)  # 3, and 30 to 39
    boxes.get_by_label(re.compile("^Box 37")).check()
    expect(page.locator("#chips")).to_contain_text("Box 37")
    settled(page)
    expect(boxes.get_by_role("checkbox")).to_have_count(BOXES)
    boxes.get_by_role("button", name="Fewer").click()
    expect(boxes.get_by_label(re.compile("^Box 37"))).to_be_checked()
    expect(boxes.get_by_role("checkbox")).to_have_count(7)


def test_a_span_of_years_is_drawn_or_slid_to(page: Page, desk_url: str) -> None:
    asked(page, desk_url, "?archive=crowd")
    plot = page.locator("#years .plot")
    expect(plot.locator(".year")).to_have_count(10)
    box = plot.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.45, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.55, y, steps=3)
    page.mouse.up()
    expect(page).to_have_url(re.compile("since=1940&until=1959"))
    expect(page.locator(CHIP)).to_contain_text("1940 – 1959")
    expect(page.locator("#years output")).to_contain_text("1940–1959: 200 pictures")
    settled(page)
    page.get_by_label("From year").focus()
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("since=1950&until=1959"))
    expect(page.get_by_label("From year")).to_be_focused()
    page.locator("#years").get_by_role("button", name="All dates").click()
    expect(page.locator(CHIP)).to_have_count(0)


def test_suggestions_complete_names_and_fields(desk: Page) -> None:
    box = desk.get_by_role("combobox", name="Search the pictures")
    box.press_sequentially("portrait of grace ho")
    option = desk.get_by_role("option", name="Grace Hopper")
    expect(option).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    box.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    box.press("Enter")
    expect(box).to_have_value("portrait of Grace Hopper")
    settled(desk)
    assert ids(desk, 1) == ["grace_hopper.jpg"]
    box.fill("perso")
    desk.get_by_role("option", name="person:").click()
    expect(box).to_have_value("person:")
    box.press_sequentially("coll")
    desk.get_by_role("option", name="Eileen Collins").click()
    expect(desk.locator(CHIP)).to_contain_text("Eileen Collins")
    expect(desk.locator(TILES)).to_have_count(1)


def test_did_you_mean(desk: Page) -> None:
    search_for(desk, "Grace Hoper")
    desk.locator("#meant").get_by_role("button", name="Grace Hopper").click()
    expect(desk.locator("#q")).to_have_value("Grace Hopper")
    expect(desk.locator("#meant")).to_be_hidden()


def test_the_weaker_ones_come_below_a_line(desk: Page) -> None:
    search_for(desk, "Grace Hopper")
    line = desk.locator("#grid .cut")
    expect(line).to_contain_text("Weaker matches")
    above, below = (
        desk.locator(TILES).nth(0).bounding_box(),
        desk.locator(TILES).nth(1).bounding_box(),
    )
    middle = line.bounding_box()
    assert above and below and middle
    assert above["y"] < middle["y"] < below["y"]
    desk.locator("#order").select_option("oldest")
    expect(line).to_have_count(0)


def test_in_a_calibrated_archive_the_line_tells_the_likely_from_the_rest(
    page: Page, desk_url: str
) -> None:
    def calibrated(route: Route) -> None:
        response = route.fetch()
        answer = response.json()
        for hit, relevance in zip(answer["hits"], (0.9, 0.4, 0.8), strict=False):
            hit["relevance"] = relevance
        for hit in answer["hits"][3:]:
            hit["relevance"] = 0.1
        route.fulfill(response=response, json=answer)

    page.route("**/v1/search", calibrated)
    asked(page, desk_url, "?q=portrait")
    line = page.locator("#grid .cut")
    expect(line).to_contain_text("more likely off the point")
    after = line.evaluate("(each) => [...each.parentNode.children].indexOf(each)")
    assert after == 3
    page.locator(f"{TILES} a").first.click()
    expect(page.locator("#detail .reasons")).to_contain_text("Relevance 90 %")


def test_what_could_not_be_read_is_told(desk: Page) -> None:
    search_for(desk, "colour:red galaxies xyzzy")
    expect(desk.locator("#notes")).to_contain_text("colour")
    expect(desk.locator("#notes")).to_contain_text("“xyzzy”")


def test_order_and_folding_stand_in_the_address(page: Page, desk_url: str) -> None:
    asked(page, desk_url, "?q=cutting&archive=crowd")
    page.locator("#order").select_option("oldest")
    expect(page).to_have_url(re.compile("order=oldest"))
    settled(page)
    years = [int(each[-4:]) for each in page.locator(f"{TILES} .why").all_text_contents()]
    assert years == sorted(years) and years[0] < years[-1]
    page.locator("#order").select_option("relevance")
    page.get_by_label("Fold duplicates").check()
    expect(page).to_have_url(re.compile("fold=true"))
    settled(page)
    expect(page.locator(f"{TILES} .twins").first).to_contain_text(re.compile(r"\+\d"))


def test_examples_come_from_the_archive_itself(desk: Page) -> None:
    example = desk.locator(".examples").get_by_role("button", name=re.compile("One field"))
    expect(example).to_contain_text('by:"Stefan van der Walt"')
    example.click()
    expect(desk.locator("#q")).to_have_value('by:"Stefan van der Walt"')
    expect(desk.locator("#message")).to_be_hidden()
    desk.get_by_label("Archive").select_option("crowd")
    settled(desk)
    assert "archive=crowd" in desk.url


def test_nothing_found_says_what_may_be_taken_away(desk: Page) -> None:
    search_for(desk, '"purple elephant" date:1512')
    message = desk.locator("#message")
    expect(message).to_contain_text("Nothing passes these conditions")
    message.get_by_role("button", name="date:1512").click()
    expect(desk.locator("#q")).to_have_value('"purple elephant"')
    desk.get_by_role("button", name="Clear everything").click()
    expect(desk.locator(TILES)).to_have_count(23)
