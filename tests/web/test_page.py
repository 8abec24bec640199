from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from flask.testing import FlaskClient

from rag.errors import IndexMissing
from rag.settings import Settings
from rag.types import Contact, Level, Outcome, Question, Reason, Safety, Suggestion
from rag.web import create_app
from tests.doubles import (
    EMERGENCY_CONTACT,
    SCRIPTED_ARTICLE,
    ScriptedAssistant,
    answered,
)
from tests.web.conftest import problem_of

ATTACK = "</textarea></title><script>alert(1)</script><img src=x onerror=alert(1)>\"'&amp;"
_VOID = {"meta", "link", "br", "input", "img"}


class Tree(HTMLParser):
    """Every element of a page, and the text in each kind of element."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[tuple[tuple[str, ...], str]] = []
        self._open: list[str] = []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((tuple(self._open), data))

    def every(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        """The attributes of each element of a kind that has the wanted ones."""
        wanted = {name.rstrip("_"): value for name, value in wanted.items()}
        return [a for t, a in self.elements if t == tag and wanted.items() <= a.items()]

    def text(self, tag: str = "body") -> str:
        """The words within elements of a kind, white space collapsed."""
        return " ".join(" ".join(text for where, text in self.texts if tag in where).split())

    def lines(self, tag: str) -> list[str]:
        """The pieces of text within elements of a kind."""
        pieces = [" ".join(text.split()) for where, text in self.texts if tag in where]
        return [piece for piece in pieces if piece]


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def browser(assistant: ScriptedAssistant) -> FlaskClient:
    """A client that asks for pages, as browsers do."""
    made = create_app(Settings(), assistant).test_client()
    made.environ_base["HTTP_ACCEPT"] = BROWSER
    return made


@pytest.fixture
def client(assistant: ScriptedAssistant) -> FlaskClient:
    return browser(assistant)


def _ask(client: FlaskClient, message: str, status: int = 200) -> Tree:
    response = client.post("/", data={"message": message})
    assert response.status_code == status
    assert response.content_type == "text/html; charset=utf-8"
    return Tree(response.text)


def test_the_page_discloses_what_it_is_before_the_box(client: FlaskClient) -> None:
    html = client.get("/").text
    assert html.index("is an automated tool") < html.index("<textarea")
    assert html.index("The whole text.") < html.index("<textarea")
    assert html.index("not medical advice") < html.index("<textarea")


def test_the_box_can_be_used_without_javascript_and_has_a_name(client: FlaskClient) -> None:
    page = Tree(client.get("/").text)
    assert page.every("html", lang="en")
    # Without an address of its own a form goes to the page's, language included.
    ask, examples = page.every("form")
    assert (ask, examples) == (
        {"method": "post", "id": "ask"},
        {"method": "post", "class": "examples"},
    )
    assert page.every("label", for_="message")
    (box,) = page.every("textarea", id="message", name="message")
    assert box["maxlength"] == "2000"
    assert page.every("button", type="submit")
    assert not [a for _, a in page.elements if any(name.startswith("on") for name in a)]
    assert not [a for _, a in page.elements if "style" in a]


def test_titles_of_live_articles_are_examples_to_ask(client: FlaskClient) -> None:
    (example,) = Tree(client.get("/").text).every("button", class_="topic")
    page = _ask(client, example["value"])
    assert (example["name"], example["value"]) == ("message", SCRIPTED_ARTICLE.title)
    assert SCRIPTED_ARTICLE.title in page.text("h2")


def test_an_answer_has_statements_that_lead_to_their_sources(assistant: ScriptedAssistant) -> None:
    assistant.reply = answered("Go for short walks.", "Use a heat pack.")
    page = _ask(create_app(Settings(), assistant).test_client(), "What helps?")
    body = page.text()
    assert "You asked What helps?" in body
    assert "Go for short walks. 1 Use a heat pack. 2" in body
    for number in ("1", "2"):
        assert page.every("a", href=f"#source-{number}")
        assert page.every("li", id=f"source-{number}")
    assert page.lines("blockquote") == ["Go for short walks.", "Use a heat pack."]
    assert "A. Writer, B. Editor" in body
    assert "Example Health" in body
    assert "Published 29 September 2025" in body
    assert "Review overdue since 31 January 2026" in body
    assert "General information, not medical advice." in body
    links = page.every("a", target="_blank")
    assert [link["rel"] for link in links] == ["noopener nofollow"] * 2
    expected = "https://news.example/back-pain#:~:text=Go%20for%20short%20walks."
    assert links[0]["href"] == expected


def test_a_source_without_an_address_is_our_own_page_with_its_mark(
    assistant: ScriptedAssistant,
) -> None:
    assistant.reply = answered("Use a heat pack.", article=replace(SCRIPTED_ARTICLE, url=None))
    start = SCRIPTED_ARTICLE.text.index("Use a heat pack.")
    expected = f"./articles/back-pain?version=0123456789abcdef&quote={start}-{start + 16}#quote"
    page = _ask(create_app(Settings(), assistant).test_client(), "What helps?")
    assert [link["href"] for link in page.every("a", target="_blank")] == [expected]
    page = _ask(
        create_app(Settings(public_url="https://ask.example"), assistant).test_client(), "?"
    )
    expected = "https://ask.example/articles/back-pain#:~:text=Use%20a%20heat%20pack."
    assert [link["href"] for link in page.every("a", target="_blank")] == [expected]


def test_a_quote_over_lines_is_shown_in_lines(assistant: ScriptedAssistant) -> None:
    quote = "These steps may help:\nGo for short walks.\nUse a heat pack."
    assistant.reply = answered(quote)
    page = _ask(create_app(Settings(), assistant).test_client(), "What helps?")
    assert page.lines("blockquote") == quote.split("\n")
    assert len(page.every("br")) == 2


def test_a_limited_answer_says_first_what_it_cannot_do(assistant: ScriptedAssistant) -> None:
    plain = answered("Use a heat pack.")

    def reply(question: Question) -> object:
        answer = plain(question)
        text = f"A pharmacist can tell what is right for you. {answer.text}"
        return replace(answer, outcome=Outcome.LIMITED, text=text)

    assistant.reply = reply  # type: ignore[assignment]
    page = _ask(create_app(Settings(), assistant).test_client(), "How much for me?")
    expected = "A pharmacist can tell what is right for you. Use a heat pack. 1"
    assert expected in page.text()


def test_an_emergency_comes_first_with_numbers_to_call(assistant: ScriptedAssistant) -> None:
    notice = "Call now.\nDo not drive yourself."
    safety = Safety(Level.EMERGENCY, "cardiac", notice, (EMERGENCY_CONTACT,))
    assistant.reply = lambda question: replace(
        answered()(question), outcome=Outcome.EMERGENCY, text=notice, safety=safety
    )
    client = create_app(Settings(), assistant).test_client()
    page = _ask(client, "chest pain")
    assert page.every("section", role="alert")
    assert page.every("a", href="tel:112")
    words = page.text("main")
    assert words.count("Do not drive yourself.") == 1
    assert words.index("Call now.") < words.index("General information, not medical advice.")


def test_an_urgent_line_stands_before_the_answer(assistant: ScriptedAssistant) -> None:
    safety = Safety(Level.URGENT, "cord", "See a doctor today.")
    quote = "Use a heat pack."
    assistant.reply = lambda question: replace(answered(quote)(question), safety=safety)
    words = _ask(create_app(Settings(), assistant).test_client(), "pain").text("main")
    assert words.index("See a doctor today.") < words.index(quote)


def test_an_abstention_offers_articles_and_questions(assistant: ScriptedAssistant) -> None:
    assistant.reply = lambda question: replace(
        answered()(question),
        outcome=Outcome.ABSTAINED,
        reason=Reason.NO_ARTICLE,
        text="None of our articles answers this.",
        suggestions=(
            Suggestion("article", "Back pain", "back-pain", "https://news.example/back-pain"),
            Suggestion("article", "Unlinked", "unlinked", None),
            Suggestion("question", "What helps?"),
        ),
    )
    page = _ask(create_app(Settings(), assistant).test_client(), "Who won?")
    assert "None of our articles answers this." in page.text()
    assert page.every("a", href="./articles/unlinked")
    assert page.every("a", href="https://news.example/back-pain")
    assert page.every("button", value="What helps?")


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("", "Your question must not be empty."),
        (" \r\n ", "Your question must not be empty."),
        ("a" * 2001, "Your question must have at most 2,000 characters, not 2,001."),
        ("a\0b", "Your question cannot be read."),
    ],
)
def test_a_question_that_cannot_be_taken_is_refused_in_plain_words(
    client: FlaskClient, message: str, said: str
) -> None:
    page = _ask(client, message, 422)
    assert said in page.text("section")
    assert page.every("textarea", **{"aria-invalid": "true"})
    assert page.text("title").startswith("Error: ")


@pytest.mark.parametrize("address", ["/?locale=es", "/"])
def test_the_page_speaks_the_readers_language(client: FlaskClient, address: str) -> None:
    headers = {} if "locale" in address else {"Accept-Language": "es-MX,es;q=0.9"}
    shown = Tree(client.get(address, headers=headers).text)
    assert shown.every("html", lang="es")
    assert shown.text("h1") == "Pregunte a nuestros artículos"
    assert "hasta 2000 caracteres" in shown.text()
    asked = Tree(client.post(address, data={"message": "Dolor"}, headers=headers).text)
    assert "Publicado el 29 de septiembre de 2025" in asked.text("ol")
    refused = client.post(address, data={"message": "a" * 2001}, headers=headers)
    assert "Su pregunta puede tener como máximo 2000 caracteres, no 2001." in refused.text
    assert refused.headers["Vary"] == "Accept-Language"


def test_the_form_is_what_readers_without_javascript_have_instead_of_the_widget(
    client: FlaskClient,
) -> None:
    page = Tree(client.get("/").text)
    (element,) = page.every("wellcited-chat")
    assert {"id": "question", "tabindex": "-1", "locale": "en"}.items() <= element.items()
    assert page.every("a", href="#question")
    assert page.every("script", src="./widget.js", defer="")
    assert "What would you like to know?" in page.text("wellcited-chat")
    assert "Does back pain get better?" in page.text("wellcited-chat")


def test_pages_work_under_any_path_of_a_site(assistant: ScriptedAssistant) -> None:
    """A proxy may serve them under /ask/: none of their addresses begins at the root."""
    client = browser(assistant)
    assistant.reply = answered("Use a heat pack.", article=replace(SCRIPTED_ARTICLE, url=None))
    for page in (
        Tree(client.get("/").text),
        _ask(client, "What helps?"),
        Tree(client.get("/articles/back-pain").text),
        Tree(client.get("/articles/nope").text),
    ):
        names = ("href", "src", "action", "cite")
        addresses = [a[name] for _, a in page.elements for name in names if name in a]
        assert [address for address in addresses if address.startswith("/")] == []


def test_what_was_typed_is_kept_when_it_was_too_long(client: FlaskClient) -> None:
    assert _ask(client, "pain " * 500, 422).text("textarea") == ("pain " * 500).strip()


def test_line_ends_of_a_form_count_as_one_character(client: FlaskClient) -> None:
    assert _ask(client, "a" * 1999 + "\r\n").text("h2")


@pytest.mark.parametrize(
    ("data", "content_type", "status"),
    [
        (b"message=" + b"a" * 70_000, "application/x-www-form-urlencoded", 413),
        (b'{"message": "hello"}', "application/json", 415),
        (b"--x\r\n", "multipart/form-data; boundary=x", 415),
        (b"hello", None, 415),
    ],
)
def test_a_form_of_another_kind_or_size_is_refused_on_the_page(
    client: FlaskClient, data: bytes, content_type: str | None, status: int
) -> None:
    response = client.post("/", data=data, content_type=content_type)
    assert response.status_code == status
    assert "That did not work" in Tree(response.text).text()


@pytest.mark.parametrize("accept", [None, "*/*", "application/json", "application/problem+json"])
@pytest.mark.parametrize(
    ("data", "content_type", "status"),
    [
        (b"{}", "application/json", 415),
        (b"message=", "application/x-www-form-urlencoded", 422),
        (b"message=" + b"a" * 70_000, "application/x-www-form-urlencoded", 413),
    ],
)
def test_who_does_not_ask_for_a_page_gets_a_problem(
    assistant: ScriptedAssistant,
    accept: str | None,
    data: bytes,
    content_type: str,
    status: int,
) -> None:
    client = create_app(Settings(), assistant).test_client()
    headers = {"Accept": accept} if accept else {}
    problem_of(client.post("/", data=data, content_type=content_type, headers=headers), status)


def test_without_an_index_the_page_still_gives_help(assistant: ScriptedAssistant) -> None:
    assistant.failure = IndexMissing("No index in /srv/site/index.")
    client = browser(assistant)
    shown = Tree(client.get("/").text)
    asked = _ask(client, "crushing chest pain", 503)
    assert "not available at the moment" in shown.text()
    assert "cannot look into its articles just now" in asked.text()
    assert asked.every("a", href="tel:112")
    assert "General information, not medical advice." in asked.text()
    assert "/srv" not in asked.text() + shown.text()


def test_an_unexpected_error_is_a_page_too(assistant: ScriptedAssistant) -> None:
    def reply(question: Question) -> object:
        raise RuntimeError(question.message)

    assistant.reply = reply  # type: ignore[assignment]
    page = _ask(browser(assistant), "pain", 500)
    assert "Something went wrong on our side." in page.text()


def test_another_method_on_the_page_is_a_problem(client: FlaskClient) -> None:
    response = client.delete("/")
    assert (response.status_code, response.content_type) == (405, "application/problem+json")


def test_nothing_that_is_shown_can_become_markup(assistant: ScriptedAssistant) -> None:
    article = replace(
        SCRIPTED_ARTICLE,
        title=ATTACK,
        text=ATTACK,
        authors=(ATTACK,),
        publisher=ATTACK,
        language=ATTACK,
        url=f"https://news.example/{ATTACK}",
    )
    contact = Contact("advice", ATTACK, ATTACK, "javascript:alert(1)", ATTACK, None, "verified")
    assistant.reply = lambda question: replace(
        answered(ATTACK, article=article)(question),
        safety=Safety(Level.URGENT, ATTACK, ATTACK, (contact,)),
        suggestions=(
            Suggestion("article", ATTACK, ATTACK, "javascript:alert(1)"),
            Suggestion("article", ATTACK, ATTACK, "data:text/html,x"),
            Suggestion("question", ATTACK),
        ),
    )
    page = _ask(create_app(Settings(), assistant).test_client(), ATTACK)
    assert page.every("script") == [{"src": "./widget.js", "defer": ""}]
    assert page.every("img") == []
    assert not [a for _, a in page.elements if any(name.startswith("on") for name in a)]
    schemes = {a["href"].partition(":")[0] for _, a in page.elements if ":" in a.get("href", "")}
    assert schemes == {"https"}
    assert ATTACK.strip() in page.text("h2")
    assert page.lines("blockquote") == [ATTACK]


@pytest.mark.parametrize("name", ["page.css", "icon.svg"])
def test_the_files_of_the_page_are_there(client: FlaskClient, name: str) -> None:
    response = client.get(f"/static/{name}")
    assert response.status_code == 200
    assert response.data
    response.close()
