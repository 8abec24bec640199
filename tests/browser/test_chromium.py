from __future__ import annotations

from playwright.sync_api import Page


def test_the_page_opens_in_a_real_browser(page: Page, site: str) -> None:
    page.goto(site)
    assert "Wellcited" in page.inner_text("header")
