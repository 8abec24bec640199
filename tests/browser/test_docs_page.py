"""The HTTP reference in a real browser: readable, reachable, and complete without a network."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.axe import violations


@pytest.fixture(params=[("light", 1200), ("dark", 1200), ("light", 320), ("dark", 320)])
def docs(request: pytest.FixtureRequest, browser: Browser, site: str) -> Iterator[Page]:
    """The page in each colour scheme, on a desk and on a phone."""
    scheme, width = request.param
    # axe is put into the page by the test, which our own policy would refuse.
    context = browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": 900}, bypass_csp=True
    )
    page = context.new_page()
    page.goto(f"{site}/docs")
    yield page
    context.close()


def test_axe_finds_nothing_and_nothing_runs_off_the_side(docs: Page) -> None:
    docs.eval_on_selector_all("details", "all => all.forEach(one => one.open = true)")
    assert [] == violations(docs)
    width = docs.evaluate("document.documentElement.scrollWidth")
    assert width <= docs.evaluate("document.documentElement.clientWidth")


def test_the_page_needs_nothing_from_elsewhere_and_keeps_to_its_policy(
    page: Page, site: str
) -> None:
    asked: list[str] = []
    told: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: told.append(message.text))
    page.goto(f"{site}/docs")
    assert page.locator("h1").inner_text() == "HTTP reference"
    assert [url for url in asked if not url.startswith(site)] == []
    assert any(url.endswith("docs.css") for url in asked)
    assert [] == told


def test_every_link_within_the_page_leads_to_a_part_of_it(page: Page, site: str) -> None:
    page.goto(f"{site}/docs")
    missing = page.eval_on_selector_all(
        "a[href^='#']",
        "links => links.map(a => a.hash.slice(1)).filter(id => !document.getElementById(id))",
    )
    assert [] == missing
    assert page.locator("a[href^='#']").count() > 30


def test_every_example_of_the_page_can_be_followed_by_keyboard(page: Page, site: str) -> None:
    page.goto(f"{site}/docs")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    summary = page.locator("#post_v1_chat summary")
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("#post_v1_chat details pre").is_visible()
