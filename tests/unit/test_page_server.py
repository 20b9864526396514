"""The page's routes: one page, its files for ever, a strict policy."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from html import unescape

import pytest

pytest.importorskip("fastapi", reason="the page needs hybridsearch[serve]")

from fastapi import FastAPI
from fastapi.testclient import TestClient

from services import cli
from services.web import add_page
from services.web.language import LANGUAGES, strings_of


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    app = FastAPI()
    add_page(app)
    with TestClient(app) as client:
        yield client


def addresses(html: str) -> set[str]:
    return set(re.findall(r'(?:href|src)="(/static/[^"]+)"', html))


def test_the_page_comes_in_the_readers_language_and_colours(client: TestClient) -> None:
    plain = client.get("/", headers={"accept-language": "sl"})
    assert plain.headers["content-language"] == "sl"
    assert "Išči" in plain.text and '<html lang="sl" data-theme="auto"' in plain.text
    chosen = client.get("/", headers={"cookie": "language=en; theme=dark; size=large"})
    assert '<html lang="en" data-theme="dark" data-size="large"' in chosen.text
    hostile = client.get("/", headers={"cookie": 'theme="><script>; language=../x'})
    assert '<html lang="en" data-theme="auto"' in hostile.text
    assert plain.headers["vary"] == "accept-language, cookie"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_read_aloud_is_what_the_strings_say(client: TestClient, language: str) -> None:
    html = client.get("/", headers={"cookie": f"language={language}"}).text
    aloud = [unescape(each) for each in re.findall(r'(?:aria-label|title|alt)="([^"]+)"', html)]
    strings = json.dumps(strings_of(language), ensure_ascii=False)
    assert len(aloud) > 5
    for each in aloud:
        assert json.dumps(re.sub(r" \(.\)$", "", each), ensure_ascii=False) in strings


def test_the_command_line_serves_the_page() -> None:
    assert cli._pages() == [add_page]


def test_nothing_of_a_link_is_written_into_the_page(client: TestClient) -> None:
    text = client.get("/", params={"q": "<script>alert(1)</script>"}).text
    assert "alert(1)" not in text


def test_the_policy_is_strict_and_the_page_keeps_it(client: TestClient) -> None:
    page = client.get("/")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert "require-trusted-types-for 'script'" in policy
    assert " style=" not in page.text and "<style" not in page.text
    assert not re.search(r"\son\w+=", page.text)
    assert set(re.findall(r"<script ([^>]*)>", page.text)) <= {
        'type="application/json" id="strings"',
        *re.findall(r'type="module" src="/static/\w+/main.js"', page.text),
    }
    assert "http://" not in re.sub(r"www\.w3\.org", "", page.text) and "https://" not in page.text


def test_all_files_that_the_page_names_are_there(client: TestClient) -> None:
    named = addresses(client.get("/").text)
    assert len(named) > 20
    for address in named:
        response = client.get(address)
        assert response.status_code == 200, address
        assert "immutable" in response.headers["cache-control"]
    for script in (each for each in named if each.endswith(".js")):
        folder = script.rpartition("/")[0]
        for module in re.findall(r'from "\./([\w.-]+)"', client.get(script).text):
            assert f"{folder}/{module}" in named, (script, module)


def test_files_are_packed_and_asked_for_once(client: TestClient) -> None:
    script = next(each for each in addresses(client.get("/").text) if each.endswith("main.js"))
    packed = client.get(script)
    assert packed.headers["content-encoding"] == "gzip"
    plain = client.get(script, headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == packed.content and len(gzip.compress(plain.content)) < len(
        plain.content
    )
    again = client.get(script, headers={"if-none-match": plain.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_an_address_of_another_version_is_not_kept(client: TestClient) -> None:
    response = client.get("/static/older/main.js")
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("name", ["nothing.js", "..%2Fpage.py", "__init__.py", "%00"])
def test_nothing_else_is_given_out(client: TestClient, name: str) -> None:
    assert client.get(f"/static/x/{name}").status_code == 404


def test_styles_come_in_one_file_in_order(client: TestClient) -> None:
    text = client.get("/static/x/page.css").text
    assert text.index("--paper:") < text.index(".bar {") < text.index(".toast {")
    assert client.get("/favicon.ico").headers["content-type"] == "image/svg+xml"
