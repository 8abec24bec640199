from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from rag.errors import IndexMissing
from rag.settings import Settings
from rag.types import Article, Section, Span, Status, StoredArticle
from rag.web import create_app
from rag.web.article_blocks import article_blocks
from tests.doubles import SCRIPTED_ARTICLE, ScriptedAssistant
from tests.web.conftest import problem_of
from tests.web.test_page import ATTACK, BROWSER, Tree

TEXT = (
    "Most back pain gets better. It takes weeks.\n\n"
    "What helps?\n\n"
    "These steps may help:\n\n"
    "Go for short walks.\nUse a heat pack.\nSleep well.\n\n"
    "Pain is no harm.\n\n"
    "Numbers\n\n"
    "Do it so:\n\n1. Lie down.\n2. Get up.\n\n"
    "First line\nsecond line"
)
SECTIONS = (
    Section("", 0, TEXT.index("\n\nWhat")),
    Section("What helps?", TEXT.index("These"), TEXT.index("\n\nNumbers")),
    Section("Numbers", TEXT.index("Do it"), len(TEXT)),
)
LIVE = replace(SCRIPTED_ARTICLE, version="b" * 16, text=TEXT, sections=SECTIONS)
OLD = replace(LIVE, version="a" * 16, title="An older title")
GONE = replace(SCRIPTED_ARTICLE, id="gone", version="c" * 16)


def _stored(*articles: Article) -> tuple[StoredArticle, ...]:
    return tuple(StoredArticle(a, Status.LIVE, a.version, 9) for a in articles)


@pytest.fixture
def assistant() -> ScriptedAssistant:
    return ScriptedAssistant(
        stored=(
            *_stored(LIVE),
            StoredArticle(OLD, Status.SUPERSEDED, LIVE.version, 9),
            StoredArticle(GONE, Status.WITHDRAWN, None, 9),
        )
    )


@pytest.fixture
def client(settings: Settings, assistant: ScriptedAssistant) -> FlaskClient:
    client = create_app(settings, assistant).test_client()
    client.environ_base["HTTP_ACCEPT"] = BROWSER
    return client


def _page(client: FlaskClient, address: str = "back-pain", status: int = 200) -> Tree:
    response = client.get(f"/articles/{address}")
    assert response.status_code == status
    assert response.content_type == "text/html; charset=utf-8"
    return Tree(response.text)


def _marks(page: Tree) -> list[str]:
    return [text for where, text in page.texts if "mark" in where]


def test_an_article_is_shown_with_all_that_is_known_of_it(client: FlaskClient) -> None:
    page = _page(client)
    assert page.text("h1") == page.text("title") == LIVE.title
    assert page.text("h2") == "What helps? Numbers"
    about = page.text("header")
    assert "A. Writer, B. Editor" in about
    assert "Example Health" in about
    assert "Published 29 September 2025" in about
    assert "Review overdue since 31 January 2026" in about
    assert {"datetime": "2025-09-29"} in page.every("time")
    assert page.every("a", href=LIVE.url or "", rel="noopener nofollow")
    assert page.every("link", rel="canonical", href=LIVE.url or "")
    assert page.every("a", href="../")
    assert page.every("html", lang="en")
    assert page.every("div", class_="text", lang="en")


def test_the_text_stands_there_line_by_line_and_nothing_else_among_it(client: FlaskClient) -> None:
    shown = [t for where, t in _page(client).texts if {"h2", "p", "li"} & set(where[-1:])]
    start = shown.index("Most back pain gets better. It takes weeks.")
    expected = [line for line in TEXT.split("\n") if line]
    assert shown[start : start + len(expected)] == expected


def test_lines_that_a_line_leads_in_to_are_a_list_and_others_are_not() -> None:
    kinds = [(g.kind, len(g.lines)) for g in article_blocks(LIVE)]
    assert kinds == [
        ("paragraph", 1),
        ("heading", 1),
        ("paragraph", 1),
        ("list", 3),
        ("paragraph", 1),
        ("heading", 1),
        ("paragraph", 1),
        ("numbered", 2),
        ("paragraph", 1),
        ("paragraph", 1),
    ]


