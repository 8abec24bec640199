"""The routes that are asked: /v1/chat and /v1/search."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, g, jsonify

from rag.rendering import answer_body, search_body
from rag.types import Mode
from rag.web.body import accepted, read_body
from rag.web.models import ChatRequest, SearchRequest, validated
from rag.web.questions import carry, filters_of, question_of
from rag.web.site import place, site
from rag.web.strict_json import parse

ask = Blueprint("ask", __name__)


@ask.post("/v1/chat")
def chat() -> Response:
    """Answer a question. The gate sees whatever can be read, before anything can fail."""
    here = site()
    parsed = parse(read_body())
    carry(parsed.value)
    chat_request = validated(ChatRequest, accepted(parsed), here.settings.max_message)
    question = question_of(chat_request)
    with place(question) as safety:
        answer = here.assistant().answer(question, safety)
    g.level, g.outcome = answer.safety.level.value, answer.outcome.value
    g.generation = answer.generation
    return jsonify(answer_body(answer, here.settings.public_url, date.today()))


@ask.post("/v1/search")
def search() -> Response:
    """Rank passages for a query."""
    here = site()
    parsed = parse(read_body())
    wanted = validated(SearchRequest, accepted(parsed), here.settings.max_message)
    with place():
        filters = filters_of(wanted.filters)
        results = here.assistant().search(wanted.query, wanted.k, Mode(wanted.mode), filters)
    return jsonify(search_body(results))
