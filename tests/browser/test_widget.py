"""The widget over the real server."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.embedding import EMERGENCY, QUESTION, ask, embed, sent


def answered(widget: Locator, question: str = QUESTION) -> Locator:
    turn = ask(widget, question)
    expect(turn.locator(".tools button").first).to_be_visible()
    return turn


def focused(page: Page) -> str:
    """The text of what has the focus inside the widget."""
    text: str = page.evaluate("document.activeElement.shadowRoot?.activeElement?.textContent ?? ''")
    return text


def test_it_says_what_it_is_before_the_first_question(page: Page, site: str) -> None:
    widget = embed(page, site)
    expect(widget.locator(".disclosure")).to_contain_text("automated tool")
    full = widget.get_by_text("not a doctor or a nurse")
    expect(full).to_be_hidden()
    widget.get_by_text("What you should know before you ask").click()
    expect(full).to_be_visible()
    expect(widget.get_by_text("stores none of your questions")).to_be_visible()
    order = "label, .disclosure"
    first = widget.locator(order).first
    assert "disclosure" == first.get_attribute("class")


def test_an_answer_is_quotes_with_numbers_sources_and_the_disclaimer(page: Page, site: str) -> None:
    turn = answered(embed(page, site))
    assert turn.locator(".statement").count() >= 1
    assert turn.locator(".statement").count() <= turn.locator(".mark").count()
    expect(turn.locator(".sources")).to_contain_text("Can spinal stenosis be cured")
    expect(turn.locator(".disclaimer")).to_contain_text("not medical advice")
    expect(turn.locator(".card, .problem")).to_have_count(0)


def test_a_number_opens_the_quote_with_a_link_to_the_very_sentence(page: Page, site: str) -> None:
    turn = answered(embed(page, site, 'country="GB"'))
    mark = turn.get_by_role("button", name="Source 1", exact=True)
    mark.click()
    expect(mark).to_have_attribute("aria-expanded", "true")
    source = turn.get_by_role("group", name="Source 1")
    expect(source).to_contain_text("Can spinal stenosis be cured, and how is it managed?")
    expect(source).to_contain_text("Wellcited demo editors")
    expect(source).to_contain_text("Published 14 January 2026")
    quote = source.locator("blockquote").inner_text()
    assert quote.split("\n")[0] in turn.locator(".statement").first.inner_text()
    link = source.get_by_role("link")
    address = link.get_attribute("href") or ""
    found = re.fullmatch(
        rf"{site}/articles/spinal-stenosis\?version=(\w+)&quote=(\d+)-(\d+)#quote", address
    )
    assert found, address
    article = page.request.get(f"{site}/v1/articles/spinal-stenosis?version={found[1]}").json()
    assert quote == article["text"][int(found[2]) : int(found[3])]
    assert "_blank" == link.get_attribute("target")
    assert "noopener nofollow" == link.get_attribute("rel")
    mark.click()
    expect(source).to_have_count(0)


def test_an_emergency_is_a_card_with_numbers_to_call(page: Page, site: str) -> None:
    turn = ask(embed(page, site, 'country="GB"'), EMERGENCY)
    card = turn.get_by_role("alert")
    expect(card).to_contain_text("call 999 now")
    calls = card.get_by_role("link")
    assert ["tel:999", "tel:112"] == [call.get_attribute("href") for call in calls.all()]
    expect(turn.locator(".disclaimer")).to_be_visible()
    expect(turn.locator(".statement")).to_have_count(0)


def test_a_crisis_names_helplines_also_by_text_message(page: Page, site: str) -> None:
    turn = ask(embed(page, site, 'country="GB" locale="es"'), "I want to kill myself")
    expect(turn.get_by_role("alert")).to_contain_text("no tiene que afrontarlo a solas")
    links = turn.get_by_role("alert").get_by_role("link").all()
    assert "sms:85258" in [link.get_attribute("href") for link in links]


def test_where_the_articles_do_not_answer_it_says_so_and_what_to_do(page: Page, site: str) -> None:
    turn = answered(embed(page, site), "What is the best treatment for appendicitis?")
    expect(turn.locator(".lead")).to_contain_text("none of them clearly answers")
    expect(turn.get_by_text("You can try other words")).to_be_visible()
    link = turn.locator(".suggestions").get_by_role("link").first
    assert re.match(rf"{site}/articles/[\w.-]+$", link.get_attribute("href") or "")


def test_a_personal_question_is_answered_with_whom_to_ask(page: Page, site: str) -> None:
    turn = answered(embed(page, site), "How much ibuprofen should I take for my back?")
    expect(turn.locator(".lead")).to_contain_text("cannot work out a dose")
    expect(turn.get_by_text("You can try other words")).to_have_count(0)


def test_it_offers_articles_to_start_from(page: Page, site: str) -> None:
    widget = embed(page, site)
    topics = widget.locator(".examples button")
    expect(topics).to_have_count(3)
    title = topics.first.inner_text()
    topics.first.click()
    turn = widget.locator(".turn")
    expect(turn.locator(".asked")).to_contain_text(title)
    expect(turn.locator(".disclaimer")).to_be_visible()
    expect(topics).to_have_count(0)


def test_what_was_said_is_sent_along_and_clearing_forgets_it(page: Page, site: str) -> None:
    widget = embed(page, site)
    answered(widget)
    text = page.request.post(f"{site}/v1/chat", data={"message": QUESTION}).json()["text"]
    with page.expect_request("**/v1/chat") as second:
        answered(widget, "What about surgery for spinal stenosis?")
    assert [
        {"role": "user", "content": QUESTION},
        {"role": "assistant", "content": text},
    ] == sent(second.value)["history"]
    widget.get_by_role("button", name="Clear conversation").click()
    expect(widget.locator(".turn")).to_have_count(0)
    expect(widget.get_by_role("status")).to_have_text("The conversation has been cleared.")
    with page.expect_request("**/v1/chat") as third:
        answered(widget)
    assert [] == sent(third.value)["history"]


def test_asking_again_replaces_the_answer(page: Page, site: str) -> None:
    widget = embed(page, site)
    turn = answered(widget)
    with page.expect_request("**/v1/chat") as again:
        turn.get_by_role("button", name="Ask again").click()
    expect(widget.locator(".turn .disclaimer")).to_have_count(1)
    assert (QUESTION, []) == (sent(again.value)["message"], sent(again.value)["history"])


def test_an_answer_is_copied_with_its_sources_and_the_disclaimer(page: Page, site: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site)
    widget = embed(page, site)
    turn = answered(widget)
    turn.get_by_role("button", name="Copy answer").click()
    expect(widget.get_by_role("status")).to_contain_text("has been copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    body = page.request.post(f"{site}/v1/chat", data={"message": QUESTION}).json()
    first = body["citations"][0]
    assert copied.startswith(body["text"])
    assert copied.endswith(body["disclaimer"]["text"])
    assert f"[1] {first['title']}" in copied
    assert f"{site}/articles/spinal-stenosis?version={first['article_version']}" in copied


def test_the_keyboard_alone_leads_from_the_box_to_the_article(page: Page, site: str) -> None:
    widget = embed(page, site)
    expect(widget.locator(".examples button")).to_have_count(3)
    for _ in range(6):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.shadowRoot?.activeElement?.id") == "message":
            break
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    expect(widget.locator(".tools button").first).to_be_visible()
    assert QUESTION in focused(page)
    page.keyboard.press("Tab")
    assert "1" == focused(page)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert "Read this in the article" in focused(page)
    with page.context.expect_page() as opened:
        page.keyboard.press("Enter")
    assert re.search(
        r"/articles/spinal-stenosis\?version=\w+&quote=\d+-\d+#quote$", opened.value.url
    )
    page.bring_to_front()
    page.keyboard.press("Escape")
    expect(widget.get_by_role("group", name="Source 1")).to_have_count(0)
    assert "1" == focused(page)


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_nothing_scrolls_sideways_at_any_width(page: Page, site: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    widget = embed(page, site, 'locale="es" country="GB"')
    answered(widget).locator(".mark").first.click()
    ask(widget, "Donaudampfschifffahrtsgesellschaftskapitän" * 4)
    ask(widget, EMERGENCY)
    expect(widget.get_by_role("alert")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    inner = "node => [...node.shadowRoot.querySelectorAll('*')].filter("
    inner += "(e) => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 1"
    inner += " && getComputedStyle(e).display !== 'inline').map((e) => e.className)"
    assert [] == widget.evaluate(inner)
