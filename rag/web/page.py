"""The page to ask from; it works without JavaScript."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, Response, g, make_response, render_template, request

from rag.errors import IndexUnavailable, ModelError
from rag.rendering import answer_body
from rag.types import Answer, Citation, Outcome
from rag.web.body import read_body
from rag.web.failures import problem_response
from rag.web.hosts import only_from_here
from rag.web.models import ChatRequest, validated
from rag.web.problems import (
    BUSY,
    CROSS_SITE,
    INVALID,
    MEDIA_TYPE,
    NOT_READY,
    RATE_LIMITED,
    TOO_LARGE,
    Kind,
    Problem,
    as_problem,
)
from rag.web.questions import carried, carry, question_of, reader_locale
from rag.web.site import place, site
from rag.web.status import DISCLOSURE
from rag.web.strict_json import unreadable

page = Blueprint("page", __name__)

_FORM = "application/x-www-form-urlencoded"
_HTML = ("text/html", "application/xhtml+xml")
_EXAMPLES = 3
_CARDS = (Outcome.EMERGENCY, Outcome.CRISIS)
# What ends a sentence; a marker in the answer's text stands before it.
_FINAL = " .!?…。！？\"'”’»)]"

# What an API's problem means to a reader of the page.
_PLAIN: dict[Kind, str] = {
    NOT_READY: "This service cannot look into its articles just now. Please try again later.",
    BUSY: "Many people are asking at the moment. Please try again shortly.",
    RATE_LIMITED: "Many questions came from your connection. Please try again in a moment.",
    TOO_LARGE: "Your question is too long to be read. Please ask a shorter one.",
    CROSS_SITE: "Please ask with the form on this page.",
    MEDIA_TYPE: "Please ask with the form on this page.",
}
_OTHERWISE = "Something went wrong on our side. Please try again later."


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
    carry(body)
    only_from_here()
    refused = unreadable(body)
    if refused:
        raise refused
    question = question_of(validated(ChatRequest, body, here.settings.max_message))
    with place(question) as safety:
        answer = here.assistant().answer(question, safety)
    g.level, g.outcome = answer.safety.level.value, answer.outcome.value
    g.generation = answer.generation
    return _rendered(200, **_shown(answer))


@page.errorhandler(Exception)
def failed(error: Exception) -> Response:
    """The page with what went wrong in plain words; a problem for what is no browser."""
    problem = as_problem(error)
    extra = carried()
    if "page_failed" in g or not _is_browser():
        return problem_response(problem, extra)
    g.page_failed = True
    response = _rendered(
        problem.kind.status,
        problem=_plain(problem),
        mistaken=problem.kind is INVALID,
        safety=extra.get("safety"),
        disclaimer=extra.get("disclaimer"),
    )
    response.headers.extend(problem.headers)
    return response


def _is_browser() -> bool:
    """Whether the client asks for HTML by name, as every browser does."""
    return any(kind in _HTML for kind, _ in request.accept_mimetypes)


@page.app_template_filter()
def long_date(iso: str) -> str:
    """An ISO date as a reader writes it: 2025-09-29 → 29 September 2025."""
    day = date.fromisoformat(iso)
    return f"{day.day} {day:%B %Y}"


@page.app_template_filter()
def lines(text: str) -> list[str]:
    """The lines of a text that have something on them."""
    return [line for line in text.split("\n") if line.strip()]


@page.app_template_filter()
def linkable(address: str | None) -> str | None:
    """The address if it is one that a page may link to, whatever the data says."""
    schemes = ("https://", "http://", "tel:", "sms:")
    return address if address and address.lower().startswith(schemes) else None


def _rendered(status: int, **shown: Any) -> Response:
    """The page; `Any` because a template takes whatever it is given."""
    here = site()
    html = render_template(
        "page.html",
        disclosure=DISCLOSURE,
        full=here.assistant().full_disclaimer(reader_locale()),
        examples=_examples(),
        max_message=here.settings.max_message,
        message=g.get("message", "").replace("\0", ""),
        **shown,
    )
    return make_response(html, status)


def _examples() -> tuple[str, ...] | None:
    """Titles of live articles to ask about, or None while the index is not there."""
    try:
        listed = site().assistant().articles(None, _EXAMPLES)
    except (IndexUnavailable, ModelError):
        return None
    return tuple(summary.title for summary in listed.articles)


def _plain(problem: Problem) -> str:
    if problem.kind is INVALID:
        reason = problem.errors[0].reason if problem.errors else "cannot be read"
        return f"Your question {reason}."
    return _PLAIN.get(problem.kind, _OTHERWISE)


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
        "languages": {c.number: c.article.language for c in answer.citations},
    }


def _lead(answer: Answer) -> str:
    """What the answer says before its statements: all of it where there are none."""
    if not answer.statements:
        return answer.text
    return answer.text.partition(answer.statements[0].text.rstrip(_FINAL))[0].strip()


def _quoted(numbers: tuple[int, ...], citations: tuple[Citation, ...]) -> list[str]:
    """The lines of a statement as they stand in the articles."""
    quotes = {citation.number: citation.quote for citation in citations}
    return [line for number in numbers for line in lines(quotes.get(number, ""))]
