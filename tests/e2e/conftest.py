"""Fixtures for the tests in a browser."""

from tests.e2e.browser import browser_fixture, page_fixture
from tests.e2e.desk import desk_folder, desk_url

__all__ = ["browser_fixture", "desk_folder", "desk_url", "page_fixture"]
