"""The pages in a real browser: for every eye, at every width, by keyboard, and on paper."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from rag.indexer import IndexOptions
from rag.settings import Settings
from rag.text import visible
from rag.wiring import build_indexer
from tests.browser.axe import violations
from tests.browser.hostile import ALLOWED, SCHEMES, SHAPE, executed, watched, words
from tests.browser.payloads import PAYLOADS
from tests.serving import serving

QUESTION = "What helps against acid reflux at home?"
EMERGENCY = "I have crushing chest pain and cannot breathe"
TOKEN = "only for this test, and long"
WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture(params=["light", "dark"])
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A reader whose browser does not load the widget, as if it ran no JavaScript."""
    made = browser.new_context(
        color_scheme=request.param, viewport={"width": 320, "height": 640}, bypass_csp=True
    )
    made.route("**/widget.js", lambda route: route.abort())
    yield made
    made.close()


@pytest.fixture
def small(context: BrowserContext) -> Page:
    return context.new_page()


def _ask(page: Page, site: str, question: str) -> None:
    page.goto(site)
    page.fill("#message", question)
    page.click("#ask button")


def _cited(site: str) -> str:
    """Our page of an article with what an answer cites of it marked, as the answer links it."""
    body = json.dumps({"message": QUESTION}).encode()
    request = Request(f"{site}/v1/chat", body, {"Content-Type": "application/json"})
    with urlopen(request, timeout=30) as response:
        c = max(json.load(response)["citations"], key=lambda c: c["quote"].count("\n"))
    query = f"version={c['article_version']}&quote={c['start']}-{c['end']}"
    return f"{site}/articles/{c['article_id']}?{query}#quote"


def test_every_page_can_be_read_by_all_and_on_a_phone(small: Page, site: str) -> None:
    for address in ("/", "/?locale=es", "/?locale=zh", "/articles/acid-reflux", "/articles/nope"):
        small.goto(site + address)
        assert [] == violations(small), address
        assert not small.evaluate(WIDE), address
    small.goto(_cited(site))
    assert [] == violations(small)
    for question in (QUESTION, EMERGENCY, "How much ibuprofen may I take?", "x" * 300):
        _ask(small, site, question)
        assert [] == violations(small), question
        assert not small.evaluate(WIDE), question


def test_a_reader_without_javascript_asks_and_follows_a_source(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    _ask(page, site, QUESTION)
    statement = page.inner_text(".statement >> nth=0")
    quote = page.inner_text(".sources li >> nth=0 >> blockquote")
    assert quote.split("\n")[0] in statement
    with context.expect_page() as opening:
        page.click(".sources li >> nth=0 >> a")
    article = opening.value
    assert article.inner_text("h1") == page.inner_text(".sources li >> nth=0 >> a")
    assert article.inner_text("mark >> nth=0") == quote.split("\n")[0]
    article.click(".brand a")
    assert article.is_visible("#message")
    context.close()


def test_the_keyboard_is_enough(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site)
    page.keyboard.press("Tab")
    assert page.inner_text(":focus") == "Skip to the question box"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type(QUESTION)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(".statement")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('sup a')"):
            break
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "source-1"
    page.goto(f"{site}/articles/acid-reflux")
    page.keyboard.press("Tab")
    assert page.inner_text(":focus") == "Skip to the article"
    context.close()


def test_with_javascript_the_widget_stands_in_the_place_of_the_form(
    browser: Browser, site: str
) -> None:
    context = browser.new_context(bypass_csp=True, viewport={"width": 320, "height": 640})
    page = context.new_page()
    faults: list[str] = []
    asked: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: asked.append(request.url.partition("?")[0]))
    page.goto(f"{site}/?locale=es")
    expect(page.locator("#ask")).to_be_hidden()
    widget = page.locator("wellcited-chat")
    box = widget.get_by_role("textbox")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    for _ in range(6):
        page.keyboard.press("Tab")
        if box.evaluate("box => box.getRootNode().activeElement === box"):
            break
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    turn = widget.locator(".turn")
    expect(turn).not_to_have_attribute("aria-busy", "true")
    expect(turn).to_contain_text("Eat smaller meals, and eat slowly.")
    assert page.evaluate("document.documentElement.lang") == "es"
    assert (faults, asked.count(f"{site}/v1/config")) == ([], 1)
    assert [] == violations(page)
    assert not page.evaluate(WIDE)
    context.close()


