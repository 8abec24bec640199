"""Payloads wherever words come from: nothing of them is executed, and no node of them appears.

The pages' policy would stop most of them; here it is switched off, so what is tested is that they
never become anything but text.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.embedding import ask, embed
from tests.browser.hostile import (
    ALLOWED,
    LAID_OUT,
    SCHEMES,
    SHAPE,
    TEXTS,
    executed,
    harmless,
    hostile_article,
    hostile_server,
    watched,
    words,
)
from tests.browser.payloads import PAYLOADS
from tests.browser.test_deep_chat import Chat
from tests.clients.running import require_clients


@pytest.fixture(scope="module")
def hostile_site() -> Iterator[str]:
    with hostile_server() as site:
        yield site


@pytest.fixture
def page(browser: Browser, hostile_site: str) -> Iterator[Page]:
    with watched(browser, hostile_site) as opened:
        yield opened


def test_there_are_sixty_payloads_and_more_each_of_its_own() -> None:
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 60


def test_a_payload_that_became_markup_would_be_noticed(page: Page, hostile_site: str) -> None:
    """The watch itself: a page that does take text for markup is found out."""
    page.goto(f"{hostile_site}/articles/p0")
    before = page.evaluate(SHAPE, page.query_selector("body"))
    page.evaluate(
        "text => { document.querySelector('h1').innerHTML = text; }",
        "<img src=. onerror=hacked(1)>",
    )
    page.wait_for_function("window.executed.length > 0")
    assert executed(page) == [1]
    assert page.evaluate(SHAPE, page.query_selector("body")) != before


def test_the_page_of_an_article_shows_payloads_as_text(page: Page, hostile_site: str) -> None:
    page.goto(hostile_site)
    addresses = []
    for number, text in enumerate(TEXTS):
        article = hostile_article(number, text)
        query = f"version={article.version}&quote=0-{len(article.text) - 2}"
        addresses.append(f"/articles/{article.id}?{query}")
    told = page.evaluate(LAID_OUT, [[address, None] for address in addresses])
    _check(told)
    for payload, one in zip(PAYLOADS, told, strict=False):
        assert one["facts"]["headline"] == payload
    assert executed(page) == []


def test_an_answer_without_javascript_shows_payloads_as_text(page: Page, hostile_site: str) -> None:
    # Whatever the widget makes of its place is tested below.
    page.route("**/widget.js", lambda route: route.abort())
    page.goto(hostile_site)
    _check(page.evaluate(LAID_OUT, [["/", {"message": text}] for text in TEXTS]))
    assert executed(page) == []


# A conversation carries what was said before, so it is begun anew after so many questions.
LONGEST = 25
ANSWERS = "count => window.told.filter(message => message.role === 'ai').length >= count"


def test_the_widget_shows_payloads_as_text(page: Page, hostile_site: str) -> None:
    shapes: dict[str, str] = {}
    for number, text in enumerate(TEXTS):
        if number % LONGEST == 0:
            widget = embed(page, hostile_site)
        turn = ask(widget, text)
        expect(turn).not_to_have_attribute("aria-busy", "true")
        turn.locator(".mark").first.click()
        shapes[text] = turn.evaluate(SHAPE)
        assert set(widget.evaluate(SCHEMES)) <= ALLOWED, text
        assert executed(page) == [], text
        assert words(text) in words(turn.inner_text())
    for payload in PAYLOADS:
        assert shapes[payload] == shapes[harmless(payload)], payload


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_deep_chat_shows_payloads_as_text(page: Page, hostile_site: str, stream: bool) -> None:
    """What we answer, that is: deep-chat itself reads the reader's own words as Markdown."""
    require_clients("deep-chat")
    # deep-chat itself asks for a font.
    page.route("https://fonts.googleapis.com/**", lambda route: route.abort())
    settings = {"connect": {"url": "/v1/deep-chat", "stream": stream}}
    shapes: dict[str, str] = {}
    for number, text in enumerate(TEXTS):
        if number % LONGEST == 0:
            chat = Chat(page, hostile_site, settings)
        chat.ask(text)
        page.wait_for_function(ANSWERS, arg=number % LONGEST + 1)
        expect(chat.answer).to_contain_text("[2]")
        shapes[text] = chat.answer.evaluate(SHAPE)
        assert words(text) in words(chat.answer.inner_text())
        assert set(chat.answer.evaluate(SCHEMES)) <= ALLOWED, text
        assert executed(page) == [], text
    for payload in PAYLOADS:
        assert shapes[payload] == shapes[harmless(payload)], payload


def _check(told: list[dict[str, Any]]) -> None:
    """Nothing was executed, and each page has the nodes of its harmless twin and no other."""
    pages = dict(zip(TEXTS, told, strict=True))
    for payload in PAYLOADS:
        hostile, twin = pages[payload], pages[harmless(payload)]
        assert hostile["status"] == twin["status"] == 200, payload
        assert hostile["executed"] == [], payload
        assert hostile["shape"] == twin["shape"], payload
        assert set(hostile["schemes"]) <= ALLOWED, payload
        assert words(payload) in words(hostile["words"])
