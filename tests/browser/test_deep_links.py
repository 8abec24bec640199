"""Every citation of a run over the shipped articles, opened in a real browser.

What a browser highlights for a text fragment cannot be read by a script. So a page is photographed
as the link opened it, then with the wanted words highlighted by the test: both pictures have to be
equal to the last byte.
"""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, CDPSession, Page, Route

from tests.serving import ROOT, serving

Citation = dict[str, Any]
QUESTIONS = ROOT / "tests" / "quality" / "queries.jsonl"
ANSWERED = 100
SENTENCE = re.compile(r"[^\n]+?(?=[.?!:] |[.?!:]?$|\n)", re.MULTILINE)
# With letters so small a whole article fits into one picture.
LINKED = "html { font-size: 4px } ::target-text { background: #f0f; color: #000 }"
WANTED = "html { font-size: 4px } ::target-text { background: none } " + (
    "::highlight(wanted) { background: #f0f; color: #000 }"
)
# The words of the article's text without its line ends, node by node.
NODES = """
  const nodes = [];
  const walker = document.createTreeWalker(document.querySelector(".text"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode())
    if (walker.currentNode.parentElement.closest("h2, p, li")) nodes.push(walker.currentNode);
"""
# A picture shows the last frame that was drawn: wait until one has all that was asked for.
DRAWN = "await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));"
ADD_STYLE = f"""async css => {{
  const style = document.createElement("style");
  style.id = "of-test";
  style.textContent = css;
  document.head.append(style);
  {DRAWN}
}}"""
HIGHLIGHT = f"""async ([start, end, css]) => {{
  {NODES}
  const wanted = new Highlight();
  let at = 0;
  for (const node of nodes) {{
    const from = Math.max(start - at, 0), to = Math.min(end - at, node.length);
    at += node.length;
    if (from >= to) continue;
    const range = new Range();
    range.setStart(node, from);
    range.setEnd(node, to);
    wanted.add(range);
  }}
  CSS.highlights.set("wanted", wanted);
  document.getElementById("of-test").textContent = css;
  {DRAWN}
  return nodes.map(node => node.data).join("");
}}"""

# The marks of many pages, each parsed by the browser, and the words before the first of them.
MARKED = """addresses => Promise.all(addresses.map(async address => {
  const html = await (await fetch(address)).text();
  const page = new DOMParser().parseFromString(html, "text/html");
  const text = page.querySelector(".text");
  const marks = [...page.querySelectorAll("mark")];
  const before = page.createRange();
  before.setStart(text, 0);
  before.setEndBefore(text.querySelector("mark"));
  const words = node => node.textContent.replace(/\\n */g, "");
  return {
    marks: marks.map(mark => mark.textContent),
    ids: marks.map(mark => mark.id),
    words: words(text),
    before: words(before.cloneContents()),
  };
}))"""


@pytest.fixture(scope="module")
def linked_site(shipped_index: Path) -> Iterator[str]:
    """A server over the shipped articles that knows its public address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with serving(shipped_index, port=str(port), public_url=f"http://127.0.0.1:{port}") as site:
        yield site


@pytest.fixture(scope="module")
def texts(linked_site: str) -> dict[str, str]:
    """The text of every article by id."""
    listed = _fetched(f"{linked_site}/v1/articles?limit=200")["articles"]
    ids = [article["article_id"] for article in listed]
    return {id_: _fetched(f"{linked_site}/v1/articles/{id_}")["text"] for id_ in ids}


@pytest.fixture(scope="module")
def citations(linked_site: str) -> list[Citation]:
    """Every citation, once, of the first hundred questions that are answered.

    Asked are the judged questions, then the titles of the articles, all of which are questions.
    """
    questions = [json.loads(line)["text"] for line in QUESTIONS.read_text("utf-8").splitlines()]
    listed = _fetched(f"{linked_site}/v1/articles?limit=200")["articles"]
    questions += [article["title"] for article in listed]
    found: dict[str, Citation] = {}
    answered = 0
    for question in questions:
        answer = _fetched(f"{linked_site}/v1/chat", {"message": question})
        found |= {c["deep_link"]: {**c, "here": _here(linked_site, c)} for c in answer["citations"]}
        answered += answer["outcome"] == "answered"
        if answered == ANSWERED:
            return list(found.values())
    raise AssertionError(f"only {answered} of {len(questions)} questions were answered")


def _here(site: str, citation: Citation) -> str:
    """The deep link; that of an article with an address of its own, on the page we have of it."""
    page = f"{site}/articles/{citation['article_id']}"
    address, _, fragment = citation["deep_link"].partition("#")
    assert address == (citation["url"] or page)
    return f"{page}#{fragment}"


@pytest.fixture
def opened(browser: Browser) -> Iterator[Page]:
    """A page whose styles a test may change."""
    context = browser.new_context(bypass_csp=True, viewport={"width": 230, "height": 1100})
    yield context.new_page()
    context.close()


def test_every_deep_link_highlights_exactly_what_was_cited(
    opened: Page, citations: list[Citation], texts: dict[str, str]
) -> None:
    camera = opened.context.new_cdp_session(opened)
    wrong = []
    for citation in citations:
        _follow(opened, citation["here"])
        linked = _picture(camera)
        _highlight(opened, citation, texts[citation["article_id"]])
        if linked != _picture(camera):
            wrong.append(citation["here"])
    assert wrong == []


def test_links_find_the_quote_on_a_page_full_of_similar_words(
    opened: Page, linked_site: str, citations: list[Citation], texts: dict[str, str]
) -> None:
    """As a publisher's own page is: contents and teasers say much of what the article says."""
    camera = opened.context.new_cdp_session(opened)
    opened.set_viewport_size({"width": 230, "height": 2000})
    long = [c for c in citations if "\n" in c["quote"] or len(c["quote"]) > 250]
    short = [c for c in citations if c not in long]
    for citation in [*long[::2], *short[::12]]:
        id_ = citation["article_id"]
        opened.goto(f"{linked_site}/articles/{id_}")
        article = opened.eval_on_selector("article", "article => article.outerHTML")
        body = _surrounded(article, texts[id_], citation["quote"])
        opened.route("https://news.example/**", _answering(body))
        _follow(opened, f"https://news.example/{id_}#{citation['here'].partition('#')[2]}")
        linked = _picture(camera)
        _highlight(opened, citation, texts[id_])
        assert linked == _picture(camera), citation["here"]
        opened.unroute("https://news.example/**")