def test_a_marked_passage_is_in_sight_and_stands_out(small: Page, site: str) -> None:
    small.goto(_cited(site))
    box = small.locator("#quote").bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 640
    mark, text = (
        small.eval_on_selector(name, "node => getComputedStyle(node).backgroundColor")
        for name in ("mark", "body")
    )
    assert mark != text


def test_on_paper_there_is_what_a_reader_of_paper_needs(small: Page, site: str) -> None:
    small.goto(_cited(site))
    small.emulate_media(media="print")
    for gone in (".back", ".skip", ".jump"):
        assert not small.is_visible(gone)
    for there in ("h1", ".dates", ".version", "mark >> nth=0"):
        assert small.is_visible(there)
    colours = small.eval_on_selector(
        "body", "b => [getComputedStyle(b).color, getComputedStyle(b).backgroundColor]"
    )
    assert colours == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    small.goto(f"{site}/articles/vaccine-side-effects")
    with urlopen(f"{site}/v1/articles/vaccine-side-effects", timeout=30) as response:
        url = json.load(response)["url"]
    assert small.inner_text(".address") == url
    assert small.is_visible(".address")


@pytest.fixture
def edited(encoder_cache: Path, tmp_path: Path) -> Iterator[str]:
    """A server with editors' routes over one article, which others can join."""
    corpus, index = tmp_path / "corpus", tmp_path / "index"
    corpus.mkdir()
    (corpus / "knee.md").write_text("# Do knees heal?\n\nMost sore knees heal within weeks.\n")
    (index / "encoders").mkdir(parents=True)
    for folder in encoder_cache.iterdir():
        (index / "encoders" / folder.name).symlink_to(folder)
    settings = Settings(corpus=corpus, index=index, cache=encoder_cache.parent)
    build_indexer(settings).update(IndexOptions(), lambda *_: None)
    with serving(index, corpus=str(corpus), editor_token=TOKEN) as address:
        yield address


def test_hostile_articles_that_an_editor_publishes_stay_text(browser: Browser, edited: str) -> None:
    hostile = [p for p in PAYLOADS if "img" in p or "script" in p][::2]
    assert len(hostile) >= 20
    for number, payload in enumerate(hostile):
        _publish(edited, f"p{number}", payload)
    with watched(browser, edited) as page:
        page.route("**/widget.js", lambda route: route.abort())
        for number, payload in enumerate(hostile):
            page.goto(f"{edited}/articles/p{number}")
            assert words(visible(payload)) in words(page.inner_text("article"))
            _check(page)
        _ask(page, edited, "What helps against a sprained ankle?")
        assert "img" in page.inner_text(".sources") or "script" in page.inner_text(".sources")
        _check(page)


def _publish(site: str, id_: str, payload: str) -> None:
    helps = f"A cold pack helps against a sprained ankle. {payload}"
    body = {
        "title": f"What helps against a sprained ankle? {payload}"[:500],
        "text": f"{helps}\n\n{payload}\n\nRest helps.",
        "authors": [payload],
        "publisher": payload,
        "url": "https://news.example/ankle?x='%3Cscript%3E",
    }
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {TOKEN}"}
    address = f"{site}/v1/articles/{id_}"
    request = Request(address, json.dumps(body).encode(), headers, method="PUT")
    with urlopen(request, timeout=60) as response:
        assert response.status == 201


def _check(page: Page) -> None:
    assert executed(page) == []
    assert set(page.eval_on_selector("html", SCHEMES)) <= ALLOWED
    foreign = ("<img", "img[", "svg[", "iframe[", "object[", "embed[", "math[", "base[")
    shape = page.eval_on_selector("html", SHAPE)
    assert [name for name in foreign if name in shape] == []
    assert page.locator("script").count() == 1
