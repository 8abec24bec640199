"""The widget on pages of publishers: one tag, strict policies, other origins, languages, themes."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.embedding import EMERGENCY, TAG, WIDGET, ask, embed, host
from tests.serving import serving

POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; require-trusted-types-for 'script'"
)


class Elsewhere(BaseHTTPRequestHandler):
    """Another site, whose page has nothing but a tag of the service named in its query."""

    def do_GET(self) -> None:
        tag = TAG.replace("/widget.js", f"{self.path[2:]}/widget.js")
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(host(tag.replace("defer", 'data-country="GB" defer')).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    """The origin of another site."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def answered(widget: Locator) -> Locator:
    turn = ask(widget)
    expect(turn.locator(".sources")).to_be_visible()
    return turn


def test_one_tag_is_enough_and_the_widget_stands_where_it_stands(page: Page, site: str) -> None:
    tag = '<script src="/widget.js" data-title="Ask us" data-country="GB" defer></script>'
    widget = embed(page, site, html=host(f"<p id=a>Before.</p>{tag}<p id=b>After.</p>"))
    expect(widget.get_by_role("heading", name="Ask us")).to_be_visible()
    assert "GB" == widget.get_attribute("country")
    order = "n => [n.previousElementSibling.previousElementSibling.id, n.nextElementSibling.id]"
    assert ["a", "b"] == widget.evaluate(order)
    answered(widget)


def test_a_tag_in_the_head_puts_it_at_the_end_of_the_page(page: Page, site: str) -> None:
    widget = embed(page, site, html=host("<p>Words.</p>", head=TAG))
    expect(widget.get_by_role("heading", name="Ask our articles")).to_be_visible()
    assert widget.evaluate("n => n === document.body.lastElementChild")


def test_a_page_with_an_element_gets_no_second_one_and_two_tags_are_one(
    page: Page, site: str
) -> None:
    widget = embed(page, site, html=host(f"{TAG}<{WIDGET}></{WIDGET}>{TAG}"))
    expect(widget).to_have_count(1)
    expect(widget.locator("textarea")).to_have_count(1)


def test_a_page_may_add_it_later(page: Page, site: str) -> None:
    tag = TAG.replace("defer", 'data-mode="none" defer')
    embed(page, site, html=host(tag))
    expect(page.locator(WIDGET)).to_have_count(0)
    page.evaluate(f"document.querySelector('main').append(document.createElement('{WIDGET}'))")
    answered(page.locator(WIDGET))


def test_a_strict_policy_of_the_page_is_kept(page: Page, site: str) -> None:
    html = host(f"<{WIDGET}></{WIDGET}>{TAG}")
    page.add_init_script(
        "window.broken = []; document.addEventListener('securitypolicyviolation',"
        " (event) => window.broken.push(event.violatedDirective + event.blockedURI))"
    )
    widget = embed(page, site, html=html, headers={"Content-Security-Policy": POLICY})
    turn = answered(widget)
    turn.locator(".mark").first.click()
    ask(widget, EMERGENCY)
    expect(widget.get_by_role("alert")).to_be_visible()
    accent = "rgb(15, 95, 107)"
    expect(widget.get_by_role("button", name="Ask", exact=True)).to_have_css(
        "background-color", accent
    )
    assert [] == page.evaluate("window.broken")


def test_on_an_origin_that_is_not_allowed_it_shows_whom_to_call_and_nothing_else(
    page: Page, site: str, elsewhere: str
) -> None:
    page.goto(f"{elsewhere}/?{site}")
    widget = page.locator(WIDGET)
    expect(widget.get_by_role("alert")).to_contain_text("cannot be reached")
    turn = ask(widget)
    expect(turn.locator(".problem")).to_contain_text("cannot be reached")
    assert "tel:999" == turn.locator("a.call").first.get_attribute("href")
    expect(widget.locator(".statement, .examples button")).to_have_count(0)


def test_on_an_origin_that_is_allowed_one_tag_is_enough(
    page: Page, shipped_index: Path, elsewhere: str
) -> None:
    with serving(shipped_index, allowed_origins=elsewhere) as allowing:
        page.goto(f"{elsewhere}/?{allowing}")
        widget = page.locator(WIDGET)
        expect(widget.locator(".examples button")).to_have_count(3)
        turn = answered(widget)
        turn.locator(".mark").first.click()
        address = turn.locator(".source a").get_attribute("href") or ""
        assert address.startswith(f"{allowing}/articles/spinal-stenosis?version=")


@pytest.mark.parametrize(
    ("lang", "attributes", "label"),
    [
        ("es-MX", "", "Su pregunta"),
        ("zh-Hant-TW", "", "您的问题"),
        ("fr", "", "Your question"),
        ("es", 'locale="zh"', "您的问题"),
    ],
)
def test_it_speaks_the_language_of_the_page(
    page: Page, site: str, lang: str, attributes: str, label: str
) -> None:
    html = host(f"<{WIDGET} {attributes}></{WIDGET}>{TAG}", lang=lang)
    widget = embed(page, site, html=html)
    expect(widget.get_by_label(label)).to_be_visible()
    expect(widget.locator(".disclosure")).to_contain_text("Wellcited")


