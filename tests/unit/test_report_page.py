"""The report's page in a real browser, opened as a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from eval.evaluation import ShownAsset
from eval.report import write_report
from tests.builders import png
from tests.e2e.test_judging_page import HOSTILE, Chromium, a_chromium
from tests.evaluations import made_evaluation

LINES = "document.querySelectorAll('#query-list > li').length"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    folder = tmp_path_factory.mktemp("page")
    made = made_evaluation()
    (folder / "red.png").write_bytes(png("red"))
    assets = {
        key: ShownAsset(key, HOSTILE, asset.caption, folder / "red.png")
        for key, asset in made.assets.items()
    }
    report = write_report(replace(made, assets=assets), folder / "out")
    with a_chromium(folder) as browser:
        browser.open(report.as_uri())
        yield browser


def reload(page: Chromium) -> None:
    """Load the page anew; the old one, still there for a moment, is not taken for it."""
    page.value("document.title = 'old'")
    page.call("Page.reload")
    page.wait_for("document.title !== 'old' && document.readyState === 'complete'")


@pytest.fixture(autouse=True)
def from_the_start(page: Chromium) -> None:
    page.call("Page.navigate", url=str(page.value("location.href.split('#')[0]")) + "#means")
    reload(page)
    page.wait_for(f"{LINES} === 36")


def test_it_asks_the_network_for_nothing_and_nothing_is_wrong(page: Chromium) -> None:
    assert all(url.startswith(("file:", "data:")) for url in page.requests())
    assert page.complaints() == []


def test_a_query_is_drawn_when_it_is_opened(page: Chromium) -> None:
    assert page.value("document.querySelectorAll('.card').length") == 0
    page.value("document.querySelector('.query > summary').click()")
    page.wait_for("document.querySelectorAll('.card').length === 50")
    page.value("document.querySelector('.card').scrollIntoView()")
    page.wait_for("document.querySelector('.card img').naturalWidth > 0")
    assert page.value("document.querySelector('.card .title').textContent") == HOSTILE
    assert page.value("document.querySelectorAll('.card .title img').length") == 0
    assert page.value("document.querySelectorAll('.query[open] mark').length > 0")
    assert page.value("document.title !== '1'")


def test_filter_class_and_measure(page: Chromium) -> None:
    page.value(
        "document.getElementById('filter').value = 'mixture-1';"
        "document.getElementById('filter').dispatchEvent(new Event('input'))"
    )
    assert page.value(LINES) == 3  # mixture-1, -10 and -11.
    page.value(
        "document.getElementById('filter').value = '';"
        "document.getElementById('class').value = 'name';"
        "document.getElementById('class').dispatchEvent(new Event('change'))"
    )
    assert page.value(LINES) == 12
    shown = "[...document.querySelectorAll('#curves .pair')].filter((e) => !e.hidden)"
    assert page.value(f"{shown}.map((e) => e.dataset.class).join()") == "name"
    page.value(
        "document.getElementById('measure').value = 'RR';"
        "document.getElementById('measure').dispatchEvent(new Event('change'))"
    )
    assert page.value("!document.querySelector('#regret [data-no-measure]').hidden")
    assert page.value("!document.querySelector('#means [data-measure=RR]').hidden")


def test_lines_are_sorted_by_difference(page: Chromium) -> None:
    gaps = (
        "[...document.querySelectorAll('.gap')].map((e) => Number(e.textContent.replace('−','-')))"
    )
    falling = page.value(gaps)
    assert falling == sorted(falling, reverse=True)
    page.value(
        "document.getElementById('sort').value = 'up';"
        "document.getElementById('sort').dispatchEvent(new Event('change'))"
    )
    rising = page.value(gaps)
    assert rising == sorted(rising)


def test_the_bars_are_moved_over_with_keys_and_open_the_query(page: Chromium) -> None:
    page.value("document.querySelector('.bars-frame').focus()")
    page.press("End")
    page.press("ArrowLeft")
    frame = "document.querySelector('.bars-frame')"
    assert page.value(f"{frame}.getAttribute('aria-valuenow')") == "35"
    assert page.value(f"{frame}.getAttribute('aria-valuetext').includes('planner')")
    page.press("Enter")
    page.wait_for("document.querySelectorAll('.query[open]').length === 1")
    assert page.value(
        "document.activeElement.parentElement === document.querySelector('.query[open]')"
    )


def test_an_address_opens_its_query(page: Chromium) -> None:
    page.value("location.hash = '#q-description-3'")
    page.wait_for("document.getElementById('q-description-3').open")


@pytest.mark.parametrize("width", [360, 768, 1600])
def test_the_page_is_never_wider_than_the_window(page: Chromium, width: int) -> None:
    page.call(
        "Emulation.setDeviceMetricsOverride",
        width=width, height=800, deviceScaleFactor=1, mobile=False,
    )  # fmt: skip
    page.value("document.querySelector('.query > summary').click()")
    assert page.value("document.documentElement.scrollWidth <= window.innerWidth")


def test_without_script_the_figures_are_all_there(page: Chromium) -> None:
    page.call("Emulation.setScriptExecutionDisabled", value=True)
    reload(page)
    root = page.call("DOM.getDocument", depth=0)["root"]["nodeId"]
    html = page.call("DOM.getOuterHTML", nodeId=root)["outerHTML"]
    page.call("Emulation.setScriptExecutionDisabled", value=False)
    assert html.count('data-measure="') == 1 + 6 + 1
    assert "need the page's script" in html
