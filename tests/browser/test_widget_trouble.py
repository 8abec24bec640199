"""The widget when no answer comes: whom to call is always there, and what to do now."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.embedding import (
    DISCLAIMER,
    EMERGENCY,
    NO_SAFETY,
    QUESTION,
    ask,
    embed,
    refuse,
    sent,
)

NOWHERE = "http://127.0.0.1:1023"


def calls(place: Locator) -> list[str | None]:
    return [link.get_attribute("href") for link in place.locator("a.call").all()]


def test_where_no_server_answers_it_shows_whom_to_call(page: Page, site: str) -> None:
    widget = embed(page, site, f'endpoint="{NOWHERE}" country="GB"')
    expect(widget.get_by_role("alert")).to_contain_text("cannot be reached")
    expect(widget.get_by_text("If this is an emergency, call now:")).to_be_visible()
    expected = ["tel:999", "tel:112", "tel:116123", "sms:85258", "tel:111"]
    assert expected == calls(widget)
    expect(widget.locator(".disclosure")).to_contain_text("automated tool")
    turn = ask(widget, EMERGENCY)
    expect(turn.locator(".problem")).to_contain_text("cannot be reached")
    assert expected == calls(turn)
    expect(turn.locator(".disclaimer")).to_contain_text("not medical advice")


@pytest.mark.parametrize(
    ("attributes", "numbers"),
    [
        ('country="US" locale="es"', ["911", "988", "988"]),
        ('country="uk"', ["999", "112", "116 123", "85258", "111"]),
        ('country="CN" locale="zh-Hans-CN"', ["120", "110", "12356"]),
        ('country="ZZ"', ["112", "911", "999", "findahelpline.com"]),
    ],
)
def test_its_list_is_that_of_the_country(
    page: Page, site: str, attributes: str, numbers: list[str]
) -> None:
    widget = embed(page, site, f'endpoint="{NOWHERE}" {attributes}')
    expect(widget.locator(".call").first).to_be_visible()
    assert numbers == widget.locator(".call .number").all_inner_texts()


def test_offline_it_says_so_and_the_next_try_answers(page: Page, site: str) -> None:
    widget = embed(page, site, 'country="GB"')
    expect(widget.locator(".examples button")).to_have_count(3)
    page.context.set_offline(True)
    turn = ask(widget)
    expect(turn.locator(".problem")).to_contain_text("You are offline")
    expect(turn.get_by_role("link", name="999")).to_be_visible()
    page.context.set_offline(False)
    turn.get_by_role("button", name="Try again").click()
    expect(widget.locator(".turn .sources")).to_be_visible()
    expect(widget.locator(".problem")).to_have_count(0)


def test_too_many_questions_have_to_wait_as_long_as_the_server_says(page: Page, site: str) -> None:
    page.clock.install()
    refuse(page, 429, {"Retry-After": "12"}, safety=NO_SAFETY, disclaimer=DISCLAIMER)
    widget = embed(page, site, 'country="GB"')
    turn = ask(widget)
    retry = turn.get_by_role("button", name="Try again")
    expect(turn.locator(".wait")).to_have_text("You can try again in 12 s.")
    expect(retry).to_be_disabled()
    expect(turn.get_by_role("link", name="999")).to_be_visible()
    page.clock.run_for(5000)
    expect(turn.locator(".wait")).to_have_text("You can try again in 7 s.")
    page.clock.run_for(8000)
    expect(retry).to_be_enabled()
    expect(widget.get_by_role("status")).to_have_text("You can try again now.")


@pytest.mark.parametrize(
    ("status", "headers", "kind", "told", "wait"),
    [
        (503, {"Retry-After": "3"}, "busy", "Many people are asking", "3 s"),
        (503, {}, "busy", "Many people are asking", "10 s"),
        (503, {"Retry-After": "7"}, "not-ready", "cannot be searched", "7 s"),
        (500, {}, "internal-error", "Something went wrong", None),
        (413, {}, "body-too-large", "longer than 2000 characters", None),
        (422, {}, "invalid-request", "could not be read", None),
    ],
)
def test_every_refusal_is_told_in_plain_words(
    page: Page, site: str, status: int, headers: dict[str, str], kind: str, told: str, wait: str
) -> None:
    refuse(page, status, headers, type=f"/problems/{kind}")
    turn = ask(embed(page, site, 'country="GB"'))
    expect(turn.locator(".problem")).to_contain_text(told)
    assert ([] if wait is None else [f"You can try again in {wait}."]) == turn.locator(
        ".wait"
    ).all_inner_texts()
    expect(turn.get_by_role("link", name="999")).to_be_visible()
    expect(turn.locator(".disclaimer")).to_be_visible()


def test_a_refusal_that_carries_a_card_shows_it(page: Page, site: str) -> None:
    safety = {
        "level": "emergency",
        "category": "cardiac",
        "notice": "Call 123 now.",
        "contacts": [{"label": "Help", "number": "123", "href": "tel:123", "hours": None}],
    }
    refuse(page, 503, {"Retry-After": "1"}, safety=safety, disclaimer=DISCLAIMER)
    turn = ask(embed(page, site, 'country="GB"'), EMERGENCY)
    expect(turn.get_by_role("alert")).to_contain_text("Call 123 now.")
    assert ["tel:123"] == calls(turn)
    expect(turn.locator(".disclaimer")).to_have_text(DISCLAIMER["text"])


def test_what_a_proxy_says_in_html_is_a_fault_like_any_other(page: Page, site: str) -> None:
    def fulfil(route: Route) -> None:
        route.fulfill(status=502, content_type="text/html", body="<h1>Bad gateway</h1>")

    page.route("**/v1/chat", fulfil)
    turn = ask(embed(page, site))
    expect(turn.locator(".problem")).to_contain_text("Something went wrong")
    expect(turn.get_by_text("Bad gateway")).to_have_count(0)


def test_a_message_that_is_too_long_stays_in_the_box_and_is_still_read_for_safety(
    page: Page, site: str
) -> None:
    widget = embed(page, site, 'country="GB"')
    box = widget.locator("textarea")
    box.fill("🩺" * 1590)
    expect(widget.locator(".count")).to_have_text("")
    box.fill("🩺" * 1700)
    expect(widget.locator(".count")).to_have_text("300 characters left")
    message = f"{EMERGENCY}. ".ljust(2010, "x")
    turn = ask(widget, message)
    expect(turn.locator(".problem")).to_contain_text("longer than 2000 characters")
    expect(turn.get_by_role("alert")).to_contain_text("999")
    expect(turn.get_by_role("button", name="Try again")).to_have_count(0)
    expect(box).to_have_value(message)
    expect(box).to_have_attribute("aria-invalid", "true")
    expect(widget.locator(".count")).to_have_text("10 characters too many")


def test_an_empty_question_is_not_sent(page: Page, site: str) -> None:
    widget = embed(page, site)
    widget.locator("textarea").fill("  \n ")
    widget.get_by_role("button", name="Ask", exact=True).click()
    expect(widget.locator(".count")).to_have_text("Please write a question first.")
    expect(widget.locator(".turn")).to_have_count(0)


def test_enter_that_ends_a_word_being_composed_sends_nothing(page: Page, site: str) -> None:
    widget = embed(page, site, 'locale="zh"')
    widget.locator("textarea").fill("tong")
    composing = "new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, cancelable: true})"
    taken = f"n => !n.shadowRoot.querySelector('textarea').dispatchEvent({composing})"
    assert not widget.evaluate(taken)
    expect(widget.locator(".turn")).to_have_count(0)


def test_a_long_conversation_is_cut_to_what_the_server_takes(page: Page, site: str) -> None:
    """Answers go first: the safety gate reads the questions."""
    config = page.request.get(f"{site}/v1/config").json()
    config["limits"] = {"message": 2000, "body": 4096, "history": 50}
    page.route("**/v1/config*", lambda route: route.fulfill(json=config))
    reply = "word " * 120
    bodies: list[dict[str, object]] = []

    def fulfil(route: Route) -> None:
        bodies.append(sent(route.request))
        answer = {"outcome": "abstained", "text": reply, "reason": "no_article", "statements": []}
        rest = {"citations": [], "suggestions": [], "safety": NO_SAFETY, "disclaimer": DISCLAIMER}
        route.fulfill(json={**answer, **rest})

    page.route("**/v1/chat", fulfil)
    widget = embed(page, site)
    expect(widget.locator(".examples button")).to_have_count(3)
    for number in range(9):
        expect(ask(widget, f"{QUESTION} {number}").locator(".tools button").first).to_be_visible()
    history = bodies[-1]["history"]
    assert isinstance(history, list)
    said = [turn["content"] for turn in history if turn["role"] == "user"]
    assert [f"{QUESTION} {number}" for number in range(8)] == said
    assert 0 < len(history) - len(said) < 8
    assert len(json.dumps(bodies[-1]).encode()) <= 4096
