"""What every response has around it: an id, security headers, and one line in the log."""

from __future__ import annotations

import logging
import secrets
from time import perf_counter

from flask import Response, g, request

from rag.web.limits import Standing

_LOGGER = logging.getLogger(__name__)

_FOR_DATA = "default-src 'none'; frame-ancestors 'none'"
_FOR_PAGES = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
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
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "no-referrer"
    headers["Content-Security-Policy"] = _FOR_PAGES if page else _FOR_DATA
    headers.setdefault("Cache-Control", "no-store")
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
    _LOGGER.info(
        "request id=%s method=%s route=%s status=%d ms=%.1f level=%s outcome=%s",
        g.request_id,
        request.method if request.method in _METHODS else "other",
        rule.rule if rule else "unknown",
        status,
        (perf_counter() - g.started) * 1000,
        g.get("level", "-"),
        g.get("outcome", "-"),
    )
