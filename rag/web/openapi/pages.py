"""The routes of the description: as JSON for programs, as a page for people."""

from __future__ import annotations

from hashlib import sha256

from flask import Blueprint, Response, current_app, json, make_response, render_template, request

from rag.web.openapi.document import describe, kinds_of
from rag.web.openapi.parameters import Schema
from rag.web.openapi.reading import reading_of
from rag.web.site import site

openapi = Blueprint("openapi", __name__)

_KEY = "wellcited.openapi"


@openapi.get("/openapi.json")
def document() -> Response:
    """The description of the routes that there are."""
    text = json.dumps(_description())
    response = Response(text, mimetype="application/json")
    response.headers["Cache-Control"] = "no-cache"
    response.set_etag(sha256(text.encode()).hexdigest()[:16])
    return response.make_conditional(request)  # type: ignore[return-value]


@openapi.get("/docs")
def docs() -> Response:
    """The same for people."""
    settings = site().settings
    base = settings.public_url or f"http://{settings.host}:{settings.port}"
    shown = reading_of(_description(), kinds_of(current_app), base)
    return make_response(render_template("docs.html", shown=shown))


def _description() -> Schema:
    """The description, made once: it takes as long as a question, and stays the same."""
    known: Schema | None = current_app.extensions.get(_KEY)
    if known is None:
        known = current_app.extensions[_KEY] = describe(current_app)
    return known
