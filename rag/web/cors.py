"""Which pages of other sites may ask: those of the origins that are named, and no others."""

from __future__ import annotations

import re

from flask import Response, request

from rag.web.site import site

# What readers' clients use; editors' methods and routes are never among them.
_METHODS = ("GET", "POST")
_ROUTES = frozenset(
    {
        "/api/chat",
        "/healthz",
        "/v1/articles",
        "/v1/chat",
        "/v1/chat/completions",
        "/v1/config",
        "/v1/deep-chat",
        "/v1/models",
        "/v1/responses",
        "/v1/search",
    }
)
_BELOW = ("/v1/articles/", "/v1/models/")
# Those that browsers' clients send, with OpenAI's and Anthropic's own; `x-stainless-…` besides.
_HEADERS = frozenset(
    {
        "accept",
        "accept-language",
        "anthropic-dangerous-direct-browser-access",
        "anthropic-version",
        "authorization",
        "cache-control",
        "content-type",
        "idempotency-key",
        "last-event-id",
        "openai-organization",
        "openai-project",
        "user-agent",
        "x-api-key",
        "x-request-id",
    }
)
_STAINLESS = re.compile(r"x-stainless-[a-z-]{1,40}", re.ASCII)
_EXPOSED = (
    "ETag, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id, X-RateLimit-Limit-Requests, "
    "X-RateLimit-Remaining-Requests, X-RateLimit-Reset-Requests, X-Vercel-AI-UI-Message-Stream"
)
# Seconds for which a browser need not ask again.
_MAX_AGE = "600"


def preflight() -> Response | None:
    """The answer to a browser that asks before it sends, where what it asks for is allowed."""
    if request.method != "OPTIONS" or not _is_allowed():
        return None
    if request.headers.get("Access-Control-Request-Method") not in _METHODS:
        return None
    wanted = request.headers.get("Access-Control-Request-Headers", "").lower().split(",")
    names = sorted({name.strip() for name in wanted if _may_be_sent(name.strip())})
    response = Response(status=204)
    response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
    response.headers["Access-Control-Allow-Methods"] = ", ".join(_METHODS)
    response.headers["Access-Control-Allow-Headers"] = ", ".join(names)
    response.headers["Access-Control-Max-Age"] = _MAX_AGE
    response.headers["Vary"] = "Access-Control-Request-Method, Access-Control-Request-Headers"
    return response


def opened_up(response: Response) -> Response:
    """Tell a browser that a page of an allowed origin may read the response."""
    if site().policy.origins and _is_for_readers():
        # So that no cache gives an answer for one origin to another.
        response.vary.add("Origin")
        if _is_allowed() and request.method != "OPTIONS":
            response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
            response.headers["Access-Control-Expose-Headers"] = _EXPOSED
    return response


def _is_allowed() -> bool:
    return _is_for_readers() and request.headers.get("Origin") in site().policy.origins


def _is_for_readers() -> bool:
    path = request.path
    return request.method in (*_METHODS, "HEAD", "OPTIONS") and (
        path in _ROUTES or path.startswith(_BELOW)
    )


def _may_be_sent(name: str) -> bool:
    return name in _HEADERS or _STAINLESS.fullmatch(name) is not None