def test_a_line_may_lead_in_without_an_empty_line_after_it() -> None:
    groups = article_blocks(replace(LIVE, text="Try:\nrest\nwalks\n\nOr ask.", sections=()))
    assert [g.kind for g in groups] == ["paragraph", "list", "paragraph"]


@pytest.mark.parametrize(
    ("start", "end"),
    [(0, 27), (5, 9), (0, len(TEXT)), (30, 60), (43, 46), (TEXT.index("short"), len(TEXT) - 3)],
)
def test_a_mark_is_exactly_the_span_and_changes_nothing_else(start: int, end: int) -> None:
    plain, marked = article_blocks(LIVE), article_blocks(LIVE, Span(start, end))
    assert [line.text for g in plain for line in g.lines] == [
        line.text for g in marked for line in g.lines
    ]
    pieces = [p for g in marked for line in g.lines for p in line.pieces if p.marked]
    assert "".join(p.text for p in pieces) == TEXT[start:end].replace("\n", "")
    assert [p.first for p in pieces] == [True, *[False] * (len(pieces) - 1)][: len(pieces)]


def test_a_cited_span_is_marked_across_blocks(client: FlaskClient) -> None:
    start, end = TEXT.index("These"), TEXT.index("\nSleep")
    page = _page(client, f"back-pain?version={LIVE.version}&quote={start}-{end}")
    assert _marks(page) == ["These steps may help:", "Go for short walks.", "Use a heat pack."]
    assert page.every("mark", id="quote") == [{"id": "quote"}]
    assert page.every("a", href="#quote")
    assert page.text("main").replace("The passage that was cited is marked. Go to it ", "") == (
        _page(client).text("main")
    )


@pytest.mark.parametrize(
    "quote",
    ["", "x", "5", "5-", "-5", "9-5", "5-5", "0-99999", "0-9999999999", "٠-٥", "0-5-6", "43-45",
     "0-5%00", "1e1-20", "<b>"],
)  # fmt: skip
def test_a_span_that_is_none_is_ignored(client: FlaskClient, quote: str) -> None:
    page = _page(client, f"back-pain?version={LIVE.version}&quote={quote}")
    assert page.every("mark") == []
    assert page.every("a", href="#quote") == []


def test_a_span_counts_only_with_the_version_that_it_was_made_for(client: FlaskClient) -> None:
    assert _page(client, "back-pain?quote=0-27").every("mark") == []


def test_an_older_version_says_that_it_is_one(client: FlaskClient) -> None:
    page = _page(client, f"back-pain?version={OLD.version}&quote=0-27")
    assert page.text("h1") == OLD.title
    assert "This is an older version" in page.text("main")
    assert page.every("a", href="back-pain")
    assert page.every("meta", name="robots", content="noindex")
    assert _marks(page) == ["Most back pain gets better."]
    assert "This is an older version" not in _page(client).text()


def test_a_withdrawn_article_says_so_and_shows_nothing_of_it(client: FlaskClient) -> None:
    for query in ("", f"?version={GONE.version}"):
        page = _page(client, f"gone{query}", 410)
        assert "The publisher has withdrawn this article." in page.text("main")
        assert GONE.text[:20] not in page.text()
        assert GONE.title not in page.text()


@pytest.mark.parametrize("path", ["nope", "back-pain?version=" + "d" * 16, "back-pain?version=x"])
def test_an_unknown_article_or_version_is_told_in_plain_words(
    client: FlaskClient, path: str
) -> None:
    page = _page(client, path, 404)
    assert page.text("h1") == "Article not found"
    assert page.every("a", href="../")


@pytest.mark.parametrize(("path", "status"), [("nope", 404), ("gone", 410)])
def test_who_does_not_ask_for_a_page_gets_a_problem(
    client: FlaskClient, path: str, status: int
) -> None:
    problem_of(client.get(f"/articles/{path}", headers={"Accept": "application/json"}), status)


def test_without_an_index_the_page_says_so_plainly(
    client: FlaskClient, assistant: ScriptedAssistant
) -> None:
    assistant.failure = IndexMissing("No index in /srv/site/index.")
    response = client.get("/articles/back-pain")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "10")
    assert "cannot look into its articles just now" in Tree(response.text).text("main")
    assert "/srv" not in response.text