def test_the_layout_can_be_mirrored(page: Page, site: str) -> None:
    widget = embed(page, site, 'dir="rtl"')
    turn = answered(widget)
    turn.locator(".mark").first.click()
    expect(turn.locator(".source")).to_have_css("border-right-width", "4px")
    heading, clear = widget.locator("h2"), widget.get_by_role("button", name="Clear conversation")
    left, right = clear.bounding_box(), heading.bounding_box()
    assert left
    assert right
    assert left["x"] < right["x"]


@pytest.mark.parametrize(
    ("scheme", "declared", "attributes", "dark"),
    [
        ("dark", True, "", True),
        ("dark", False, "", False),
        ("dark", False, 'theme="auto"', True),
        ("dark", True, 'theme="light"', False),
        ("light", True, "", False),
        ("light", True, 'theme="dark"', True),
    ],
)
def test_it_is_dark_where_the_reader_and_the_page_are(
    page: Page, site: str, scheme: str, declared: bool, attributes: str, dark: bool
) -> None:
    html = host(f"<{WIDGET} {attributes}></{WIDGET}>{TAG}")
    if not declared:
        html = html.replace('content="light dark"', 'content="light"')
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    widget = embed(page, site, html=html)
    paper = "rgb(27, 33, 36)" if dark else "rgb(255, 255, 255)"
    expect(widget.locator(".sheet")).to_have_css("background-color", paper)
    widget.evaluate("node => node.setAttribute('theme', 'light')")
    expect(widget.locator(".sheet")).to_have_css("background-color", "rgb(255, 255, 255)")


def test_the_page_chooses_colours_and_fonts_but_its_own_rules_stay_outside(
    page: Page, site: str
) -> None:
    style = (
        "<style>* { color: red; text-transform: uppercase; letter-spacing: 9px }"
        f" p, button {{ display: none }} {WIDGET} {{ --wellcited-accent: #663399;"
        " --wellcited-font: monospace }</style>"
    )
    widget = embed(page, site, html=host(f"<{WIDGET}></{WIDGET}>{TAG}", head=style))
    send = widget.get_by_role("button", name="Ask", exact=True)
    expect(send).to_have_css("background-color", "rgb(102, 51, 153)")
    expect(send).to_have_css("font-family", "monospace")
    expect(send).to_have_css("text-transform", "none")
    expect(send).to_have_css("letter-spacing", "normal")


def test_the_launcher_opens_a_dialog_that_escape_closes(page: Page, site: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    widget = embed(page, site, 'mode="launcher"')
    launch = widget.get_by_role("button", name="Ask a question")
    expect(launch).to_be_visible()
    assert not [address for address in asked if "/v1/" in address]
    launch.press("Enter")
    dialog = widget.get_by_role("dialog", name="Ask our articles")
    expect(widget.get_by_label("Your question")).to_be_focused()
    expect(dialog.locator(".examples button")).to_have_count(3)
    turn = answered(widget)
    turn.locator(".mark").first.click()
    turn.locator(".source a").press("Escape")
    expect(turn.locator(".source")).to_have_count(0)
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(launch).to_be_focused()
    launch.click()
    expect(turn.locator(".sources")).to_be_visible()


def test_on_a_phone_the_launcher_fills_the_screen(browser: Browser, site: str) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 600}, has_touch=True)
    widget = embed(context.new_page(), site, 'mode="launcher"')
    widget.get_by_role("button", name="Ask a question").tap()
    assert {"x": 0, "y": 0, "width": 320, "height": 600} == widget.locator("dialog").bounding_box()
    widget.get_by_role("button", name="Close").tap()
    expect(widget.locator("dialog")).to_be_hidden()
    context.close()


def test_targets_are_large_enough_for_a_finger(page: Page, site: str) -> None:
    """WCAG 2.2, 2.5.8: 24 by 24 px."""
    page.set_viewport_size({"width": 320, "height": 800})
    widget = embed(page, site, 'country="GB"')
    expect(widget.locator(".examples button")).to_have_count(3)
    targets = "button, summary, a, textarea"
    small = (
        f"node => [...node.shadowRoot.querySelectorAll('{targets}')].filter((e) => e.offsetParent)"
        ".map((e) => [e.textContent, e.getBoundingClientRect()])"
        ".filter(([, box]) => box.width < 24 || box.height < 24).map(([text]) => text)"
    )
    assert [] == widget.evaluate(small)
    answered(widget).locator(".mark").first.click()
    ask(widget, EMERGENCY)
    expect(widget.get_by_role("alert")).to_be_visible()
    assert [] == widget.evaluate(small)


def test_forced_colours_keep_what_is_open_apart(page: Page, site: str) -> None:
    page.emulate_media(forced_colors="active")
    mark = answered(embed(page, site)).locator(".mark").first
    paper = "n => getComputedStyle(n).backgroundColor"
    closed = mark.evaluate(paper)
    mark.click()
    assert closed != mark.evaluate(paper)


def test_without_motion_nothing_moves(page: Page, site: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.route("**/v1/chat", lambda route: None)
    turn = ask(embed(page, site))
    expect(turn.locator(".waiting i").first).to_have_css("animation-name", "none")
    page.unroute_all(behavior="ignoreErrors")
