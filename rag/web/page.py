"""The page to ask from; it works without JavaScript."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, g, request

from rag.errors import IndexUnavailable, ModelError
from rag.rendering import Body, answer_body
from rag.types import Answer, Citation, Outcome
from rag.web.body import read_body
from rag.web.hosts import only_from_here
from rag.web.models import ChatRequest, validated
from rag.web.pages import (
    html_page,
    language_tag,
    lines,
    linkable,
    page_or_problem,
    plain,
    reader_texts,
)
from rag.web.problems import INVALID, MEDIA_TYPE, Problem
from rag.web.questions import carry, question_of, reader_locale
from rag.web.site import place, site
from rag.web.strict_json import unreadable
from rag.web.texts import Texts
from rag.web.turns import TURNS

page = Blueprint("page", __name__)

_ROOT = "./"
_FORM = "application/x-www-form-urlencoded"
_EXAMPLES = 3
_CARDS = (Outcome.EMERGENCY, Outcome.CRISIS)
# What ends a sentence; a marker in the answer's text stands before it.
_FINAL = " .!?…。！？\"'”’»)]"


@page.get("/")
def show() -> Response:
    """The page as it is found."""
    return _rendered(200)


@page.post("/")
def answered() -> Response:
    """The page with an answer."""
    here = site()
    if request.mimetype != _FORM:
        raise Problem(MEDIA_TYPE, "Send the form as the page does.")
    read_body()
    # Browsers send line ends as CRLF; a reader counts each as one character.
    g.message = request.form.get("message", "").replace("\r\n", "\n")
    body = {"message": g.message}
    if locale := request.args.get("locale"):
        body["locale"] = reader_locale(locale)
    carry(body)
    only_from_here()
    refused = unreadable(body)
    if refused:
        raise refused
    question = question_of(validated(ChatRequest, body, here.settings.max_message))
    with place(question) as safety, TURNS.given_up():
        answer = here.assistant().answer(question, safety)
    g.level, g.outcome = answer.safety.level.value, answer.outcome.value
    g.generation = answer.generation
    return _rendered(200, **_shown(answer))


@page.errorhandler(Exception)
def failed(error: Exception) -> Response:
    """The page with what went wrong in plain words; a problem for what is no browser."""
    return page_or_problem(error, _failure)


def _failure(problem: Problem, extra: Body) -> Response:
    texts = reader_texts()
    mistaken = problem.kind is INVALID
    return _rendered(
        problem.kind.status,
        problem=_mistake(texts) if mistaken else plain(problem, texts),
        mistaken=mistaken,
        safety=extra.get("safety"),
        disclaimer=extra.get("disclaimer"),
    )


def _rendered(status: int, **shown: Any) -> Response:
    """The page; `Any` because a template takes whatever it is given."""
    here = site()
    return html_page(
        "page.html",
        status,
        _ROOT,
        full=here.assistant().full_disclaimer(reader_texts().locale),
        examples=_examples(),
        max_message=here.settings.max_message,
        message=g.get("message", "").replace("\0", ""),
        **shown,
    )


def _examples() -> tuple[str, ...] | None:
    """Titles of live articles to ask about, or None while the index is not there."""
    try:
        listed = site().assistant().articles(None, _EXAMPLES)
    except (IndexUnavailable, ModelError):
        return None
    return tuple(summary.title for summary in listed.articles)


def _mistake(texts: Texts) -> str:
    """What is wrong with the question, in the reader's language."""
    message, most = g.get("message", ""), site().settings.max_message
    if not message.strip():
        return texts.problems["empty"]
    if len(message) > most:
        counts = {"most": texts.number(most), "length": texts.number(len(message))}
        return texts.problems["long"].format(**counts)
    return texts.problems["unreadable"]


def _shown(answer: Answer) -> dict[str, Any]:
    """An answer as the template takes it: the canonical body, and its statements in lines."""
    body = answer_body(answer, site().settings.public_url, date.today())
    return {
        "answer": body,
        "safety": body["safety"],
        "disclaimer": body["disclaimer"],
        "card": answer.outcome in _CARDS,
        "lead": _lead(answer),
        "statements": [
            (
                _quoted(statement.citations, answer.citations) or [statement.text],
                statement.citations,
            )
            for statement in answer.statements
        ],
        "languages": {c.number: language_tag(c.article.language) for c in answer.citations},
        "links": {citation["number"]: _link(citation) for citation in body["citations"]},
    }


def _link(citation: Body) -> str:
    """Where a citation leads: the deep link, else our own page of the article with its mark."""
    if deep_link := linkable(citation["deep_link"]):
        return deep_link
    address = f"{_ROOT}articles/{quote(citation['article_id'], safe='')}"
    span = f"{citation['start']}-{citation['end']}"
    return f"{address}?version={citation['article_version']}&quote={span}#quote"


def _lead(answer: Answer) -> str:
    """What the answer says before its statements: all of it where there are none."""
    if not answer.statements:
        return answer.text
    return answer.text.partition(answer.statements[0].text.rstrip(_FINAL))[0].strip()


def _quoted(numbers: tuple[int, ...], citations: tuple[Citation, ...]) -> list[str]:
    """The lines of a statement as they stand in the articles."""
    quotes = {citation.number: citation.quote for citation in citations}
    return [line for number in numbers for line in lines(quotes.get(number, ""))]
