"""Pages of a publisher that hold the widget, and a service whose stream is fed by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from playwright.sync_api import Locator, Page, Request, Route

WIDGET = "wellcited-chat"
TAG = '<script src="/widget.js" defer></script>'
EMERGENCY = "I have crushing chest pain and cannot breathe"
QUESTION = "Can spinal stenosis be cured?"

# In place of the network: `feed` sends a piece of text, `feedBytes` bytes, `end` ends the stream,
# `cut` breaks it. What was asked is in `asked`.
FED = """
window.asked = [];
const real = window.fetch;
window.fetch = (address, options) => {
  if (!String(address).endsWith("v1/chat")) return real(address, options);
  window.asked.push(JSON.parse(options.body));
  const body = new ReadableStream({ start(control) {
    window.feedBytes = (bytes) => control.enqueue(new Uint8Array(bytes));
    window.feed = (text) => control.enqueue(new TextEncoder().encode(text));
    window.end = () => control.close();
    window.cut = () => control.error(new TypeError("network error"));
    options.signal.addEventListener("abort", () => {
      window.left = true;
      control.error(new DOMException("aborted", "AbortError"));
    });
  }});
  const headers = { "Content-Type": "text/event-stream; charset=utf-8" };
  return Promise.resolve(new Response(body, { headers }));
};
"""

CITATION = {
    "number": 1,
    "article_id": "spinal-stenosis",
    "article_version": "0123456789abcdef",
    "title": "Can spinal stenosis be cured?",
    "authors": ["A. Author", "B. Author"],
    "publisher": "The publisher",
    "url": None,
    "deep_link": "https://publisher.example/stenosis#:~:text=It%20cannot",
    "section": None,
    "published": "2024-01-14",
    "reviewed": "2025-09-29",
    "next_review": "2026-01-31",
    "overdue": True,
    "quote": "It usually cannot be cured.\nIt can be eased — 慢慢来.",
    "start": 120,
    "end": 171,
}
NO_SAFETY: dict[str, Any] = {"level": "none", "category": None, "notice": None, "contacts": []}
DISCLAIMER = {"text": "General information, not medical advice.", "version": "1", "locale": "en"}
SAID = "It usually cannot be cured. It can be eased — 慢慢来."


def answer(**changes: Any) -> dict[str, Any]:
    """The body of an answer with one statement."""
    body: dict[str, Any] = {
        "id": "ans_1",
        "conversation_id": None,
        "outcome": "answered",
        "text": f"{SAID[:-1]} [1].",
        "statements": [{"text": SAID, "citations": [1]}],
        "citations": [CITATION],
        "safety": NO_SAFETY,
        "disclaimer": DISCLAIMER,
        "reason": None,
        "suggestions": [],
        "generated_by": "extractive",
        "generation": 7,
    }
    return {**body, **changes}


def event(name: str, value: object) -> str:
    """One event of a stream."""
    return f"event: {name}\ndata: {json.dumps(value, ensure_ascii=False)}\n\n"


def opening(**changes: Any) -> str:
    """The first event."""
    return event("open", {"id": "ans_1", "safety": NO_SAFETY, "disclaimer": DISCLAIMER, **changes})


def said(index: int = 0, text: str = SAID, fresh: bool = True) -> str:
    """The event of one statement, with its citation where it is the first of it."""
    new = [CITATION] if fresh else []
    statement = {"index": index, "text": text, "citations": [1], "new_citations": new}
    return event("statement", statement)


def host(body: str, head: str = "", lang: str = "en") -> str:
    """A page of a publisher."""
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>A page of the publisher</title>{head}</head>"
        f"<body><main><h1>A page of the publisher</h1>{body}</main></body></html>"
    )


def embed(
    page: Page,
    site: str,
    attributes: str = "",
    *,
    html: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Locator:
    """Open a page of the site's own origin that holds the widget, and give the widget.

    html: the page instead of the usual one; headers: those of the page.
    """
    shown = html or host(f"<{WIDGET} {attributes}></{WIDGET}>{TAG}")

    def fulfil(route: Route) -> None:
        route.fulfill(body=shown, content_type="text/html", headers=dict(headers or {}))

    page.route(f"{site}/a-page", fulfil)
    page.goto(f"{site}/a-page")
    return page.locator(WIDGET)


def ask(widget: Locator, question: str = QUESTION) -> Locator:
    """Write a question, send it with Enter, and give the turn that it makes."""
    box = widget.locator("textarea")
    box.fill(question)
    box.press("Enter")
    return widget.locator(".turn").last


def sent(request: Request) -> dict[str, Any]:
    """The body of a question that was sent."""
    body: dict[str, Any] = json.loads(request.post_data or "")
    return body


def refuse(page: Page, status: int, headers: Mapping[str, str], **members: Any) -> None:
    """Answer questions with a problem."""
    problem = {"type": "/problems/x", "title": "x", "status": status, "detail": "x", **members}

    def fulfil(route: Route) -> None:
        route.fulfill(
            status=status,
            headers=dict(headers),
            content_type="application/problem+json",
            body=json.dumps(problem),
        )

    page.route("**/v1/chat", fulfil)
