"""What every response has around it: an id, security headers, and one line in the log."""

from __future__ import annotations

import logging
import secrets
from time import perf_counter

from flask import Response, g, request

from rag.web.headers import ALWAYS, DATA_POLICY, PAGE_POLICY, UNLESS_TOLD
from rag.web.limits import Standing

_LOGGER = logging.getLogger(__name__)

_OPENAI = frozenset({"/v1/chat/completions", "/v1/responses"})
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})


def opened() -> None:
    """Give the request an id of ours; a client's own would be a reader's words in the log."""
    g.request_id = f"req_{secrets.token_hex(8)}"
    g.started = perf_counter()


def closed(response: Response) -> Response:
    """Add what every response carries, and log the request without anything a reader wrote."""
    page = response.mimetype == "text/html"
    headers = response.headers
    headers["X-Request-Id"] = g.request_id
    headers.update(ALWAYS)
    headers["Content-Security-Policy"] = PAGE_POLICY if page else DATA_POLICY
    if page:
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
    for name, value in UNLESS_TOLD.items():
        headers.setdefault(name, value)
    standing: Standing | None = g.get("standing")
    if standing:
        headers.extend(standing.headers())
        if request.path in _OPENAI:
            headers.extend(standing.openai_headers())
    _log(response.status_code)
    return response


def _log(status: int) -> None:
    """One line of fields, each from words of ours: the route's pattern, not the path."""
    rule = request.url_rule
    fields = {
        "id": g.request_id,
        "method": request.method if request.method in _METHODS else "other",
        "route": rule.rule if rule else "unknown",
        "status": status,
        "ms": round((perf_counter() - g.started) * 1000, 1),
        "safety": g.get("level"),
        "outcome": g.get("outcome"),
        "generation": g.get("generation"),
        "characters": g.get("characters"),
        "locale": g.get("locale"),
    }
    _LOGGER.info("request", extra={"fields": fields})
