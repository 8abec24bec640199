"""The widget and a stream: as it comes, cut anywhere, broken, stopped, silent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.embedding import (
    CITATION,
    DISCLAIMER,
    FED,
    NO_SAFETY,
    QUESTION,
    SAID,
    answer,
    ask,
    embed,
    event,
    opening,
    said,
    sent,
)

PARTS = Path(__file__).parents[2] / "rag" / "web" / "widget"
CONTACT = {
    "kind": "emergency",
    "label": "Emergency services",
    "number": "999",
    "href": "tel:999",
    "hours": "day and night",
    "country": "GB",
    "status": "unverified",
}
CARD = {
    "level": "emergency",
    "category": "cardiac",
    "notice": "Call 999 now.",
    "contacts": [CONTACT],
}


@pytest.fixture
def fed(page: Page, site: str) -> Locator:
    """The widget, with a stream that the test feeds."""
    page.add_init_script(FED)
    return embed(page, site, 'country="GB"')


def feed(page: Page, *pieces: str) -> None:
    for piece in pieces:
        page.evaluate("piece => window.feed(piece)", piece)


def finished(turn: Locator) -> None:
    expect(turn).not_to_have_attribute("aria-busy", "true")


def test_statements_are_shown_as_they_come(page: Page, fed: Locator) -> None:
    turn = ask(fed)
    expect(turn.get_by_text("Searching the articles…")).to_be_visible()
    feed(page, opening(), said())
    expect(turn.locator(".statement")).to_have_count(1)
    expect(turn.get_by_text("Searching the articles…")).to_have_count(0)
    feed(page, ": ping\n\n", said(1, "A second sentence.", fresh=False))
    expect(turn.locator(".statement")).to_have_count(2)
    expect(turn.locator(".sources")).to_have_count(0)
    turn.locator(".mark").first.click()
    both = [{"text": SAID, "citations": [1]}, {"text": "A second sentence.", "citations": [1]}]
    feed(page, event("done", answer(statements=both)))
    finished(turn)
    expect(turn.locator(".statement")).to_have_count(2)
    expect(turn.locator(".source")).to_contain_text("Reviewed 29 September 2025")
    expect(turn.locator(".source")).to_contain_text("Review was due 31 January 2026")
    expect(fed.get_by_role("status")).to_have_text("The answer is complete, with 1 sources.")
    (asked,) = page.evaluate("window.asked")
    assert (True, QUESTION, "en", "GB") == tuple(
        asked[name] for name in ("stream", "message", "locale", "country")
    )


def test_a_card_is_shown_before_anything_is_searched(page: Page, fed: Locator) -> None:
    turn = ask(fed)
    feed(page, opening(safety=CARD))
    card = turn.get_by_role("alert")
    expect(card).to_contain_text("Call 999 now.")
    expect(card.get_by_role("link")).to_have_attribute("href", "tel:999")
    expect(card).to_contain_text("day and night")
    done = answer(outcome="emergency", text="Call 999 now.", statements=[], citations=[])
    feed(page, event("done", {**done, "safety": CARD}))
    finished(turn)
    expect(turn.get_by_text("Call 999 now.")).to_have_count(1)


def test_what_no_event_told_is_taken_from_the_whole_answer(page: Page, fed: Locator) -> None:
    turn = ask(fed)
    lead = "This service cannot read anyone's results."
    body = answer(outcome="limited", reason="results", text=f"{lead} {SAID[:-1]} [1].")
    feed(page, event("done", body))
    finished(turn)
    expect(turn.locator(".lead")).to_have_text(lead)
    assert turn.locator(".statement").inner_text().startswith(SAID)


def test_suggestions_are_links_to_articles_and_buttons_that_ask(page: Page, fed: Locator) -> None:
    turn = ask(fed)
    suggestions = [
        {"kind": "article", "text": "One", "article_id": "a b", "url": None},
        {"kind": "article", "text": "Two", "article_id": "c", "url": "https://publisher.example/c"},
        {"kind": "question", "text": "And then?", "article_id": None, "url": None},
    ]
    feed(page, event("done", answer(suggestions=suggestions)))
    links = turn.locator(".suggestions a")
    assert str(links.nth(0).get_attribute("href")).endswith("/articles/a%20b")
    assert "https://publisher.example/c" == links.nth(1).get_attribute("href")
    turn.get_by_role("button", name="And then?").click()
    expect(fed.locator(".asked").last).to_contain_text("And then?")


@pytest.mark.parametrize("how", ["cut", "end"])
def test_a_stream_that_breaks_keeps_what_came_and_says_so(
    page: Page, fed: Locator, how: str
) -> None:
    turn = ask(fed)
    feed(page, opening(), said())
    expect(turn.locator(".statement")).to_have_count(1)
    page.evaluate(f"window.{how}()")
    expect(turn.locator(".problem")).to_contain_text("broke off here and is not complete")
    expect(turn.locator(".statement")).to_have_count(1)
    expect(turn.locator(".sources")).to_contain_text("Can spinal stenosis be cured?")
    expect(turn.locator(".disclaimer")).to_have_text(DISCLAIMER["text"])
    expect(turn.get_by_role("link", name="999")).to_be_visible()
    turn.get_by_role("button", name="Try again").click()
    expect(fed.locator(".turn")).to_have_count(1)
    feed(page, event("done", answer()))
    finished(fed.locator(".turn"))
    expect(fed.locator(".problem")).to_have_count(0)
    assert [[], []] == [asked["history"] for asked in page.evaluate("window.asked")]


def test_what_broke_off_is_part_of_the_history(page: Page, fed: Locator) -> None:
    turn = ask(fed)
    feed(page, opening(), said())
    expect(turn.locator(".statement")).to_have_count(1)
    page.evaluate("window.end()")
    expect(turn.locator(".problem")).to_be_visible()
    ask(fed, "And then?")
    assert [
        {"role": "user", "content": QUESTION},
        {"role": "assistant", "content": SAID},
    ] == page.evaluate("window.asked[1].history")


def test_stopping_ends_the_request_and_marks_the_answer(page: Page, fed: Locator) -> None:
    turn = ask(fed)
    feed(page, opening(), said())
    expect(turn.locator(".statement")).to_have_count(1)
    fed.get_by_role("button", name="Stop").click()
    expect(turn.locator(".problem")).to_contain_text("You stopped the answer")
    expect(turn.locator(".statement")).to_have_count(1)
    expect(turn.locator(".disclaimer")).to_be_visible()
    expect(turn.locator(".card")).to_have_count(0)
    expect(fed.get_by_role("button", name="Ask", exact=True)).to_be_visible()
    assert page.evaluate("window.left")


def test_a_new_question_goes_before_one_that_is_being_answered(page: Page, fed: Locator) -> None:
    ask(fed)
    turn = ask(fed, "What now?")
    expect(fed.locator(".turn").first).to_contain_text("You stopped the answer")
    feed(page, event("done", answer()))
    finished(turn)
    expect(turn.locator(".statement")).to_have_count(1)
    expect(fed.get_by_role("button", name="Ask", exact=True)).to_be_visible()


def test_an_error_in_the_stream_is_told_as_any_other(page: Page, fed: Locator) -> None:
    turn = ask(fed)
    feed(page, opening(), event("error", {"type": "/problems/not-ready", "status": 503}))
    expect(turn.locator(".problem")).to_contain_text("cannot be searched at the moment")
    expect(turn.locator(".problem")).to_contain_text("try again in 10 s")


@pytest.mark.parametrize(
    ("begun", "seconds", "told"),
    [(False, 31, "takes too long"), (True, 41, "broke off here")],
)
def test_silence_ends_in_words(page: Page, site: str, begun: bool, seconds: int, told: str) -> None:
    page.clock.install()
    page.add_init_script(FED)
    widget = embed(page, site)
    turn = ask(widget)
    if begun:
        feed(page, opening(), said())
        expect(turn.locator(".statement")).to_have_count(1)
    page.clock.run_for(seconds * 1000)
    expect(turn.locator(".problem")).to_contain_text(told)
    expect(turn.get_by_role("button", name="Try again")).to_be_enabled()


@pytest.mark.parametrize("data", ["{", "null", '{"outcome": "answered"}', "[]", '"text"'])
def test_an_answer_that_is_none_is_told_as_a_fault(page: Page, fed: Locator, data: str) -> None:
    turn = ask(fed)
    feed(page, f"event: done\ndata: {data}\n\n")
    expect(turn.locator(".problem")).to_be_visible()
    expect(turn.get_by_role("link", name="999")).to_be_visible()


def test_a_json_body_is_as_good_as_a_stream(page: Page, site: str) -> None:
    page.route("**/v1/chat", lambda route: route.fulfill(json=answer()))
    turn = ask(embed(page, site))
    finished(turn)
    assert turn.locator(".statement").inner_text().startswith(SAID)


def test_a_browser_without_streams_asks_for_json(page: Page, site: str) -> None:
    page.add_init_script("delete Response.prototype.body")
    page.route("**/v1/chat", lambda route: route.fulfill(json=answer()))
    widget = embed(page, site)
    with page.expect_request("**/v1/chat") as asked:
        finished(ask(widget))
    assert "application/json" == asked.value.headers["accept"]
    assert sent(asked.value)["stream"] is False
    expect(widget.locator(".statement")).to_have_count(1)


# Asks `follow` of the widget for every way to cut a stream in two, and gives the odd ones.
CUTS = """async ([text, wanted]) => {
  const bytes = new TextEncoder().encode(text);
  const odd = [];
  for (let cut = 0; cut <= bytes.length; cut++) {
    const pieces = [bytes.slice(0, cut), bytes.slice(cut)];
    const body = new ReadableStream({ start(control) {
      pieces.forEach((piece) => control.enqueue(piece));
      control.close();
    }});
    const seen = [];
    const note = (name) => (value) => seen.push([name, value]);
    const on = { open: note("open"), statement: note("statement"), done: note("done") };
    try {
      await follow(new Response(body), on, () => {});
    } catch (error) {
      seen.push(String(error));
    }
    if (JSON.stringify(seen) !== JSON.stringify(wanted)) odd.push([cut, seen]);
  }
  return [bytes.length, odd];
}"""


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_a_stream_may_be_cut_at_every_byte(page: Page, ending: str) -> None:
    for name in ("events.js", "request.js"):
        page.add_script_tag(content=(PARTS / name).read_text(encoding="utf-8"))
    first = {"id": "ans_1", "safety": NO_SAFETY, "disclaimer": DISCLAIMER}
    second = {"index": 0, "text": "慢慢来 🩺: ok", "citations": [], "new_citations": []}
    last = {"outcome": "answered", "statements": [second]}
    split = json.dumps(last, ensure_ascii=False, indent=1).replace("\n", "\ndata:")
    lines = (
        f": ping\n\nid: 4\nretry: 10\n{event('open', first)}:\n\nevent:statement\n"
        f"data:{json.dumps(second, ensure_ascii=False)}\n\nevent: done\ndata: {split}\n\n"
        f"event: done\ndata: what comes after the end\n\n"
    )
    wanted = [["open", first], ["statement", second], ["done", last]]
    text = lines.replace("\n", ending)
    length, odd = page.evaluate(CUTS, [text, wanted])
    assert (len(text.encode()), []) == (length, odd)


def test_a_stream_may_come_byte_by_byte(page: Page, fed: Locator) -> None:
    turn = ask(fed)
    text = (opening() + said() + event("done", answer())).replace("\n", "\r\n")
    page.evaluate("bytes => bytes.forEach((byte) => window.feedBytes([byte]))", [*text.encode()])
    finished(turn)
    assert turn.locator(".statement").inner_text().startswith(SAID)
    expect(turn.locator(".problem")).to_have_count(0)


HOSTILE = [
    "<img src=x onerror=hacked()>",
    "<script>hacked()</script>",
    '"><svg onload=hacked()>',
    "javascript:hacked()",
    " \tJaVaScRiPt:hacked()//",
    "data:text/html,<script>hacked()</script>",
    "</textarea><iframe srcdoc='<script>parent.hacked()</script>'>",
    "{{constructor.constructor('hacked()')()}}",
    "vbscript:hacked()",
    "blob:https://a.example/x",
]


@pytest.mark.parametrize("payload", HOSTILE)
def test_nothing_that_is_sent_becomes_markup_or_runs(
    page: Page, fed: Locator, payload: str
) -> None:
    ran: list[bool] = []
    page.expose_function("hacked", lambda: ran.append(True))
    turn = ask(fed, payload)
    words = {name: payload for name, value in CITATION.items() if isinstance(value, str)}
    contact = {**CONTACT, "label": payload, "number": payload, "href": payload}
    links = [{"kind": "article", "text": payload, "article_id": payload, "url": payload}]
    body: dict[str, Any] = answer(
        text=payload,
        statements=[{"text": payload, "citations": [1]}],
        citations=[{**CITATION, **words, "authors": [payload]}],
        safety={**CARD, "level": "urgent", "notice": payload, "contacts": [contact]},
        disclaimer={"text": payload, "version": payload, "locale": payload},
        suggestions=links,
    )
    feed(page, event("done", body))
    finished(turn)
    turn.locator(".mark").click()
    shown = set(fed.evaluate("n => [...n.shadowRoot.querySelectorAll('*')].map(e => e.localName)"))
    assert set() == shown & {"script", "img", "svg", "iframe", "object", "embed", "style", "link"}
    schemes = fed.evaluate("n => [...n.shadowRoot.querySelectorAll('a')].map(e => e.protocol)")
    assert {"http:"} == set(schemes)
    page.wait_for_timeout(50)
    assert [] == ran