def test_a_page_that_has_not_changed_is_not_sent_again(client: FlaskClient) -> None:
    address = f"/articles/back-pain?version={LIVE.version}"
    first = client.get(address)
    tag = first.headers["ETag"]
    assert tag.startswith(f'"{LIVE.version}-')
    assert first.headers["Cache-Control"] == "no-cache"
    assert first.headers["Vary"] == "Accept-Language"
    again = client.get(address, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    for changed in (f"{address}&quote=0-27", f"{address}&locale=es"):
        assert client.get(changed, headers={"If-None-Match": tag}).status_code == 200


def test_metadata_is_there_for_machines(client: FlaskClient) -> None:
    facts = json.loads(_page(client).text("script"))
    assert facts == {
        "@context": "https://schema.org",
        "@type": ["MedicalWebPage", "Article"],
        "headline": LIVE.title,
        "author": [
            {"@type": "Person", "name": "A. Writer"},
            {"@type": "Person", "name": "B. Editor"},
        ],
        "publisher": {"@type": "Organization", "name": "Example Health"},
        "datePublished": "2025-09-29",
        "inLanguage": "en",
        "url": LIVE.url,
        "identifier": "back-pain",
        "version": LIVE.version,
    }


def test_nothing_of_an_article_can_become_markup(
    client: FlaskClient, assistant: ScriptedAssistant
) -> None:
    hostile = replace(
        LIVE,
        title=ATTACK,
        text=f"{ATTACK}\n\n{ATTACK}\n\n{ATTACK}:\n\n{ATTACK}\n{ATTACK}",
        sections=(Section(ATTACK, 0, 10), Section(ATTACK, 2 * len(ATTACK) + 4, 400)),
        authors=(ATTACK,),
        publisher=ATTACK,
        language=ATTACK,
        url=f"https://news.example/{ATTACK}",
    )
    assistant.stored = _stored(hostile)
    response = client.get(f"/articles/back-pain?version={LIVE.version}&quote=3-90")
    page = Tree(response.text)
    assert page.every("script") == [{"type": "application/ld+json"}]
    assert page.every("img") == []
    assert not [a for _, a in page.elements if any(name.startswith("on") for name in a)]
    assert page.text("h1") == page.text("title") == " ".join(ATTACK.split())
    (facts,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', response.text)
    assert json.loads(facts)["headline"] == ATTACK
    assert "<" not in facts


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "/here", None])
def test_only_web_addresses_are_linked(
    client: FlaskClient, assistant: ScriptedAssistant, url: str | None
) -> None:
    assistant.stored = _stored(replace(LIVE, url=url))
    page = _page(client)
    assert page.every("link", rel="canonical") == []
    assert "url" not in json.loads(page.text("script"))
    assert {a["href"] for a in page.every("a")} == {"../", "#main"}


def test_an_article_without_an_address_has_its_page_under_the_public_one(
    assistant: ScriptedAssistant,
) -> None:
    assistant.stored = _stored(replace(LIVE, url=None))
    client = create_app(Settings(public_url="https://ask.example/"), assistant).test_client()
    page = _page(client)
    assert page.every("link", rel="canonical", href="https://ask.example/articles/back-pain")


def test_where_only_quotes_are_public_the_page_has_nothing_of_the_text(
    assistant: ScriptedAssistant,
) -> None:
    """Not even a cited span: whoever can ask for any span can ask for all of them."""
    client = create_app(Settings(public_articles="quotes"), assistant).test_client()
    for query in ("", f"?version={LIVE.version}&quote=0-{len(TEXT)}"):
        page = _page(client, f"back-pain{query}")
        assert page.text("h1") == LIVE.title
        assert "The text of this article is not shown here." in page.text("main")
        assert page.every("mark") == []
        assert not [line for line in TEXT.split("\n") if line and line in page.text()]


def test_the_words_around_an_article_are_in_the_readers_language(client: FlaskClient) -> None:
    page = Tree(client.get("/articles/back-pain", headers={"Accept-Language": "es-MX"}).text)
    assert page.every("html", lang="es")
    assert "Publicado el 29 de septiembre de 2025" in page.text("header")
    assert page.every("h1", lang="en")
    assert page.every("div", class_="text", lang="en")
