"""Examples of bodies, made from the demonstration corpus; each is valid for its model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_ARTICLE = {
    "title": "How long does sciatica last, and what helps?",
    "authors": ["Wellcited demo editors"],
    "publisher": "Wellcited demonstration corpus",
    "url": None,
    "published": "2026-02-19",
    "reviewed": None,
    "next_review": "2028-02-19",
}
_QUOTE = "Most people recover without surgery."
_VERSION = "50bd9a1ecb2e0f07"

EXAMPLES: Mapping[str, Any] = {
    "ChatRequest": {"message": "How long does sciatica last?", "country": "GB"},
    "PageForm": {"message": "How long does sciatica last?"},
    "CompletionRequest": {
        "model": "wellcited",
        "messages": [{"role": "user", "content": "How long does sciatica last?"}],
    },
    "ResponsesRequest": {"model": "wellcited", "input": "How long does sciatica last?"},
    "DeepChatRequest": {"messages": [{"role": "user", "text": "How long does sciatica last?"}]},
    "Conversation": {
        "messages": [
            {"role": "user", "parts": [{"type": "text", "text": "How long does sciatica last?"}]}
        ]
    },
    "SearchRequest": {"query": "exercises for sciatica", "k": 3},
    "ArticleRequest": {
        "title": "What helps against gout?",
        "markdown": "## What helps at once?\n\nResting and cooling the joint help at once.",
        "published": "2026-05-04",
        "language": "en",
    },
    "Answer": {
        "id": "ans_30dbca56c2dc679092044f41",
        "conversation_id": None,
        "outcome": "answered",
        "text": "Most people recover without surgery [1].",
        "statements": [{"text": _QUOTE, "citations": [1]}],
        "citations": [
            {
                "number": 1,
                "article_id": "sciatica",
                "article_version": _VERSION,
                **_ARTICLE,
                "deep_link": None,
                "section": None,
                "overdue": False,
                "quote": _QUOTE,
                "start": 182,
                "end": 218,
            }
        ],
        "safety": {"level": "none", "category": None, "notice": None, "contacts": []},
        "disclaimer": {
            "text": "This automated tool quotes published articles. It is not medical advice.",
            "version": "2026-11-22",
            "locale": "en",
        },
        "reason": None,
        "suggestions": [],
        "generated_by": "extractive",
        "generation": 1,
    },
    "SearchResults": {
        "generation": 1,
        "hits": [
            {
                "rank": 1,
                "score": 2.970973,
                "article_id": "sciatica",
                "article_version": _VERSION,
                "title": _ARTICLE["title"],
                "section": "What can I do at home to ease sciatica?",
                "start": 1269,
                "end": 1331,
                "text": "Normal activity, done within comfort, is better than resting.",
                "signals": {"dense": 0.72902, "heading": 0.731333, "lexical": 9.099165},
            }
        ],
    },
    "ArticleList": {
        "articles": [
            {
                "article_id": "sciatica",
                "version": _VERSION,
                "title": _ARTICLE["title"],
                "published": "2026-02-19",
                "reviewed": None,
            }
        ],
        "next": None,
    },
    "Article": {
        "article_id": "sciatica",
        "version": _VERSION,
        "current_version": _VERSION,
        "status": "live",
        **_ARTICLE,
        "language": "en",
        "text": "Sciatica often improves within weeks. Most people recover without surgery.",
        "sections": [{"heading": "", "start": 0, "end": 74}],
        "generation": 1,
    },
    "Edit": {
        "article_id": "gout",
        "version": "390b2f16b797a214",
        "change": "added",
        "passages": 1,
        "embedded": 1,
        "generation": 2,
    },
    "Readiness": {"status": "ready", "generation": 1},
    "Health": {"status": "ok"},
    "Problem": {
        "type": "/problems/invalid-request",
        "title": "A field of the request is not valid",
        "status": 422,
        "detail": "k: must be at most 100.",
        "instance": "req_7f3cbd1ce4b373d6",
        "errors": [{"field": "k", "reason": "must be at most 100"}],
    },
}
"""An example by the name of its model."""
