"""Questions made from requests: also from bad ones, since the gate reads whatever can be read."""

from __future__ import annotations

from collections.abc import Sequence

from flask import g, request

from rag.rendering import Body, disclaimer_body, safety_body
from rag.types import Filters, Question, Role, Turn
from rag.web.models import ChatRequest
from rag.web.models import Filters as RequestFilters
from rag.web.preferences import accepted_tags, choose_country, choose_locale
from rag.web.site import judged, site

# Turns handed on. A reader's own are never dropped: the gate reads them all.
MAX_TURNS = 50

# The names that dialects have for the turns of a conversation, and for the words of a turn.
_CONVERSATIONS = ("history", "messages", "input")
_WORDS = ("content", "text", "parts")


def reader_locale(wanted: str | None = None) -> str:
    """The language to answer the request at hand in."""
    here = site()
    available = here.assistant().locales()
    return choose_locale(wanted, _accepted(), available, here.settings.locale)


def question_of(chat: ChatRequest) -> Question:
    """The question of a valid request."""
    turns = [Turn(Role(turn.role), turn.content) for turn in chat.history or ()]
    return Question(
        message=chat.message,
        history=_within_cap(turns),
        locale=reader_locale(chat.locale),
        country=_reader_country(chat.country),
        conversation_id=chat.conversation_id,
        filters=filters_of(chat.filters),
    )


def filters_of(wanted: RequestFilters | None) -> Filters:
    """What an answer may be drawn from."""
    if wanted is None:
        return Filters()
    return Filters(tuple(wanted.publisher or ()), wanted.published_after)


def carry(value: object) -> None:
    """Have every error of this request carry the gate's verdict on what can be read of a body."""
    question = _readable(value)
    if question is not None:
        g.question = question


def carried() -> Body:
    """`safety` and `disclaimer` for an error's body; empty where no message could be read.

    Asks the gate once at most, so that an error of the gate itself can still be reported.
    """
    question: Question | None = g.pop("question", None)
    if question is None:
        return {}
    assistant = site().assistant()
    safety = judged(question)
    g.level = safety.level.value
    return {
        "safety": safety_body(safety),
        "disclaimer": disclaimer_body(assistant.disclaimer(question.locale)),
    }


def _accepted() -> tuple[str, ...]:
    return accepted_tags(request.headers.get("Accept-Language"))


def _reader_country(wanted: str | None) -> str | None:
    return choose_country(wanted, _accepted(), site().settings.country)


def _within_cap(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """The turns without the oldest of the assistant's that are over the cap."""
    excess = len(turns) - MAX_TURNS
    kept: list[Turn] = []
    for turn in turns:
        if excess > 0 and turn.role is Role.ASSISTANT:
            excess -= 1
        else:
            kept.append(turn)
    return tuple(kept)


def _readable(value: object) -> Question | None:
    """A question from a body that may be wrong in any way, or None where it says nothing.

    Each dialect has its own name for what was said.
    """
    if not isinstance(value, dict):
        return None
    locale, country = (value.get(name) for name in ("locale", "country"))
    said = [text for name in _CONVERSATIONS for text in _said(value.get(name))]
    if isinstance(value.get("message"), str):
        said.append(_text(value["message"]))
    if not said:
        return None
    *before, message = said
    return Question(
        message=message,
        history=tuple(Turn(Role.USER, text) for text in before),
        locale=reader_locale(_text(locale)),
        country=_reader_country(_text(country) if len(_text(country)) == 2 else None),
    )


def _said(turns: object) -> list[str]:
    """What the reader said, as far as it is text; who said it may be missing."""
    if isinstance(turns, str):
        return [_text(turns)]
    if not isinstance(turns, list):
        return []
    readers = (t for t in turns if isinstance(t, dict) and t.get("role", "user") == "user")
    values = (turn.get(name) for turn in readers for name in _WORDS)
    return [_text(" ".join(texts)) for value in values if (texts := texts_of(value)[0])]


def texts_of(value: object) -> tuple[list[str], bool]:
    """The texts of a message's content, which is text or a list of parts, and whether that is all.

    A part is text itself, or an object with a `text`.
    """
    if isinstance(value, str):
        return [value], True
    if not isinstance(value, list):
        return [], False
    parts = [part.get("text") if isinstance(part, dict) else part for part in value]
    texts = [part for part in parts if isinstance(part, str)]
    return texts, len(texts) == len(parts)


def _text(value: object) -> str:
    """A text without lone surrogates, which no later step could encode; else an empty one."""
    return value.encode(errors="replace").decode() if isinstance(value, str) else ""
