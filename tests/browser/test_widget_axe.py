"""What axe-core finds in every state of the widget, light and dark: nothing."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.axe import violations
from tests.browser.embedding import EMERGENCY, FED, ask, embed, event, host, opening, refuse, said
from tests.browser.embedding import answer as answer_body


@pytest.fixture(params=["light", "dark"])
def shaded(browser: Browser, request: pytest.FixtureRequest) -> Any:
    """A page in each colour scheme, with motion reduced so that colours stand still."""
    context = browser.new_context(color_scheme=request.param, reduced_motion="reduce")
    yield context.new_page()
    context.close()


def settled(turn: Locator) -> None:
    expect(turn).not_to_have_attribute("aria-busy", "true")


def test_before_and_after_questions(shaded: Page, site: str) -> None:
    widget = embed(shaded, site, 'country="GB"')
    expect(widget.locator(".examples button")).to_have_count(3)
    widget.locator("summary").click()
    assert [] == violations(shaded)
    turn = ask(widget)
    settled(turn)
    turn.locator(".mark").first.click()
    turn.get_by_role("button", name="Copy answer").click()
    for question in (
        EMERGENCY,
        "What is the best treatment for appendicitis?",
        "How much ibuprofen should I take for my back?",
    ):
        settled(ask(widget, question))
    widget.locator("textarea").fill("x" * 2001)
    assert [] == violations(shaded)


def test_while_an_answer_comes_and_when_it_breaks_off(shaded: Page, site: str) -> None:
    shaded.add_init_script(FED)
    widget = embed(shaded, site, 'locale="es" country="ES"')
    turn = ask(widget)
    assert [] == violations(shaded)
    shaded.evaluate("text => window.feed(text)", opening() + said())
    expect(turn.locator(".statement")).to_have_count(1)
    turn.locator(".mark").click()
    assert [] == violations(shaded)
    shaded.evaluate("window.end()")
    expect(turn.locator(".problem")).to_be_visible()
    assert [] == violations(shaded)
    other = ask(widget)
    suggestions = [{"kind": "question", "text": "And then?", "article_id": None, "url": None}]
    urgent = {"level": "urgent", "category": "x", "notice": "See a doctor today.", "contacts": []}
    body = answer_body(suggestions=suggestions, safety=urgent)
    shaded.evaluate("text => window.feed(text)", event("done", body))
    settled(other)
    assert [] == violations(shaded)


def test_where_no_server_answers(shaded: Page, site: str) -> None:
    widget = embed(shaded, site, 'endpoint="http://127.0.0.1:1023" locale="zh" country="CN"')
    expect(widget.locator(".problem")).to_be_visible()
    assert [] == violations(shaded)


def test_where_it_has_to_wait(shaded: Page, site: str) -> None:
    refuse(shaded, 429, {"Retry-After": "30"})
    turn = ask(embed(shaded, site, 'dir="rtl"'))
    expect(turn.locator(".wait")).to_be_visible()
    assert [] == violations(shaded)


@pytest.mark.parametrize("width", [320, 1280])
def test_as_a_launcher(shaded: Page, site: str, width: int) -> None:
    shaded.set_viewport_size({"width": width, "height": 640})
    tag = '<script src="/widget.js" data-mode="launcher" defer></script>'
    widget = embed(shaded, site, html=host(f"<p>Words of the publisher.</p>{tag}"))
    assert [] == violations(shaded)
    widget.get_by_role("button", name="Ask a question").click()
    settled(ask(widget))
    assert [] == violations(shaded)
