"""deep-chat, at a pinned version, in a real browser on a page of the service's own address."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.clients.running import MODULES, require_clients
from tests.scripted import CARD, DISCLAIMER, FIXED, NOTICE, QUOTES, serving_scripted

BUNDLE = MODULES / "deep-chat" / "dist" / "deepChat.bundle.js"
PAGE = """<!doctype html><meta charset="utf-8"><title>deep-chat</title>
<script type="module" src="/deepChat.bundle.js"></script>
<deep-chat id="chat" style="width: 90vw; height: 80vh"></deep-chat>"""
NATIVE = {"url": "/v1/deep-chat"}
_ANSWERS = ".ai-message-text:not(.error-message-text)"


@pytest.fixture(scope="module")
def scripted_site() -> Iterator[str]:
    require_clients("deep-chat")
    with serving_scripted() as address:
        yield address


class Chat:
    """A page with deep-chat on it."""

    def __init__(self, page: Page, site: str, settings: dict[str, Any]) -> None:
        self.page = page
        page.route("**/deep-chat.html", lambda route: _fulfil(route, PAGE, "text/html"))
        page.route(
            "**/deepChat.bundle.js",
            lambda route: _fulfil(route, BUNDLE.read_text(encoding="utf-8"), "text/javascript"),
        )
        page.goto(f"{site}/deep-chat.html")
        page.evaluate(
            """async (settings) => {
                await customElements.whenDefined("deep-chat");
                window.told = [];
                chat.onMessage = ({message}) => window.told.push(message);
                Object.assign(chat, settings);
            }""",
            settings,
        )
        page.locator("#text-input").wait_for()

    def ask(self, text: str) -> None:
        self.page.locator("#text-input").fill(text)
        self.page.keyboard.press("Enter")

    @property
    def answer(self) -> Locator:
        return self.page.locator(_ANSWERS).last

    @property
    def error(self) -> Locator:
        return self.page.locator(".error-message-text").last

    def custom(self) -> dict[str, Any]:
        """What the page itself is told beside the last text."""
        told: dict[str, Any] = self.page.evaluate("window.told.at(-1).custom.wellcited")
        return told


def _fulfil(route: Route, body: str, content_type: str) -> None:
    route.fulfill(body=body, content_type=f"{content_type}; charset=utf-8")


@pytest.fixture(params=[False, True], ids=["whole", "stream"])
def chat(request: pytest.FixtureRequest, page: Page, scripted_site: str) -> Chat:
    shown = {"displayServiceErrorMessages": True}
    connect = {**NATIVE, "stream": request.param}
    return Chat(page, scripted_site, {"connect": connect, "errorMessages": shown})


def test_the_answer_is_shown_word_by_word_with_linked_markers_and_disclaimer(
    chat: Chat, scripted_site: str
) -> None:
    chat.ask("Does it get better?")
    marked = [f"{quote[:-1]} [{n}]." for n, quote in enumerate(QUOTES, start=1)]
    marked[1] = (
        "Walking 😀 helps *many* people, but see a doctor if it does not (e.g. after 6 weeks) [2]."
    )
    expect(chat.answer).to_have_text(f"{' '.join(marked)} {DISCLAIMER}", use_inner_text=True)
    links = chat.answer.locator("a")
    assert ["[1]", "[2]", "[3]"] == links.all_inner_texts()
    addresses = [link.get_attribute("href") or "" for link in links.all()]
    told = chat.custom()["citations"]
    assert [told[0]["deep_link"], told[2]["deep_link"]] == [addresses[0], addresses[2]]
    assert (
        f"{scripted_site}/articles/back%20pain%2F2?version=0123456789abcdef&quote=47-131#quote"
        == addresses[1]
    )
    assert ["Back pain: what helps?", 'A "title" [with] marks'] == [
        link.get_attribute("title") for link in links.all()[:2]
    ]
    assert 0 == chat.answer.locator("img, em, h1, ul, ol, script").count()


@pytest.mark.parametrize(
    ("message", "begins"),
    [
        ("Is it urgent?", f"{NOTICE} {QUOTES[0][:-1]} [1]."),
        ("crushing chest pain", f"{CARD} {DISCLAIMER}"),
        ("the limited one", f"{FIXED} {QUOTES[0][:-1]} [1]. {DISCLAIMER}"),
    ],
)
def test_notice_and_card_are_shown_once(chat: Chat, message: str, begins: str) -> None:
    chat.ask(message)
    expect(chat.answer).to_contain_text(DISCLAIMER)
    expect(chat.answer).to_contain_text(begins.split(" ")[3])
    chat.page.wait_for_function("window.told.some((m) => m.custom)")
    shown = " ".join(chat.answer.inner_text().split())
    assert shown.startswith(begins)
    assert [1, 1] == [shown.count(begins[:20]), shown.count(DISCLAIMER)]


def test_an_error_says_what_is_wrong_after_the_card(chat: Chat) -> None:
    chat.ask("crushing chest pain" + "x" * 2000)
    expect(chat.error).to_contain_text(CARD)
    expect(chat.error).to_contain_text("must have at most 2,000 characters")


def test_what_was_said_earlier_is_kept_in_the_page(page: Page, scripted_site: str) -> None:
    chat = Chat(
        page,
        scripted_site,
        {"connect": NATIVE, "requestBodyLimits": {"maxMessages": 0}},
    )
    chat.ask("crushing chest pain")
    expect(chat.answer).to_contain_text(CARD)
    chat.ask("Does it get better?")
    expect(page.locator(_ANSWERS)).to_have_count(2)
    expect(chat.answer).to_contain_text(CARD)


def test_a_stream_that_fails_leaves_notice_and_disclaimer_on_the_screen(
    page: Page, scripted_site: str
) -> None:
    chat = Chat(
        page,
        scripted_site,
        {
            "connect": {**NATIVE, "stream": True},
            "errorMessages": {"displayServiceErrorMessages": True},
        },
    )
    chat.ask("urgent, and this fails")
    expect(chat.error).to_contain_text("run rag index")
    expect(chat.answer).to_contain_text(NOTICE)
    expect(chat.answer).to_contain_text(DISCLAIMER)


def test_a_stream_that_is_cut_off_leaves_notice_and_disclaimer_on_the_screen(
    page: Page, scripted_site: str
) -> None:
    """The reader presses stop before the answer has come."""
    chat = Chat(page, scripted_site, {"connect": {**NATIVE, "stream": True}})
    chat.ask("slowly, and urgent")
    expect(chat.answer).to_contain_text(NOTICE)
    page.locator("#submit-button, .input-button").last.click()
    page.wait_for_timeout(1_500)
    expect(chat.answer).to_contain_text(DISCLAIMER)
    assert QUOTES[0][:20] not in chat.answer.inner_text()


@pytest.mark.parametrize("stream", [False, True])
def test_its_openai_mode_works_unchanged(page: Page, scripted_site: str, stream: bool) -> None:
    chat = Chat(
        page,
        scripted_site,
        {
            "directConnection": {"openAI": {"key": "none", "completions": {"model": "wellcited"}}},
            "connect": {"url": f"{scripted_site}/v1/chat/completions", "stream": stream},
        },
    )
    chat.ask("Is it urgent?")
    expect(chat.answer).to_contain_text(DISCLAIMER)
    shown = " ".join(chat.answer.inner_text().split())
    assert shown.startswith(f"{NOTICE} {QUOTES[0][:-1]} [1].")


def test_files_are_refused_in_its_own_words(page: Page, scripted_site: str) -> None:
    response = page.request.post(
        f"{scripted_site}/v1/deep-chat",
        multipart={"message1": json.dumps({"role": "user", "text": "pain"})},
    )
    assert (415, "application/json") == (response.status, response.headers["content-type"])
    assert isinstance(response.json()["error"], str)
