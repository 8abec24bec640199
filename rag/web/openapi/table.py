"""Every route and method of the application, described."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel

from rag.web import schemas
from rag.web.models import (
    ArticleRequest,
    ChatRequest,
    ListRequest,
    PageForm,
    SearchRequest,
)
from rag.web.openapi.dialects import CLIENTS, DIALECTS
from rag.web.openapi.operations import FORM, HTML, JSON, Operation, Result
from rag.web.openapi.parameters import LIMITED
from rag.web.problems import (
    BUSY,
    CONFLICT,
    CROSS_SITE,
    FULL,
    INVALID,
    MALFORMED,
    MEDIA_TYPE,
    NOT_FOUND,
    NOT_READY,
    PRECONDITION,
    RATE_LIMITED,
    REJECTED,
    TOO_LARGE,
    UNAUTHORIZED,
    WITHDRAWN,
)

QUESTIONS, ARTICLES, EDITORS = "Questions", "Articles", "Editors"
SERVICE, PAGES = "The service", "Pages"

TAGS: Mapping[str, str] = {
    QUESTIONS: "Ask, and search.",
    CLIENTS: "The same answers, for chat clients that there are already.",
    ARTICLES: "What may be cited now, and exactly what was cited.",
    EDITORS: "Publish, correct and withdraw. These routes want the editors' token.",
    SERVICE: "What it is, and whether it can answer.",
    PAGES: "For readers, in a browser.",
}
"""The groups of routes, in the order to be shown."""

_BODY = (MALFORMED, TOO_LARGE, MEDIA_TYPE, INVALID)
# Whatever is asked is counted, and takes a place.
_ASKED = (*_BODY, RATE_LIMITED, NOT_READY, BUSY)
_EDIT = (UNAUTHORIZED, CONFLICT, NOT_READY, FULL)
_EVENTS: Mapping[str, type[BaseModel]] = {
    "open": schemas.StreamOpening,
    "statement": schemas.StreamedStatement,
    "done": schemas.Answer,
    "error": schemas.Problem,
}
_UNCHANGED = Result("The client has this version.", status=304, headers=("ETag",))

OPERATIONS: Mapping[tuple[str, str], Operation] = {
    ("POST", "/v1/chat"): Operation(
        QUESTIONS,
        "Answer a question",
        "Answers with quotes from the articles, each with where it stands. A message that is an "
        "emergency is answered with whom to call instead. Where the articles do not answer, the "
        "outcome says so. With `stream`, or where `Accept` prefers text/event-stream, it comes as "
        "a stream of events: the notice first, and at the end the whole answer.",
        (Result("The answer.", model=schemas.Answer, headers=LIMITED, events=_EVENTS),),
        _ASKED,
        body=ChatRequest,
        headers=("Accept-Language",),
    ),
    **DIALECTS,
    ("POST", "/v1/search"): Operation(
        QUESTIONS,
        "Rank passages for a query",
        "Gives the passages that an answer would be made from. The safety gate does not read "
        "queries.",
        (Result("The passages.", model=schemas.SearchResults, headers=LIMITED),),
        _ASKED,
        body=SearchRequest,
    ),
    ("GET", "/v1/articles"): Operation(
        ARTICLES,
        "List the live articles",
        "By id, a part at a time.",
        (Result("A part of the list.", model=schemas.ArticleList),),
        (INVALID, NOT_READY),
        query=ListRequest,
    ),
    ("GET", "/v1/articles/<article_id>"): Operation(
        ARTICLES,
        "Read one article version",
        "This is where a citation can be checked: `text[start:end]` of the cited version is the "
        "quote. A withdrawn article is 410, but not for editors.",
        (
            Result("The article.", model=schemas.Article, headers=("ETag",)),
            _UNCHANGED,
        ),
        (NOT_FOUND, WITHDRAWN, PRECONDITION, NOT_READY),
        parameters=("version",),
        headers=("If-None-Match", "If-Match"),
        token=None,
    ),
    ("PUT", "/v1/articles/<article_id>"): Operation(
        EDITORS,
        "Publish an article",
        "Adds an article or replaces its text; it is live when this is answered.",
        (
            Result("It was there before.", model=schemas.Edit, headers=("ETag",)),
            Result("It is new.", status=201, model=schemas.Edit, headers=("ETag",)),
        ),
        (*_BODY, *_EDIT, PRECONDITION, REJECTED),
        body=ArticleRequest,
        headers=("If-Match",),
        token=True,
    ),
    ("DELETE", "/v1/articles/<article_id>"): Operation(
        EDITORS,
        "Withdraw an article",
        "It is not cited any more when this is answered.",
        (Result("It is withdrawn.", model=schemas.Edit),),
        (*_EDIT, NOT_FOUND, PRECONDITION),
        headers=("If-Match",),
        token=True,
    ),
    ("POST", "/v1/index/refresh"): Operation(
        EDITORS,
        "Bring the index up to date with the corpus folder",
        "Does what `rag index` does, and gives its report.",
        (Result("What was done.", model=schemas.IndexReport),),
        _EDIT,
        token=True,
    ),
    ("GET", "/v1/index"): Operation(
        EDITORS,
        "What the index holds",
        "Counts, the live generation, and what encodes.",
        (Result("What it holds.", model=schemas.IndexOverview),),
        (UNAUTHORIZED, NOT_READY),
        token=True,
    ),
    ("GET", "/v1/config"): Operation(
        SERVICE,
        "What to show before the first question",
        "The disclosure and the full disclaimer, in the reader's language where there is one.",
        (Result("The texts and limits.", model=schemas.Config),),
        (NOT_READY,),
        parameters=("locale",),
        headers=("Accept-Language",),
    ),
    ("GET", "/healthz"): Operation(
        SERVICE,
        "Does the process live",
        "Answered as long as it does.",
        (Result("It lives.", model=schemas.Health),),
        named=False,
    ),
    ("GET", "/readyz"): Operation(
        SERVICE,
        "Can questions be answered",
        "Not while index or model are being loaded, missing, or damaged.",
        (Result("They can.", model=schemas.Readiness),),
        (NOT_READY,),
        named=False,
    ),
    ("GET", "/openapi.json"): Operation(
        SERVICE,
        "This description",
        "OpenAPI 3.1, made from the models that check requests.",
        (
            Result("The description.", media=(JSON,), headers=("ETag",)),
            _UNCHANGED,
        ),
        headers=("If-None-Match",),
    ),
    ("GET", "/docs"): Operation(
        SERVICE,
        "This description, as a page",
        "It loads nothing from elsewhere.",
        (Result("The page.", media=(HTML,)),),
    ),
    ("GET", "/"): Operation(
        PAGES,
        "The page to ask from",
        "It works without JavaScript.",
        (Result("The page.", media=(HTML,)),),
        (NOT_READY,),
        parameters=("locale",),
        headers=("Accept-Language",),
        page=True,
    ),
    ("POST", "/"): Operation(
        PAGES,
        "The page with an answer",
        "What its form sends.",
        (Result("The page.", media=(HTML,), headers=LIMITED),),
        (*_ASKED, CROSS_SITE),
        body=PageForm,
        body_media=FORM,
        parameters=("locale",),
        headers=("Accept-Language",),
        page=True,
    ),
    ("GET", "/articles/<article_id>"): Operation(
        PAGES,
        "An article as a page",
        "Where the links of citations lead that have no other address. `version` and `quote` "
        "together mark what was cited.",
        (Result("The page.", media=(HTML,), headers=("ETag",)), _UNCHANGED),
        (NOT_FOUND, WITHDRAWN, PRECONDITION, NOT_READY),
        parameters=("version", "quote", "locale"),
        headers=("Accept-Language", "If-None-Match", "If-Match"),
        page=True,
    ),
    ("GET", "/widget.js"): Operation(
        PAGES,
        "The chat widget",
        "One script for a page of any site; whom it may ask is decided where it asks.",
        (Result("The script.", media=("text/javascript",), headers=("ETag",)), _UNCHANGED),
        (NOT_READY,),
        headers=("If-None-Match",),
    ),
    ("GET", "/static/<path:filename>"): Operation(
        PAGES,
        "The files of the pages",
        "Styles, scripts and the icon.",
        (
            Result(
                "The file.",
                media=("text/css", "text/javascript", "image/svg+xml"),
                headers=("ETag",),
            ),
            _UNCHANGED,
        ),
        (NOT_FOUND,),
        headers=("If-None-Match",),
    ),
}
"""Method and rule, as the application has them → what they do."""
