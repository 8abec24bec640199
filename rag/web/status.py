"""What this service is, whether it lives, and whether it can answer."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from rag.rendering import Body, disclaimer_body
from rag.web.problems import NOT_READY, Problem
from rag.web.questions import MAX_TURNS, reader_locale
from rag.web.site import site
from rag.web.texts import texts_for

status = Blueprint("status", __name__)


@status.get("/v1/config")
def config() -> Response:
    """What a client should show before the first question."""
    here = site()
    assistant, settings = here.assistant(), here.settings
    locale = reader_locale(request.args.get("locale"))
    full = assistant.full_disclaimer(locale)
    response = jsonify(
        {
            "name": "Wellcited",
            "disclosure": texts_for(locale).disclosure,
            "disclaimer": disclaimer_body(full),
            "locales": list(assistant.locales()),
            "locale": settings.locale,
            "generated_by": "extractive",
            "limits": {
                "message": settings.max_message,
                "body": settings.max_body,
                "history": MAX_TURNS,
            },
        }
    )
    response.headers["Vary"] = "Accept-Language"
    return response


@status.get("/healthz")
def health() -> Response:
    """Whether the process lives: as long as this is answered."""
    return jsonify({"status": "ok"})


@status.get("/readyz")
def ready() -> Response:
    """Whether questions can be answered, and from which generation."""
    here = site()
    if here.warming.is_set():
        raise Problem(NOT_READY, "The index and the model are being loaded: try again shortly.")
    body: Body = {"status": "ready", "generation": here.assistant().check_ready()}
    # Not a 503: what is whole is answered from, and an emergency gets its card.
    if damaged := here.assistant().damage():
        body["damaged"] = list(damaged)
    return jsonify(body)
