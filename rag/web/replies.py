"""A question answered at once or as a stream: the gate is asked once, a place is held meanwhile."""

from __future__ import annotations

import secrets
from contextlib import ExitStack
from datetime import date

from flask import Response, g

from rag.rendering import Body, answer_body, disclaimer_body, safety_body
from rag.types import Question
from rag.web.site import place, site
from rag.web.streaming import MakingAnswer, Render, event_stream
from rag.web.turns import TURNS


def answered(question: Question) -> Body:
    """The whole answer, as /v1/chat gives it. Raises Problem and what the assistant does."""
    here = site()
    with place(question) as safety, TURNS.given_up():
        answer = here.assistant().answer(question, safety)
    g.level, g.outcome = answer.safety.level.value, answer.outcome.value
    g.generation = answer.generation
    return answer_body(answer, here.settings.public_url, date.today())


def streamed(question: Question, render: Render) -> Response:
    """The answer as events, made once the first of them was sent. Raises Problem before that."""
    here = site()
    assistant, public_url = here.assistant(), here.settings.public_url
    disclaimer = disclaimer_body(assistant.disclaimer(question.locale))
    held = ExitStack()
    safety = held.enter_context(place(question))
    answer_id = f"ans_{secrets.token_hex(12)}"
    opening = {"id": answer_id, "safety": safety_body(safety), "disclaimer": disclaimer}
    g.level, g.outcome = safety.level.value, "stream"

    def make() -> Body:
        with held:
            answer = assistant.answer(question, safety)
            return {**answer_body(answer, public_url, date.today()), "id": answer_id}

    return event_stream(MakingAnswer(make, held.close), opening, render)
