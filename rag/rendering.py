"""The canonical JSON bodies of answers, search results and articles, the same at every door.

Every field is always present, lists are never null, and unknown values are None. Fields and
their meaning are described in docs/http.md.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from rag.answering.deeplink import deep_link
from rag.types import (
    Answer,
    ArticleList,
    Citation,
    Contact,
    Disclaimer,
    Found,
    Safety,
    SearchResults,
    Signals,
    StoredArticle,
    Suggestion,
)

Body = dict[str, Any]
"""A JSON object; `Any` because JSON has no narrower type in Python."""

# More digits of a score are noise, and help to reconstruct vectors.
_SCORE_DIGITS = 6


def answer_body(answer: Answer, public_url: str | None, today: date) -> Body:
    """An answer as /v1/chat and `rag ask --json` give it."""
    return {
        "id": answer.id,
        "conversation_id": answer.conversation_id,
        "outcome": answer.outcome.value,
        "text": answer.text,
        "statements": [
            {"text": statement.text, "citations": list(statement.citations)}
            for statement in answer.statements
        ],
        "citations": [_citation(c, public_url, today) for c in answer.citations],
        "safety": safety_body(answer.safety),
        "disclaimer": disclaimer_body(answer.disclaimer),
        "reason": answer.reason.value if answer.reason else None,
        "suggestions": [_suggestion(suggestion) for suggestion in answer.suggestions],
        "generated_by": answer.generated_by,
        "generation": answer.generation,
    }


def safety_body(safety: Safety) -> Body:
    """The gate's verdict with its wording and contacts."""
    return {
        "level": safety.level.value,
        "category": safety.category,
        "notice": safety.notice,
        "contacts": [_contact(contact) for contact in safety.contacts],
    }


def disclaimer_body(disclaimer: Disclaimer) -> Body:
    """A disclaimer with its version and language."""
    return {
        "text": disclaimer.text,
        "version": disclaimer.version,
        "locale": disclaimer.locale,
    }


def search_body(results: SearchResults) -> Body:
    """Search results as /v1/search and `rag search --json` give them; ranks count from 1."""
    return {
        "generation": results.generation,
        "hits": [_hit(rank, found) for rank, found in enumerate(results.found, start=1)],
    }


def article_body(stored: StoredArticle, *, with_text: bool) -> Body:
    """One stored article version; `with_text=False` leaves its text out."""
    article = stored.article
    body = {
        "article_id": article.id,
        "version": article.version,
        "current_version": stored.current_version,
        "status": stored.status.value,
        "title": article.title,
        "authors": list(article.authors),
        "publisher": article.publisher,
        "url": article.url,
        "published": article.published,
        "reviewed": article.reviewed,
        "next_review": article.next_review,
        "language": article.language,
        "text": article.text,
        "sections": [
            {"heading": section.heading, "start": section.start, "end": section.end}
            for section in article.sections
        ],
        "generation": stored.generation,
    }
    return body if with_text else {name: body[name] for name in body if name != "text"}


def article_list_body(listed: ArticleList) -> Body:
    """A part of the list of live articles."""
    return {
        "articles": [
            {
                "article_id": summary.article_id,
                "version": summary.version,
                "title": summary.title,
                "published": summary.published,
                "reviewed": summary.reviewed,
            }
            for summary in listed.articles
        ],
        "next": listed.next,
    }


def _citation(citation: Citation, public_url: str | None, today: date) -> Body:
    article = citation.article
    return {
        "number": citation.number,
        "article_id": article.id,
        "article_version": article.version,
        "title": article.title,
        "authors": list(article.authors),
        "publisher": article.publisher,
        "url": article.url,
        "deep_link": deep_link(citation, public_url),
        "section": citation.section or None,
        "published": article.published,
        "reviewed": article.reviewed,
        "next_review": article.next_review,
        "overdue": is_overdue(article.next_review, today),
        "quote": citation.quote,
        "start": citation.start,
        "end": citation.end,
    }


def is_overdue(next_review: str | None, today: date) -> bool:
    """Whether the article should have been reviewed before today."""
    return next_review is not None and next_review < today.isoformat()


def _contact(contact: Contact) -> Body:
    return {
        "kind": contact.kind,
        "label": contact.label,
        "number": contact.number,
        "href": contact.href,
        "hours": contact.hours,
        "country": contact.country,
        "status": contact.status,
    }


def _suggestion(suggestion: Suggestion) -> Body:
    return {
        "kind": suggestion.kind,
        "text": suggestion.text,
        "article_id": suggestion.article_id,
        "url": suggestion.url,
    }


def _hit(rank: int, found: Found) -> Body:
    passage = found.hit.passage
    return {
        "rank": rank,
        "score": _score(found.hit.score),
        "article_id": passage.article_id,
        "article_version": passage.article_version,
        "title": found.article.title,
        "section": passage.section or None,
        "start": passage.start,
        "end": passage.end,
        "text": found.text,
        "signals": _signals(found.hit.signals),
    }


def _signals(signals: Signals) -> Body:
    return {
        "dense": _score(signals.dense),
        "heading": _score(signals.heading),
        "lexical": _score(signals.lexical),
    }


def _score(value: float | None) -> float | None:
    """A rounded Python float, since NumPy's numbers are not JSON."""
    return None if value is None else round(float(value), _SCORE_DIGITS)
