"""Fixtures for the tests in a browser."""

from tests.e2e.browser import browser_fixture, page_fixture

__all__ = ["browser_fixture", "page_fixture"]
