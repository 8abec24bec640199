"""What the pages share: the reader's language, plain errors, and what their templates are given."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask import Response, g, make_response, render_template, request

from rag.rendering import Body
from rag.web.failures import problem_response
from rag.web.problems import Problem, as_problem
from rag.web.questions import carried, reader_locale
from rag.web.texts import Texts, texts_for

_HTML = ("text/html", "application/xhtml+xml")
_LINKABLE = ("https://", "http://", "tel:", "sms:")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def reader_texts() -> Texts:
    """The fixed texts for the reader at hand: `?locale=`, else Accept-Language, else the site's."""
    return texts_for(reader_locale(request.args.get("locale")))


def html_page(template: str, status: int, root: str, **shown: Any) -> Response:
    """A page; `Any` because a template takes whatever it is given.

    root: the way from the page's address to the site's own, relative so that a proxy may serve
    the site under any path.
    """
    texts = reader_texts()
    html = render_template(
        template,
        root=root,
        texts=texts,
        t=texts.phrases,
        lines=lines,
        linkable=linkable,
        **shown,
    )
    response = make_response(html, status)
    response.vary.add("Accept-Language")
    return response


def page_or_problem(error: Exception, show: Callable[[Problem, Body], Response]) -> Response:
    """What went wrong as a page in plain words; a problem for what is no browser."""
    problem = as_problem(error)
    extra = carried()
    if "page_failed" in g or not _is_browser():
        return problem_response(problem, extra)
    g.page_failed = True
    response = show(problem, extra)
    response.headers.extend(problem.headers)
    return response


def plain(problem: Problem, texts: Texts) -> str:
    """What an API's problem means to a reader."""
    return texts.problems.get(problem.kind.slug, texts.problems["other"])


def lines(text: str) -> list[str]:
    """The lines of a text that have something on them."""
    return [line for line in text.split("\n") if line.strip()]


def linkable(address: str | None) -> str | None:
    """The address if it is one that a page may link to, whatever the data says."""
    return address if address and address.lower().startswith(_LINKABLE) else None


def language_tag(language: str | None) -> str | None:
    """The language of an article if a browser can know it by this tag (BCP 47)."""
    return language if language and _LANGUAGE.fullmatch(language) else None


def _is_browser() -> bool:
    """Whether the client asks for HTML by name, as every browser does."""
    return any(kind in _HTML for kind, _ in request.accept_mimetypes)
