"""The routes that are asked: /v1/chat and /v1/search."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from rag.rendering import search_body
from rag.types import Mode
from rag.web.body import accepted, prefers_events, read_body
from rag.web.models import ChatRequest, SearchRequest, validated
from rag.web.questions import carry, filters_of, question_of
from rag.web.replies import answered, streamed
from rag.web.site import place, site
from rag.web.streaming import chat_frames
from rag.web.strict_json import parse
from rag.web.turns import TURNS

ask = Blueprint("ask", __name__)


@ask.post("/v1/chat")
def chat() -> Response:
    """Answer a question. The gate sees whatever can be read, before anything can fail."""
    parsed = parse(read_body())
    carry(parsed.value)
    wanted = validated(ChatRequest, accepted(parsed), site().settings.max_message)
    question = question_of(wanted)
    if wanted.stream or prefers_events():
        return streamed(question, chat_frames)
    return jsonify(answered(question))


@ask.post("/v1/search")
def search() -> Response:
    """Rank passages for a query."""
    here = site()
    parsed = parse(read_body())
    wanted = validated(SearchRequest, accepted(parsed), here.settings.max_message)
    with place(), TURNS.given_up():
        filters = filters_of(wanted.filters)
        results = here.assistant().search(wanted.query, wanted.k, Mode(wanted.mode), filters)
    return jsonify(search_body(results))
