"""The headers of requests and responses, and the parts of addresses, that the table names."""

from __future__ import annotations

from typing import Any

from rag.web.schemas.shape import ID_PATTERN

Schema = dict[str, Any]
"""A part of the description; `Any` because JSON has no narrower type in Python."""

EVERYWHERE = ("X-Request-Id", "Cache-Control")
"""The headers of every response that are worth a client's while."""

HEADERS: dict[str, tuple[str, Schema]] = {
    "X-Request-Id": (
        "The id of the request, made by the server; the log has it too.",
        {"type": "string", "pattern": "^req_[0-9a-f]{16}$"},
    ),
    "Cache-Control": (
        "Whether the response may be kept: no-store, or no-cache where it is asked for again.",
        {"type": "string"},
    ),
    "ETag": ("The version, in quotes.", {"type": "string", "pattern": '^(W/)?".*"$'}),
    "Retry-After": ("Seconds to wait.", {"type": "integer", "minimum": 0}),
    "RateLimit": (
        'What is left to this client and seconds until more is, as in `"client";r=9;t=6`.',
        {"type": "string"},
    ),
    "RateLimit-Policy": (
        'How many requests in how many seconds, as in `"client";q=10;w=60`.',
        {"type": "string"},
    ),
    "WWW-Authenticate": ("How to send the token.", {"type": "string"}),
}
"""Name → meaning and schema of the headers of responses."""

LIMITED = ("RateLimit", "RateLimit-Policy")
"""Headers of the responses to requests that are counted, where there is a limit."""

OF_STATUS: dict[int, tuple[str, ...]] = {
    401: ("WWW-Authenticate",),
    429: ("Retry-After", *LIMITED),
    503: ("Retry-After",),
}
"""Headers that the problems of a status have."""

REQUEST_HEADERS: dict[str, tuple[str, Schema]] = {
    "Accept-Language": (
        "The reader's languages: of the fixed texts, and of the emergency contacts by region.",
        {"type": "string"},
    ),
    "If-Match": (
        "The version that must be the live one, or * for any.",
        {"type": "string"},
    ),
    "If-None-Match": (
        "A version that the client has; the same one is answered with 304.",
        {"type": "string"},
    ),
}
"""Name → meaning and schema of the headers of requests."""

QUERY: dict[str, tuple[str, Schema]] = {
    "version": (
        "Another version than the newest.",
        {"type": "string", "pattern": "^([0-9a-f]{16})?$"},
    ),
    "quote": (
        "Where the cited text begins and ends, as in `120-231`; whatever else is ignored.",
        {"type": "string"},
    ),
    "locale": ("The language of the texts, as a BCP 47 tag.", {"type": "string"}),
}
"""Name → meaning and schema of the parameters of a query that no model checks."""

PATH: dict[str, tuple[str, Schema]] = {
    "article_id": ("The id of an article.", {"type": "string", "pattern": ID_PATTERN}),
    "filename": (
        "The name of a file.",
        {"type": "string", "pattern": "^[a-z]+[.](css|js|svg)$"},
    ),
}
"""Name → meaning and schema of the parts of an address."""
