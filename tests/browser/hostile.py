"""A server whose every word is a payload, and what a page must not show of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.serving import make_server

from rag.settings import Settings
from rag.types import (
    Answer,
    Article,
    Contact,
    Level,
    Question,
    Safety,
    Section,
    Status,
    StoredArticle,
    Suggestion,
)
from rag.web import create_app
from tests.browser.payloads import PAYLOADS
from tests.doubles import SCRIPTED_ARTICLE, ScriptedAssistant, answered

ALLOWED = {"http:", "https:", "tel:", "sms:"}
# Whatever a payload manages to do is noted here, in every frame.
WATCH = """
  window.executed = [];
  window.hacked = number => { window.executed.push(number); };
  for (const name of ["alert", "confirm", "prompt"]) window[name] = window.hacked;
"""
# Every element below a root with the names of its attributes, shadow roots included.
SHAPE = """root => {
  const shape = node => {
    const names = node.getAttributeNames ? node.getAttributeNames().sort().join(" ") : "";
    const below = [...(node.shadowRoot ? [node.shadowRoot] : []), ...node.children].map(shape);
    return `${node.localName ?? "#shadow"}[${names}](${below.join("")})`;
  };
  return shape(root);
}"""
# The schemes of every address that an element names.
SCHEMES = """root => {
  const found = new Set();
  const names = ["href", "src", "action", "formaction", "cite", "data", "xlink:href"];
  const look = node => {
    for (const name of names)
      if (node.hasAttribute?.(name))
        found.add(new URL(node.getAttribute(name), document.baseURI).protocol);
    if (node.shadowRoot) look(node.shadowRoot);
    for (const child of node.children) look(child);
  };
  look(root);
  return [...found];
}"""

# Each page of a list is fetched and laid out in a frame of its own, where it can do what it could
# do by itself; told is what became of it. Many at a time, since most of it is waiting.
LAID_OUT = f"""async pages => {{
  const shapeOf = {SHAPE}, schemesOf = {SCHEMES};
  const lay = async ([address, form]) => {{
    const asked = form ? {{ method: "POST", body: new URLSearchParams(form) }} : {{}};
    const response = await fetch(address, {{ headers: {{ Accept: "text/html" }}, ...asked }});
    const frame = document.createElement("iframe");
    frame.srcdoc = await response.text();
    const loaded = new Promise(done => frame.addEventListener("load", done));
    document.body.append(frame);
    await loaded;
    await new Promise(done => setTimeout(done, 100));
    const root = frame.contentDocument.documentElement;
    const facts = frame.contentDocument.querySelector("[type='application/ld+json']");
    const told = {{
      status: response.status,
      shape: shapeOf(root),
      schemes: schemesOf(root),
      executed: frame.contentWindow.executed,
      words: root.querySelector("main").innerText,
      facts: facts && JSON.parse(facts.text),
    }};
    frame.remove();
    return told;
  }};
  const told = [];
  for (let at = 0; at < pages.length; at += 16)
    told.push(...await Promise.all(pages.slice(at, at + 16).map(lay)));
  return told;
}}"""


def harmless(payload: str) -> str:
    """A plain word on each line of a payload; an address stays one."""
    plain = "https://plain" if payload.startswith("https://") else "plain"
    return "\n".join(plain if line.strip() else "" for line in payload.split("\n"))


TEXTS = (*PAYLOADS, *dict.fromkeys(harmless(payload) for payload in PAYLOADS))
"""Every payload, and after them the harmless texts of the same shapes."""


def words(text: str) -> str:
    """A text without white space, which the boxes of clients change."""
    return "".join(text.split())


def hostile_article(number: int, text: str) -> Article:
    """An article with a text in every field that has words."""
    lines = [text, f"These may help {text}:", f"{text} one.", f"{text} two.", f"After {text}."]
    body = "\n".join(lines)
    start = len(lines[0]) + 1
    return replace(
        SCRIPTED_ARTICLE,
        id=f"p{number}",
        version=f"{number:016x}",
        title=text,
        text=body,
        sections=(Section(text, start, len(body)),),
        authors=(text, f"B. {text}"),
        publisher=text,
        language=text,
        url=text,
    )


def reply(question: Question) -> Answer:
    """The answer to a payload: itself, wherever an answer has text."""
    number = next(n for n, text in enumerate(TEXTS) if words(text) == words(question.message))
    text = TEXTS[number]
    article = hostile_article(number, text)
    contact = Contact("advice", text, text, text, text, None, "verified")
    linked = replace(article, url=f"https://news.example/{text}")
    plain = answered(f"{text} one.", f"After {text}.", article=linked)(question)
    return replace(
        plain,
        id=f"ans_{text}",
        safety=Safety(Level.URGENT, text, text, (contact,)),
        suggestions=(
            Suggestion("article", text, "p1", text),
            Suggestion("article", text, text, None),
            Suggestion("question", text),
        ),
    )


@contextmanager
def hostile_server() -> Iterator[str]:
    """The real application over an assistant that says nothing but payloads."""
    stored = tuple(
        StoredArticle(hostile_article(number, text), Status.LIVE, f"{number:016x}", 7)
        for number, text in enumerate(TEXTS)
    )
    app = create_app(Settings(rate_limit="off"), ScriptedAssistant(reply=reply, stored=stored))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def watched(browser: Browser, site: str) -> Iterator[Page]:
    """A page without the policy that would stop a script, and with a watch on what it does.

    Nothing may have been executed, asked for elsewhere, or opened when it is closed.
    """
    context = browser.new_context(bypass_csp=True)
    context.add_init_script(WATCH)
    page = context.new_page()
    asked = _asked(context, site)
    opened: list[str] = []
    page.on("dialog", lambda dialog: opened.append(dialog.message))
    page.on("popup", lambda popup: opened.append(popup.url))
    yield page
    context.close()
    assert (asked, opened) == ([], [])


def executed(page: Page) -> list[Any]:
    """What payloads have been executed in the frames of a page."""
    return [number for frame in page.frames for number in frame.evaluate("window.executed")]


def _asked(context: BrowserContext, site: str) -> list[str]:
    """Every request that goes to another site, filled as it happens; none of them is answered."""
    asked: list[str] = []

    def elsewhere(route: Any) -> None:
        asked.append(route.request.url)
        route.abort()

    context.route(lambda url: not url.startswith(site), elsewhere)
    return asked
