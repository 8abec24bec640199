"""An article as a page: readable, printable, and with what was cited of it marked."""

from __future__ import annotations

import re
from datetime import date
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlsplit

from flask import Blueprint, Response, request

from rag.rendering import Body, is_overdue
from rag.types import Article, Span, Status, StoredArticle
from rag.web.article_blocks import article_blocks
from rag.web.articles import stored_article
from rag.web.pages import html_page, language_tag, linkable, page_or_problem, plain, reader_texts
from rag.web.problems import NOT_FOUND, PRECONDITION, WITHDRAWN, Problem
from rag.web.site import site

article_page = Blueprint("article_page", __name__)

_ROOT = "../"
_QUOTE = re.compile(r"([0-9]{1,9})-([0-9]{1,9})")
_HEADINGS = {NOT_FOUND: "not_found", WITHDRAWN: "withdrawn"}


@article_page.get("/articles/<article_id>")
def show(article_id: str) -> Response:
    """The article version that `version` names, else the live one."""
    stored = stored_article(article_id)
    if stored.status is Status.WITHDRAWN:
        raise Problem(WITHDRAWN, "The publisher has withdrawn this article: do not cite it.")
    response = html_page("article.html", 200, _ROOT, **_shown(stored))
    response.headers["Cache-Control"] = "no-cache"
    # The page also depends on the quote, the language, the day and the release.
    digest = sha256(response.get_data()).hexdigest()[:16]
    response.set_etag(f"{stored.article.version}-{digest}")
    response.make_conditional(request)
    if response.status_code == 412:
        raise Problem(PRECONDITION, "The page is another one than If-Match names.")
    return response


@article_page.errorhandler(Exception)
def failed(error: Exception) -> Response:
    """The reason in plain words where there is no article to show."""
    return page_or_problem(error, _failure)


def _failure(problem: Problem, _: Body) -> Response:
    return html_page(
        "no-article.html",
        problem.kind.status,
        _ROOT,
        heading=_HEADINGS.get(problem.kind, "failed"),
        problem=plain(problem, reader_texts()),
    )


def _shown(stored: StoredArticle) -> dict[str, Any]:
    article, settings = stored.article, site().settings
    whole = settings.public_articles == "full"
    address = linkable(article.url)
    mark = _mark(article) if whole else None
    return {
        "article": article,
        "language": language_tag(article.language),
        "overdue": is_overdue(article.next_review, date.today()),
        "superseded": stored.status is Status.SUPERSEDED,
        "groups": article_blocks(article, mark) if whole else None,
        "marked": mark is not None,
        "address": address,
        "host": urlsplit(address).hostname if address else None,
        "canonical": address or _own_address(article, settings.public_url),
        "facts": _facts(article, address),
    }


def _mark(article: Article) -> Span | None:
    """What `quote` names of the text; None where it names nothing of it.

    Offsets mean nothing without the version they were made for.
    """
    found = _QUOTE.fullmatch(request.args.get("quote", ""))
    if not found or not request.args.get("version"):
        return None
    span = Span(int(found[1]), int(found[2]))
    usable = span.start < span.end <= len(article.text)
    return span if usable and article.text[span.start : span.end].strip() else None


def _own_address(article: Article, public_url: str | None) -> str | None:
    if not linkable(public_url):
        return None
    return f"{str(public_url).rstrip('/')}/articles/{quote(article.id, safe='')}"


def _facts(article: Article, address: str | None) -> Body:
    """The metadata as JSON-LD in the words of schema.org; what is not known is left out."""
    publisher = {"@type": "Organization", "name": article.publisher}
    facts = {
        "@context": "https://schema.org",
        "@type": ["MedicalWebPage", "Article"],
        "headline": article.title,
        "author": [{"@type": "Person", "name": name} for name in article.authors],
        "publisher": publisher if article.publisher else None,
        "datePublished": article.published,
        "lastReviewed": article.reviewed,
        "expires": article.expires,
        "inLanguage": language_tag(article.language),
        "url": address,
        "identifier": article.id,
        "version": article.version,
    }
    return {name: value for name, value in facts.items() if value}