def _answering(html: str) -> Callable[[Route], None]:
    return lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8")


def _surrounded(article: str, text: str, quote: str) -> str:
    """An article's HTML within what sites have around it, before and after."""
    lines = [line for line in text.split("\n") if line]
    contents = "".join(f"<li><a href='#'>{escape(line)}</a>" for line in lines if line[-1] == "?")
    # A teaser that has a whole sentence cannot be told from the article by anybody.
    sentences = [SENTENCE.match(line)[0] for line in [*lines, quote]]  # type: ignore[index]
    teasers = [sentence[: len(sentence) * 3 // 4] for sentence in sentences]
    boxes = "".join(f"<p>{escape(teaser)}…</p>" for teaser in teasers)
    return (
        f"<!doctype html><nav><ul>{contents}</ul></nav><aside><h2>In brief</h2>{boxes}</aside>"
        f"<main>{article}</main><aside><h2>Read on</h2>{boxes}</aside>"
    )


def _follow(page: Page, link: str) -> None:
    """Open a link from elsewhere, and make what it highlights unmistakable."""
    if page.url.partition("#")[0] == link.partition("#")[0]:
        # A link within a page does not load it anew.
        page.goto("about:blank")
    page.goto(link)
    page.evaluate(ADD_STYLE, LINKED)
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight"), "not all is seen"


def _highlight(page: Page, citation: Citation, text: str) -> None:
    """Highlight what was cited instead, word by word as it stands in the article."""
    start, end = (_place(text, citation[edge]) for edge in ("start", "end"))
    words = page.evaluate(HIGHLIGHT, [start, end, WANTED])
    assert words == text.replace("\n", "")


def _picture(camera: CDPSession) -> str:
    picture: str = camera.send("Page.captureScreenshot", {"optimizeForSpeed": True})["data"]
    return picture


def test_a_link_that_highlights_something_else_would_be_noticed(
    opened: Page, citations: list[Citation], texts: dict[str, str]
) -> None:
    """One character less at either end, one more, or nothing at all is another picture."""
    camera = opened.context.new_cdp_session(opened)
    citation = next(c for c in citations if texts[c["article_id"]][c["start"] - 1] == " ")
    _follow(opened, citation["here"])
    linked = _picture(camera)
    start, end = citation["start"], citation["end"]
    for change in ({"start": start + 1}, {"start": start - 2}, {"end": end - 1}):
        _highlight(opened, {**citation, **change}, texts[citation["article_id"]])
        assert linked != _picture(camera)
    _highlight(opened, citation, texts[citation["article_id"]])
    assert linked == _picture(camera)
    _follow(opened, citation["here"].partition("#")[0])
    assert linked != _picture(camera)


def test_every_quote_is_marked_exactly_where_it_was_cited(
    opened: Page, linked_site: str, citations: list[Citation], texts: dict[str, str]
) -> None:
    """The form that needs neither a public address nor a browser that knows text fragments."""
    opened.goto(linked_site)
    addresses = [
        f"/articles/{c['article_id']}?version={c['article_version']}&quote={c['start']}-{c['end']}"
        for c in citations
    ]
    for c, found in zip(citations, opened.evaluate(MARKED, addresses), strict=True):
        text = texts[c["article_id"]]
        assert found["marks"] == [line for line in c["quote"].split("\n") if line]
        assert found["ids"] == ["quote", *[""] * (len(found["marks"]) - 1)]
        assert found["words"] == text.replace("\n", "")
        assert found["before"] == text[: c["start"]].replace("\n", "")
    opened.goto(f"{linked_site}{addresses[-1]}#quote")
    assert opened.inner_text(":target") == found["marks"][0]
    assert opened.eval_on_selector(":target", "mark => mark.getBoundingClientRect().top") >= 0


def _place(text: str, offset: int) -> int:
    """An offset in code points as one in the units of a browser, line ends not counted."""
    return len(text[:offset].replace("\n", "").encode("utf-16-le")) // 2


def _fetched(address: str, body: object = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = Request(address, data, {"Content-Type": "application/json"})
    with urlopen(request, timeout=30) as response:
        return json.load(response)
