"""Every citation of a run over the shipped articles, opened in a real browser.

What a browser highlights for a text fragment cannot be read by a script. So a page is photographed
as the link opened it, then with the wanted words highlighted by the test: both pictures have to be
equal to the last byte.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, CDPSession, Page

from tests.serving import ROOT, serving

Citation = dict[str, Any]
QUESTIONS = ROOT / "tests" / "quality" / "queries.jsonl"
ANSWERED = 100
# With letters so small a whole article fits into one picture.
LINKED = "html { font-size: 6px } ::target-text { background: #f0f; color: #000 }"
WANTED = "html { font-size: 6px } ::target-text { background: none } " + (
    "::highlight(wanted) { background: #f0f; color: #000 }"
)
# The words of the article's text without its line ends, node by node.
NODES = """
  const nodes = [];
  const walker = document.createTreeWalker(document.querySelector(".text"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode())
    if (walker.currentNode.parentElement.closest("h2, p, li")) nodes.push(walker.currentNode);
"""
ADD_STYLE = """css => {
  const style = document.createElement("style");
  style.id = "of-test";
  style.textContent = css;
  document.head.append(style);
}"""
HIGHLIGHT = f"""([start, end, css]) => {{
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
  return nodes.map(node => node.data).join("");
}}"""

MARKED = f"""() => {{
  {NODES}
  const marked = node => node.parentElement.localName === "mark";
  return {{
    marks: [...document.querySelectorAll("mark")].map(mark => mark.textContent),
    target: document.querySelector(":target").localName,
    words: nodes.map(node => node.data).join(""),
    before: nodes.slice(0, nodes.findIndex(marked)).map(node => node.data).join(""),
  }};
}}"""


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
    context = browser.new_context(bypass_csp=True, viewport={"width": 420, "height": 1400})
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


def _follow(page: Page, link: str) -> None:
    """Open a link from elsewhere, and make what it highlights unmistakable."""
    if page.url.partition("#")[0] == link.partition("#")[0]:
        # A link within a page does not load it anew.
        page.goto("about:blank")
    page.goto(link)
    page.evaluate(ADD_STYLE, LINKED)


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
    """One character less, one more, or nothing at all is another picture."""
    camera = opened.context.new_cdp_session(opened)
    citation = next(c for c in citations if c["start"] > 0)
    _follow(opened, citation["here"])
    linked = _picture(camera)
    for change in ({"start": citation["start"] - 2}, {"end": citation["end"] - 1}):
        _highlight(opened, {**citation, **change}, texts[citation["article_id"]])
        assert linked != _picture(camera)
    _follow(opened, citation["here"].partition("#")[0])
    assert linked != _picture(camera)


def test_every_quote_is_marked_exactly_where_it_was_cited(
    opened: Page, linked_site: str, citations: list[Citation], texts: dict[str, str]
) -> None:
    """The form that needs neither a public address nor a browser that knows text fragments."""
    for c in citations:
        query = f"version={c['article_version']}&quote={c['start']}-{c['end']}"
        opened.goto(f"{linked_site}/articles/{c['article_id']}?{query}#quote")
        found = opened.evaluate(MARKED)
        assert found["marks"] == [line for line in c["quote"].split("\n") if line]
        assert found["target"] == "mark"
        assert found["words"] == texts[c["article_id"]].replace("\n", "")
        assert found["before"] == texts[c["article_id"]][: c["start"]].replace("\n", "")


def _place(text: str, offset: int) -> int:
    """An offset in code points as one in the units of a browser, line ends not counted."""
    return len(text[:offset].replace("\n", "").encode("utf-16-le")) // 2


def _fetched(address: str, body: object = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = Request(address, data, {"Content-Type": "application/json"})
    with urlopen(request, timeout=30) as response:
        return json.load(response)
