"""The body of the request at hand, as far as it is accepted."""

from __future__ import annotations

from flask import abort, request

from rag.web.problems import MALFORMED, MEDIA_TYPE, Problem
from rag.web.site import site
from rag.web.strict_json import Parsed

# Werkzeug cuts a chunked body off at its limit without a word (3.1). One byte more than ours
# tells a cut body from a whole one.
BEYOND = 1


def read_body(most: int | None = None) -> bytes:
    """The whole body. Raises RequestEntityTooLarge above `most` bytes, declared or not, and
    Problem where the client stops before its end.

    most: by default `max_body` of the settings.
    """
    try:
        data = request.get_data()
    except OSError as error:
        raise Problem(MALFORMED, "The body did not arrive whole.") from error
    if len(data) > (most or site().settings.max_body):
        abort(413)
    return data


def accepted(parsed: Parsed) -> object:
    """The value of a JSON body. Raises Problem for another content type or a bad body."""
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype != "application/json" or charset not in ("utf-8", "utf8"):
        raise Problem(MEDIA_TYPE, "Send JSON with the content type application/json.")
    if parsed.problem:
        raise parsed.problem
    return parsed.value


def prefers_events() -> bool:
    """Whether the client names text/event-stream, and does not want JSON by name as much."""
    named = dict(request.accept_mimetypes)
    return named.get("text/event-stream", 0) > named.get("application/json", 0)
